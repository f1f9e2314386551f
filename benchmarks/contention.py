"""Moves beside the dashboard that is counted ahead: whether they get on as without it.

So many movers sign for cases of the whole country, one after the other and each in a process of
its own, while another process does what the tick does and looks at the page's counts; and the same
without that process and without a mark, as it would be if nothing were counted ahead.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

MOVERS, SECONDS, ROUNDS = 2, 3.0, 5
# the tick comes once a minute; here it comes more often, and somebody looks all the time
TICK, LOOK = 2.0, 1.0
GOAL = 0.9
# as many as any round may want: where they give out a tick may never come
A_SECOND = 1_000


def measured(world: Any, *, count: int = ROUNDS, seconds: float = SECONDS) -> dict[str, Any]:
    """Moves a second with the dashboard and without, medians of rounds turn about."""
    from django.db import connections

    worker = world.actor("涧西区/county_worker")
    actors = _everywhere(worker)
    turns = 2 * (count + 1) * MOVERS
    found = _to_sign(worker, round(A_SECOND * seconds / MOVERS) * turns)
    todo, share = iter(found), len(found) // turns
    connections.close_all()
    took: dict[bool, list[float]] = {True: [], False: []}
    differ = 0
    for turn in range(count + 1):
        for is_on in (turn % 2 == 0, turn % 2 == 1):
            shares = [list(islice(todo, share)) for _mover in range(MOVERS)]
            rate = _round(world, actors, shares, seconds, is_on=is_on)
            if is_on:
                differ += _differing(world)
            if turn:
                took[is_on].append(rate)
    on, off = (statistics.median(took[is_on]) for is_on in (True, False))
    return {
        "ratio": round(on / off, 2),
        "goal": GOAL,
        "holds": on / off >= GOAL and not differ,
        "counties that differ from the recomputed truth": differ,
        "with": round(on),
        "without": round(off),
        "movers": MOVERS,
        "cases of a round": share * MOVERS,
    }


def _everywhere(worker: Any) -> dict[int, Any]:
    """By county who has this post there."""
    from organisations.models import Region

    (held,) = worker.standings
    counties = Region.objects.filter(level=Region.Level.COUNTY)
    return {
        place.pk: replace(
            worker, standings=(replace(held, region_id=place.pk, region_path=place.path),)
        )
        for place in counties
    }


def _to_sign(worker: Any, most: int) -> list[tuple[int, int]]:
    """Cases of the worker's own unit that wait for his signature, all over the country; with their
    counties."""
    from django.db import connection

    from cases.models import WorkItem
    from organisations import trail
    from organisations.among import Among

    rows = WorkItem.objects.filter(
        finished=None, unit_id__in=list(worker.unit_ids), stage="assigned", process__is_main=True,
        is_suspended=False, is_chased=True, is_declined=False,
    )  # fmt: skip
    chosen = rows.order_by("id").values_list("process_id", "process__county_id")
    found = list(chosen[:most])
    # the country's copies have a step behind them that is younger than the open one
    past = WorkItem.objects.filter(Among("process", [case for case, _county in found]))
    trail.lift(connection)  # which lets no step go
    past.filter(finished__isnull=False)._raw_delete("default")
    trail.guard(connection)
    return found


def _round(
    world: Any,
    actors: Mapping[int, Any],
    shares: Sequence[list[tuple[int, int]]],
    seconds: float,
    *,
    is_on: bool,
) -> float:
    """Moves a second, of all movers."""
    many = multiprocessing.get_context("fork")
    made = many.Value("d", 0.0)
    done = many.Event()
    ready = many.Barrier(len(shares) + is_on)

    def move(mine: list[tuple[int, int]]) -> None:
        _sign(actors, *mine.pop())
        ready.wait(60)
        begun, number = time.monotonic(), 0
        while mine and time.monotonic() < begun + seconds:
            _sign(actors, *mine.pop())
            number += 1
        with made.get_lock():
            made.value += number / (time.monotonic() - begun)
        os._exit(0)

    def show() -> None:
        _look(world)
        ready.wait(60)
        ticked = time.monotonic()
        while not done.wait(LOOK):
            if is_tick := time.monotonic() - ticked > TICK:
                ticked = time.monotonic()
            _look(world, is_tick=is_tick)
        os._exit(0)

    from django.db import connections

    _mark(world, is_on=is_on)
    connections.close_all()
    movers = [many.Process(target=move, args=(mine,)) for mine in shares]
    others = [many.Process(target=show)] if is_on else []
    for process in (*movers, *others):
        process.start()
    for process in movers:
        process.join()
    done.set()
    for process in others:
        process.join()
    return float(made.value)


def _sign(actors: Mapping[int, Any], case: int, county: int) -> None:
    from cases.actions import stages
    from tests.world import START, at

    stages.acknowledge(case, by=actors[county], at=at(START))


def _mark(world: Any, *, is_on: bool) -> None:
    """Counted ahead, up to now; or not at all."""
    from reports.figures import counted
    from tests.world import START, at

    marks = counted.CountMark.objects.filter(programme=world.programme)
    if not is_on:
        marks.delete()
        return
    counted.CountMark.objects.get_or_create(programme=world.programme)
    for _tick in range(3):
        counted.count(world.programme, at(START))


def _differing(world: Any) -> int:
    """Counties of which the page would say something else than their cases, as the round left
    them: some moved since the last tick, some before."""
    from reports.figures import counted
    from tests.world import START

    return len(counted.differing(world.programme, START))


def _look(world: Any, *, is_tick: bool = True) -> None:
    """What the page asks; and the tick before it, where it is due."""
    from reports.figures import counted
    from tests.world import START, at

    if is_tick:
        counted.count(world.programme, at(START))
    counted.lines(world.programme, START)
