"""The sweep over what is due of many open steps, by one worker and by two.

Against one UPDATE … RETURNING of the same rows, which decides nothing and writes no rung, no event
and no pending event, and against a loop of Django's own API. Each run has a database of its own, a
copy, so that nobody meets what another left; runs take turns. A worker is killed in the midst, and
everything must have been said once. Then what floor 4 needs to turn the outbox into notices.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from benchmarks import bed, country, due
from benchmarks.rounds import against

OPEN, DUE, QUICK_OPEN, QUICK_DUE = 1_000_000, 300_000, 3_000, 1_000
# of the few, of the many
ROUNDS = (3, 2)
GROWTH = (10_000, 100_000)
# of two workers; of one for the record
STATEMENT, LOOP = 0.8, 60.0
COPY = "round"
# shared_buffers, a quarter of a small machine's memory (docs/operations.md)
MEMORY = "2GB"


def main(is_quick: bool) -> dict[str, Any]:
    count, most = (QUICK_OPEN, QUICK_DUE) if is_quick else (OPEN, DUE)
    found: dict[str, Any] = {}
    with _city(count, most) as url:
        few, many = due.morning(), due.morning() + due.A_MINUTE
        for moment, share, rounds in zip((few, many), (most // 10, most), ROUNDS, strict=True):
            name = f"sweep of {share:,} due of {count:,}"
            found |= _raced(url, moment, name, 1 if is_quick else rounds)
        found |= _more(url, many, most)
        found["sweep, a worker killed"] = _killed(url, many, most)
        found["notices of a sweep"] = _told(url, few)
    for size in () if is_quick else GROWTH:
        # a process of its own: Django keeps the database that it met first
        command = [sys.executable, "-m", "benchmarks.sweep", str(size)]
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        found |= json.loads(told.splitlines()[-1])
    return found


def _grown(size: int) -> dict[str, Any]:
    """The same share of fewer open steps."""
    with _city(size, size * 3 // 10) as url, _copied(url) as copy:
        [one] = _together(copy, ["sweep"], due.morning())
        each = round(one["seconds"] / one["done"] * 1000, 3)
        cpu = round(one["cpu"] / one["done"] * 1e6, 1)
        return {f"sweep of {size * 3 // 100:,} due of {size:,}": {"ours_ms": each, "cpu_us": cpu}}


@contextmanager
def _city(count: int, most: int) -> Iterator[str]:
    """The address of a database with so many open steps, nobody connected to it."""
    with bed.on_postgresql(MEMORY):
        from django.db import connections

        from tests.world import build

        due.put(build(), count, most)
        country.settle()
        connections.close_all()
        yield os.environ["DATABASE_URL"]


def _raced(url: str, moment: datetime, name: str, rounds: int) -> dict[str, Any]:
    ways = {
        "statement": ["statement"],
        "one": ["sweep"],
        "two": ["sweep", "sweep"],
        "loop": ["loop"],
    }
    taken: dict[str, list[float]] = {way: [] for way in ways}
    spent: dict[str, list[float]] = {way: [] for way in ways}
    facts: dict[str, Any] = {}
    names = list(ways)
    for number in range(rounds):
        for way in names[number % len(names) :] + names[: number % len(names)]:
            with _copied(url) as copy:
                answers = _together(copy, ways[way], moment)
                done = sum(answer["done"] for answer in answers)
                taken[way].append(max(answer["seconds"] for answer in answers) / done)
                print(name, way, answers, file=sys.stderr, flush=True)
                spent[way].append(sum(answer["cpu"] for answer in answers) / done)
                if way in ("one", "two"):
                    facts = _counted(copy, moment)
                    assert facts["once"], facts
    seconds = {way: statistics.median(found) for way, found in taken.items()}
    worked = {way: round(statistics.median(found) * 1e6, 1) for way, found in spent.items()}
    facts |= {"cpu_us": worked, "load": round(os.getloadavg()[0], 1)}
    return {
        f"{name}, one worker": against(seconds, "one", "statement", 0.0) | facts,
        f"{name}, two workers": against(seconds, "two", "statement", STATEMENT),
        f"{name}, against a loop": against(seconds, "one", "loop", LOOP),
        f"{name}, two against a loop": against(seconds, "two", "loop", LOOP),
    }


def _more(url: str, moment: datetime, most: int) -> dict[str, Any]:
    """The same by three and four workers, once: how far more of them go on one machine."""
    found: dict[str, Any] = {}
    for count in (3, 4):
        with _copied(url) as copy:
            answers = _together(copy, ["sweep"] * count, moment)
            facts = _counted(copy, moment)
        done, seconds = sum(a["done"] for a in answers), max(a["seconds"] for a in answers)
        found[f"sweep of {most:,}, {count} workers"] = {
            "ours_ms": round(seconds / done * 1000, 3),
            "cpu_us": round(sum(a["cpu"] for a in answers) / done * 1e6, 1),
            "holds": facts["once"],
        }
    return found


def _killed(url: str, moment: datetime, most: int) -> dict[str, Any]:
    """Two workers, one of them killed with work in hand; then one more, as the next tick is."""
    with _copied(url) as copy:
        workers = [_worker(copy, "sweep", moment) for _n in range(2)]
        for worker in workers:
            _go(worker)
        while _asked(copy, "SELECT count(*) FROM cases_pendingevent") < most // 10:
            time.sleep(0.05)
        fell = workers[0].poll() is None
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        _answer(workers[1])
        _together(copy, ["sweep"], moment)
        facts = _counted(copy, moment)
        return {"killed_at_work": fell, "holds": fell and facts["once"]} | facts


def _told(url: str, moment: datetime) -> dict[str, Any]:
    """How long the office waits for the notices of a morning: the tick behind the sweep."""
    with _copied(url) as copy:
        [swept] = _together(copy, ["sweep"], moment)
        one = _together(copy, ["deliver", "deliver"], moment)
        seconds = max(answer["seconds"] for answer in one)
        left = _asked(copy, "SELECT count(*) FROM cases_pendingevent WHERE event_id IN "
                      "(SELECT id FROM cases_caseevent WHERE verb = 'rung')")  # fmt: skip
        return {
            "events": swept["done"],
            "notices": sum(answer["done"] for answer in one),
            "seconds_by_two": round(seconds, 1),
            "ours_ms": round(seconds / swept["done"] * 1000, 3),
            "cpu_us": round(sum(answer["cpu"] for answer in one) / swept["done"] * 1e6, 1),
            "holds": left == 0,
        }


def _counted(copy: str, moment: datetime) -> dict[str, Any]:
    """Whether each step that was due has its rung, its event and its place in the outbox, once."""
    said = "FROM cases_caseevent WHERE verb = 'rung'"
    left = _asked(
        copy,
        "SELECT count(*) FROM cases_workitem WHERE finished IS NULL AND next_check_at <= "
        f"'{moment.isoformat()}'",
    )
    events = _asked(copy, f"SELECT count(*) {said}")
    items = _asked(copy, f"SELECT count(DISTINCT item_id) {said}")
    waiting = _asked(
        copy, f"SELECT count(*) FROM cases_pendingevent WHERE event_id IN (SELECT id {said})"
    )
    rungs = _asked(
        copy,
        f"SELECT count(*) FROM cases_rungfired WHERE spoke AND at >= '{due.morning().isoformat()}'",
    )
    return {
        "due": events,
        "once": left == 0 and events == items == waiting == rungs,
    }


@contextmanager
def _copied(url: str) -> Iterator[str]:
    """A database of its own for one run, as the first one is, its pages read already."""
    import psycopg

    base = url.rsplit("/", 1)[0]
    with psycopg.connect(f"{base}/template1", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {COPY} TEMPLATE postgres STRATEGY file_copy")
    copy = f"{base}/{COPY}"
    for table in ("cases_workitem", "cases_case", "cases_rungfired"):
        _asked(copy, f"SELECT count(*) FROM {table}")
    try:
        yield copy
    finally:
        with psycopg.connect(f"{base}/template1", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {COPY} WITH (FORCE)")


def _asked(copy: str, sql: str) -> int:
    import psycopg

    with psycopg.connect(copy) as connection:
        row = connection.execute(sql.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _together(copy: str, ways: Sequence[str], moment: datetime) -> list[dict[str, Any]]:
    workers = [_worker(copy, way, moment) for way in ways]
    for worker in workers:
        _go(worker)
    return [_answer(worker) for worker in workers]


def _worker(copy: str, way: str, moment: datetime) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.sweeper", way, moment.isoformat()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"DATABASE_URL": copy},
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def _go(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("\n")
    worker.stdin.flush()


def _answer(worker: subprocess.Popen[str]) -> dict[str, Any]:
    told, _errors = worker.communicate()
    answer: dict[str, Any] = json.loads(told.splitlines()[-1])
    return answer


if __name__ == "__main__":
    print(json.dumps(_grown(int(sys.argv[1]))))
