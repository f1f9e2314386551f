"""One guarded move after the other on eight connections at once, each in a process of its own.

As ``moves`` on PostgreSQL: ours is 签收 by the verb of the page, the peers are one statement by
hand, viewflow's assign, start and execute, and SpiffWorkflow with its state kept.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from benchmarks import bed, peers
from benchmarks.moves import GOALS
from benchmarks.rounds import Way, against

PEERS = ("raw", "viewflow", "spiffworkflow")
# as long that what a process pays once (the pages it copies after the fork, one full collection of
# Python's) is a small part of its round, whichever way it goes
CONNECTIONS, ROUNDS, SIZE, QUICK = 8, 5, 200, (1, 15)
# a process that was just forked copies what it touches, and its connection plans
WARM = 10


def main(is_quick: bool) -> dict[str, Any]:
    count, size = QUICK if is_quick else (ROUNDS, SIZE)
    with bed.on_postgresql():
        seconds: dict[str, list[float]] = {way: [] for way in ("ours", *PEERS)}
        for way, took in _rounds(count, size):
            seconds[way].append(took / (CONNECTIONS * (size - WARM)))
        middle = {way: sorted(each)[len(each) // 2] for way, each in seconds.items()}
        return {
            f"{CONNECTIONS} connections, against {peer}": against(
                middle, "ours", peer, GOALS["postgresql"][peer]
            )
            for peer in PEERS
        }


def _rounds(count: int, size: int) -> list[tuple[str, float]]:
    """Seconds of each round, ours and the peers' in turn; the first one of each warms up."""
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
        for name, (way, things) in ways.items():
            start = turn * CONNECTIONS * size
            shares = [things[start + k * size : start + (k + 1) * size] for k in range(CONNECTIONS)]
            took = _at_once(way, shares)
            if turn:
                found.append((name, took))
    return found


def _at_once(way: Callable[[Iterator[Any]], Way], shares: list[list[Any]]) -> float:
    """Seconds from the moment that every process is connected until the last one has moved its
    last; how long processes take to end is not asked."""
    many = multiprocessing.get_context("fork")
    ready, go, done = (many.Barrier(len(shares) + 1) for _ in range(3))

    def one(mine: list[Any]) -> None:
        work = way(iter(mine))
        # the first of each connects and plans
        work(WARM)
        ready.wait()
        go.wait()
        work(len(mine) - WARM)
        done.wait()
        os._exit(0)

    processes = [many.Process(target=one, args=(mine,)) for mine in shares]
    for process in processes:
        process.start()
    ready.wait()
    begun = time.perf_counter()
    go.wait()
    done.wait()
    took = time.perf_counter() - begun
    for process in processes:
        process.join()
    return took
