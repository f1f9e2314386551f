"""The rows that are written by hand are, opened again, those that XlsxWriter writes."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from openpyxl import load_workbook

from cases import sheet_rows
from cases.sheet_rows import safe
from cases.workbooks import HEAD_ROWS, Fill, write_ledger
from organisations.errors import Refused

DAY = date(2026, 9, 14)
TEXTS = [
    "涧西区", "9141030012345678XX", "研发机构、研发经费", " 前后有空 ", "两行\n内容", "a\tb", "",
    "=1+1", "+86 379", "-", "@foo", "<b>&amp;\"'", "_x0041_", "\x07bell", "𠮷野家", "�\ufffe",
    "007", "1e5", "x" * 32_767, "１２", "\x1b",
]  # fmt: skip
HELD = [None, 0, 7, 12.5, 0.1 + 0.2, -3, 10**15, DAY, datetime(2026, 9, 14, 8, 30), True]
Row = tuple[str, Any]


@dataclass(frozen=True)
class One:
    title: str
    text: Callable[[Row], str]
    width: int = 12
    value: Callable[[Row], Any] | None = None
    unsure: Callable[[Row], bool] | None = None
    decimals: int = 0
    fill: Fill | None = None


COLUMNS = [
    One("文本", lambda row: row[0]),
    One("值", lambda row: "", value=lambda row: row[1]),
    One("暂定", lambda row: "", value=lambda row: DAY, unsure=lambda row: row[0] == ""),
    One("比率", lambda row: "", value=lambda row: 12.34, decimals=1),
]
ROWS: list[Row] = [(text, HELD[n % len(HELD)]) for n, text in enumerate(TEXTS)]


def written(rows: list[Row] = ROWS, columns: list[One] = COLUMNS) -> io.BytesIO:
    target = io.BytesIO()
    count = write_ledger(target, title="台账", facts=["截至"], columns=columns, rows=rows,
                         terms=[("值", "口径")])  # fmt: skip
    assert count == len(rows)
    target.seek(0)
    return target


def by_xlsxwriter() -> io.BytesIO:
    """The same rows cell by cell."""
    target = io.BytesIO()
    off = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, {"constant_memory": True, **off}) as book:
        page, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for at, (text, held) in enumerate(ROWS, start=HEAD_ROWS + 1):
            page.write_number(at, 0, at - HEAD_ROWS)
            page.write_string(at, 1, safe(text), day)
            if isinstance(held, date):
                whole = datetime(held.year, held.month, held.day)
                page.write_datetime(at, 2, whole, day)
            elif held is not None:
                page.write_number(at, 2, float(held))
            page.write_datetime(at, 3, datetime(2026, 9, 14), day)
            page.write_number(at, 4, 12.34)
    target.seek(0)
    return target


def cells(book: io.BytesIO) -> list[list[Any]]:
    sheet = load_workbook(book).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEAD_ROWS + 2)]


def test_what_is_opened_again_is_what_xlsxwriter_writes() -> None:
    ours, theirs = cells(written()), cells(by_xlsxwriter())
    assert ours == theirs
    assert [row[0] for row in ours] == list(range(1, len(ROWS) + 1))


def test_each_cell_has_the_format_of_its_kind() -> None:
    book = load_workbook(written())
    sheet = book.worksheets[0]
    by_text = {
        text: row for (text, _held), row in zip(ROWS, sheet.iter_rows(min_row=5), strict=True)
    }
    assert by_text["涧西区"][1].number_format == "@"
    assert by_text["涧西区"][4].number_format == "0.0"
    assert by_text["a\tb"][3].number_format == "yyyy-mm-dd"
    assert "yyyy-mm-dd" in by_text[""][3].number_format
    assert by_text[""][3].number_format != "yyyy-mm-dd"
    assert {cell.border.left.style for row in by_text.values() for cell in row} == {"thin"}
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A5", f"A4:E{4 + len(ROWS)}")
    assert book.sheetnames[1:] == ["口径说明"]


def test_a_form_is_locked_but_for_what_is_filled_in() -> None:
    columns = [COLUMNS[0], One("进展", lambda row: "", fill=Fill("text", 200))]
    sheet = load_workbook(written(ROWS[:2], columns)).worksheets[0]
    assert (sheet["B5"].protection.locked, sheet["C5"].protection.locked) == (True, False)
    assert [str(rule.sqref) for rule in sheet.data_validations.dataValidation] == ["C5:C6"]
    assert sheet.protection.sheet


def test_what_is_longer_than_a_part_is_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its frame is drawn before its number is known, and again behind its last row."""
    fill = [*COLUMNS, One("进展", lambda row: "", fill=Fill("text", 200))]
    for rows in (ROWS, ROWS[:5]):  # a whole part, and more than one
        short = written(rows, fill)
        with monkeypatch.context() as patched:
            patched.setattr(sheet_rows, "CHUNK", 5)
            long = written(rows, fill)
        with ZipFile(short) as one, ZipFile(long) as other:
            assert one.namelist() == other.namelist()
            for name in set(one.namelist()) - {"docProps/core.xml"}:  # the time
                assert one.read(name) == other.read(name), name


def test_an_empty_list_is_a_head_alone() -> None:
    sheet = load_workbook(written([])).worksheets[0]
    assert sheet.max_row == HEAD_ROWS + 1


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_rows, "MOST_ROWS", 10)
    with pytest.raises(Refused, match="6"):
        written()
