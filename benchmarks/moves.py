"""One guarded move: permission, guard, case, event, outbox, step ended, next step begun.

Ours is 签收 by the verb that the page calls, with a person's rights; the peers write the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from benchmarks import bed, peers
from benchmarks.rounds import Way, against, rounds

ROUNDS, SIZE, QUICK = 7, 60, (1, 5)
# SQLite, to which no goal was set, writes one table a statement
MOST_STATEMENTS = {"postgresql": 3, "sqlite": 8}
# goals: issue of the hot paths; the peers of each database. Those that are "told" write event and
# outbox as well (SpiffWorkflow the steps too), as a move of ours does; "quickest": for the record
GOALS: dict[str, dict[str, float]] = {
    "postgresql": {
        "raw": 0.6,
        "raw, quickest": 0.0,
        "viewflow": 6.0,
        "viewflow, told": 6.0,
        "spiffworkflow": 2.0,
        "spiffworkflow, told": 2.0,
    },
    "sqlite": {"raw": 0.5, "raw, quickest": 0.0, "viewflow": 3.0, "viewflow, told": 3.0},
}


def main(is_quick: bool) -> dict[str, Any]:
    return measure("postgresql", is_quick)


def measure(vendor: str, is_quick: bool) -> dict[str, Any]:
    count, size = QUICK if is_quick else (ROUNDS, SIZE)
    with bed.on_postgresql() if vendor == "postgresql" else bed.on_sqlite():
        ways = _ways(vendor, (count + 1) * size)
        seconds = rounds(ways, count=count, size=size)
        said = _said(ways["ours"])
        most = MOST_STATEMENTS[vendor]
        return {
            f"{vendor}, against {peer}": against(seconds, "ours", peer, goal)
            for peer, goal in GOALS[vendor].items()
        } | {f"{vendor}, statements": {"statements": said, "most": most, "holds": said <= most}}


def _said(ours: Way) -> int:
    """Statements of one move more, but for those that begin and end its transaction."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        ours(1)
    control = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    return sum(not query["sql"].startswith(control) for query in captured.captured_queries)


def _ways(vendor: str, most: int) -> dict[str, Way]:
    from django.db import connection

    from cases.models import Case, WorkItem
    from cases.rulebook import procedure_of
    from tests.world import START, at, build

    world = build()
    for number in range(len(GOALS[vendor]) * most + 1):
        world.firm(f"示例{number}有限公司")
    world.open()
    worker = world.actor("涧西区/county_worker")
    items = WorkItem.objects.filter(finished=None).order_by("id").select_related("process")
    every = list(Case.objects.order_by("id").values_list("pk", flat=True))
    # the last one is moved when everything is measured, to count the statements
    ids = iter([*every[:most], every[-1]])
    user, post = world.people["涧西区/county_worker"], worker.standings[0].post_id
    rows = [
        {
            "case": item.process_id, "version": item.process.version, "item": item.pk,
            "user": user.pk, "post": post, "at": at(START).isoformat(), "data": peers.data(),
        }
        for item in islice(items, most, None)
    ]  # fmt: skip
    shares = (iter(rows[start : start + most]) for start in range(0, len(rows), most))
    ways: dict[str, Way] = {"ours": _ours(ids, worker, at(START))}
    if vendor == "postgresql":
        dsn = connection.get_connection_params()
        url = f"host={dsn['host']} port={dsn['port']} user={dsn['user']} dbname={dsn['dbname']}"
        ways["raw"] = peers.raw_postgresql(url, next(shares))
        ways["raw, quickest"] = peers.raw_quickest(url, next(shares))
        moves = [
            (stage.key, move.to) for stage, move in procedure_of(Case.objects.main()[0]).edges()
        ]
        ways["spiffworkflow"] = peers.spiff(most, moves)
        ways["spiffworkflow, told"] = peers.spiff(most, moves, next(shares))
    else:
        path = str(connection.settings_dict["NAME"])
        ways["raw"] = peers.raw_sqlite(path, next(shares))
        ways["raw, quickest"] = peers.raw_sqlite(path, next(shares), checks_keys=False)
    ways["viewflow"] = peers.viewflow_stock(user, most)
    ways["viewflow, told"] = peers.viewflow_told(user, most, next(shares))
    return ways


def _ours(ids: Iterator[int], worker: Any, moment: Any) -> Way:
    from cases.actions import stages

    def go(size: int) -> None:
        for _ in range(size):
            stages.acknowledge(next(ids), by=worker, at=moment)

    return go
