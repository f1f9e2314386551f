"""A long list as a workbook: ``bin/bench workbooks``.

Ours has its head, formats, filter and frozen rows; rustpy-xlsxwriter writes the same cells as they
come, openpyxl in its write-only mode with the borders that ours have. Each round in a process of
its own, seconds of the processor (what one of them has beside it does not count), turn about.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from typing import Any

ROWS, MANY, RUNS, QUICK = 100_000, 500_000, 5, 2_000
GOALS = {"rust": 0.5, "openpyxl": 5.0}
DAY = date(2026, 9, 1)
LAST = ("王示例", "市科技局", "9月14日 转入整改")
TITLES = [
    "状态",
    "企业名称",
    "统一社会信用代码",
    "县区",
    "分类",
    "环节",
    "还差",
    "办理时限",
    "逾期工作日",
    "经办人",
    "归口部门",
    "最近进展",
]


def main(is_quick: bool) -> dict[str, Any]:
    count, runs = (QUICK, 1) if is_quick else (ROWS, RUNS)
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in WRITERS}
    names = list(WRITERS)
    for run in range(runs):
        for name in names[run % len(names) :] + names[: run % len(names)]:
            # what takes twenty times as long need not be asked as often
            if name != "openpyxl" or run < 3:
                found[name].append(_measured(name, count))
    taken = {name: statistics.median(s for s, _mb in told) for name, told in found.items()}
    held = {name: max(mb for _s, mb in told) for name, told in found.items()}
    _seconds, many = _measured("ours", count if is_quick else MANY)
    return {
        f"workbook, against {peer}": {
            "ratio": round(taken[peer] / taken["ours"], 2),
            "goal": goal,
            "holds": is_quick or taken[peer] / taken["ours"] >= goal,
            "rows": count,
            "ours_s": round(taken["ours"], 2),
            "peer_s": round(taken[peer], 2),
            "memory_mb": held["ours"],
            "memory_mb_at_500000": many,
            "peer_mb": held[peer],
        }
        for peer, goal in GOALS.items()
    }


def _measured(name: str, count: int) -> tuple[float, int]:
    command = [sys.executable, "-m", "benchmarks.workbooks", name, str(count)]
    seconds, megabytes = subprocess.check_output(command, text=True).split()
    return float(seconds), int(megabytes)


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    for n in range(count):
        light, name = f"逾期{n % 9}个工作日", f"演示市第{n}精密机械有限公司"
        told = ("涧西区", "基础较好", "整改中", "研发机构、研发经费")
        day = DAY + timedelta(days=n % 90)
        yield (light, name, f"9141{n:014d}", *told, day, n % 9, *LAST)


def ours(count: int, target: Any) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from cases.columns import Column
    from cases.workbooks import write_ledger

    def column(place: int, title: str) -> Column:
        def value(row: Any) -> Any:
            return row[place]

        held = value if place in (7, 8) else None
        return Column(f"c{place}", title, value, width=16, value=held)

    columns: list[Any] = [column(place, title) for place, title in enumerate(TITLES)]
    write_ledger(target, title="工作台账", facts=["截至"], columns=columns, rows=rows(count))


def rust(count: int, target: Any) -> None:
    # only bin/bench has it installed
    writer = import_module("rustpy_xlsxwriter")
    lines = (dict(zip(TITLES, row, strict=True)) for row in rows(count))
    writer.FastExcel(target.name).sheet("台账", lines).save()


def openpyxl(count: int, target: Any) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Border, Side

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    side = Side(style="thin")
    border = Border(left=side, right=side, top=side, bottom=side)
    sheet.append(TITLES)
    for row in rows(count):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            cell.border = border
            cells.append(cell)
        sheet.append(cells)
    book.save(target)


WRITERS = {"ours": ours, "rust": rust, "openpyxl": openpyxl}


def measure(name: str, count: int) -> None:
    """Prints seconds of the processor and the most memory, in MB."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        WRITERS[name](10, target)  # what is imported once is not the rows'
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        start = time.process_time()
        WRITERS[name](count, target)
        seconds = time.process_time() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    measure(sys.argv[1], int(sys.argv[2]))
