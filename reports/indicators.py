"""注册率、填报率、覆盖率、四有覆盖率: of the city and its counties, as of the end of a day.

Base: firms on the register on that day (当期在库). Facts: the newest state known by then; a new
year's section starts empty. The ledger's figures (销号) are another truth and not mixed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from enterprises.facts import newest_facts
from enterprises.filing import HAVES
from enterprises.models import Membership, MonthlyFact
from organisations.models import Region
from workflows.models import Programme
from workflows.packs import Pack

TENTH = Decimal("0.1")


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
        return _difference(self.coverage_rate, self.target)

    @property
    def planned_gap(self) -> Decimal | None:
        return _difference(self.coverage_rate, self.planned)

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


def indicators(programme: Programme, as_of: date, pack: Pack | None = None) -> Indicators:
    """A fixed number of queries; ``pack``: the rules, where the caller has them already."""
    pack = pack or programme.current.pack
    city: Region = programme.city
    members = Membership.objects.on(as_of).filter(city=city)
    facts = newest_facts(city, as_of=as_of, since_month=_first_month(pack))
    counts = _count(members.values_list("county_id", "enterprise_id"), facts, pack)
    rows = [
        _row(county, counts[county.pk], pack, as_of) for county in Region.objects.counties_of(city)
    ]
    return Indicators(as_of, _total(programme, pack, rows, as_of), tuple(ranked(rows)))


def _first_month(pack: Pack) -> date:
    """A new statistical year starts with an empty section (practice: years)."""
    return min(pack.work_from, date(pack.statistical_year, 1, 1))


def _count(
    members: Iterable[tuple[int, int]], facts: Mapping[int, MonthlyFact], pack: Pack
) -> defaultdict[int, _Count]:
    columns = {*HAVES, *pack.covered_when.named()}
    counts: defaultdict[int, _Count] = defaultdict(_Count)
    for county_id, firm_id in members:
        count = counts[county_id]
        count.listed += 1
        fact = facts.get(firm_id)
        if fact is None:
            continue
        haves = {column: bool(getattr(fact, column)) for column in columns}
        count.registered += fact.registered
        count.filed += fact.filed
        count.with_rd += pack.is_covered(haves)
        count.four_haves += all(haves[column] for column in HAVES)
    return counts


def _row(county: Region, count: _Count, pack: Pack, as_of: date) -> Row:
    try:
        target = pack.target(county.name)
    except KeyError:  # a county that the pack does not name has no target
        target = None
    planned = target * pack.planned_share(as_of) if target is not None else None
    return Row(county.name, county.pk, **vars(count), target=target, planned=_tenth(planned))


def _total(programme: Programme, pack: Pack, rows: Iterable[Row], as_of: date) -> Row:
    counts = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("listed", "registered", "filed", "with_rd", "four_haves")
    }
    target = pack.city_target
    planned = target * pack.planned_share(as_of) if target is not None else None
    name = programme.city.name
    return Row(name, None, **counts, target=target, planned=_tenth(planned))


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
    if not whole:
        return None
    return half_up(Fraction(part, whole) * 100)


def half_up(exact: Fraction) -> Decimal:
    """One decimal; halves away from zero."""
    tenths = int(abs(exact) * 10 + Fraction(1, 2))
    return Decimal(tenths if exact >= 0 else -tenths).scaleb(-1)


def _tenth(value: Decimal | None) -> Decimal | None:
    return None if value is None else half_up(Fraction(value))


def _difference(value: Decimal | None, other: Decimal | None) -> Decimal | None:
    if value is None or other is None:
        return None
    return (value - other).quantize(TENTH)
