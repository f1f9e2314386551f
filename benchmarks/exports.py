"""The ledger of a country as a workbook, as the background writes it: ``bin/bench exports``.

``workbooks`` measures the writer alone, with rows that are ready. Here the rows are asked for and
put into words too: 100,000 of them and 500,000, each in a process and a database of its own. For
the record beside it what a bare export of as many rows takes: the plainest query for as many
columns, written by rustpy-xlsxwriter and by openpyxl, without words, contacts, head and formats.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import bed, nation
from benchmarks.workbooks import TITLES

ROWS, QUICK = (100_000, 500_000), (3_000,)
# lines of the list for each firm of the country: one in 25 is through
A_FIRM, FIRMS_A_COUNTY = 0.96, 180
# what it may hold more at the larger size, in MB, to be called flat
FLAT = 40
# what openpyxl would take longer for is not asked
MOST_OPENPYXL = 100_000
BARE = (
    "stage", "enterprise__name", "enterprise__credit_code", "county__name", "grade", "procedure",
    "lacking_count", "item__due_on", "late_days", "item__post__name",
    "competent_unit__short_name", "progress",
)  # fmt: skip


def main(is_quick: bool) -> dict[str, Any]:
    found = {}
    for rows in QUICK if is_quick else ROWS:
        # a process of its own: its highest memory is what is asked for
        command = [sys.executable, "-m", "benchmarks.exports", str(rows)]
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        found[f"export of {rows:,} rows of the ledger"] = json.loads(told.splitlines()[-1])
    first, *rest = found.values()
    for row in rest:
        more = row["memory_more_mb"] - first["memory_more_mb"]
        row |= {"memory_above_the_smaller_mb": more, "holds": more <= FLAT}
    return found


def exported(rows: int) -> dict[str, Any]:
    with bed.on_postgresql("2GB"):
        from cases.ledger_export import write_ledger_file
        from tests.world import START, at, build

        world, firms = build(), round(rows / A_FIRM) + 1
        nation.settle(world, firms, max(40, firms // FIRMS_A_COUNTY))
        told: list[int] = []

        def write(target: Any, query: str = "of=all") -> None:
            asked = {"query": query}
            told[:] = [
                write_ledger_file(target, asked, world.office, at(START), lambda *_done: None)
            ]

        # what is read and compiled once is not the rows'
        some = f"of=all&county={world.counties['涧西区'].pk}"
        _seconds(lambda target: write(target, some))
        before = _now_mb()
        _forget_the_highest()
        clock, used = _seconds(write)
        count, highest = told[0], _highest_mb()
        bare = {"rust": _seconds(_rust)}
        if rows <= MOST_OPENPYXL:
            bare["openpyxl"] = _seconds(_openpyxl)
        return {
            "rows": count,
            "seconds": round(clock, 1),
            "ms_a_row": round(clock / count * 1000, 3),
            "our_processor_ms_a_row": round(used / count * 1000, 3),
            "memory_before_mb": before,
            "memory_more_mb": highest - before,
            **{f"bare_{name}_ms_a_row": round(one[0] / count * 1000, 3)
               for name, one in bare.items()},
            "holds": True,
        }  # fmt: skip


def _seconds(write: Callable[[Any], None]) -> tuple[float, float]:
    """By the clock and of our part of the processor."""
    gc.collect()
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        begun, used = time.perf_counter(), time.process_time()
        write(target)
        return time.perf_counter() - begun, time.process_time() - used


def _rows() -> Iterator[tuple[Any, ...]]:
    from cases.models import Case

    rows = Case.objects.with_item().filter(item__isnull=False).order_by("item__due_on", "pk")
    yield from rows.values_list(*BARE).iterator(chunk_size=1000)


def _rust(target: Any) -> None:
    # only bin/bench has it installed
    writer = import_module("rustpy_xlsxwriter")
    lines = (dict(zip(TITLES, row, strict=True)) for row in _rows())
    writer.FastExcel(target.name).sheet("台账", lines).save()


def _openpyxl(target: Any) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(TITLES)
    for row in _rows():
        sheet.append(row)
    book.save(target)


def _now_mb() -> int:
    return _of_status("VmRSS")


def _highest_mb() -> int:
    return _of_status("VmHWM")


def _forget_the_highest() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _of_status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    found = next(int(line.split()[1]) for line in lines if line.startswith(name))
    return found // 1024


if __name__ == "__main__":
    print(json.dumps(exported(int(sys.argv[1])), ensure_ascii=False))
