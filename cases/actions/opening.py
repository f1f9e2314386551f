"""建档交办: every listed firm that is not covered becomes an assigned case, in waves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import births, engine
from cases.actions.placing import PLACE
from cases.actions.proposals import SUSPEND
from cases.desks import Desks
from cases.errors import NotYours, Refused
from cases.models import Case, ProgrammeFirm
from cases.permissions import refusal
from cases.rulebook import BY_HAND
from cases.statements import put_rows, save_rows
from cases.steps import open_step
from enterprises.facts import newest_facts
from enterprises.models import Enterprise, Membership, Pairing
from organisations.days import day_of
from organisations.lengths import OF_NAME, check_length
from organisations.models import Region, Unit
from organisations.roles import Act
from organisations.scope import Actor
from workflows.models import Programme, ProgrammeVersion
from workflows.packs import Pack

BATCH = 500
FACTS = (
    "registered",
    "filed",
    "has_institution",
    "has_staff",
    "has_spending",
    "has_cooperation",
)
# columns of a firm's row in a programme: its key, and what a run of opening stores
KEY = ("programme_id", "enterprise_id")
STORED = (*PLACE, "covered", "guide_unit_id")


@dataclass(frozen=True)
class Opened:
    """What a run did: cases opened, firms covered, firms without a responsible unit."""

    opened: int
    covered: int
    without_unit: int


@dataclass(frozen=True)
class Firm:
    """One listed firm with what the newest facts say of it."""

    membership: Membership
    facts: Mapping[str, bool]
    covered: bool

    @property
    def pk(self) -> int:
        return self.membership.enterprise_id


@dataclass(frozen=True)
class Stock:
    """The register of a day: firms, who owes each by enterprise id, how many have nobody, which
    have a case already, and the posts of the city."""

    firms: Sequence[Firm]
    rows: Mapping[int, ProgrammeFirm]
    without_unit: int
    existing: Collection[int]
    desks: Desks

    @cached_property
    def facts(self) -> dict[int, Mapping[str, bool]]:
        return {firm.pk: firm.facts for firm in self.firms}

    @cached_property
    def missing(self) -> list[Firm]:
        """Firms that should have a case and have none."""
        return [
            firm
            for firm in self.firms
            if not firm.covered and firm.pk in self.rows and firm.pk not in self.existing
        ]


class Units:
    """The city's units by what they do, task forces with a post only; four queries."""

    def __init__(self, pack: Pack, city_id: int) -> None:
        found = Unit.objects.filter(region__path__contains=f"/{city_id}/")
        # of two units for one thing the first one counts
        every = list(found.order_by("-position", "-id").prefetch_related("paired_counties"))
        self.desks = Desks.for_units([u.pk for u in every], city_id)
        named = [u for u in every if u.region_id == city_id]
        self.by_name = {u.name: u for u in named} | {u.short_name: u for u in named if u.short_name}
        self.task_force = {
            u.region_id: u for u in every if u.kind == Unit.Kind.TASK_FORCE and self.desks.has(u.pk)
        }
        self.liaison = {
            county.pk: u
            for u in every
            if u.kind == Unit.Kind.LIAISON_GROUP
            for county in u.paired_counties.all()
        }
        self.guide = self.by_name.get(pack.units.guide_unit)
        serving = Pairing.objects.filter(city=city_id, kind=Pairing.Kind.COUNTY, until_on=None)
        self.served = dict(serving.values_list("enterprise_id", "county_id"))

    def group_of(self, county_id: int) -> int | None:
        group = self.liaison.get(county_id)
        return group.pk if group else None


@dataclass(frozen=True)
class Run:
    """What a run of opening looked at, and the cases that it opened."""

    stock: Stock
    cases: Sequence[Case]

    @property
    def sums(self) -> Opened:
        covered = sum(firm.covered for firm in self.stock.firms)
        return Opened(len(self.cases), covered, self.stock.without_unit)


def open_cases(programme: Programme, *, by: Actor, at: datetime, wave: str = "") -> Opened:
    """Open what is missing and say how many; see ``run``."""
    return run(programme, by=by, at=at, wave=wave).sums


@transaction.atomic
def run(programme: Programme, *, by: Actor, at: datetime, wave: str = "") -> Run:
    """Store who owes each listed firm, and open what is missing; a second run opens nothing.

    ``wave``: ``county=涧西区,西工区``, ``number=200`` (of a day: the next day's are the next 200),
    ``class=A`` (provisional, from facts), or nothing for all. A fixed number of statements per 500
    firms. Source: 001-24, 001-25.
    """
    check_length(wave, OF_NAME)
    # a register that is being written is waited for: who leaves by it gets no case any more
    Region.objects.select_for_update(no_key=True).get(pk=programme.city_id)
    # of two runs at once the second one finds what the first one opened
    programme = Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if not by.may_in(Act.OPEN, programme.city):
        raise NotYours("not_yours", refusal(Act.OPEN))
    version = programme.versions.order_by("-number").first()
    if version is None:
        raise Refused("no_version", _("Issue the programme first."))
    pack, on = version.pack, day_of(at)
    stock = take_stock(programme, pack, on)
    today = Case.objects.filter(programme=programme, is_main=True, wave=wave, opened_on=on)
    chosen = _in_wave(wave, stock, pack, opened=today.count() if wave else 0)
    cases = [_case(version, stock.rows[firm.pk], firm, wave, on) for firm in chosen]
    # the run's mark: its cases are told of in one notice per unit
    births.create(
        cases,
        lambda case: open_step(case, case.stage, on=on, desks=stock.desks),
        by=by,
        at=at,
        data={"wave": wave, "batch": uuid4().hex},
    )
    return Run(stock, cases)


def take_stock(programme: Programme, pack: Pack, on: date) -> Stock:
    """Store who owes each listed firm on a day (004-04); a fixed number of statements per 500."""
    firms = listed_firms(programme, pack, on)
    units = Units(pack, programme.city_id)
    existing = _existing(programme, pack)
    rows, without = _programme_firms(programme, pack, firms, units, existing)
    _store(rows)
    _regroup(programme, units)
    return Stock(firms, rows, without, existing, units.desks)


def listed_firms(programme: Programme, pack: Pack, on: date) -> list[Firm]:
    """The register of a day with its newest facts; three statements, nothing is stored."""
    facts = newest_facts(programme.city, as_of=on)
    members = (
        Membership.objects.on(on)
        .filter(city_id=programme.city_id)
        .select_related("enterprise")
        .order_by("county__position", "enterprise__name", "id")
    )
    counties = {county.pk: county for county in Region.objects.filter(parent=programme.city)}
    firms = []
    for membership in members:
        if membership.county_id in counties:
            # one row for all firms of a county, not one each
            membership.county = counties[membership.county_id]
        fact = facts.get(membership.enterprise_id)
        values = {name: bool(getattr(fact, name, False)) for name in FACTS}
        covered = fact is not None and pack.is_covered(values)
        firms.append(Firm(membership, values, covered))
    return firms


def _existing(programme: Programme, pack: Pack) -> set[int]:
    """Firms that have a root case already, ended ones too; not what an undone import left."""
    roots = Case.objects.filter(programme=programme, procedure=pack.root.key, parent=None)
    undone = roots.undone().values_list("pk", flat=True)
    rows = roots.values_list("pk", "enterprise_id")
    left = set(undone)
    return {firm for pk, firm in rows if pk not in left}


def _programme_firms(
    programme: Programme,
    pack: Pack,
    firms: Sequence[Firm],
    units: Units,
    existing: Collection[int],
) -> tuple[dict[int, ProgrammeFirm], int]:
    """Who owes each firm, by enterprise id; and how many have nobody (004-04).

    Where a case is open, or a person chose, nothing changes but the liaison group of the county.
    """
    known = {row.enterprise_id: row for row in ProgrammeFirm.objects.filter(programme=programme)}
    rows: dict[int, ProgrammeFirm] = {}
    without = 0
    for firm in firms:
        row = was = known.get(firm.pk)
        if row is None or not (firm.pk in existing or row.rule == BY_HAND):
            row = _assigned(programme, pack, firm, units)
            if row is not None and was is not None:
                row.pk = was.pk
        if row is None:
            without += 1
            continue
        row.liaison_unit_id = units.group_of(row.county_id)
        row.covered = firm.covered
        row.guide_unit = units.guide if firm.covered else None
        rows[firm.pk] = row
    return rows, without


def _assigned(programme: Programme, pack: Pack, firm: Firm, units: Units) -> ProgrammeFirm | None:
    """The row that register and rules give; none where a unit or its posts are missing."""
    member = firm.membership
    chosen = pack.assign(ownership=member.ownership, industry=member.industry_code)
    # 服务县区: another county may do the work; the register's own stays the base of the rates
    county_id = units.served.get(firm.pk, member.county_id)
    responsible = units.task_force.get(county_id)
    competent = units.by_name.get(chosen.unit)
    if responsible is None or competent is None:
        return None
    return ProgrammeFirm(
        programme=programme,
        enterprise_id=firm.pk,
        county_id=county_id,
        township_id=member.township_id if county_id == member.county_id else None,
        responsible_unit=responsible,
        competent_unit=competent,
        rule=chosen.rule_key,
    )


def _store(rows: Mapping[int, ProgrammeFirm]) -> None:
    """Insert or update; the key is the firm in its programme."""
    wanted = list(rows.values())
    for start in range(0, len(wanted), BATCH):
        put_rows(ProgrammeFirm, wanted[start : start + BATCH], STORED, key=KEY)


def _regroup(programme: Programme, units: Units) -> None:
    """The liaison group follows the county: pairings set since reach the open cases too."""
    rows = Case.objects.filter(programme=programme, finished=None)
    ids = [
        pk
        for pk, county, group in rows.values_list("pk", "county_id", "liaison_unit_id")
        if group != units.group_of(county)
    ]
    for start in range(0, len(ids), BATCH):
        cases = [step.case for step in engine.lock(ids[start : start + BATCH])]
        for case in cases:
            case.liaison_unit_id = units.group_of(case.county_id)
        save_rows(cases, ["liaison_unit_id"])


def _case(version: ProgrammeVersion, row: ProgrammeFirm, firm: Firm, wave: str, on: date) -> Case:
    root = version.pack.root
    return births.new_case(
        programme=row.programme,
        pack_version=version,
        procedure=root.key,
        enterprise_id=row.enterprise_id,
        is_main=True,
        stage=root.initial,
        wave=wave,
        opened_on=on,
        **_proposal(firm),
        **{name: getattr(row, name) for name in PLACE},
    )


def _proposal(firm: Firm) -> dict[str, str]:
    """停产 keeps no firm from having a case; that it should rest is proposed from the start."""
    if firm.membership.enterprise.condition != Enterprise.Condition.STOPPED:
        return {}
    reason = _("The register says that production has stopped.")
    return {"proposal": SUSPEND, "proposal_reason": reason}


def _in_wave(wave: str, stock: Stock, pack: Pack, *, opened: int) -> Sequence[Firm]:
    """Of the firms that lack a case those that the wave means; ``opened``: today by the same."""
    if not wave:
        return stock.missing
    kind, _sep, value = wave.partition("=")
    choose: dict[str, Callable[[], Sequence[Firm]]] = {
        "county": lambda: _by_county(value, stock),
        "number": lambda: stock.missing[: max(_positive(value) - opened, 0)],
        "class": lambda: _by_class(value, stock.missing, pack),
    }
    if kind not in choose:
        raise Refused(
            "wave", _("A wave is given as county=…, number=… or class=…; leave it out for all.")
        )
    return choose[kind]()


def _by_county(value: str, stock: Stock) -> list[Firm]:
    names = _names(value)
    unknown = names - {f.membership.county.name for f in stock.firms}
    if unknown:
        listed = pgettext("list of names", ", ").join(sorted(unknown))
        raise Refused("wave_county", _("No listed firm lies in: %(names)s") % {"names": listed})
    return [f for f in stock.missing if f.membership.county.name in names]


def _by_class(value: str, missing: Sequence[Firm], pack: Pack) -> list[Firm]:
    names, known = _names(value), [grade.key for grade in pack.grades]
    if not names <= set(known):
        raise Refused("wave_class", _("The classes are: %(names)s") % {"names": " ".join(known)})
    return [f for f in missing if pack.likely_grade(f.facts) in names]


def _names(value: str) -> set[str]:
    return {name.strip() for name in value.replace("，", ",").split(",")}


def _positive(value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise Refused("wave_number", _("The number of a wave must be at least 1."))
    return int(value)
