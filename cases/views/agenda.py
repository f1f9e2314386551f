"""问题需求, 重点举措, 督办事项: the pages that list the cases besides the firms' own."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from cases.actions import matters, offering, plan_measures
from cases.agenda import (
    CHIPS,
    ISSUES,
    ORDERS,
    PLAN,
    POLICIES,
    PROPOSALS,
    Agenda,
    AskedOf,
    kinds_of,
    measures_of,
)
from cases.columns import Reader, Row, address_of, item_of, sees_counties
from cases.errors import Refused
from cases.ledger import newest_version
from cases.ledger_choices import regions_of
from cases.lights import light_of
from cases.models import Case
from cases.views import overdue
from cases.views.pager import onward
from cases.views.policies import policies_of
from cases.waiting import waiting_for_parts
from enterprises.searching import shown
from organisations import clock
from organisations.keyset import KeyPage
from organisations.left_out import left_out
from organisations.markers import ActorRequest, scoped
from organisations.models import Unit
from organisations.roles import Act
from workflows.measures import COUNTIES, Measure
from workflows.models import ProgrammeVersion
from workflows.procedure import Procedure
from workflows.text import localised

Part = dict[str, Any]
PAGE = 50
TITLES = {
    ISSUES: lambda: _("Issues and needs"),
    PLAN: lambda: _("Key measures"),
    ORDERS: lambda: _("Supervision"),
    PROPOSALS: lambda: _("Proposals"),
    POLICIES: lambda: _("Policies for firms"),
}


@require_safe
@scoped(Act.READ)
def issues(request: ActorRequest) -> HttpResponse:
    """URL name ``issues``: what firms struggle with and what they need."""
    return _show(request, ISSUES)


@require_safe
@scoped(Act.READ)
def measures(request: ActorRequest) -> HttpResponse:
    """URL name ``measures``: the plan's own tasks, reports, meetings and their orders."""
    return _show(request, PLAN)


@require_safe
@scoped(Act.READ)
def orders(request: ActorRequest) -> HttpResponse:
    """URL name ``orders``: 督办事项."""
    return _show(request, ORDERS)


@require_safe
@scoped(Act.READ)
def proposals(request: ActorRequest) -> HttpResponse:
    """URL name ``proposals``: 提案, answered jointly (002-01, 002-02)."""
    return _show(request, PROPOSALS)


@require_safe
@scoped(Act.READ)
def policies(request: ActorRequest) -> HttpResponse:
    """URL name ``policies``: 政策找人: whom each policy fits, who was told, who applied."""
    return _show(request, POLICIES)


@require_POST
@scoped(Act.OPEN)
def measures_open(request: ActorRequest) -> HttpResponse:
    """URL name ``measures_open``: every measure of the plan that has no case gets one, and what
    policies of it run are offered to firms that fit only now.
    """
    version = _version(request)
    if version is None:
        raise Http404
    try:
        given: Part = {"by": request.actor, "at": clock.now()}
        made = plan_measures.open_measures(version.programme, **given)
        offered = sum(offering.offer_to_new_firms(version.programme, **given).values())
    except Refused as refusal:
        messages.error(request, refusal.words)
        return redirect("measures")
    words = ngettext("%(n)d measure is opened.", "%(n)d measures are opened.", len(made))
    if made or not offered:
        messages.success(request, words % {"n": len(made)})
    if offered:
        words = ngettext("Offered to %(n)d more firm.", "Offered to %(n)d more firms.", offered)
        messages.success(request, words % {"n": offered})
    return redirect("measures" if made else "policies")


def _version(request: ActorRequest) -> ProgrammeVersion | None:
    return newest_version(request.actor).select_related("programme__city").first()


def _show(request: ActorRequest, area: str) -> HttpResponse:
    version = _version(request)
    context: Part = {"title": TITLES[area](), "area": area, "at": clock.now()}
    if area == ORDERS:
        context["tabs"] = overdue.tabs(request, ORDERS, counted=False)
    elif area != ISSUES:
        context["tabs"] = plan_tabs(version, area)
    agenda = None
    if version is not None:
        asked = AskedOf.of_query(request.GET)
        agenda = Agenda(request.actor, clock.today(), version.pack, area, asked)
    if version is None or agenda is None or agenda.kind is None:
        context["empty"] = _nothing(area)
        return render(request, "cases/matters/list.html", context)
    page = AgendaPage(request, agenda)
    if area == ISSUES and request.actor.may_in(Act.ISSUE_DOCUMENT, version.programme.city):
        context["needs_of"] = version.programme.key
    if area == POLICIES:
        context |= {"opens": page.opens(), **policies_of(request.actor, version)}
        context["empty"] = _no_policy(context)
        return render(request, "cases/matters/policies.html", context)
    context |= page.context()
    if agenda.kind.opening("plan") and not (agenda.asked.chip or agenda.asked.q):
        context |= _plan(request, version)
        return render(request, "cases/matters/measures.html", context)
    return render(request, "cases/matters/list.html", context | page.lines())


def _nothing(area: str) -> Part:
    kinds = {PROPOSALS: _("proposals"), POLICIES: _("policies for firms")}
    words = _("The programme knows no cases of this kind.")
    if area in kinds:
        words = _("The programme knows no %(kind)s.") % {"kind": kinds[area]}
    return {
        "icon": "file",
        "words": words,
        "more": _("Which kinds there are is written in its pack; the office can add one to it."),
    }


def _no_policy(context: Part) -> Part:
    words = _("No policy is handed out yet")
    if context["opens"]:
        return {"words": words, "more": _("Open the first one with the button above.")}
    return {"words": words, "more": _("What is handed out appears here.")}


def plan_tabs(version: ProgrammeVersion | None, here: str) -> list[Part]:
    """重点举措, and beside it what else this plan has; none where it has nothing else."""
    found = [PLAN]
    if version is not None:
        found += [area for area in (PROPOSALS, POLICIES) if kinds_of(version.pack, area)]
    if len(found) < 2:
        return []
    return [
        {"label": TITLES[area](), "url": reverse(area), "current": area == here} for area in found
    ]


class AgendaPage:
    """Tabs, chips, filters and lines of one area's list."""

    def __init__(self, request: ActorRequest, agenda: Agenda) -> None:
        self.request, self.agenda = request, agenda
        self.asked = agenda.asked

    def context(self) -> Part:
        kind = self.agenda.kind
        assert kind is not None
        return {
            "kinds": self._kinds(kind),
            "kind": localised(kind.title),
            "chips": self._chips(),
            "filters": self._filters(kind),
            "strays": left_out(self.request.GET, self._held()),
            "opens": self.opens(),
            "wide": sees_counties(self.agenda.actor),
        }

    def _held(self) -> dict[str, object]:
        known = {one.key for one in self.agenda.kinds}
        kind = self.asked.kind if self.asked.kind in known else ""
        return {"kind": kind, "chip": self.asked.chip, "county": self.asked.county}

    def lines(self) -> Part:
        rows = self.agenda.rows()

        def count(ahead: Q | None) -> tuple[int, int]:
            # the length is known from the aggregate: the first page counts nothing anew
            told = rows.order_by().filter(ahead).count() if ahead is not None else 0
            return self.agenda.counts[f"chip_{self.asked.chip}"], told

        page = KeyPage(rows, self.agenda.order, self.request.GET, PAGE, count, self.agenda.page)
        cases = list(page.object_list)
        told = Reader(self.agenda.actor, self.agenda.on).rows(cases)
        lines = [
            line_of(case, row, self.agenda.area) for case, row in zip(cases, told, strict=True)
        ]
        return {"lines": lines, "page": page, "empty": None if lines else self._empty()}

    def _kinds(self, here: Procedure) -> list[Part]:
        """One tab for each kind; none where the area has a single one."""
        kinds = self.agenda.kinds
        if len(kinds) < 2:
            return []
        return [
            {
                "label": localised(one.title),
                "url": f"?{AskedOf(kind=one.key).as_query()}",
                "current": one.key == here.key,
                "count": self.agenda.counts[f"kind_{one.key}"],
            }
            for one in kinds
        ]

    def _chips(self) -> list[Part]:
        return [
            {
                "label": label,
                "count": self.agenda.counts[f"chip_{name}"],
                "url": f"?{self.asked.as_query(chip='' if self.asked.chip == name else name)}",
                "current": self.asked.chip == name,
                "kind": "overdue" if name == "overdue" else "",
            }
            for name, label in CHIPS.items()
        ]

    def _filters(self, kind: Procedure) -> Part:
        here = reverse(self.agenda.area)
        kept = {"kind": self.asked.kind, "chip": self.asked.chip}
        found: Part = {
            "action": here,
            "target": "#matters",
            "keep": {name: value for name, value in kept.items() if value},
            "active": bool(self.asked.county),
            "clear": f"{here}?{AskedOf(kind=kind.key).as_query()}",
            "search": {
                "name": "q",
                "value": self.asked.q,
                "label": _("Search in this list"),
                "placeholder": _("Matter, firm, number"),
            },
            "selects": [],
        }
        if sees_counties(self.agenda.actor):
            places = [(region.pk, region.name) for region in regions_of(self.agenda.actor)]
            county = str(self.asked.county or "")
            select = {"name": "county", "label": _("counties"), "value": county, "choices": places}
            found["selects"] = [select]
        return found

    def opens(self) -> list[Part]:
        """What this person may open here."""
        pack, actor, area = self.agenda.pack, self.agenda.actor, self.agenda.area
        listed = {one.key for one in self.agenda.kinds}
        return [
            {
                "label": _("Open: %(kind)s") % {"kind": localised(one.title)},
                "url": onward(reverse("matter_open", args=[one.key]), f"via={area}"),
            }
            for one in matters.may_open(pack, actor)
            if one.key in listed
        ]

    def _empty(self) -> Part:
        if self.asked.q:
            words = _("Nothing is found for “%(text)s”") % {"text": shown(self.asked.q)}
        elif self.asked.chip or self.asked.county:
            words = _("No case fits this filter")
        else:
            words = _("Nothing of this kind is open")
            if self.opens():
                more = _("Open the first one with the button above.")
                return {"words": words, "more": more}
            return {"words": words, "more": _("What is handed out appears here.")}
        return {"words": words, "more": ""}


def line_of(case: Case, row: Row, area: str) -> Part:
    """One matter as a line: what, of which firm, who does it and with whom, how far it is."""
    about_firm = case.enterprise_id is not None
    return {
        "row": row,
        "url": onward(row.url, f"via={area}"),
        "title": case.title if about_firm else row.firm,
        "under": row.firm if about_firm else row.number,
        "grade": row.grade,
        "unit": _name(case.responsible_unit),
        "lead": "" if about_firm or _is_led_by_itself(case) else _name(case.competent_unit),
        "branches": branches_words(case),
    }


def _is_led_by_itself(case: Case) -> bool:
    return case.competent_unit_id == case.responsible_unit_id


def branches_words(case: Case) -> str:
    """3/16: how many of its children have ended."""
    total = getattr(case, "branches", None) or 0
    return f"{getattr(case, 'branches_done', None) or 0}/{total}" if total else ""


def _name(unit: Unit) -> str:
    return str(unit.short_name or unit.name)


# --- the plan's measures -------------------------------------------------------------------------
def _plan(request: ActorRequest, version: ProgrammeVersion) -> Part:
    """The measures by section in the paper's order, those without a case among them."""
    found, on = measures_of(request.actor, version.programme_id), clock.today()
    sections: list[Part] = []
    for measure in version.pack.measures:
        line = _measure(measure, found.get(measure.key), on)
        title = localised(measure.section)
        if not sections or sections[-1]["title"] != title:
            sections.append({"title": title, "lines": []})
        sections[-1]["lines"].append(line)
    # policies are opened by the same deed, but stand on a page of their own
    missing = sum(measure.key not in found for measure in version.pack.measures)
    may_open = request.actor.may_in(Act.OPEN, version.programme.city)
    return {"sections": sections, "missing": missing, "may_open": may_open}


def _measure(measure: Measure, case: Case | None, on: date) -> Part:
    """One measure; its light is everybody's, whoever may open it or not."""
    opens, light = getattr(case, "opens", None), None
    if case is not None:
        waits = case.pk in waiting_for_parts([case])
        light = vars(light_of(case, item_of(case), on, own=True, waits_for_parts=waits))
    return {
        "number": measure.number,
        "title": localised(measure.title),
        "url": onward(address_of("case", opens), f"via={PLAN}") if opens else "",
        "light": light,
        "leads": _named(measure.leads),
        "responsible": _named(measure.responsible),
        "time": measure.time.words(),
        "branches": branches_words(case) if case else "",
    }


def _named(names: tuple[str, ...]) -> str:
    told = [_("all counties") if name == COUNTIES else name for name in names]
    return pgettext("list of names", ", ").join(told)
