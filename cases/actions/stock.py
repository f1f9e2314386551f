"""The register of a day and who owes each listed firm, decided once for firms alike (004-04)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import QuerySet

from cases import engine
from cases.actions.placing import PLACE
from cases.desks import Desks
from cases.models import Case, ProgrammeFirm
from cases.pouring import Shape, pour_rows, shape_of
from cases.rulebook import BY_HAND
from cases.statements import put_rows, save_rows, update_rows
from enterprises.facts import facts_known, newest_facts
from enterprises.models import Membership, Pairing
from organisations.among import Among
from organisations.models import Region, Unit
from workflows.models import Programme
from workflows.packs import Pack

BATCH = 500
# firms of a register that are looked at in one go
PART = 10_000
FACTS = (
    "registered",
    "filed",
    "has_institution",
    "has_staff",
    "has_spending",
    "has_cooperation",
)
NO_FACT = (False,) * len(FACTS)
# columns of a firm's row in a programme: its key, and what a run of opening stores
KEY = ("programme_id", "enterprise_id")
STORED = (*PLACE, "covered", "guide_unit_id")
RULE = STORED.index("rule")
Facts = tuple[bool, ...]
# a firm's row in a programme: its key and ``STORED``
Stored = tuple[int, tuple[Any, ...]]


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


class Owed(NamedTuple):
    """Who owes a firm, in the order of ``PLACE``, and what else its row says: ``STORED``."""

    county_id: int
    township_id: int | None
    responsible_unit_id: int
    competent_unit_id: int
    liaison_unit_id: int | None
    rule: str
    covered: bool
    guide_unit_id: int | None


class Listed(NamedTuple):
    """A row of the register, as lean as it can be read: ``COLUMNS``."""

    enterprise_id: int
    county_id: int
    township_id: int | None
    ownership: str
    industry: str
    condition: str
    name: str
    county: str


COLUMNS = (
    "enterprise_id",
    "county_id",
    "township_id",
    "ownership",
    "industry_code",
    "enterprise__condition",
    "enterprise__name",
    "county__name",
)


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


class Owners:
    """Who owes a firm, and whether it is covered: functions of what firms have in common, each
    value worked out once."""

    def __init__(self, pack: Pack, units: Units) -> None:
        self._pack, self._units = pack, units
        self._covered: dict[Facts, bool] = {}
        self._owed: dict[tuple[Any, ...], Owed | None] = {}

    def is_covered(self, facts: Facts) -> bool:
        found = self._covered.get(facts)
        if found is None:
            found = self._pack.is_covered(dict(zip(FACTS, facts, strict=True)))
            self._covered[facts] = found
        return found

    def by_rules(self, firm: Listed | Membership, industry: str, covered: bool) -> Owed | None:
        """What register and rules give; none where a unit or its posts are missing."""
        served = self._units.served.get(firm.enterprise_id)
        key = (firm.county_id, firm.township_id, firm.ownership, industry, served, covered)
        if key not in self._owed:
            self._owed[key] = self._ruled(*key)
        return self._owed[key]

    def _ruled(
        self,
        listed_in: int,
        township_id: int | None,
        ownership: str,
        industry: str,
        served: int | None,
        covered: bool,
    ) -> Owed | None:
        chosen = self._pack.assign(ownership=ownership, industry=industry)
        # 服务县区: another county may do the work; the register's own stays the base of the rates
        county_id = served or listed_in
        responsible = self._units.task_force.get(county_id)
        competent = self._units.by_name.get(chosen.unit)
        if responsible is None or competent is None:
            return None
        township = township_id if county_id == listed_in else None
        place = (county_id, township, responsible.pk, competent.pk, None, chosen.rule_key)
        return self.kept(place, covered)

    def kept(self, place: tuple[Any, ...], covered: bool) -> Owed:
        """Who owes it already goes on, with the liaison group that its county has now."""
        guide = self._units.guide
        owed = Owed._make((*place[: len(PLACE)], covered, guide.pk if guide and covered else None))
        return owed._replace(liaison_unit_id=self._units.group_of(owed.county_id))


def take_stock(programme: Programme, pack: Pack, on: date) -> Stock:
    """Store who owes each listed firm on a day (004-04); a fixed number of statements per 500."""
    firms = listed_firms(programme, pack, on)
    units = Units(pack, programme.city_id)
    existing = opened_of(programme, pack)[0]
    rows, without = _programme_firms(programme, Owners(pack, units), firms, existing)
    _store(rows)
    regroup(programme, units)
    return Stock(firms, rows, without, existing, units.desks)


def listed_firms(programme: Programme, pack: Pack, on: date) -> list[Firm]:
    """The register of a day with its newest facts; three statements, nothing is stored."""
    facts = newest_facts(programme.city, as_of=on)
    members = _members(programme, on).select_related("enterprise")
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


def _members(programme: Programme, on: date) -> QuerySet[Membership]:
    rows = Membership.objects.on(on).filter(city_id=programme.city_id)
    return rows.order_by("county__position", "enterprise__name", "id")


def opened_of(
    programme: Programme, pack: Pack, firms: Collection[int] | None = None
) -> tuple[set[int], set[int]]:
    """Firms that have a root case already, ended ones too; and those of which only what an undone
    import left is there. Of these ``firms``, or of all."""
    roots = Case.objects.filter(programme=programme, procedure=pack.root.key, parent=None)
    if firms is not None:
        roots = roots.filter(Among("enterprise", firms))
    rows = dict(roots.values_list("pk", "enterprise_id"))
    left = set(roots.undone().values_list("pk", flat=True)) if rows else set()
    opened = {firm for pk, firm in rows.items() if pk not in left}
    return opened, {rows[pk] for pk in left} - opened


def _programme_firms(
    programme: Programme, owners: Owners, firms: Sequence[Firm], existing: Collection[int]
) -> tuple[dict[int, ProgrammeFirm], int]:
    """Who owes each firm, by enterprise id; and how many have nobody (004-04).

    Where a case is open, or a person chose, nothing changes but the liaison group of the county.
    """
    known = {row.enterprise_id: row for row in ProgrammeFirm.objects.filter(programme=programme)}
    rows: dict[int, ProgrammeFirm] = {}
    without = 0
    for firm in firms:
        was, member = known.get(firm.pk), firm.membership
        if was is not None and (firm.pk in existing or was.rule == BY_HAND):
            place = tuple(getattr(was, name) for name in PLACE)
            owed: Owed | None = owners.kept(place, firm.covered)
        else:
            owed = owners.by_rules(member, member.industry_code, firm.covered)
        if owed is None:
            without += 1
            continue
        row = ProgrammeFirm(programme=programme, enterprise_id=firm.pk, **owed._asdict())
        row.pk = was.pk if was is not None else None
        rows[firm.pk] = row
    return rows, without


def _store(rows: Mapping[int, ProgrammeFirm]) -> None:
    """Insert or update; the key is the firm in its programme."""
    wanted = list(rows.values())
    for start in range(0, len(wanted), BATCH):
        put_rows(ProgrammeFirm, wanted[start : start + BATCH], STORED, key=KEY)


def regroup(programme: Programme, units: Units) -> None:
    """The liaison group follows the county: pairings set since reach the open cases too."""
    rows = Case.objects.filter(programme=programme, finished=None)
    places = rows.order_by().values_list("county_id", "liaison_unit_id").distinct()
    for county, group in list(places):
        if group == units.group_of(county):
            continue
        ids = list(rows.filter(county=county, liaison_unit=group).values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            cases = [step.case for step in engine.lock(ids[start : start + BATCH])]
            for case in cases:
                case.liaison_unit_id = units.group_of(case.county_id)
            save_rows(cases, ["liaison_unit_id"])


# --- as a stream ----------------------------------------------------------------------------------
class Standing(NamedTuple):
    """A listed firm, what is known of it, who owes it, and whether a case of it is there;
    ``is_left``: only what an undone import left."""

    firm: Listed
    facts: Facts
    covered: bool
    owed: Owed | None
    is_opened: bool
    is_left: bool


def stream(programme: Programme, pack: Pack, owners: Owners, on: date) -> Iterator[list[Standing]]:
    """The register of a day in parts of ``PART``, who owes each firm stored as ``take_stock`` does;
    a fixed number of statements for each part, and no more memory than one takes."""
    shapes: dict[Owed, Shape] = {}
    # nothing of what is read here is written meanwhile
    members = map(Listed._make, _members(programme, on).values_list(*COLUMNS).iterator(PART))
    while part := list(islice(members, PART)):
        found = _look(programme, pack, owners, part, on)
        _keep(programme, found, shapes)
        yield [one for one, _row in found]


def _look(
    programme: Programme, pack: Pack, owners: Owners, part: Sequence[Listed], on: date
) -> list[tuple[Standing, Stored | None]]:
    """Each firm with the row that it has: its key and what it says."""
    firms = [one.enterprise_id for one in part]
    newest = facts_known(programme.city, as_of=on, firms=firms)
    facts = {pk: values for pk, *values in newest.values_list("enterprise_id", *FACTS)}
    rows = ProgrammeFirm.objects.filter(Among("enterprise", firms), programme=programme)
    known = {
        firm: (pk, tuple(said))
        for firm, pk, *said in rows.values_list("enterprise_id", "pk", *STORED)
    }
    opened, left = opened_of(programme, pack, firms)
    found = []
    for one in part:
        firm = one.enterprise_id
        there = facts.get(firm)
        values = NO_FACT if there is None else tuple(map(bool, there))
        covered = there is not None and owners.is_covered(values)
        row, is_opened = known.get(firm), firm in opened
        if row is not None and (is_opened or row[1][RULE] == BY_HAND):
            owed: Owed | None = owners.kept(row[1], covered)
        else:
            owed = owners.by_rules(one, one.industry, covered)
        found.append((Standing(one, values, covered, owed, is_opened, firm in left), row))
    return found


def _keep(
    programme: Programme,
    found: Iterable[tuple[Standing, Stored | None]],
    shapes: dict[Owed, Shape],
) -> None:
    """Store new rows and those that say something else now."""
    new, changed = [], []
    for one, row in found:
        if one.owed is None:
            continue
        if row is None:
            shape = shapes.get(one.owed)
            if shape is None:
                like = ProgrammeFirm(programme=programme, **one.owed._asdict())
                shape = shapes[one.owed] = shape_of(like, ("enterprise_id",))
            new.append(((one.firm.enterprise_id,), shape))
        elif row[1] != one.owed:
            changed.append([row[0], *one.owed])
    if new:
        pour_rows(ProgrammeFirm, ("enterprise_id",), new)
    for start in range(0, len(changed), BATCH):
        update_rows(ProgrammeFirm, STORED, changed[start : start + BATCH])
