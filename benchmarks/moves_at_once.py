"""One guarded move after the other on eight connections at once, each in a process of its own.

As ``moves`` on PostgreSQL: ours is 签收 by the verb of the page, the peers are one statement by
hand, viewflow's assign, start and execute, and SpiffWorkflow with its state kept.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from multiprocessing.process import BaseProcess
from threading import BrokenBarrierError
from typing import Any

from benchmarks import bed, peers
from benchmarks.moves import GOALS
from benchmarks.rounds import Way, against, in_turn

PEERS = ("raw", "viewflow", "spiffworkflow")
# as long that what a process pays once (the pages it copies after the fork) is a small part of its
# round, whichever way it goes
CONNECTIONS, ROUNDS, SIZE, QUICK = 8, 5, 200, (1, 15)
# a process that was just forked copies what it touches, and its connection plans
WARM = 10
# seconds for which one process waits for the others: a round takes some seconds
PATIENCE = 60


def main(is_quick: bool) -> dict[str, Any]:
    count, size = QUICK if is_quick else (ROUNDS, SIZE)
    with bed.on_postgresql():
        seconds: dict[str, list[float]] = {way: [] for way in ("ours", *PEERS)}
        for way, took in _rounds(count, size):
            seconds[way].append(took / (CONNECTIONS * (size - WARM)))
        middle = {way: statistics.median(each) for way, each in seconds.items()}
        return {
            f"{CONNECTIONS} connections, against {peer}": against(
                middle, "ours", peer, GOALS["postgresql"][peer]
            )
            for peer in PEERS
        }


def _rounds(count: int, size: int) -> list[tuple[str, float]]:
    """Seconds of each round, ours and the peers' turn about; the first one of each warms up."""
    from django.db import connections

    from cases.actions import stages
    from cases.models import Case, WorkItem
    from cases.rulebook import procedure_of
    from tests.world import START, at, build

    world, most = build(), CONNECTIONS * size * (count + 1)
    for number in range(2 * most):
        world.firm(f"示例{number}有限公司")
    world.open()
    worker = world.actor("涧西区/county_worker")
    ids = list(Case.objects.order_by("id").values_list("pk", flat=True)[:most])
    user, post = world.people["涧西区/county_worker"].pk, worker.standings[0].post_id
    items = WorkItem.objects.filter(finished=None).order_by("id").select_related("process")
    rows = [
        {
            "case": item.process_id, "version": item.process.version, "item": item.pk,
            "user": user, "post": post, "at": at(START).isoformat(), "data": peers.data(),
        }
        for item in islice(items, most, None)
    ]  # fmt: skip
    dsn = connections["default"].get_connection_params()
    url = f"host={dsn['host']} port={dsn['port']} user={dsn['user']} dbname={dsn['dbname']}"

    def ours(mine: Iterator[Any]) -> Way:
        def go(size: int) -> None:
            for pk in islice(mine, size):
                stages.acknowledge(pk, by=worker, at=at(START))

        return go

    def raw(mine: Iterator[Any]) -> Way:
        return peers.raw_postgresql(url, mine)

    def viewflow(mine: Iterator[Any]) -> Way:
        return peers.viewflow_on(world.people["涧西区/county_worker"], mine)

    tasks = peers.viewflow_tasks(most)
    edges = [(stage.key, move.to) for stage, move in procedure_of(Case.objects.main()[0]).edges()]
    states = peers.spiff_states(most, edges)

    def spiff(mine: Iterator[Any]) -> Way:
        return states(mine, None)

    ways: dict[str, tuple[Callable[[Iterator[Any]], Way], list[Any]]] = {
        "ours": (ours, ids),
        "raw": (raw, rows),
        "viewflow": (viewflow, tasks),
        "spiffworkflow": (spiff, list(range(most))),
    }
    connections.close_all()
    found = []
    for turn in range(count + 1):
        for name in in_turn(ways, turn):
            way, things = ways[name]
            start = turn * CONNECTIONS * size
            shares = [things[start + k * size : start + (k + 1) * size] for k in range(CONNECTIONS)]
            took = _at_once(name, way, shares)
            if turn:
                found.append((name, took))
    return found


def _at_once(name: str, way: Callable[[Iterator[Any]], Way], shares: Sequence[list[Any]]) -> float:
    """Seconds from the moment that every process is connected until the last one has moved its
    last; how long processes take to end is not asked. Where one of them fails, all are ended."""
    many = multiprocessing.get_context("fork")
    ready, go, done = gates = [many.Barrier(len(shares) + 1, timeout=PATIENCE) for _ in range(3)]

    def one(mine: list[Any]) -> None:
        try:
            work = way(iter(mine))
            # the first of each connects and plans
            work(WARM)
            ready.wait()
            go.wait()
            work(len(mine) - WARM)
            done.wait()
        except BrokenBarrierError:
            # of another one, which says why
            os._exit(1)
        except BaseException:
            for gate in gates:
                gate.abort()
            raise
        os._exit(0)

    # as config/wsgi.py does before its workers are forked: a child's first full collection would
    # touch, and thus copy, all that the bench holds
    gc.collect()
    gc.freeze()
    processes = [many.Process(target=one, args=(mine,)) for mine in shares]
    try:
        for process in processes:
            process.start()
        ready.wait()
        begun = time.perf_counter()
        go.wait()
        done.wait()
        took = time.perf_counter() - begun
    except BrokenBarrierError as broken:
        raise RuntimeError(f"{name}: {_ended(processes)}") from broken
    if set(_codes(processes, PATIENCE)) != {0}:
        raise RuntimeError(f"{name}: {_ended(processes)}")
    return took


def _codes(processes: Sequence[BaseProcess], seconds: float) -> list[int | None]:
    """With what each ended by then; None: it did not."""
    until = time.monotonic() + seconds
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
    return [process.exitcode for process in processes]


def _ended(processes: Sequence[BaseProcess]) -> str:
    """Ends all that are left, in words."""
    codes = _codes(processes, 1)
    for process in processes:
        process.kill()
        process.join()
    return f"not every process got through its round; exit codes {codes}, None: ended by force"
