"""预计: how far counties will be by a day, with its uncertainty, from how long cases really took.

Each open case is played forward many times: from the stage in which it stands, with the working
days that cases took in each stage and where they went next. Each time the past is drawn anew from
itself, so that few cases make a wide band. The same facts give the same figures (seeded).
Plain values; no database, no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from random import Random
from typing import NamedTuple

from reports.outlook.durations import NEVER, Drawn, Pools, Step, Waiting, pools

RUNS = 150
ENOUGH_CLOSED = 30  # fewer closings say nothing about the rest
ENOUGH_OWN = 30  # cases that left a stage in a county, from which its own durations are used
LOW, MIDDLE, HIGH = Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)
LONGEST = 40  # stages that one case passes: returns go round and round


@dataclass(frozen=True)
class Place:
    """A county, or the city, today. ``target`` in per cent of ``base``."""

    key: int
    closed: int
    covered: int
    base: int
    target: Decimal | None = None

    @property
    def needed(self) -> int | None:
        """How many covered firms reach the target."""
        if self.target is None or not self.base:
            return None
        return ceil(Fraction(self.target) * self.base / 100)


@dataclass(frozen=True)
class Band:
    """Of all runs: a tenth lies below ``low``, a tenth above ``high``."""

    low: int
    median: int
    high: int


@dataclass(frozen=True)
class Reach:
    """When the target is reached, in working days from today; None: not within the horizon.
    ``chance``: of all runs those that reach it by the day of the forecast."""

    low: int | None
    median: int | None
    high: int | None
    chance: Fraction


@dataclass(frozen=True)
class Outlook:
    """Of one place: closed cases and covered firms by the day, and on the marks before it."""

    place: Place
    closed: Band
    covered: Band
    marks: tuple[Band, ...]
    reach: Reach | None


@dataclass(frozen=True)
class Forecast:
    """``city`` None: too few closings to say anything. ``stuck``: open cases that have stood longer
    than any case that got on; they are taken not to close."""

    closings: int
    open: int
    stuck: int = 0
    take: Fraction = Fraction(1)
    city: Outlook | None = None
    counties: Mapping[int, Outlook] | None = None
    own: frozenset[int] = frozenset()


def forecast(
    steps: Sequence[Step],
    waiting: Sequence[Waiting],
    places: Sequence[Place],
    city: Place,
    *,
    end: str,
    by: int,
    horizon: int,
    marks: Sequence[int] = (),
    take: Fraction = Fraction(1),
    stretch: Fraction = Fraction(1),
    runs: int = RUNS,
) -> Forecast:
    """``end``: the stage that counts as closed; ``by``: the day asked for, ``horizon`` ≥ ``by`` the
    last one for the target, ``marks`` days before, all in working days from today. ``take``: the
    share of closed firms that the filing shows as covered; ``stretch``: by how much bands are drawn
    out, as an earlier forecast has missed by so much.
    """
    closings = sum(step.to == end for step in steps)
    if closings < ENOUGH_CLOSED:
        return Forecast(closings, len(waiting))
    known = pools(steps, waiting, enough=ENOUGH_OWN)
    chance = Random(f"{closings}:{len(waiting)}:{by}")
    tallies = [
        _run(known, waiting, chance, end=end, horizon=horizon, take=float(take))
        for _n in range(runs)
    ]
    whole = _Sum(by, horizon, marks, stretch)
    open_ = Counter(one.county for one in waiting)
    counted = Counter(one.county for one in waiting if one.counts)
    counties = {
        place.key: whole.outlook(
            place,
            [run.get(place.key) for run in tallies],
            _Most(open_[place.key], counted[place.key]),
        )
        for place in places
    }
    all_of_it = whole.outlook(
        city, [_summed(run, horizon) for run in tallies], _Most(open_.total(), counted.total())
    )
    return Forecast(
        closings,
        len(waiting),
        sum(_is_stuck(known, one) for one in waiting),
        take,
        all_of_it,
        counties,
        frozenset(county for county, _stage in known.own),
    )


# --- one run -------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Tally:
    """Closings, and firms covered by them, by the working day on which they come."""

    closed: list[int]
    covered: list[int]


def _run(
    known: Pools, waiting: Sequence[Waiting], chance: Random, *, end: str, horizon: int, take: float
) -> dict[int, _Tally]:
    city = {stage: spread.drawn(chance) for stage, spread in known.city.items()}
    own = {place: spread.drawn(chance) for place, spread in known.own.items()}
    found: dict[int, _Tally] = {}
    for one in waiting:
        day = _day_of(one, city, own, chance, end, horizon)
        if day > horizon:
            continue
        tally = found.get(one.county)
        if tally is None:
            tally = found[one.county] = _Tally([0] * (horizon + 1), [0] * (horizon + 1))
        tally.closed[day] += 1
        if one.counts and chance.random() < take:
            tally.covered[day] += 1
    return found


def _day_of(
    one: Waiting,
    city: Mapping[str, Drawn],
    own: Mapping[tuple[int, str], Drawn],
    chance: Random,
    end: str,
    horizon: int,
) -> int:
    """The working day on which the case closes in this run."""
    stage, day, stood = one.stage, 0, one.days
    for _n in range(LONGEST):
        drawn = own.get((one.county, stage)) or city.get(stage)
        if drawn is None:
            return NEVER
        days, stage = drawn.one(chance, stood)
        day += days - max(stood, 0)
        if day > horizon or stage == end:
            return day
        stood = -1
    return NEVER


def _is_stuck(known: Pools, one: Waiting) -> bool:
    spread = known.own.get((one.county, one.stage)) or known.city.get(one.stage)
    return spread is None or one.days >= spread.ends[-1][0]


def _summed(run: Mapping[int, _Tally], horizon: int) -> _Tally:
    whole = _Tally([0] * (horizon + 1), [0] * (horizon + 1))
    for tally in run.values():
        whole.closed = [a + b for a, b in zip(whole.closed, tally.closed, strict=True)]
        whole.covered = [a + b for a, b in zip(whole.covered, tally.covered, strict=True)]
    return whole


# --- all runs ------------------------------------------------------------------------------------
class _Most(NamedTuple):
    """How many cases may still close, and how many firms may still be covered by it."""

    open: int
    counted: int


@dataclass(frozen=True)
class _Sum:
    """What all runs of one place are drawn together with."""

    by: int
    horizon: int
    marks: Sequence[int]
    stretch: Fraction

    def outlook(self, place: Place, runs: Sequence[_Tally | None], most: _Most) -> Outlook:
        closed = [run.closed if run else () for run in runs]
        covered = [run.covered if run else () for run in runs]
        return Outlook(
            place,
            self._band(closed, self.by, place.closed, most.open),
            self._band(covered, self.by, place.covered, most.counted),
            tuple(self._band(covered, m, place.covered, most.counted) for m in self.marks),
            self._reach(place, covered, most.counted),
        )

    def _values(self, runs: Sequence[Sequence[int]], last: int, most: int) -> list[int]:
        """In their order and drawn out from the middle: neither fewer than now nor more than
        there may be."""
        ordered = sorted(sum(days[: last + 1]) for days in runs)
        middle = _at(ordered, MIDDLE)
        return [min(max(middle + round((n - middle) * self.stretch), 0), most) for n in ordered]

    def _band(self, runs: Sequence[Sequence[int]], last: int, already: int, most: int) -> Band:
        values = self._values(runs, last, most)
        return Band(*(already + _at(values, share) for share in (LOW, MIDDLE, HIGH)))

    def _reach(self, place: Place, runs: Sequence[Sequence[int]], most: int) -> Reach | None:
        if place.needed is None:
            return None
        lacks = place.needed - place.covered
        days = sorted(_first(run, lacks, self.horizon) for run in runs)
        middle = _at(days, MIDDLE)
        found = [_at(days, share) for share in (LOW, MIDDLE, HIGH)]
        drawn = [max(1, middle + round((day - middle) * self.stretch)) for day in found]
        values = self._values(runs, self.by, most)
        low, median, high = (
            None if day > self.horizon else day if lacks > 0 else 0 for day in drawn
        )
        chance = Fraction(sum(n >= lacks for n in values), len(values))
        return Reach(low, median, high, chance)


def _first(days: Sequence[int], lacks: int, horizon: int) -> int:
    """The working day on which so many more are covered."""
    if lacks <= 0:
        return 0
    total = 0
    for day, count in enumerate(days):
        total += count
        if total >= lacks:
            return day
    return horizon + 1


def _at(ordered: Sequence[int], share: Fraction) -> int:
    """The nearest of the values in their order."""
    return ordered[round(share * (len(ordered) - 1))]
