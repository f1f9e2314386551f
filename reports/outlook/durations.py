"""How long cases took in each stage and where they went next, as the trail has it. Plain values.

What is still open counts as well: it has lasted at least so long (Kaplan–Meier). Without that the
slow ones, which have not ended yet, would be missing and every forecast would be too good.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from random import Random

NEVER = 1 << 30  # longer than anything that has been seen: not within any horizon
MOST_DRAWN = 200  # of one stage in one run
# so many working days, and for which stage
End = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage that a case has left: after so many working days, and for which stage (or end).
    ``cases``: of which the same is said."""

    county: int
    stage: str
    days: int
    to: str
    cases: int = 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that stands in a stage for so many working days; ``counts``: its firm is on the base
    and not covered, so its closing would cover it. ``cases``: of which the same is said."""

    county: int
    stage: str
    days: int
    counts: bool = False
    cases: int = 1


def summed(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Once for all that are alike, in an order that depends on nothing else."""
    found: Counter[tuple[int, str, int, bool]] = Counter()
    for one in waiting:
        found[one.county, one.stage, one.days, one.counts] += one.cases
    return [Waiting(*said, cases) for said, cases in sorted(found.items())]


@dataclass(frozen=True)
class Spread:
    """What is known of one stage: each (days, next stage), by days, with the probability up to it;
    the rest of the probability is ``NEVER``. ``left``, ``open``: cases."""

    ends: tuple[End, ...]
    upto: tuple[float, ...]
    left: int
    open: int = 0

    @cached_property
    def _ways(self) -> tuple[list[End], list[float]]:
        return [*self.ends, (NEVER, "")], [*self.upto, 1.0]

    def drawn(self, chance: Random) -> Drawn:
        """A sample as large as what was seen: how else it might have gone."""
        return Drawn(*self._ways, min(self.left + self.open, MOST_DRAWN), chance.random)


class Drawn:
    """A sample of a stage's ends, each as likely as the others. An end of it is drawn when it is
    asked for: of 200 a run asks for a few, and what nobody asks for changes nothing."""

    __slots__ = ("_draw", "_ends", "_known", "_last", "_upto")

    def __init__(
        self,
        ends: Sequence[End],
        upto: Sequence[float],
        size: int,
        draw: Callable[[], float],
    ) -> None:
        self._ends, self._upto, self._draw = ends, upto, draw
        self._last = len(ends) - 1
        self._known: list[End | None] = [None] * size

    def any(self) -> End | None:
        """One of the sample, again and again of the same; None where there is nothing in it."""
        size = len(self._known)
        return self._at(int(self._draw() * size)) if size else None

    def later(self, than: int) -> End | None:
        """One of those that took more than so many days; None where the sample has none."""
        known, draw = self._known, self._draw
        size = len(known)
        for _try in range(size):
            place = int(draw() * size)
            end = known[place] or self._at(place)
            if end[0] > than:
                return end
        # hardly one is: all are looked at
        found = [end for place in range(size) if (end := self._at(place))[0] > than]
        return found[int(self._draw() * len(found))] if found else None

    def _at(self, place: int) -> End:
        end = self._known[place]
        if end is None:
            end = self._ends[bisect_right(self._upto, self._draw(), 0, self._last)]
            self._known[place] = end
        return end


def spread(steps: Iterable[Step], waiting: Mapping[int, int] | None = None) -> Spread:
    """Of one stage: those that left it, and by days how many others have stood in it so far."""
    given: Counter[tuple[int, str]] = Counter()
    leaving: Counter[int] = Counter()
    for step in steps:
        given[step.days, step.to] += step.cases
        leaving[step.days] += step.cases
    standing = waiting or {}
    left, stand = leaving.total(), sum(standing.values())
    risk, survival, total = left + stand, 1.0, 0.0
    share: dict[int, float] = {}
    for days in sorted({*leaving, *standing}):
        if leaving[days]:
            share[days] = survival / risk  # of each that left after so many days
            survival *= 1 - leaving[days] / risk
        risk -= leaving[days] + standing.get(days, 0)
    ends, upto = [], []
    for (days, to), cases in sorted(given.items()):
        for _case in range(cases):
            total += share[days]
        ends.append((days, to))
        upto.append(min(total, 1.0))
    return Spread(tuple(ends), tuple(upto), left, stand)


@dataclass(frozen=True)
class Pools:
    """Spreads by stage: the city's, and a county's own where it has enough of them."""

    city: Mapping[str, Spread]
    own: Mapping[tuple[int, str], Spread] = field(default_factory=dict)


def pools(steps: Iterable[Step], waiting: Iterable[Waiting], *, enough: int) -> Pools:
    by_stage: defaultdict[str, list[Step]] = defaultdict(list)
    by_place: defaultdict[tuple[str, int], list[Step]] = defaultdict(list)
    stands: defaultdict[str, Counter[int]] = defaultdict(Counter)
    stands_in: defaultdict[tuple[str, int], Counter[int]] = defaultdict(Counter)
    for step in steps:
        by_stage[step.stage].append(step)
        by_place[step.stage, step.county].append(step)
    for one in waiting:
        stands[one.stage][one.days] += one.cases
        stands_in[one.stage, one.county][one.days] += one.cases
    return Pools(
        {
            stage: spread(found, stands[stage])
            for stage, found in sorted(by_stage.items(), key=itemgetter(0))
        },
        {
            (county, stage): spread(found, stands_in[stage, county])
            for (stage, county), found in sorted(by_place.items(), key=itemgetter(0))
            if sum(step.cases for step in found) >= enough
        },
    )
