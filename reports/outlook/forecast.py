"""预计: how far counties will be by a day, with its uncertainty, from how long cases really took.

Each open case is played forward many times: from the stage in which it stands, with the working
days that cases took in each stage and where they went next. Each time the past is drawn anew from
itself, so that few cases make a wide band. The same facts give the same figures (seeded).
Plain values; no database, no clock.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import ceil
from random import Random
from typing import NamedTuple

from reports.outlook.durations import NEVER, Drawn, Pools, Step, Waiting, pools, summed

RUNS = 150
# so often a case is played forward in all runs together: of more cases there are fewer runs
PLAYED, FEWEST_RUNS = 3_000_000, 30
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
    runs: int = RUNS


def forecast(
    steps: Sequence[Step],
    waiting: Iterable[Waiting],
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
    alike = summed(waiting)
    open_, counted = Counter[int](), Counter[int]()
    for one in alike:
        open_[one.county] += one.cases
        counted[one.county] += one.cases * one.counts
    closings = sum(step.cases for step in steps if step.to == end)
    if closings < ENOUGH_CLOSED:
        return Forecast(closings, open_.total())
    known = pools(steps, alike, enough=ENOUGH_OWN)
    chance = Random(f"{closings}:{open_.total()}:{by}")
    runs = min(runs, max(FEWEST_RUNS, PLAYED // max(open_.total(), 1)))
    tallies = [
        _run(known, alike, chance, end=end, horizon=horizon, take=float(take)) for _n in range(runs)
    ]
    whole = _Sum(by, horizon, marks, stretch)
    counties = {
        place.key: whole.outlook(
            place,
            [run.get(place.key, _NOTHING) for run in tallies],
            _Most(open_[place.key], counted[place.key]),
        )
        for place in places
    }
    all_of_it = whole.outlook(
        city, [_summed(run) for run in tallies], _Most(open_.total(), counted.total())
    )
    return Forecast(
        closings,
        open_.total(),
        sum(one.cases for one in alike if _is_stuck(known, one)),
        take,
        all_of_it,
        counties,
        frozenset(county for county, _stage in known.own),
        runs,
    )


# --- one run -------------------------------------------------------------------------------------
class _Tally(NamedTuple):
    """The working days on which cases close, and of those that cover a firm; in their order."""

    closed: Sequence[int]
    covered: Sequence[int]


_NOTHING = _Tally((), ())


def _run(
    known: Pools, waiting: Sequence[Waiting], chance: Random, *, end: str, horizon: int, take: float
) -> dict[int, _Tally]:
    """``waiting``: county by county."""
    city = {stage: spread.drawn(chance) for stage, spread in known.city.items()}
    found: dict[int, tuple[list[int], list[int]]] = {}
    here, ways, draw = -1, dict[str, Drawn](), chance.random
    for one in waiting:
        if one.county != here:
            here = one.county
            ways = {
                stage: spread.drawn(chance) if (spread := known.own.get((here, stage))) else there
                for stage, there in city.items()
            }
        if one.stage not in ways:
            continue
        there, stood = ways[one.stage], one.days
        closed, covered = found.setdefault(here, ([], []))
        for _case in range(one.cases):
            left = there.later(stood)
            if left is None:
                break
            day, stage = left[0] - stood, left[1]
            if day <= horizon and stage != end:
                day = _end(day, stage, ways, end, horizon)
            if day <= horizon:
                closed.append(day)
                if one.counts and draw() < take:
                    covered.append(day)
    return {county: _Tally(*map(_days, those)) for county, those in found.items()}


def _days(those: list[int]) -> Sequence[int]:
    """In their order, two bytes each: of half a million cases there are fifteen million."""
    return array("H", sorted(those))


def _end(day: int, stage: str, ways: Mapping[str, Drawn], end: str, horizon: int) -> int:
    """The working day on which a case closes that comes to ``stage`` on ``day``, else one beyond
    the horizon."""
    for _n in range(LONGEST - 1):
        left = ways[stage].any() if stage in ways else None
        if left is None:
            return NEVER
        day += left[0]
        stage = left[1]
        if day > horizon or stage == end:
            return day
    return NEVER


def _is_stuck(known: Pools, one: Waiting) -> bool:
    spread = known.own.get((one.county, one.stage)) or known.city.get(one.stage)
    return spread is None or one.days >= spread.ends[-1][0]


def _summed(run: Mapping[int, _Tally]) -> _Tally:
    tallies = list(run.values())
    closed = sorted(chain.from_iterable(one.closed for one in tallies))
    covered = sorted(chain.from_iterable(one.covered for one in tallies))
    return _Tally(closed, covered)


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

    def outlook(self, place: Place, runs: Sequence[_Tally], most: _Most) -> Outlook:
        closed = [run.closed for run in runs]
        covered = [run.covered for run in runs]
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
        ordered = sorted(bisect_right(days, last) for days in runs)
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
    return days[lacks - 1] if lacks <= len(days) else horizon + 1


def _at(ordered: Sequence[int], share: Fraction) -> int:
    """The nearest of the values in their order."""
    return ordered[round(share * (len(ordered) - 1))]
