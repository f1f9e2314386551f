"""Moves beside the dashboard that is counted ahead: whether they get on as without it.

So many movers sign for cases of the whole country, one after the other and each in a process of
its own, while another process does what the tick does and looks at the page's counts; and the same
without that process and without a mark, as it would be if nothing were counted ahead.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from benchmarks import nation

MOVERS, SECONDS, ROUNDS = 2, 3.0, 5
# the tick comes once a minute; here it comes more often, and somebody looks all the time
TICK, LOOK = 2.0, 1.0
GOAL = 0.9
# two are enough where nobody has begun anything
TICKS = 100
# as many as any round may want, of all movers; where they give out a tick may never come, and that
# is an error
A_SECOND = 2_500
GAVE_OUT = 3
# a case, and who may sign for it
Signing = tuple[int, Any]


def measured(world: Any, *, count: int = ROUNDS, seconds: float = SECONDS) -> dict[str, Any]:
    """Moves a second with the dashboard and without, medians of rounds turn about."""
    from django.db import connections

    worker = world.actor("涧西区/county_worker")
    turns = 2 * (count + 1) * MOVERS
    found = to_sign(worker, round(A_SECOND * seconds / MOVERS) * turns)
    todo, share = iter(found), len(found) // turns
    # what was written for the country is on the disk, and no round pays for it
    nation.do("CHECKPOINT")
    connections.close_all()
    took: dict[bool, list[float]] = {True: [], False: []}
    differ = 0
    for turn in range(count + 1):
        for is_on in (turn % 2 == 0, turn % 2 == 1):
            shares = [list(islice(todo, share)) for _mover in range(MOVERS)]
            rate = _round(world, shares, seconds, is_on=is_on)
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


def to_sign(worker: Any, most: int) -> list[Signing]:
    """So many cases all over the country that wait for the signature of a unit as the worker's."""
    from django.db import connection

    from cases.models import WorkItem
    from organisations import trail
    from organisations.among import Among

    actors = _Everywhere(worker)
    rows = WorkItem.objects.filter(
        finished=None, unit_id__in=list(actors.posts), stage="assigned", process__is_main=True,
        is_suspended=False, is_chased=True, is_declined=False,
    )  # fmt: skip
    chosen = rows.order_by("id").values_list("process_id", "unit_id", "process__county_id")
    found = [(case, actors.of(unit, county)) for case, unit, county in chosen[:most]]
    # the country's copies have a step behind them that is younger than the open one
    past = WorkItem.objects.filter(Among("process", [case for case, _actor in found]))
    trail.lift(connection)  # which lets no step go
    past.filter(finished__isnull=False)._raw_delete("default")
    trail.guard(connection)
    return found


class _Everywhere:
    """People who hold the worker's post, in any unit as his and for any county: the country's
    copies lie in other counties than the units that have them."""

    def __init__(self, worker: Any) -> None:
        from organisations.models import Post, Region

        (self.held,), self.worker = worker.standings, worker
        alike = Post.objects.filter(unit__kind=self.held.unit_kind, role=self.held.role)
        self.posts = {post.unit_id: post for post in alike.select_related("unit")}
        counties = Region.objects.filter(level=Region.Level.COUNTY)
        self.paths = dict(counties.values_list("pk", "path"))
        self.known: dict[tuple[int, int], Any] = {}

    def of(self, unit: int, county: int) -> Any:
        if (actor := self.known.get((unit, county))) is None:
            post = self.posts[unit]
            standing = replace(
                self.held, post_id=post.pk, post_name=post.name, unit_id=unit,
                unit_name=post.unit.name, region_id=county, region_path=self.paths[county],
            )  # fmt: skip
            actor = self.known[unit, county] = replace(self.worker, standings=(standing,))
        return actor


def _round(
    world: Any,
    shares: Sequence[list[Signing]],
    seconds: float,
    *,
    is_on: bool,
) -> float:
    """Moves a second, of all movers."""
    many = multiprocessing.get_context("fork")
    made = many.Value("d", 0.0)
    done = many.Event()
    ready = many.Barrier(len(shares) + is_on)

    def move(mine: list[Signing]) -> None:
        sign(*mine.pop())
        ready.wait(60)
        begun, number = time.monotonic(), 0
        while time.monotonic() < begun + seconds:
            if not mine:
                os._exit(GAVE_OUT)
            sign(*mine.pop())
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
    # nobody copies what the bench holds
    gc.collect()
    gc.freeze()
    movers = [many.Process(target=move, args=(mine,)) for mine in shares]
    others = [many.Process(target=show)] if is_on else []
    for process in (*movers, *others):
        process.start()
    for process in movers:
        process.join()
    done.set()
    for process in others:
        process.join()
    _check([process.exitcode for process in (*movers, *others)], len(shares[0]))
    return float(made.value)


def _check(codes: Sequence[int | None], share: int) -> None:
    if GAVE_OUT in codes:
        raise RuntimeError(f"a mover was through with its {share} cases before its round was over")
    if any(codes):
        raise RuntimeError(f"moves beside the dashboard: a process failed, exit codes {codes}")


def sign(case: int, actor: Any) -> None:
    """签收, by the verb of the page."""
    from cases.actions import stages
    from tests.world import START, at

    stages.acknowledge(case, by=actor, at=at(START))


def _mark(world: Any, *, is_on: bool) -> None:
    """Counted ahead, up to now; or not at all."""
    from reports.figures.counted import CountMark
    from tests.world import START, at

    marks = CountMark.objects.filter(programme=world.programme)
    if not is_on:
        marks.delete()
        return
    count_up(world.programme, at(START))


def count_up(programme: Any, moment: datetime) -> None:
    """Ticks until all that has happened is in the counts."""
    from cases.models import CaseEvent
    from reports.figures import counted

    counted.CountMark.objects.get_or_create(programme=programme)
    newest = CaseEvent.objects.latest("pk").pk
    for _tick in range(TICKS):
        counted.count(programme, moment)
        if counted.CountMark.objects.get(programme=programme).up_to >= newest:
            return
        # a transaction of somebody's was open: of the server's own autovacuum, here
        time.sleep(0.1)
    raise RuntimeError(f"{TICKS} ticks did not count what had happened before them")


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
