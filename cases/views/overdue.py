"""督查督办: late by county, nearly late, reminders given, the office's call list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from cases import extensions, oversight, wording
from cases.actions import drafts as letters
from cases.columns import Reader, address_of, columns_for, sees_counties
from cases.errors import Refused
from cases.kinds import kind_label
from cases.lights import light_of
from cases.models import Case, PhoneReminder
from cases.names import Names
from cases.views.pager import onward
from cases.waiting import WHOM
from organisations import clock
from organisations.keyset import ListPage
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.models import Tenure
from organisations.roles import Act

TOP = 20
LISTED = 100
CALLS = 20


@require_safe
@scoped(Act.READ)
def overdue(request: ActorRequest) -> HttpResponse:
    """逾期: counties with their counts, then the twenty that are longest late."""
    actor, on = request.actor, clock.today()
    cases = oversight.latest(actor, on, TOP)
    late = oversight.lateness(actor, on)
    counties = late.counties if sees_counties(actor) else []
    # a country's 2,800 are asked for
    every = "all" if request.GET.get("counties") == "all" else ""
    listed = counties if every else counties[: oversight.LISTED]
    context = {
        "tabs": tabs(request, "overdue"),
        "strays": left_out(request.GET, {"counties": every}, searches=False),
        "counties": listed,
        "in_all": len(counties) if len(listed) < len(counties) else 0,
        "kinds": late.kinds,
        "rows": Reader(actor, on).rows(cases),
        "columns": columns_for(actor),
        "at": clock.now(),
        "empty": _nothing_late(late),
        "heading": _("Firms longest overdue"),
        "all_url": reverse("ledger") + "?chip=overdue",
        "chips": _waits("overdue", late.waits),
        "case_query": "chip=overdue&via=overdue",
        "copy_url": reverse("overdue_copy"),
    }
    return render(request, "cases/overdue.html", context)


def _waits(chip: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    """等谁办理: each number opens the ledger's list of these firms."""
    return [
        {
            "label": _("Waits for: %(whom)s") % {"whom": WHOM[whom]},
            "count": n,
            "url": f"{reverse('ledger')}?chip={chip}&waits={whom}",
        }
        for whom, n in counts.items()
        if n
    ]


def _nothing_late(late: oversight.Lateness) -> dict[str, str]:
    """The list is of firms' own cases: beside overdue matters it says so."""
    if any(kind.overdue for kind in late.kinds):
        return {
            "words": _("No firm is overdue"),
            "more": _("The overdue matters stand above, by kind of case."),
        }
    return {"words": _("Nothing is overdue"), "more": _("See what is due next.")}


@require_safe
@scoped(Act.READ)
def near(request: ActorRequest) -> HttpResponse:
    """临期: due within three working days."""
    actor, on = request.actor, clock.today()
    cases = oversight.near(actor, on, LISTED)
    context = {
        "tabs": tabs(request, "near"),
        "strays": left_out(request.GET, {}, searches=False),
        "rows": Reader(actor, on).rows(cases),
        "columns": columns_for(actor),
        "at": clock.now(),
        "empty": {"words": _("Nothing is due in 3 working days"), "more": ""},
        "heading": _("Due in 3 working days"),
        "all_url": reverse("ledger") + "?chip=soon",
        "chips": _waits("soon", oversight.near_waits(actor, on)),
        "case_query": "chip=soon&via=near",
        "copy_url": reverse("near_copy"),
    }
    return render(request, "cases/overdue.html", context)


@require_safe
@scoped(Act.READ)
def reminders(request: ActorRequest) -> HttpResponse:
    """催办记录: who was reminded of what, and when."""
    # rows start from visible_to: the scope of the events is that of their cases
    events = oversight.reminders(request.actor, LISTED)
    names = Names.of(events, clock.today())
    rows = [
        {
            "at": event.at,
            "firm": event.case.enterprise.name if event.case.enterprise else event.case.title,
            "remedy": kind_label(event.case),
            "url": onward(address_of("case", event.case_id), "via=reminders"),
            "county": event.case.county.name,
            "words": wording.words_of(event, names),
        }
        for event in events
    ]
    context = {
        "tabs": tabs(request, "reminders"),
        "strays": left_out(request.GET, {}, searches=False),
        "reminders": rows,
        "at": clock.now(),
    }
    return render(request, "cases/reminders.html", context)


@require_safe
@scoped(Act.RELEASE_DRAFT)
def calls(request: ActorRequest) -> HttpResponse:
    """电话提醒: whom to call about what; the result is recorded."""
    return _calls(request)


@require_POST
@scoped(Act.RELEASE_DRAFT)
def call_result(request: ActorRequest, pk: int) -> HttpResponse:
    """The result of one call; a line of another city is 404."""
    if not oversight.calls_for(request.actor).filter(pk=pk).exists():
        raise Http404
    try:
        letters.record_call(
            pk, by=request.actor, at=clock.now(), result=request.POST.get("result", "")
        )
    except Refused as refusal:
        return _calls(request, wrong=pk, error=refusal.words, status=422)
    messages.success(request, _("The result of the call is recorded."))
    return redirect("calls")


def _calls(
    request: ActorRequest, *, wrong: int = 0, error: str = "", status: int = 200
) -> HttpResponse:
    on = clock.today()
    listed = sorted(oversight.firms_to_call(request.actor), key=oversight.call_place)
    page = ListPage(listed, oversight.call_place, request.GET, CALLS)
    firms = oversight.calls_by_firm(request.actor, [line["firm"] for line in page.object_list])
    people = _people([row.item.post_id for rows in firms for row in rows], request)
    context = {
        "tabs": tabs(request, "calls"),
        "strays": left_out(request.GET, {}, searches=False),
        "calls": [
            _call(rows, people, on, error if any(row.pk == wrong for row in rows) else "")
            for rows in firms
        ],
        "at": clock.now(),
        "page": page,
    }
    return render(request, "cases/calls.html", context, status=status)


def _call(
    rows: list[PhoneReminder], people: dict[int, list[tuple[str, str]]], on: Any, error: str
) -> dict[str, Any]:
    """One line a firm: what is latest leads, its case before its remedies, which are named."""
    row = rows[0]
    open_ = [one for one in rows if one.called_at == row.called_at]
    lead = next((one for one in open_ if one.item.process.is_main), row)
    case: Case = lead.item.process
    lamp = light_of(row.item.process, row.item, on)
    remedies = [kind_label(one.item.process) for one in open_]
    names = list(dict.fromkeys(name for name in remedies if name))
    posts = dict.fromkeys(one.item.post_id for one in open_)
    return {
        "pk": row.pk,
        "firm": case.enterprise.name if case.enterprise else case.title,
        "remedy": pgettext("list of names", ", ").join(names),
        "url": onward(address_of("case", case.pk), "via=calls"),
        "county": case.county.name,
        "unit": row.item.unit.short_name or row.item.unit.name,
        "people": list(dict.fromkeys(who for post in posts for who in people.get(post, []))),
        "light": {"kind": lamp.kind, "shape": lamp.shape, "words": lamp.words},
        "listed_on": row.listed_on,
        "result": row.result,
        "called_at": row.called_at,
        "by": row.by,
        "error": error,
    }


def _people(posts: list[int], request: ActorRequest) -> dict[int, list[tuple[str, str]]]:
    """Name and number of whoever holds each post today."""
    found: dict[int, list[tuple[str, str]]] = {}
    tenures = Tenure.objects.on(clock.today()).filter(post_id__in=posts).select_related("user")
    for tenure in tenures:
        found.setdefault(tenure.post_id, []).append((str(tenure.user), tenure.user.phone))
    return found


def tabs(request: ActorRequest, here: str, *, counted: bool = True) -> list[dict[str, Any]]:
    """逾期 / 临期 / 催办记录 / 提醒函 / 督办事项 / 电话提醒, those that the actor's posts open; not
    ``counted`` where the list itself needs the statements.
    """
    actor, counts = request.actor, dict[str, int | None]()
    if counted:
        counts.update(oversight.tray_counts(actor, clock.today()))
    else:
        counts.update(dict.fromkeys(oversight.trays(actor)))
    # the office has the number on its desk; here it would be a statement more on every page
    asked = counted and actor.may(Act.DECIDE_EXTENSION) and (not counts or here == "extensions")
    waiting = extensions.waiting_for(actor).count() if asked else None
    wanted = [
        ("overdue", pgettext("tab", "Overdue"), None, True),
        ("near", pgettext("tab", "Nearly due"), None, True),
        ("reminders", pgettext("tab", "Reminders given"), None, True),
        ("extensions", pgettext("tab", "Extensions"), waiting, True),
        ("suspensions", pgettext("tab", "Suspensions"), None, True),
        ("drafts", pgettext("tab", "Letters"), counts.get("drafts"), "drafts" in counts),
        ("orders", pgettext("tab", "Supervision orders"), None, True),
        ("calls", pgettext("tab", "Phone reminders"), counts.get("calls"), "calls" in counts),
    ]
    decides = actor.may(Act.DECIDE_EXTENSION)
    return [
        {
            "label": label,
            "url": reverse(name),
            "current": name == here,
            "count": count,
            "alert": bool(count) and decides,
        }
        for name, label, count, shown in wanted
        if shown
    ]
