"""Rounds of several ways, one after the other and turn about, so that all see the same machine."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Mapping

Way = Callable[[int], None]


def in_turn(names: Iterable[str], number: int) -> list[str]:
    """All of them, in the order of this round: who begins changes from round to round."""
    every = list(names)
    first = number % len(every)
    return every[first:] + every[:first]


def rounds(ways: Mapping[str, Way], *, count: int, size: int) -> dict[str, float]:
    """Seconds of one operation by each way: the median of ``count`` rounds.

    ``ways[name](size)`` does ``size`` operations. A round before the first warms up and is not
    counted; who begins changes from round to round.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(count + 1):
        for name in in_turn(ways, number):
            gc.collect()
            begun = time.perf_counter()
            ways[name](size)
            seconds = (time.perf_counter() - begun) / size
            if number:
                taken[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def against(seconds: Mapping[str, float], ours: str, peer: str, goal: float) -> dict[str, object]:
    """How many times as fast as the peer we are, and whether that is what we want."""
    ratio = seconds[peer] / seconds[ours]
    return {
        "ratio": round(ratio, 2),
        "goal": goal,
        "holds": ratio >= goal,
        "ours_ms": round(seconds[ours] * 1000, 3),
        "peer_ms": round(seconds[peer] * 1000, 3),
    }
