"""A workbook read part by part holds the very cells that it holds as a whole (docs/adr/0043)."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from enterprises.importing.long.parts import Part, Parts, Uncut
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.workbook import read_workbook

CELLS: tuple[Any, ...] = (
    "涧西区", " 前后 有空 ", "行\n行", "a & b < c > \"d\" 'e'", "_x0041_", "😀", "　", None, None,
    0, 3411, 3411.5, -1e300, True, False, date(2016, 12, 1), datetime(2020, 2, 29, 13, 5),
    "=1+1", "#REF!", ("甲", "乙"),
)  # fmt: skip
NAMES = ("名录", "空的", "第二张")


def cells(luck: random.Random, rows: int) -> dict[tuple[int, int], Any]:
    """By row and column, from 1; whole rows and columns stay empty."""
    return {
        (row, column): luck.choice(CELLS)
        for row in range(3, rows)
        for column in range(2, 9)
        if row % 11 and column != 5 and luck.random() < 0.8
    }


def with_own_texts(path: Path, luck: random.Random, rows: int = 120) -> Path:
    """Each cell holds its text itself."""
    book = Workbook()
    for name in NAMES:
        page = book.create_sheet(name)
        for place, cell in cells(luck, rows if name != "空的" else 0).items():
            rich = isinstance(cell, tuple)
            page.cell(
                *place,
                CellRichText(cell[0], TextBlock(InlineFont(b=True), cell[1])) if rich else cell,
            )
    book["Sheet"].sheet_state = "hidden"
    book.save(path)
    return path


def with_shared_texts(path: Path, luck: random.Random, rows: int = 120) -> Path:
    """As Excel itself writes it."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"})
    book.add_worksheet("藏").hide()
    bold = book.add_format({"bold": True})
    for name in NAMES:
        page = book.add_worksheet(name)
        page.activate()
        for (row, column), cell in cells(luck, rows if name != "空的" else 0).items():
            if isinstance(cell, tuple):
                page.write_rich_string(row - 1, column - 1, cell[0], bold, cell[1])
            elif cell == "=1+1":
                page.write_formula(row - 1, column - 1, cell, None, luck.choice(("", 2, "二")))
            else:
                page.write(row - 1, column - 1, cell)
    book.close()
    return path


def parts_of(path: Path, size: int) -> list[Part]:
    parts = Parts(path)
    parts.limits = replace(parts.limits, part=size)
    return list(parts)


def filled(rows: Any) -> dict[tuple[int, int], Any]:
    return {
        (at, n): (type(cell), cell)
        for at, row in rows
        for n, cell in enumerate(row)
        if cell is not None
    }


@pytest.mark.parametrize("a_book", [with_own_texts, with_shared_texts])
@pytest.mark.parametrize("size", [900, 5_000, 4 << 20])
def test_every_cell_is_the_same(tmp_path: Path, a_book: Any, size: int) -> None:
    path = a_book(tmp_path / "book.xlsx", random.Random(size))
    parts = parts_of(path, size)
    assert len(parts) > 30 or size > 900
    for sheet in read_workbook(path).sheets:
        own = [part for part in parts if part.sheet == sheet.name]
        rows = [(part.first + at, part.row(at)) for part in own for at in range(len(part))]
        assert filled(rows) == filled(enumerate(sheet.rows, 1)), sheet.name
        assert all(part.unread == sheet.unread for part in own)


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    changed = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(changed, "w") as other:
        for name in one.namelist():
            content = one.read(name)
            other.writestr(name, change(content.decode()) if name == part else content)
    return changed


SHEET = "xl/worksheets/sheet2.xml"


@pytest.mark.parametrize(
    ("part", "pattern", "instead"),
    [
        (SHEET, r'<row r="\d+"', "<row"),
        (SHEET, r"<row (.*?)>", r"<!-- --><row \1>"),
        (SHEET, r"<sheetData>", "<sheetData >"),
        (SHEET, r't="s"><v>(\d+)', r't="s"><v>9\1'),
        (SHEET, r't="s"><v>', r't="s"><v >'),
        (SHEET, r't="s"', "t='s'"),
        (SHEET, r"(<row .*?</row>)(.*)(</sheetData>)", r"\2\1\3"),
        (SHEET, r"(<row .*?</row>)(.*)(</sheetData>)", r"\1\2\1\3"),
        ("xl/sharedStrings.xml", r"<si>", '<si xml:space="preserve">'),
    ],
)
def test_what_is_written_in_another_way_is_read_as_a_whole(
    tmp_path: Path, part: str, pattern: str, instead: str
) -> None:
    path = with_shared_texts(tmp_path / "book.xlsx", random.Random(1), 20)
    changed = rewritten(path, part, lambda text: re.sub(pattern, instead, text))
    with pytest.raises(Uncut):
        parts_of(changed, 4 << 20)


@pytest.mark.parametrize("name", ["xl/SharedStrings.xml", "xl/Styles.xml"])
def test_parts_that_calamine_alone_finds_are_left_to_it(tmp_path: Path, name: str) -> None:
    path = with_shared_texts(tmp_path / "book.xlsx", random.Random(1), 20)
    changed = tmp_path / "changed.xlsx"
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(changed, "w") as other:
        for own in one.namelist():
            other.writestr(name if own.lower() == name.lower() else own, one.read(own))
    with pytest.raises(Uncut):
        parts_of(changed, 4 << 20)


def test_a_file_cut_off_is_refused(tmp_path: Path) -> None:
    path = with_shared_texts(tmp_path / "book.xlsx", random.Random(1), 20)
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(ImportRefused) as refusal:
        parts_of(path, 4 << 20)
    assert refusal.value.code == "damaged"


def test_a_reader_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    parts = Parts(with_shared_texts(tmp_path / "book.xlsx", random.Random(1), 20))
    parts.limits = replace(parts.limits, wall_seconds=0)
    with pytest.raises(ImportRefused) as refusal:
        list(parts)
    assert refusal.value.code == "too_slow"
