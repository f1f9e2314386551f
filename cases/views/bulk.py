"""Acts upon ticked rows: choose → preview (who is refused, and why) → done, with undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cases import elsewhere
from cases.actions import batches, people, remarks, stages
from cases.actions.people import BulkResult
from cases.actions.rehearsal import rehearse
from cases.columns import Reader, Row, sees_counties
from cases.errors import Refused
from cases.ledger import Asked, Ledger
from cases.models import Case
from cases.views import bulk_told
from cases.views.asking import asked_or_404
from cases.views.bulk_targets import target_of, targets
from cases.views.previewed import is_other, other_words, told_of
from organisations import clock
from organisations.markers import ActorRequest, no_entry, scoped
from organisations.numbers_sent import numbers_of
from organisations.roles import Act, Role
from organisations.scope import Actor

LISTED = 200  # rows that a preview prints; the rest is counted
MOST = 5000


@dataclass(frozen=True)
class BulkAct:
    """One act: who may, how it is called, which fields it asks for, the verb."""

    right: Act
    title: Callable[[int], str]
    submit: Callable[[int], str]
    note: Callable[[], str]
    run: Callable[[Sequence[int], ActorRequest], BulkResult]
    needs_target: bool = False
    needs_day: bool = False
    reason: str = "none"  # none | optional | required

    @property
    def told(self) -> list[str]:
        """The fields that a preview tells about."""
        return ["target"] * self.needs_target + ["until"] * self.needs_day


def _urge(ids: Sequence[int], request: ActorRequest) -> BulkResult:
    return remarks.urge_many(
        ids, by=request.actor, at=clock.now(), text=request.POST.get("reason", "")
    )


def _acknowledge(ids: Sequence[int], request: ActorRequest) -> BulkResult:
    done, refused = stages.acknowledge_many(ids, by=request.actor, at=clock.now())
    return BulkResult(done=done, refused=refused | bulk_told.signed_before(refused, request.actor))


def _reassign(ids: Sequence[int], request: ActorRequest) -> BulkResult:
    unit, post = target_of(request)
    return people.reassign_many(
        ids,
        by=request.actor,
        at=clock.now(),
        reason=request.POST.get("reason", ""),
        unit=unit,
        post=post,
    )


def _extend(ids: Sequence[int], request: ActorRequest) -> BulkResult:
    until = date.fromisoformat(request.POST.get("until", ""))
    reason = request.POST.get("reason", "")
    return batches.request_many(ids, by=request.actor, at=clock.now(), until=until, reason=reason)


def _supervise(ids: Sequence[int], request: ActorRequest) -> BulkResult:
    return batches.draft_supervision(ids, by=request.actor, at=clock.now())


ACTS: dict[str, BulkAct] = {
    "urge": BulkAct(
        Act.URGE,
        lambda n: ngettext("Urge %(n)d case", "Urge %(n)d cases", n) % {"n": n},
        lambda n: ngettext("Urge %(n)d", "Urge %(n)d", n) % {"n": n},
        lambda: _("What was urged in the last days is left out. What was sent is not undone."),
        _urge,
        reason="optional",
    ),
    "reassign": BulkAct(
        Act.REASSIGN,
        lambda n: ngettext("Reassign %(n)d case", "Reassign %(n)d cases", n) % {"n": n},
        lambda n: ngettext("Reassign %(n)d", "Reassign %(n)d", n) % {"n": n},
        lambda: _("Reassigning does not start the clock anew. It can be undone for 30 minutes."),
        _reassign,
        needs_target=True,
        reason="required",
    ),
    "extend": BulkAct(
        Act.REQUEST_EXTENSION,
        lambda n: ngettext("Extend %(n)d case", "Extend %(n)d cases", n) % {"n": n},
        lambda n: ngettext("Ask for %(n)d", "Ask for %(n)d", n) % {"n": n},
        lambda: _("The dates stay until it is decided. It can be taken back for 30 minutes."),
        _extend,
        needs_day=True,
        reason="required",
    ),
    "supervise": BulkAct(
        Act.RELEASE_DRAFT,
        lambda n: ngettext("Supervise %(n)d case", "Supervise %(n)d cases", n) % {"n": n},
        lambda n: ngettext("Draft for %(n)d", "Draft for %(n)d", n) % {"n": n},
        lambda: _(
            "One supervision letter a county is drafted into the tray, or joins the one that waits"
            " there. It can be dropped there; once released it is not undone."
        ),
        _supervise,
    ),
    "acknowledge": BulkAct(
        Act.ACKNOWLEDGE,
        lambda n: ngettext("Acknowledge %(n)d case", "Acknowledge %(n)d cases", n) % {"n": n},
        lambda n: ngettext("Acknowledge %(n)d", "Acknowledge %(n)d", n) % {"n": n},
        lambda: _("From then on the time allowed for the survey runs."),
        _acknowledge,
    ),
}


@require_POST
@scoped(Act.URGE, Act.REASSIGN, Act.ACKNOWLEDGE, Act.REQUEST_EXTENSION, Act.RELEASE_DRAFT)
def bulk(request: ActorRequest, act: str) -> HttpResponse:
    """First the preview, then with ``confirm`` the act itself."""
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    if not request.actor.may(chosen.right):
        raise no_entry()
    ids, gone = chosen_rows(request)
    if gone:
        if not ids:
            raise Http404
        # nothing is done to the others unasked: they stay chosen
        return _page(request, act, chosen, ids, error=bulk_told.gone_words(gone), status=404)
    if not ids:
        return _page(request, act, chosen, [], error=_("Tick at least one row first."))
    if len(ids) > MOST:
        words = _("At most %(n)d at a time. Narrow the filter first.") % {"n": MOST}
        return _page(request, act, chosen, [], error=words)
    try:
        if not _is_filled(request, chosen):
            return _page(request, act, chosen, ids)
        confirmed = request.POST.get("step") == "confirm"
        if not confirmed or is_other(request, chosen.told):
            result = rehearse(lambda: chosen.run(ids, request))
            return _page(request, act, chosen, ids, preview=result, is_other=confirmed)
        return _result(request, act, chosen.run(ids, request))
    except Refused as refusal:
        return _page(request, act, chosen, ids, error=refusal.words)


@require_POST
@scoped(Act.REASSIGN, Act.REQUEST_EXTENSION)
def undo(request: ActorRequest, batch: str) -> HttpResponse:
    """Take a bulk reassignment or requests for time back; what has moved since stays, and is named.

    Somebody else's is 404, as one that never was, with words that fit both.
    """
    is_asked = batches.asked_in(batch, by=request.actor)
    if not is_asked and not people.reassigned_in(batch, by=request.actor).exists():
        context = {"title": _("Not undone"), "error": bulk_told.nothing_to_undo(), **_back(request)}
        return render(request, "cases/bulk.html", context, status=404)
    take_back = batches.undo_requests if is_asked else people.undo_reassign
    try:
        result = take_back(batch, by=request.actor, at=clock.now())
    except Refused as refusal:
        context = {"title": _("Not undone"), "error": refusal.words, **_back(request)}
        return render(request, "cases/bulk.html", context, status=409)
    return _result(request, "take_back" if is_asked else "undo", result)


def selected(request: ActorRequest) -> list[int]:
    """Ticked rows, or all of a filter; a row outside one's scope is 404 for the whole act."""
    ids, gone = chosen_rows(request)
    if gone:
        raise Http404
    return ids


def chosen_rows(request: ActorRequest) -> tuple[list[int], int]:
    """The same, and how many of what was ticked lies outside one's scope, or is there no more."""
    if request.POST.get("all"):
        asked = asked_or_404(request.actor, QueryDict(request.POST.get("query", "")))
        return Ledger(request.actor, clock.today(), asked).ids(), 0
    given = request.POST.getlist("case") + request.POST.get("ids", "").split(",")
    ids = numbers_of(given)
    visible = set(
        Case.objects.visible_to(request.actor).filter(pk__in=ids).values_list("pk", flat=True)
    )
    return sorted(visible), len(ids - visible)


def _title(actor: Actor, act: str, chosen: BulkAct) -> Callable[[int], str]:
    """改派 between units is the office's; a lead changes the handler within his own."""
    if act != "reassign" or actor.has_role(Role.OFFICE):
        return chosen.title
    return lambda n: (
        ngettext("Change the handler of %(n)d case", "Change the handler of %(n)d cases", n)
        % {"n": n}
    )


def _submit(actor: Actor, act: str, chosen: BulkAct) -> Callable[[int], str]:
    if act != "reassign" or actor.has_role(Role.OFFICE):
        return chosen.submit
    return lambda n: ngettext("Hand on %(n)d", "Hand on %(n)d", n) % {"n": n}


def _back(request: ActorRequest) -> dict[str, str]:
    """The list that the rows were ticked in, under its filter."""
    query = Asked.of_query(QueryDict(request.POST.get("query", ""))).as_query()
    return {"back": f"{reverse('ledger')}?{query or 'of='}", "query": query}


def _is_filled(request: ActorRequest, chosen: BulkAct) -> bool:
    if chosen.needs_target and not request.POST.get("target"):
        return False
    if chosen.needs_day and not _is_day(request.POST.get("until", "")):
        return False
    return chosen.reason != "required" or bool(request.POST.get("reason", "").strip())


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def _page(
    request: ActorRequest,
    act: str,
    chosen: BulkAct,
    ids: Sequence[int],
    *,
    preview: BulkResult | None = None,
    error: str = "",
    status: int = 422,
    is_other: bool = False,
) -> HttpResponse:
    rows = _read(request, ids)
    can_confirm = preview is not None and bool(preview.done)
    asked = bool(request.POST.get("step"))
    context = {
        "act": act,
        "title": _title(request.actor, act, chosen)(len(ids)),
        "note": chosen.note(),
        "ids": ",".join(str(pk) for pk in ids),
        "rows": rows[:LISTED],
        "more": max(len(ids) - LISTED, 0),
        "fields": _fields(request, chosen, show_errors=asked and preview is None),
        "preview": preview,
        "refused": _refused(rows, preview) if preview else [],
        "warnings": _warnings(request, chosen, preview) if preview else [],
        "told": bulk_told.told(act, rows, preview) if preview and preview.done else "",
        "submit": _submit(request.actor, act, chosen)(len(preview.done))
        if preview and can_confirm
        else _("Preview"),
        "step": "confirm" if can_confirm else "preview",
        "can_look_again": bool(preview and chosen.told),
        "seen": told_of(request, chosen.told),
        "other": other_words() if is_other else "",
        "error": error,
        **_back(request),
        "wide": sees_counties(request.actor),
    }
    return render(request, "cases/bulk.html", context, status=status if error else 200)


def _fields(request: ActorRequest, chosen: BulkAct, *, show_errors: bool) -> list[dict[str, Any]]:
    fields: list[dict[str, Any]] = []
    if chosen.needs_target:
        value = request.POST.get("target", "")
        fields.append(
            {
                "id": "target",
                "name": "target",
                "kind": "select",
                "label": _("Reassign to")
                if request.actor.has_role(Role.OFFICE)
                else _("Who takes over"),
                "choices": targets(request.actor),
                "value": value,
                "error": _("Choose who takes over.") if show_errors and not value else "",
            }
        )
    if chosen.needs_day:
        value = request.POST.get("until", "")
        fields.append(
            {
                "id": "until",
                "name": "until",
                "kind": "date",
                "label": _("Extended until"),
                "value": value,
                "min": clock.today(),
                "error": _("Choose a day.") if show_errors and not _is_day(value) else "",
            }
        )
    if chosen.reason != "none":
        value = request.POST.get("reason", "")
        missing = show_errors and chosen.reason == "required" and not value.strip()
        fields.append(
            {
                "id": "reason",
                "name": "reason",
                "kind": "textarea",
                "rows": 2,
                "label": _("Reason") if chosen.reason == "required" else _("Message"),
                "required": chosen.reason == "required",
                "value": value,
                "error": _("Please give a reason.") if missing else "",
            }
        )
    return fields


def _read(request: ActorRequest, ids: Sequence[int]) -> list[Row]:
    cases = Case.objects.visible_to(request.actor).with_item().as_rows().filter(pk__in=ids)
    return Reader(request.actor, clock.today()).rows(list(cases.order_by("pk")))


def _refused(rows: Sequence[Row], result: BulkResult) -> list[dict[str, str]]:
    return [
        {"firm": row.name, "url": row.url, "why": result.refused[row.pk]}
        for row in rows
        if row.pk in result.refused
    ]


def _warnings(request: ActorRequest, chosen: BulkAct, preview: BulkResult) -> list[str]:
    """Firms that would go to another county than their own."""
    if not chosen.needs_target:
        return []
    unit, post = target_of(request)
    taker = unit or (post.unit if post else None)
    done = [case.pk for case in preview.done]
    return elsewhere.warnings(done, taker, clock.today()) if taker is not None else []


def _result(request: ActorRequest, act: str, result: BulkResult) -> HttpResponse:
    rows = _read(request, list(result.refused))
    words = bulk_told.done_words(request.actor, act, len(result.done))
    said = words + (_to_whom(request) if act == "reassign" else "")
    done = _read(request, [case.pk for case in result.done])
    context = {
        "title": bulk_told.done_title(request.actor, act),
        "done": said if result.done else _("Nothing was done. The reasons are below."),
        "rows": done[:LISTED],
        "more": max(len(done) - LISTED, 0),
        "wide": sees_counties(request.actor),
        "refused": _refused(rows, result),
        "file": bulk_told.result_file(act, done, rows, result) if act in ACTS else "",
        "tray": reverse("drafts") if act == "supervise" and result.done else "",
        "undo": reverse("bulk_undo", args=[result.batch]) if result.batch and result.done else "",
        **_back(request),
    }
    return render(request, "cases/bulk.html", context)


def _to_whom(request: ActorRequest) -> str:
    unit, post = target_of(request)
    if post is not None:
        return _(", now with %(who)s") % {"who": post.title}
    return _(", now with %(who)s") % {"who": unit.short_name or unit.name} if unit else ""
