"""Small workbooks as a bureau hands them over: a dozen rows of the sample register and filing."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from openpyxl import Workbook, load_workbook

DATA = Path(__file__).parent.parent / "data"
REGISTER, FILING = "luoyang-register-2022-01.xlsx", "luoyang-filing-2022-02.xlsx"
NAME, COUNTY, CONDITION = 1, 3, 10  # columns of the register


def rows_of(name: str) -> list[list[Any]]:
    book = load_workbook(DATA / name, read_only=True)
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    book.close()
    return rows


def register(
    counties: dict[str, int], *, without: Iterable[str] = ()
) -> tuple[list[list[Any]], list[str]]:
    """Title rows, header and so many firms of each county; and the firms' names."""
    rows = rows_of(REGISTER)
    head, body = rows[:4], rows[4:]
    kept = []
    for county, number in counties.items():
        fine = [r for r in body if r[COUNTY] == county and r[CONDITION] == "正常"]
        kept += fine[:number]
    kept = [row for row in kept if row[NAME] not in set(without)]
    return [*head, *kept], [row[NAME] for row in kept]


def filing(names: Iterable[str], *, spending: Iterable[str] = ()) -> list[list[Any]]:
    """The filing of these firms: none of the four, but for those that have spending."""
    rows = rows_of(FILING)
    held = {row[0]: row for row in rows[2:]}
    paid = set(spending)
    body = []
    for name in names:
        has = "是" if name in paid else "否"
        body.append([name, held[name][1], "是", "是", "否", "否", has, "否", None])
    return [*rows[:2], *body]


def save(path: Path, rows: list[list[Any]]) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def bring_in(folder: Path, register: list[list[Any]], filing: list[list[Any]]) -> None:
    """Both workbooks by the command line, for stories that are about something else."""
    sheet, facts = save(folder / "register.xlsx", register), save(folder / "filing.xlsx", filing)
    said = io.StringIO()
    call_command("register", str(sheet), programme="luoyang-2022", as_of="2022-01-31", stdout=said)
    call_command("filing", str(facts), programme="luoyang-2022", month="2022-02", stdout=said)
