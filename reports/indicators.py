"""注册率、填报率、覆盖率、四有覆盖率: of the city and its counties, as of the end of a day.

Base: firms on the register on that day (当期在库), or of the year's base (考核基数) where the plan
says so. Facts: the newest state known by then; a new
year's section starts empty. The ledger's figures (销号) are another truth and not mixed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from enterprises.filing import HAVES
from enterprises.told import SAID, Day, Told, told_by_county
from organisations.models import Region
from organisations.rounding import half_up, percent, points
from reports.figures.months import Before, State, target_of
from reports.figures.ranking import ranks
from reports.figures.reading import base_day, first_month, last_month
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
class Count:
    listed: int = 0
    registered: int = 0
    filed: int = 0
    with_rd: int = 0
    four_haves: int = 0


def indicators(programme: Programme, as_of: date, pack: Pack | None = None) -> Indicators:
    """A fixed number of queries; ``pack``: the rules, where the caller has them."""
    [found] = indicators_on(programme, (as_of,), pack)
    return found


def indicators_on(
    programme: Programme, days: Sequence[date], pack: Pack | None = None
) -> list[Indicators]:
    """The same of several days, in no more statements."""
    pack = pack or programme.current.pack
    city: Region = programme.city
    fixed = base_day(programme, pack) if pack.base == ASSESSMENT else None
    asked = [Day(day, min(fixed, day) if fixed else None) for day in days]
    told = told_by_county(city, asked, since=first_month(pack), until=last_month(pack))
    places = list(Region.objects.counties_of(city))
    found = []
    for day, lines in zip(days, told, strict=True):
        counts = counted(lines, pack)
        rows = [_row(county, counts[county.pk], pack, day) for county in places]
        found.append(Indicators(day, _total(programme, pack, rows, day), tuple(ranked(rows))))
    return found


def counted(told: Iterable[Told], pack: Pack) -> defaultdict[int, Count]:
    """By county; of half a million firms a few dozen say something different: each is asked of the
    plan's rule once."""
    means: dict[tuple[bool, ...] | None, tuple[bool, bool, bool, bool]] = {
        None: (False, False, False, False)
    }
    counts: defaultdict[int, Count] = defaultdict(Count)
    for county, said, firms in told:
        if said not in means:
            known = dict(zip(SAID, said or (), strict=True))
            four = all(known[have] for have in HAVES)
            means[said] = known["registered"], known["filed"], pack.is_covered(known), four
        count = counts[county]
        count.listed += firms
        for name, holds in zip(COUNTED[1:], means[said], strict=True):
            setattr(count, name, getattr(count, name) + firms * holds)
    return counts


def _row(county: Region, count: Count, pack: Pack, as_of: date) -> Row:
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
    shares = ((place, row.exact_coverage) for place, row in enumerate(given))
    found = ranks({place: share for place, share in shares if share is not None})
    return [Row(**{**vars(row), "rank": found.get(place)}) for place, row in enumerate(given)]


def rate(part: int, whole: int) -> Decimal | None:
    """Per cent with one decimal, half-up on the exact fraction: 1 of 16 → 6.3."""
    return percent(part, whole)


def _line(pack: Pack, target: Decimal | None, on: date) -> Decimal | None:
    """The planned line as printed."""
    return None if target is None else half_up(Fraction(target) * pack.planned_share(on))
