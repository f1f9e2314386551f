"""方案推演: what a plan comes to, before it is issued. Nothing is written to the database."""

from __future__ import annotations

import io
from collections import OrderedDict
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.simulation import asking, pages, shelf
from config.simulation.adjusting import changed_in, from_form, whole
from config.simulation.assumptions import MOST_DAYS, MOST_RUNS, Assumptions
from config.simulation.firms import Register, from_database
from config.simulation.outcome import Outcome, Plan, simulate
from config.simulation.workbook import write_outcome
from organisations import clock
from organisations.downloads import XLSX
from organisations.errors import Refused
from organisations.markers import ActorRequest, office
from organisations.models import Region
from organisations.roles import Act
from workflows.issuing import check_city
from workflows.models import ProgrammeVersion, load_calendar
from workflows.packs import Pack, PackError, parse_pack
from workflows.text import localised

DRAFT, UPLOADED, IMPORTED = "draft-", "file-", "imported"
KEPT = 6  # outcomes that a process remembers: the page, its workbook, a step back
PLAN = ("pack", "register", "start", "until", "wave", "every", "seed", "runs")
_outcomes: OrderedDict[tuple[object, ...], Outcome] = OrderedDict()


@require_http_methods(["GET", "HEAD", "POST"])
@office(Act.ISSUE_PACK)
def simulation(request: ActorRequest) -> HttpResponse:
    """URL name ``simulation``: choose plan, register and assumptions → what it comes to."""
    page = _Page(request)
    try:
        if request.method == "POST":
            return redirect(f"{reverse('simulation')}?{urlencode(page.take())}")
        page.read()
    except PackError as wrong:
        return page.render(status=422, findings=wrong.findings)
    except Refused as refusal:
        return page.render(status=422, error=refusal.words)
    return page.render()


@require_safe
@office(Act.ISSUE_PACK)
def simulation_export(request: ActorRequest) -> HttpResponse:
    """URL name ``simulation_export``: the same as a workbook."""
    page = _Page(request)
    try:
        outcome = page.read()
    except (PackError, Refused) as wrong:
        return page.render(status=422, error=str(wrong))
    if outcome is None:
        return redirect("simulation")
    buffer = io.BytesIO()
    write_outcome(buffer, outcome)
    answer = HttpResponse(buffer.getvalue(), content_type=XLSX)
    name = _("dry_run_%(key)s_%(seed)d.xlsx") % {
        "key": outcome.pack.key,
        "seed": outcome.plan.seed,
    }
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


class _Page:
    """What was asked, as far as it could be read."""

    def __init__(self, request: ActorRequest) -> None:
        self.request = request
        self.asked = request.POST if request.method == "POST" else request.GET
        self.pack: Pack | None = None
        self.assumed: Assumptions | None = None
        self.plan: Plan | None = None
        self.outcome: Outcome | None = None

    # -- what is asked

    def take(self) -> dict[str, str]:
        """Keep what was uploaded; the address that asks the same again."""
        chosen = {name: self.asked.get(name, "").strip() for name in PLAN}
        chosen["pack"] = self._draft() or chosen["pack"]
        self.pack = self._pack(chosen["pack"])
        is_same = chosen["pack"] == self.asked.get("was")
        if not is_same:  # another plan has days and steps of its own
            chosen |= {"start": "", "until": ""}
        register = self.request.FILES.get("list")
        if register is not None:
            filing = self.request.FILES.get("filing")
            kept = shelf.keep_register(self.pack, register, filing, clock.now())
            chosen["register"] = UPLOADED + kept
        changed = changed_in(self.pack, self.asked) if is_same else {}
        return {name: value for name, value in {**chosen, **changed}.items() if value}

    def _draft(self) -> str:
        """A draft that was uploaded, or comes from the page that has checked it."""
        file, text = self.request.FILES.get("draft"), self.asked.get("text", "")
        if file is not None:
            return DRAFT + shelf.keep_pack(file, clock.now())
        return DRAFT + shelf.keep_text(text, clock.now()) if text else ""

    def read(self) -> Outcome | None:
        """The outcome of what the address asks; nothing before a plan is chosen."""
        if not self.asked.get("pack"):
            return None
        self.pack = self._pack(self.asked["pack"])
        self.assumed = from_form(self.pack, self.asked)
        self.plan = asking.plan_of(
            self.pack,
            start=_day(self.asked.get("start", "")),
            until=_day(self.asked.get("until", "")),
            seed=_number(self.asked, "seed", 1, pages.MOST_SEED),
            runs=max(_number(self.asked, "runs", 9, MOST_RUNS), 1),
            wave=self.asked.get("wave") or "once",
            every=max(_number(self.asked, "every", 15, MOST_DAYS), 1),
        )
        self.outcome = _played(self.pack, self._register(), self.assumed, self.plan)
        return self.outcome

    def _pack(self, name: str) -> Pack:
        """A version of one's own city, or a draft that was uploaded."""
        if name.startswith(DRAFT):
            text = shelf.pack_text(name.removeprefix(DRAFT))
            pack = parse_pack(text, _("the draft"), issued_on=clock.today())
            check_city(pack, self.request.actor)
            return pack
        key, _at, number = name.partition("@")
        rows = self._versions().filter(programme__key=key)
        version: ProgrammeVersion | None = rows.filter(
            number=int(number) if number.isdecimal() and len(number) < 6 else 0
        ).first()
        if version is None:
            raise Refused("no_pack", _("Choose a version of the plan, or upload a draft."))
        return version.pack

    def _register(self) -> Register:
        assert self.pack is not None
        name = self.asked.get("register", "")
        if name.startswith(UPLOADED):
            return shelf.register(name.removeprefix(UPLOADED))
        cities = Region.objects.filter(pk__in=self.request.actor.city_ids)
        city = cities.filter(name=self.pack.city).first()
        found = from_database(city, clock.today()) if city is not None else None
        if found is None or not found.firms:
            raise Refused("no_register", _("No register is imported yet. Upload one here."))
        return found

    def _versions(self) -> QuerySet[ProgrammeVersion]:
        rows = ProgrammeVersion.objects.filter(programme__city__in=self.request.actor.city_ids)
        return rows.select_related("programme").order_by("programme__key", "-number")

    # -- what is shown

    def render(self, status: int = 200, **more: Any) -> HttpResponse:
        context = {"fields": self._fields(), "plan_fields": self._plan_fields(), **more}
        if self.pack is not None:
            context["pack_title"] = localised(self.pack.title)
            context["was"] = self.asked.get("pack", "")
        if self.pack is not None and self.assumed is not None:
            context |= pages.assumption_fields(self.pack, self.assumed)
        if self.outcome is not None:
            context |= pages.result(self.outcome)
            context["query"] = self.request.GET.urlencode()
        return render(self.request, "simulation/page.html", context, status=status)

    def _plan_fields(self) -> list[dict[str, Any]]:
        return pages.plan_fields(self.plan, self.asked)

    def _fields(self) -> list[dict[str, Any]]:
        versions = [
            (f"{row.programme.key}@{row.number}", f"{row.programme.title} v{row.number}")
            for row in self._versions().defer("source")
        ]
        chosen = self.asked.get("pack", "")
        if chosen.startswith(DRAFT) and self.pack is not None:
            title = _("Draft: %(title)s") % {"title": localised(self.pack.title)}
            versions.insert(0, (chosen, title))
        registers = [(IMPORTED, _("The register that is imported"))]
        held = self.asked.get("register", "")
        if held.startswith(UPLOADED):
            registers.append((held, self._uploaded()))
        return [
            {
                "kind": "select",
                "name": "pack",
                "label": _("Version of the plan"),
                "choices": versions,
                "value": chosen or (versions[0][0] if versions else ""),
                "empty": not versions,
                "required": None if versions else False,
            },
            {
                "kind": "file",
                "name": "draft",
                "label": _("Or a draft"),
                "hint": _("A .yaml file that has not been issued; it is only played."),
                "accept": ".yaml,.yml",
                "required": False,
            },
            {
                "kind": "select",
                "name": "register",
                "label": _("Register"),
                "choices": registers,
                "value": held or IMPORTED,
                "empty": False,
            },
            {
                "kind": "file",
                "name": "list",
                "label": _("Or another register"),
                "hint": _("The bureau's workbook (.xlsx). Names and codes are not kept."),
                "accept": ".xlsx",
                "required": False,
            },
            {
                "kind": "file",
                "name": "filing",
                "label": _("The province's list beside it"),
                "accept": ".xlsx",
                "required": False,
            },
        ]

    def _uploaded(self) -> str:
        if self.outcome is None:
            return _("The register that was uploaded")
        words = ngettext(
            "The register that was uploaded: %(n)d firm",
            "The register that was uploaded: %(n)d firms",
            self.outcome.firms,
        )
        return words % {"n": self.outcome.firms}


def _played(pack: Pack, register: Register, assumed: Assumptions, plan: Plan) -> Outcome:
    """The outcome, computed once for the same question."""
    calendar = load_calendar()
    key = (
        pack.model_dump_json(),
        hash(register.firms),
        register.known_on,
        repr(assumed),
        plan,
        calendar,
        get_language(),
    )
    if key not in _outcomes:
        _outcomes[key] = simulate(pack, register, calendar, assumed, plan)
        while len(_outcomes) > KEPT:
            _outcomes.popitem(last=False)
    return _outcomes[key]


def _day(text: str) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        raise Refused("day", _("“%(text)s” is no day of the calendar.") % {"text": text}) from None


def _number(asked: Any, name: str, otherwise: int, most: int) -> int:
    value = asked.get(name, "").strip()
    return whole(name, value, most) if value else otherwise
