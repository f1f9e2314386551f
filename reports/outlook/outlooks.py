"""走势与预计 of a programme as of a day: months so far, how far it will be, and how the same
computation did on a day that has passed. Five statements, and once two for each frozen month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256

from cases.rulebook import calendar
from cases.stages import CLOSED
from organisations.models import Region
from organisations.rounding import half_up
from reports.figures.months import month_before, month_end, target_of
from reports.figures.nouns import Freeze
from reports.outlook.durations import Step, Waiting, summed
from reports.outlook.facts import Counts, counts_on, frozen_counts, total, totals_on
from reports.outlook.forecast import RUNS, Band, Forecast, Place, forecast
from reports.outlook.reading import Known, known_on
from workflows.models import Programme
from workflows.packs import Pack

CITY = 0
SOONEST = 15  # working days between a past forecast and the day that checks it
CHECKED = 60  # runs of that check
MOST_STRETCHED = Fraction(4)
# forecasts by the seal of their facts
_KEPT: dict[bytes, Forecast] = {}
MOST_KEPT = 16


@dataclass(frozen=True)
class Point:
    """A month's end, or the day itself: exact per cent; ``frozen``: it does not change any more."""

    day: date
    covered: int
    base: int
    planned: Decimal | None
    frozen: bool

    @property
    def rate(self) -> Decimal | None:
        return half_up(Fraction(100 * self.covered, self.base)) if self.base else None


@dataclass(frozen=True)
class Check:
    """The same computation on ``day``, for the day of the page, and what came of it."""

    day: date
    expected: Band
    actual: int

    @property
    def stretch(self) -> Fraction:
        """How far a band must be drawn out so that it would have held what came."""
        side = (
            self.expected.high - self.expected.median
            if self.actual > self.expected.median
            else self.expected.median - self.expected.low
        )
        missed = Fraction(abs(self.actual - self.expected.median), max(side, 1))
        return min(max(Fraction(1), missed), MOST_STRETCHED)


@dataclass(frozen=True)
class Outlooks:
    """``why``: too few closings ("few"), or the year is over ("over"); then nothing is foretold.

    ``by``: the day of the forecast; ``until``: the last on which a target may be reached;
    ``ahead``: month ends from today to ``by``, those of the forecast's marks.
    """

    as_of: date
    by: date
    until: date
    names: Mapping[int, str]
    points: Sequence[Point]
    ahead: Sequence[date]
    forecast: Forecast
    why: str = ""
    check: Check | None = None

    def day(self, after: int | None) -> date | None:
        """A number of working days from today as a day."""
        return None if after is None else calendar().add(self.as_of, after)


def outlooks(programme: Programme, pack: Pack, as_of: date) -> Outlooks:
    counties = dict(Region.objects.counties_of(programme.city).values_list("pk", "name"))
    days = calendar()
    year_end = date(pack.statistical_year, 12, 31)
    last = max(year_end, pack.work_until)
    by = year_end if as_of < year_end else last
    ahead = _month_ends(as_of, by)
    before = _past(as_of)
    now, then = known_on(programme, (as_of, before), pack)
    [counts] = counts_on(programme, pack, (as_of,))
    points = _points(programme, pack, as_of, counts)
    if as_of >= last:
        empty = Forecast(now.closed.total(), sum(one.cases for one in now.waiting))
        return Outlooks(as_of, by, last, counties, points, (), empty, "over")
    places = _places(pack, counties, counts, now)
    city = _city(pack, counts, now)
    check = _check(then, now.closed.total(), before, days.between(before, as_of))
    found = _foretold(
        now,
        places,
        city,
        stretch=check.stretch if check else Fraction(1),
        by=days.between(as_of, by),
        horizon=days.between(as_of, last),
        marks=[days.between(as_of, day) for day in ahead],
        # of closed firms on the base the share that the filing shows as covered
        take=Fraction(now.covered, now.based) if now.based else Fraction(1),
    )
    why = "" if found.city else "few"
    return Outlooks(as_of, by, last, counties, points, ahead, found, why, check)


def _month_ends(first: date, last: date) -> tuple[date, ...]:
    found, day = [], month_end(first)
    while day < last:
        if day > first:
            found.append(day)
        day = month_end(day + timedelta(days=1))
    return (*found, last)


def _past(as_of: date) -> date:
    """The newest month's end that lies far enough back."""
    day = month_before(as_of)
    return day if calendar().between(day, as_of) >= SOONEST else month_before(day)


# --- months so far -------------------------------------------------------------------------------
def _points(programme: Programme, pack: Pack, as_of: date, today: Counts) -> list[Point]:
    rows = Freeze.objects.frozen().filter(programme=programme, as_of__lte=as_of)
    rows = rows.exclude(edition__in=(Freeze.Edition.ANNUAL_REPORT, Freeze.Edition.CUT))
    newest = {row.as_of: row for row in rows.select_related("programme").order_by("number")}
    kept = frozen_counts(list(newest.values()))
    ends = _past_month_ends(pack, as_of)
    told: dict[date, tuple[int, int] | None] = {day: total(counts) for day, counts in kept.items()}
    missing = [day for day in ends if day not in kept]
    told |= zip(missing, totals_on(programme, pack, missing), strict=True)
    # no point before the first facts of the year: there was nothing to be covered by
    found = [
        _point(pack, day, counts, frozen=day in kept)
        for day in ends
        if (counts := told[day]) is not None
    ]
    if not found or found[-1].day != as_of:
        found.append(_point(pack, as_of, total(today), frozen=False))
    return found


def _past_month_ends(pack: Pack, as_of: date) -> list[date]:
    found, day = [], month_end(max(pack.work_from, date(pack.statistical_year, 1, 1)))
    while day <= as_of:
        found.append(day)
        day = month_end(day + timedelta(days=1))
    return found


def _point(pack: Pack, day: date, counts: tuple[int, int], *, frozen: bool) -> Point:
    return Point(day, *counts, city_line(pack, day), frozen)


def city_line(pack: Pack, day: date) -> Decimal | None:
    """The planned line of the city's floor at the end of a month."""
    if pack.city_target is None:
        return None
    return half_up(Fraction(pack.city_target) * pack.planned_share(day))


# --- what is to come -----------------------------------------------------------------------------
def _places(pack: Pack, counties: Mapping[int, str], counts: Counts, now: Known) -> list[Place]:
    return [
        Place(pk, now.closed[pk], *counts.get(pk, (0, 0)), target=target_of(pack, name))
        for pk, name in counties.items()
    ]


def _city(pack: Pack, counts: Counts, now: Known) -> Place:
    return Place(CITY, now.closed.total(), *total(counts), target=pack.city_target)


def _named(step: Step) -> tuple[int, str, int, str]:
    """Of what was kept the same, in whatever order the database told it."""
    return step.county, step.stage, step.days, step.to


def _check(then: Known, actual: int, day: date, after: int) -> Check | None:
    city = Place(CITY, then.closed.total(), 0, 0)
    found = _foretold(then, [], city, by=after, horizon=after, runs=CHECKED)
    return Check(day, found.city.closed, actual) if found.city else None


def _foretold(
    known: Known,
    places: Sequence[Place],
    city: Place,
    *,
    by: int,
    horizon: int,
    marks: Sequence[int] = (),
    take: Fraction = Fraction(1),
    stretch: Fraction = Fraction(1),
    runs: int = RUNS,
) -> Forecast:
    """Kept under the seal of what it is foretold from: a country's steps are too much to keep."""
    steps, waiting = sorted(known.steps, key=_named), summed(known.waiting)
    asked = (places, city, by, horizon, marks, take, stretch, runs)
    seal = _seal(steps, waiting, asked)
    found = _KEPT.get(seal)
    if found is None:
        found = forecast(
            steps,
            waiting,
            places,
            city,
            end=CLOSED,
            by=by,
            horizon=horizon,
            marks=marks,
            take=take,
            stretch=stretch,
            runs=runs,
        )
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[seal] = found
    return found


def _seal(steps: Iterable[Step], waiting: Iterable[Waiting], asked: object) -> bytes:
    said = sha256(repr(asked).encode())
    for step in steps:
        said.update(f"{step.county} {step.stage} {step.days} {step.to} {step.cases};".encode())
    for one in waiting:
        said.update(f"{one.county} {one.stage} {one.days} {one.counts} {one.cases};".encode())
    return said.digest()
