"""延期: the ledger of requests; who may decide ticks some, sees what would happen, and confirms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from cases import extensions, time_words
from cases.actions import extending
from cases.actions.people import BulkResult
from cases.actions.rehearsal import rehearse
from cases.columns import sees_counties
from cases.errors import Refused
from cases.kinds import kind_label
from cases.labels import stage_title
from cases.models import Extension
from cases.rulebook import pack_of
from cases.time_columns import EXTENSION_COLUMNS
from cases.views.bulk_told import gone_words
from cases.views.overdue import tabs
from cases.views.pager import onward
from cases.views.rows import officials_cases
from cases.views.time_sheets import send
from organisations import clock
from organisations.keyset import KeyPage, counted, keys
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.numbers_sent import numbers_of
from organisations.roles import Act
from organisations.scope import Actor

PAGE = 50
MOST = 500
WITH = (
    "case__enterprise",
    "case__county",
    "case__programme",
    "case__parent",
    "item__unit",
    "asked_by",
    "decided_by",
)
# the states that a chip asks for
WAITING, OPEN, GRANTED, REFUSED = "waiting", "open", "granted", "refused"
STATES = {
    OPEN: Q(decided_at=None, item__finished=None),
    GRANTED: Q(is_granted=True),
    REFUSED: Q(is_granted=False),
    "all": Q(),
}
LABELS: dict[str, str | Promise] = {
    WAITING: gettext_lazy("For my decision"),
    OPEN: gettext_lazy("Waiting for a decision"),
    GRANTED: gettext_lazy("Granted"),
    REFUSED: gettext_lazy("Not granted"),
    "all": gettext_lazy("All"),
}


def seen(actor: Actor) -> QuerySet[Extension]:
    """Requests of the cases that this person's posts open (``visible_to``)."""
    rows = Extension.objects.filter(case__in=officials_cases(actor).values("pk"))
    return rows.select_related(*WITH)


def of_state(rows: QuerySet[Extension], state: str, actor: Actor) -> QuerySet[Extension]:
    if state == WAITING:
        mine = extensions.waiting_for(actor).order_by().values("pk")
        return rows.filter(pk__in=mine).order_by("asked_at", "id")  # first asked, first answered
    return rows.filter(STATES[state]) if state in STATES else rows


@require_safe
@scoped(Act.READ)
def extension_list(request: ActorRequest) -> HttpResponse:
    """URL name ``extensions`` (``?state=waiting|open|granted|refused``)."""
    return render(request, "cases/extensions.html", _context(request))


@require_safe
@scoped(Act.READ)
def extension_export(request: ActorRequest) -> FileResponse:
    """URL name ``extensions_export``: the list as a workbook; the trail keeps who took it."""
    state = request.GET.get("state", "")
    rows = of_state(seen(request.actor), state, request.actor)
    return send(
        request,
        "extensions",
        title=_("Ledger of extensions"),
        definition=_("Working days; what was granted counts, refused requests do not."),
        columns=EXTENSION_COLUMNS,
        rows=rows.iterator(chunk_size=500),
    )


@require_POST
@scoped(Act.DECIDE_EXTENSION)
def extension_decide(request: ActorRequest) -> HttpResponse:
    """URL name ``extensions_decide``: preview, then with ``confirm`` the decision upon all."""
    answer = request.POST.get("answer", "")
    if answer not in ("grant", "refuse"):
        raise Http404
    ids, gone = _chosen(request)
    if not ids:
        messages.error(request, _("Tick at least one row that waits for a decision."))
        return redirect("extensions")
    is_granted, reason = answer == "grant", request.POST.get("reason", "").strip()
    error = gone_words(gone) if gone else ""
    if request.POST.get("step") == "confirm" and not gone:
        try:
            result = _decide(request, ids, is_granted, reason)
            return _result(request, result, is_granted)
        except Refused as refusal:
            error = refusal.words
    # what would be refused does not depend on the reason
    preview = rehearse(lambda: _decide(request, ids, is_granted, reason or "—"))
    rows = _lines(seen(request.actor).filter(pk__in=ids))
    context = {
        "rows": rows,
        "ids": ",".join(str(pk) for pk in ids),
        "answer": answer,
        "is_granted": is_granted,
        "preview": preview,
        "left_out": _left_out(rows, preview),
        "error": error,
        "field": {
            "kind": "textarea",
            "name": "reason",
            "rows": 2,
            "label": _("Answer") if is_granted else _("Reason"),
            "required": not is_granted,
            "value": reason,
        },
        "wide": sees_counties(request.actor),
    }
    status = 404 if gone else 422 if error else 200
    return render(request, "cases/extensions_decide.html", context, status=status)


def _decide(
    request: ActorRequest, asked: Mapping[int, int], is_granted: bool, reason: str
) -> BulkResult:
    cases = list(asked.values())
    return extending.decide_many(
        cases, by=request.actor, at=clock.now(), is_granted=is_granted, reason=reason
    )


def _chosen(request: ActorRequest) -> tuple[dict[int, int], int]:
    """Ticked requests that still wait, with their cases; and how many lie outside one's view by
    now: for these nothing is decided before the others were looked at again."""
    given = request.POST.getlist("extension") + request.POST.get("ids", "").split(",")
    ids = numbers_of(given)
    found = {row.pk: row for row in seen(request.actor).filter(pk__in=ids)}
    if len(ids) > MOST or (ids and not found):
        raise Http404
    waiting = {pk: row.case_id for pk, row in sorted(found.items()) if row.is_waiting}
    return waiting, len(ids - found.keys())


def _result(request: ActorRequest, result: BulkResult, is_granted: bool) -> HttpResponse:
    n = len(result.done)
    words = (
        ngettext("%(n)d extension granted.", "%(n)d extensions granted.", n)
        if is_granted
        else ngettext("%(n)d extension not granted.", "%(n)d extensions not granted.", n)
    )
    messages.success(request, words % {"n": n})
    for why in dict.fromkeys(result.refused.values()):
        messages.error(request, why)
    return redirect("extensions")


def _left_out(rows: Sequence[dict[str, Any]], preview: BulkResult) -> list[dict[str, str]]:
    return [
        {"firm": row["firm"], "url": row["url"], "why": preview.refused[row["case"]]}
        for row in rows
        if row["case"] in preview.refused
    ]


def _context(request: ActorRequest) -> dict[str, Any]:
    actor = request.actor
    waiting = extensions.waiting_for(actor).count()
    default = WAITING if waiting else OPEN
    given = request.GET.get("state", "")
    state = given if given in (WAITING, *STATES) else default
    rows = seen(actor)
    chosen = of_state(rows, state, actor)
    # first asked, first answered; the others from the newest down
    order = keys("asked_at", "id") if state == WAITING else keys("-id")
    page = KeyPage(chosen, order, request.GET, PAGE, counted(chosen))
    return {
        "tabs": tabs(request, "extensions"),
        "strays": left_out(request.GET, {"state": state}, searches=False),
        "at": clock.now(),
        "page": page,
        "rows": _lines(page.object_list),
        "chips": _chips(rows, state, waiting, actor),
        "export": f"{reverse('extensions_export')}?{urlencode({'state': state})}",
        "may_decide": state == WAITING and bool(waiting),
        "acts": [
            {
                "label": _("Do not grant"),
                "url": reverse("extensions_decide"),
                "name": "answer",
                "value": "refuse",
            },
            {
                "label": _("Grant"),
                "url": reverse("extensions_decide"),
                "kind": "primary",
                "name": "answer",
                "value": "grant",
            },
        ],
        "wide": sees_counties(actor),
        "empty": {
            "words": _("No extension is asked for here"),
            "more": _("Whoever handles a step asks on the case's page, before the due date."),
            "icon": "calendar",
        },
    }


def _chips(
    rows: QuerySet[Extension], state: str, waiting: int, actor: Actor
) -> list[dict[str, Any]]:
    decides = actor.may(Act.DECIDE_EXTENSION)
    wanted = {key: Count("pk", filter=asked) for key, asked in STATES.items()}
    counts = rows.order_by().aggregate(**wanted) | {WAITING: waiting}
    return [
        {
            "label": label,
            "count": counts[key],
            "url": f"?state={key}",
            "current": key == state,
        }
        for key, label in LABELS.items()
        if key != WAITING or decides
    ]


def _lines(rows: Iterable[Extension]) -> list[dict[str, Any]]:
    return [_line(row) for row in rows]


def _line(row: Extension) -> dict[str, Any]:
    case = row.case
    pack = pack_of(case.pack_version_id)
    return {
        "pk": row.pk,
        "case": case.pk,
        "row": row,
        "firm": case.enterprise.name if case.enterprise else case.title,
        "remedy": kind_label(case),
        "url": onward(reverse("case", args=[case.pk]), "via=extensions"),
        "county": case.county.name,
        "stage": stage_title(pack, case.procedure, row.item.stage),
        "state": time_words.state_of(row, is_open=row.item.is_open),
        "is_waiting": row.is_waiting and row.item.is_open,
    }
