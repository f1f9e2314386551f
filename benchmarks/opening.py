"""建档交办 of a whole register in one run, against COPY of the very rows that it wrote.

COPY gets them ready-made, once into tables with the same indexes and checks, and once with the same
foreign keys too, which every writer of the real tables pays for. Opening has to read the register,
decide who owes each firm and by when, and tell it. Rounds turn about; each opens a register of its
own.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import bed, country
from benchmarks.rounds import against
from benchmarks.same_rows import Copied, Inserted

FIRMS, QUICK, ROUNDS = 20_000, 600, 3
GOAL = 0.3


def main(is_quick: bool) -> dict[str, Any]:
    with bed.on_postgresql():
        from tests.world import build

        found = measured(build(), QUICK if is_quick else FIRMS, 1 if is_quick else ROUNDS)
        bare = against(found["seconds"], "ours", "copy", GOAL)
        keyed = against(found["seconds"], "ours", "copy_keyed", GOAL)
        more = {name: value for name, value in found.items() if name != "seconds"}
        return {
            "opening, against COPY into such tables": {**keyed, **more},
            "opening, against COPY into tables without foreign keys": bare,
        }


def measured(world: Any, count: int, rounds: int, first: int = 0) -> dict[str, Any]:
    """Seconds of a case by each way, and what opening held and left; on PostgreSQL."""
    from django.db import connection

    taken: dict[str, list[float]] = {"ours": [], "copy": [], "copy_keyed": []}
    # of ours and the server's process together: what a loaded machine does not stretch
    work: dict[str, list[float]] = {name: [] for name in taken}
    tables = tables_written()
    for number in range(rounds):
        _another_register(world, count, first + number * count)
        above, log = _newest(tables), _log_place()
        with _peak() as peak:
            begun, before = time.perf_counter(), _processor()
            opened = world.open().opened
            taken["ours"].append((time.perf_counter() - begun) / opened)
            work["ours"].append((_processor() - before) / opened)
        written = _log_place() - log
        for name in ("copy", "copy_keyed"):
            connection.ensure_connection()
            peer = Copied(tables, with_keys=name == "copy_keyed")
            with peer.held(above) as take:
                before = _processor()
                taken[name].append(take() / opened)
                work[name].append((_processor() - before) / opened)
            peer.drop()
    return {
        "seconds": {name: statistics.median(each) for name, each in taken.items()},
        "processor_ms": {
            name: round(statistics.median(each) * 1000, 3) for name, each in work.items()
        },
        "cases": count,
        "memory_mb": peak["ours"],
        "memory_before_mb": peak["before"],
        "server_mb": peak["server"],
        "log_bytes_a_case": round(written / count),
        "load": round(os.getloadavg()[0], 1),
    }


def on_sqlite(is_quick: bool) -> dict[str, Any]:
    """The same on the embedded default, against ``executemany`` of the rows."""
    count, rounds = (QUICK, 1) if is_quick else (FIRMS, ROUNDS)
    with bed.on_sqlite():
        from tests.world import build

        world, tables = build(), tables_written()
        taken: dict[str, list[float]] = {"ours": [], "rows": []}
        for number in range(rounds):
            _another_register(world, count, number * count)
            above = _newest(tables)
            begun = time.perf_counter()
            opened = world.open().opened
            taken["ours"].append((time.perf_counter() - begun) / opened)
            peer = Inserted(tables)
            taken["rows"].append(peer.take(above) / opened)
            peer.drop()
        seconds = {name: statistics.median(each) for name, each in taken.items()}
        row = against(seconds, "ours", "rows", GOAL)
        return {"opening on SQLite, against executemany": {**row, "cases": count}}


def _another_register(world: Any, count: int, first: int) -> None:
    """The firms of the round before leave, as many others come."""
    from enterprises.models import Membership
    from tests.world import START

    Membership.objects.update(left_on=START)
    country.list_firms(world, count, first=first)
    country.settle()


def tables_written() -> list[str]:
    from cases.models import Case, CaseEvent, PendingEvent, ProgrammeFirm, WorkItem

    return [m._meta.db_table for m in (Case, WorkItem, CaseEvent, PendingEvent, ProgrammeFirm)]


def _newest(tables: list[str]) -> dict[str, int]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT COALESCE(MAX(id), 0) FROM "{table}"')
            found[table] = int(cursor.fetchone()[0])
    return found


def _processor() -> float:
    """Seconds of processor that we and the server's process of this connection have used."""
    from django.db import connection

    connection.ensure_connection()
    link: Any = connection.connection
    ticks = 0
    for pid in (os.getpid(), link.info.backend_pid):
        # behind the name, which may hold blanks: user and system time are the 12th and 13th
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _log_place() -> int:
    """How many bytes PostgreSQL has written to its log (WAL)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')")
        return int(cursor.fetchone()[0])


@contextmanager
def _peak() -> Iterator[dict[str, int]]:
    """The most memory that we and the server's process of this connection hold meanwhile, in MB;
    the server's with the shared buffers that it has touched."""
    from django.db import connection

    connection.ensure_connection()
    link: Any = connection.connection
    held = {}
    processes = {"ours": os.getpid(), "server": link.info.backend_pid}
    for pid in processes.values():
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    held["before"] = _most(os.getpid())
    yield held
    held |= {name: _most(pid) for name, pid in processes.items()}


def _most(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
