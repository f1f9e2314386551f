"""建档交办 of a whole register in one run, against COPY of the very rows that it wrote.

COPY gets them ready-made, into tables with the same indexes and constraints; opening has to read
the register, decide who owes each firm and by when, and tell it.
"""

from __future__ import annotations

import io
import resource
import time
from typing import Any

from benchmarks import bed, country
from benchmarks.rounds import against

FIRMS, QUICK = 20_000, 600
GOAL = 0.3


def main(is_quick: bool) -> dict[str, Any]:
    count = QUICK if is_quick else FIRMS
    with bed.on_postgresql():
        from cases.models import Case, CaseEvent, PendingEvent, ProgrammeFirm, WorkItem
        from tests.world import build

        world = build()
        country.list_firms(world, count)
        country.settle()
        begun = time.perf_counter()
        opened = world.open().opened
        ours = (time.perf_counter() - begun) / opened
        held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        models = (Case, WorkItem, CaseEvent, PendingEvent, ProgrammeFirm)
        copied = _copy([table for model in models for table in _tables(model)]) / opened
        row = against({"ours": ours, "copy": copied}, "ours", "copy", GOAL)
        return {"opening, against COPY": {**row, "cases": opened, "memory_mb": held}}


def _tables(model: Any) -> list[str]:
    """A model's own table behind that of what it extends (viewflow's process and task)."""
    parents = [parent._meta.db_table for parent in model._meta.parents]
    return [*parents, model._meta.db_table]


def _copy(tables: list[str]) -> float:
    """Seconds that COPY takes for the rows of the tables, in one transaction."""
    from django.db import connection

    connection.ensure_connection()
    link: Any = connection.connection
    held: dict[str, bytes] = {}
    with link.cursor() as cursor:
        for table in tables:
            cursor.execute(f'CREATE TABLE "bench_{table}" (LIKE "{table}" INCLUDING ALL)')
            into = io.BytesIO()
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as lines:
                for block in lines:
                    into.write(bytes(block))
            held[table] = into.getvalue()
    begun = time.perf_counter()
    with link.transaction(), link.cursor() as cursor:
        for table, content in held.items():
            with cursor.copy(f'COPY "bench_{table}" FROM STDIN (FORMAT binary)') as into:
                into.write(content)
    return time.perf_counter() - begun
