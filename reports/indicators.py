"""注册率、填报率、覆盖率、四有覆盖率: of the city and its counties, as of the end of a day.

Base: firms on the register on that day (当期在库), or of the year's base (考核基数) where the plan
says so. Facts: the newest state known by then; a new
year's section starts empty. The ledger's figures (销号) are another truth and not mixed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter

from enterprises.facts import Said, said_of
from enterprises.filing import HAVES
from enterprises.models import Membership
from organisations.models import Region
from organisations.rounding import half_up, percent, points
from reports.figures.months import Before, State, target_of
from reports.figures.reading import base_of, first_month, last_month
from reports.figures.tally import ASSESSMENT, COUNTED
from workflows.models import Programme
from workflows.packs import Pack


@dataclass(frozen=True)
class Row:
    """One county, or the city: counts of firms, rates in per cent as printed, gap in points.

    ``gap`` is coverage rate − target; ``planned`` the planned line of the month; ``rank`` counts
    counties by their exact coverage, ties share (1-1-3). Without a firm there is no rate.
    """

    name: str
    county_id: int | None
    listed: int
    registered: int
    filed: int
    with_rd: int
    four_haves: int
    target: Decimal | None = None
    planned: Decimal | None = None
    rank: int | None = None

    @property
    def registration_rate(self) -> Decimal | None:
        return rate(self.registered, self.listed)

    @property
    def filing_rate(self) -> Decimal | None:
        return rate(self.filed, self.listed)

    @property
    def coverage_rate(self) -> Decimal | None:
        return rate(self.with_rd, self.listed)

    @property
    def four_haves_rate(self) -> Decimal | None:
        return rate(self.four_haves, self.listed)

    @property
    def gap(self) -> Decimal | None:
        """As a reader computes it: the printed rate less the target."""
        return points(self.coverage_rate, self.target)

    @property
    def planned_gap(self) -> Decimal | None:
        return points(self.coverage_rate, self.planned)

    @property
    def exact_coverage(self) -> Fraction | None:
        return Fraction(self.with_rd, self.listed) if self.listed else None


@dataclass(frozen=True)
class Indicators:
    """The city and its counties in the order of the pack, as of a day."""

    as_of: date
    city: Row
    counties: tuple[Row, ...]

    @property
    def has_floor(self) -> bool:
        """市级底线: the city's aim lies below every county's guideline (50%以上 beside 55–85)."""
        goals = [row.target for row in self.counties if row.target is not None]
        return self.city.target is not None and bool(goals) and self.city.target < min(goals)


@dataclass
class _Count:
    listed: int = 0
    registered: int = 0
    filed: int = 0
    with_rd: int = 0
    four_haves: int = 0


def indicators(
    programme: Programme,
    as_of: date,
    pack: Pack | None = None,
    *,
    counties: Sequence[Region] | None = None,
    listed: Iterable[tuple[int, int]] | None = None,
    facts: Mapping[int, Said] | None = None,
) -> Indicators:
    """A fixed number of queries; ``pack``: the rules, ``counties``, ``listed`` (county and firm of
    each on the register) and ``facts`` by firm: where the caller has them already."""
    pack = pack or programme.current.pack
    city: Region = programme.city
    if facts is None:
        facts = said_of(
            city, as_of=as_of, since_month=first_month(pack), until_month=last_month(pack)
        )
    if listed is None:
        members = Membership.objects.on(as_of).filter(city=city)
        listed = members.values_list("county_id", "enterprise_id")
    if pack.base == ASSESSMENT:
        base = base_of(programme, pack, as_of)
        counts = _count((pair for pair in listed if pair[1] in base), facts, pack)
    else:
        counts = _count(listed, facts, pack)
    places = Region.objects.counties_of(city) if counties is None else counties
    rows = [_row(county, counts[county.pk], pack, as_of) for county in places]
    return Indicators(as_of, _total(programme, pack, rows, as_of), tuple(ranked(rows)))


def _count(
    members: Iterable[tuple[int, int]], facts: Mapping[int, Said], pack: Pack
) -> defaultdict[int, _Count]:
    """Of half a million firms a few dozen say something different: each is looked at once."""
    columns = tuple({*HAVES, *pack.covered_when.named()})
    read = attrgetter("registered", "filed", *columns)
    means: dict[tuple[bool, ...], tuple[bool, bool, bool, bool]] = {}
    counts: defaultdict[int, _Count] = defaultdict(_Count)
    for county_id, firm_id in members:
        count = counts[county_id]
        count.listed += 1
        fact = facts.get(firm_id)
        if fact is None:
            continue
        told = read(fact)
        if told not in means:
            registered, filed, *rest = told
            haves = dict(zip(columns, rest, strict=True))
            four = all(haves[column] for column in HAVES)
            means[told] = (registered, filed, pack.is_covered(haves), four)
        registered, filed, with_rd, four_haves = means[told]
        count.registered += registered
        count.filed += filed
        count.with_rd += with_rd
        count.four_haves += four_haves
    return counts


def _row(county: Region, count: _Count, pack: Pack, as_of: date) -> Row:
    target = target_of(pack, county.name)
    planned = _line(pack, target, as_of)
    return Row(county.name, county.pk, **vars(count), target=target, planned=planned)


def indicators_of(state: State, before: Before | None = None) -> Indicators:
    """The same figures of a state that was read or frozen, or of the month that it is compared
    with; no statement."""
    on = before.as_of if before else state.as_of
    counts = before.counts if before else state.counts
    rows = []
    for county, name in state.names.counties.items():
        target = target_of(state.pack, name)
        planned = _line(state.pack, target, on)
        given = counts.get(county, dict.fromkeys(COUNTED, 0))
        rows.append(Row(name, county, **given, target=target, planned=planned))
    total = _total(state.programme, state.pack, rows, on)
    return Indicators(on, total, tuple(ranked(rows)))


def _total(programme: Programme, pack: Pack, rows: Iterable[Row], as_of: date) -> Row:
    counts = {name: sum(getattr(row, name) for row in rows) for name in COUNTED}
    target = pack.city_target
    planned = _line(pack, target, as_of)
    name = programme.city.name
    return Row(name, None, **counts, target=target, planned=planned)


def ranked(rows: Iterable[Row]) -> list[Row]:
    """The rows with their ranks: by unrounded coverage, ties share, the next rank is skipped.

    Source: 004-24 (汇总、排队), 002-06.
    """
    given = list(rows)
    shares = [row.exact_coverage for row in given]
    known = [share for share in shares if share is not None]
    return [
        Row(**{**vars(row), "rank": None if own is None else 1 + sum(s > own for s in known)})
        for row, own in zip(given, shares, strict=True)
    ]


def rate(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal, half-up on the exact fraction: 1 of 16 → 6.3."""
    return percent(part, whole)


def _line(pack: Pack, target: Decimal | None, on: date) -> Decimal | None:
    """The planned line as printed."""
    return None if target is None else half_up(Fraction(target) * pack.planned_share(on))
