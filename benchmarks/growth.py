"""Opening 10,000, 100,000 and 500,000 cases against COPY of the same rows, and the disk they take.

Takes a quarter of an hour and 5 GB; only run when it is named.
"""

from __future__ import annotations

from typing import Any

from benchmarks import bed
from benchmarks.opening import GOAL, measured, tables_written
from benchmarks.rounds import against

SIZES, QUICK = (10_000, 100_000, 500_000), (300, 600)


def main(is_quick: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with bed.on_postgresql():
        from tests.world import build

        world, begun = build(), 0
        for size in QUICK if is_quick else SIZES:
            row = measured(world, size, 1, first=begun)
            begun += size
            seconds = row.pop("seconds")
            found[f"opening {size}"] = {
                **against(seconds, "ours", "copy_keyed", GOAL),
                "without_keys": round(seconds["copy"] / seconds["ours"], 2),
                **row,
            }
        found["bytes a row"] = _on_disk()
    return found


def _on_disk() -> dict[str, Any]:
    """Bytes of a row in each table, its own and its indexes'; a million rows are as many MB."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in (*tables_written(), "enterprises_enterprise", "enterprises_membership"):
            cursor.execute(
                f"SELECT pg_table_size('{table}'), pg_indexes_size('{table}'), count(*) "
                f'FROM "{table}"'
            )
            own, indexes, rows = cursor.fetchone()
            found[table] = {"row": round(own / rows), "indexes": round(indexes / rows)}
    return found
