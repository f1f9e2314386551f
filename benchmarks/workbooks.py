"""100,000 rows of the ledger as a workbook: ``python -m benchmarks.workbooks [rows]``.

Our writer against openpyxl's write-only mode, each in a process of its own and by turns, so that
both see the same machine; the ratio says more than the seconds.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

ROWS, RUNS = 100_000, 3
DAY = date(2026, 9, 1)
LAST = ("王示例", "市科技局", "9月14日 转入整改")


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    for n in range(count):
        light, name = f"逾期{n % 9}个工作日", f"演示市第{n}精密机械有限公司"
        told = ("涧西区", "基础较好", "整改中", "研发机构、研发经费")
        day = DAY + timedelta(days=n % 90)
        yield (light, name, f"9141{n:014d}", *told, day, n % 9, *LAST)


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


def write_only(count: int, target: Any) -> None:
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


WRITERS = {"ours": ours, "write_only": write_only}


def measure(name: str, count: int) -> None:
    """Prints seconds of the processor and the most memory, in MB."""
    with tempfile.TemporaryFile() as target:
        WRITERS[name](10, target)  # what is imported once is not the rows'
    with tempfile.TemporaryFile() as target:
        start = time.process_time()
        WRITERS[name](count, target)
        seconds = time.process_time() - start
    print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main(count: int) -> None:
    found: dict[str, list[tuple[float, int]]] = {name: [] for name in WRITERS}
    for _run in range(RUNS):
        for name in WRITERS:
            command = [sys.executable, "-m", "benchmarks.workbooks", name, str(count)]
            told = subprocess.check_output(command, text=True).split()
            found[name].append((float(told[0]), int(told[1])))
    best = {name: min(values) for name, values in found.items()}
    for name, (seconds, memory) in best.items():
        print(f"{name}: {count:,} rows, {seconds:.1f} s of the processor, {memory} MB")
    print(f"ratio: {best['ours'][0] / best['write_only'][0]:.2f} of openpyxl's write-only")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(sys.argv[1], int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
