"""How long cases took in each stage and where they went next, as the trail has it. Plain values.

What is still open counts as well: it has lasted at least so long (Kaplan–Meier). Without that the
slow ones, which have not ended yet, would be missing and every forecast would be too good.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

NEVER = 1 << 30  # longer than anything that has been seen: not within any horizon
MOST_DRAWN = 200  # of one stage in one run


@dataclass(frozen=True, slots=True)
class Step:
    """A stage that a case has left: after so many working days, and for which stage (or end)."""

    county: int
    stage: str
    days: int
    to: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case that stands in a stage for so many working days; ``counts``: its firm is on the base
    and not covered, so its closing would cover it."""

    county: int
    stage: str
    days: int
    counts: bool = False


@dataclass(frozen=True)
class Spread:
    """What is known of one stage: each (days, next stage) with its probability, by days; the rest
    of the probability is ``NEVER``."""

    ends: tuple[tuple[int, str], ...]
    upto: tuple[float, ...]
    left: int
    open: int = 0

    def drawn(self, chance: Random) -> Drawn:
        """One sample as large as what was seen: how else it might have gone."""
        size = min(self.left + self.open, MOST_DRAWN)
        ends = (*self.ends, (NEVER, ""))
        upto = (*self.upto, 1.0)
        found = sorted(chance.choices(ends, cum_weights=upto, k=size))
        return Drawn(found, [days for days, _to in found])


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample of a stage's ends, the shortest first."""

    ends: Sequence[tuple[int, str]]
    days: Sequence[int]

    def one(self, chance: Random, beyond: int = -1) -> tuple[int, str]:
        """An end after more than ``beyond`` days, each as likely as the others."""
        first = bisect_right(self.days, beyond) if beyond >= 0 else 0
        size = len(self.ends) - first
        return self.ends[first + int(chance.random() * size)] if size else (NEVER, "")


def spread(steps: Iterable[Step], waiting: Iterable[int] = ()) -> Spread:
    """Of one stage: those that left it, and for how many days others have stood in it so far."""
    given = sorted((step.days, step.to) for step in steps)
    standing = list(waiting)
    leaving, stopped = Counter(days for days, _to in given), Counter(standing)
    risk, survival, total = len(given) + len(standing), 1.0, 0.0
    share: dict[int, float] = {}
    for days in sorted(leaving | stopped):
        if leaving[days]:
            share[days] = survival / risk  # of each that left after so many days
            survival *= 1 - leaving[days] / risk
        risk -= leaving[days] + stopped[days]
    upto = []
    for days, _to in given:
        total += share[days]
        upto.append(min(total, 1.0))
    return Spread(tuple(given), tuple(upto), len(given), len(standing))


@dataclass(frozen=True)
class Pools:
    """Spreads by stage: the city's, and a county's own where it has enough of them."""

    city: Mapping[str, Spread]
    own: Mapping[tuple[int, str], Spread] = field(default_factory=dict)


def pools(steps: Sequence[Step], waiting: Sequence[Waiting], *, enough: int) -> Pools:
    by_stage: defaultdict[str, list[Step]] = defaultdict(list)
    by_place: defaultdict[tuple[int, str], list[Step]] = defaultdict(list)
    stands: defaultdict[str, list[int]] = defaultdict(list)
    stands_in: defaultdict[tuple[int, str], list[int]] = defaultdict(list)
    for step in steps:
        by_stage[step.stage].append(step)
        by_place[step.county, step.stage].append(step)
    for one in waiting:
        stands[one.stage].append(one.days)
        stands_in[one.county, one.stage].append(one.days)
    return Pools(
        {stage: spread(found, stands[stage]) for stage, found in by_stage.items()},
        {
            place: spread(found, stands_in[place])
            for place, found in by_place.items()
            if len(found) >= enough
        },
    )
