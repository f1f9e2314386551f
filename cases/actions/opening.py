"""建档交办: every listed firm that is not covered becomes an assigned case, in waves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from cases import births
from cases.desks import Desks
from cases.errors import NotYours, Refused
from cases.models import Case, ProgrammeFirm, WorkItem
from cases.permissions import refusal
from cases.steps import day_of, open_step
from enterprises.facts import newest_facts
from enterprises.models import Membership
from organisations.models import Unit
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
    def provisional_grade(self) -> str:
        """A class guessed from facts, for waves only: A has signs of R&D that is not booked."""
        haves = sum(self.facts.get(name, False) for name in FACTS[2:])
        if self.facts.get("filed") and haves >= 2:
            return "A"
        return "B" if haves else "C"


@dataclass(frozen=True)
class Stock:
    """The register of a day: firms, who owes each by enterprise id, how many have nobody."""

    firms: Sequence[Firm]
    rows: Mapping[int, ProgrammeFirm]
    without_unit: int

    @cached_property
    def facts(self) -> dict[int, Mapping[str, bool]]:
        return {firm.membership.enterprise_id: firm.facts for firm in self.firms}


class Units:
    """The city's units by what they do, from one query."""

    def __init__(self, pack: Pack, city_id: int) -> None:
        units = list(
            Unit.objects.filter(region__path__contains=f"/{city_id}/").prefetch_related(
                "paired_counties"
            )
        )
        self.by_name = {u.name: u for u in units if u.region_id == city_id}
        self.by_name |= {u.short_name: u for u in units if u.short_name and u.region_id == city_id}
        self.task_force = {u.region_id: u for u in units if u.kind == Unit.Kind.TASK_FORCE}
        self.liaison = {
            county.pk: u
            for u in units
            if u.kind == Unit.Kind.LIAISON_GROUP
            for county in u.paired_counties.all()
        }
        self.guide = self.by_name.get(pack.units.guide_unit)


@transaction.atomic
def open_cases(programme: Programme, *, by: Actor, at: datetime, wave: str = "") -> Opened:
    """Store who owes each listed firm, and open what is missing; a second run opens nothing.

    ``wave``: ``county=涧西区,西工区``, ``number=200``, ``class=A`` (provisional, from facts), or
    nothing for all. A fixed number of statements per 500 firms. Source: 001-24, 001-25.
    """
    if not by.may(Act.OPEN):
        raise NotYours("not_yours", refusal(Act.OPEN))
    version = programme.versions.order_by("-number").first()
    if version is None:
        raise Refused("no_version", _("Issue the programme first."))
    on = day_of(at)
    stock = take_stock(programme, version.pack, on)
    chosen = _in_wave(wave, stock.firms)
    cases = _missing(programme, version, stock.rows, chosen, wave, on)
    unit_ids = {row.responsible_unit_id for row in stock.rows.values()}
    desks = Desks.for_units(unit_ids, programme.city_id) if cases else None

    def first_step(case: Case) -> WorkItem:
        assert desks is not None
        return open_step(case, case.stage, on=on, desks=desks)

    # the run's mark: its cases are told of in one notice per unit
    births.create(cases, first_step, by=by, at=at, data={"wave": wave, "batch": uuid4().hex})
    return Opened(len(cases), sum(f.covered for f in stock.firms), stock.without_unit)


def take_stock(programme: Programme, pack: Pack, on: date) -> Stock:
    """Store who owes each listed firm on a day (004-04); a fixed number of statements per 500."""
    firms = _listed(programme, pack, on)
    rows, without = _programme_firms(programme, pack, firms, Units(pack, programme.city_id))
    _store(programme, rows)
    return Stock(firms, rows, without)


def _listed(programme: Programme, pack: Pack, on: date) -> list[Firm]:
    facts = newest_facts(programme.city, as_of=on)
    members = (
        Membership.objects.on(on)
        .filter(city_id=programme.city_id)
        .select_related("county", "enterprise")
        .order_by("county__position", "enterprise__name", "id")
    )
    firms = []
    for membership in members:
        fact = facts.get(membership.enterprise_id)
        values = {name: bool(getattr(fact, name, False)) for name in FACTS}
        covered = fact is not None and pack.is_covered(values)
        firms.append(Firm(membership, values, covered))
    return firms


def _programme_firms(
    programme: Programme, pack: Pack, firms: Sequence[Firm], units: Units
) -> tuple[dict[int, ProgrammeFirm], int]:
    """Who owes each firm, by enterprise id; and how many have nobody (004-04)."""
    rows: dict[int, ProgrammeFirm] = {}
    without = 0
    for firm in firms:
        member = firm.membership
        chosen = pack.assign(ownership=member.ownership, industry=member.industry_code)
        responsible = units.task_force.get(member.county_id)
        competent = units.by_name.get(chosen.unit)
        if responsible is None or competent is None:
            without += 1
            continue
        liaison = units.liaison.get(member.county_id)
        rows[member.enterprise_id] = ProgrammeFirm(
            programme=programme,
            enterprise_id=member.enterprise_id,
            county_id=member.county_id,
            township_id=member.township_id,
            responsible_unit=responsible,
            competent_unit=competent,
            liaison_unit=liaison,
            guide_unit=units.guide if firm.covered else None,
            rule=chosen.rule_key,
            covered=firm.covered,
        )
    return rows, without


def _store(programme: Programme, rows: Mapping[int, ProgrammeFirm]) -> None:
    """New firms are added; of known ones only coverage and the guide follow the facts."""
    ProgrammeFirm.objects.bulk_create(
        rows.values(),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["programme", "enterprise"],
        update_fields=["covered", "guide_unit"],
    )


def _missing(
    programme: Programme,
    version: ProgrammeVersion,
    rows: Mapping[int, ProgrammeFirm],
    firms: Sequence[Firm],
    wave: str,
    on: date,
) -> list[Case]:
    root = version.pack.root
    roots = Case.objects.filter(programme=programme, procedure=root.key, parent=None)
    existing = set(roots.values_list("enterprise_id", flat=True))
    cases = []
    for firm in firms:
        row = rows.get(firm.membership.enterprise_id)
        if row is None or firm.covered or row.enterprise_id in existing:
            continue
        cases.append(
            births.new_case(
                programme=programme,
                pack_version=version,
                procedure=root.key,
                enterprise_id=row.enterprise_id,
                stage=root.initial,
                wave=wave[:20],
                county_id=row.county_id,
                township_id=row.township_id,
                responsible_unit_id=row.responsible_unit_id,
                competent_unit_id=row.competent_unit_id,
                liaison_unit_id=row.liaison_unit_id,
                rule=row.rule,
                opened_on=on,
            )
        )
    return cases


def _in_wave(wave: str, firms: Sequence[Firm]) -> list[Firm]:
    if not wave:
        return list(firms)
    kind, _sep, value = wave.partition("=")
    choose: dict[str, Callable[[], list[Firm]]] = {
        "county": lambda: _by_county(value, firms),
        "number": lambda: [f for f in firms if not f.covered][: _positive(value)],
        "class": lambda: [f for f in firms if f.provisional_grade in value.split(",")],
    }
    if kind not in choose:
        raise Refused(
            "wave", _("A wave is given as county=…, number=… or class=…; leave it out for all.")
        )
    return choose[kind]()


def _by_county(value: str, firms: Sequence[Firm]) -> list[Firm]:
    names = {name.strip() for name in value.split(",")}
    unknown = names - {f.membership.county.name for f in firms}
    if unknown:
        raise Refused(
            "wave_county", _("No listed firm lies in: %(names)s") % {"names": "、".join(unknown)}
        )
    return [f for f in firms if f.membership.county.name in names]


def _positive(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise Refused("wave_number", _("The number of a wave must be at least 1."))
    return int(value)
