"""A workbook of people as plain rows; refuses what is no .xlsx, too large, or a bomb."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from organisations.errors import Refused
from organisations.people_sheets import SheetSpec
from organisations.regions import fold

MAX_BYTES = 5 << 20
MAX_UNPACKED = 40 << 20
MAX_PARTS = 500
MAX_ROWS = 2_000
MAX_COLUMNS = 100
# a header below a title: looked for in the first rows only
HEADER_WITHIN = 12
# cells with something in them, and where they stand
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*[^/>]>")
_PLACE = re.compile(rb'\sr="([A-Za-z]{1,3})([0-9]{1,7})"')


@dataclass(frozen=True)
class Row:
    """A row of a sheet by column title; ``number`` as the spreadsheet counts."""

    sheet: str
    number: int
    cells: Mapping[str, Any]

    def text(self, column: str) -> str:
        value = self.cells.get(column)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else " ".join(str(value).split())

    def day(self, column: str) -> date | None:
        """A date cell, or text such as 2026-03-01, 2026/3/1, 2026年3月1日; ValueError otherwise."""
        value = self.cells.get(column)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        text = self.text(column)
        for mark in "年月./":
            text = text.replace(mark, "-")
        text = text.replace("日", "").strip()
        try:
            return date(*(int(part) for part in text.split("-"))) if text else None
        except (TypeError, OverflowError) as wrong:
            raise ValueError(text) from wrong


def read_rows(
    content: bytes, sheets: Sequence[SheetSpec], most: int = MAX_ROWS
) -> dict[str, list[Row]]:
    """Rows of each known sheet by its title, ``most`` at the utmost; a missing sheet has none.

    Raises ``Refused``: no workbook, none of the sheets, no header row, a required column missing.
    """
    book = _open(content, most)
    titles = {fold(title): title for title in book.sheet_names}
    found = {
        spec.title: _rows(
            spec,
            book.get_sheet_by_name(titles[fold(spec.title)]).to_python(skip_empty_area=False),
            most,
        )
        for spec in sheets
        if fold(spec.title) in titles
    }
    if not found:
        raise Refused(
            "no_sheet",
            _("The workbook has none of the sheets %(sheets)s. Start from the template.")
            % {"sheets": "、".join(spec.title for spec in sheets)},
        )
    return found


def _open(content: bytes, most: int) -> CalamineWorkbook:
    if len(content) > MAX_BYTES:
        raise Refused("too_large", _("The file is larger than 5 MB."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            members = parts.infolist()
            if len(members) > MAX_PARTS or sum(m.file_size for m in members) > MAX_UNPACKED:
                raise Refused("too_large", _("Unpacked, the workbook is far too large."))
            if not any(m.filename == "xl/workbook.xml" for m in members):
                raise _no_workbook()
            for member in members:
                text = parts.read(member)
                if member.filename.startswith("xl/worksheets/"):
                    _check_places(text, most)
        return CalamineWorkbook.from_filelike(io.BytesIO(content))
    except (
        zipfile.BadZipFile,
        CalamineError,
        zlib.error,
        NotImplementedError,
        RuntimeError,
    ) as wrong:
        if not content.startswith(b"PK"):
            raise _no_workbook() from wrong
        words = _(
            "The file is damaged or did not arrive whole. Save it anew, then upload it again."
        )
        raise Refused("not_a_workbook", words) from wrong


def _no_workbook() -> Refused:
    words = _("This is not an .xlsx workbook. Save it as .xlsx and try again.")
    return Refused("not_a_workbook", words)


def _check_places(text: bytes, most: int) -> None:
    """One cell far away would make the reader lay out millions of empty ones."""
    for cell in _CELL.finditer(text):
        place = _PLACE.search(cell[0])
        if place and int(place[2]) > most:
            raise _too_many_rows(most)
        if place and _column(place[1]) > MAX_COLUMNS:
            words = _("A sheet may have %(most)s columns.")
            raise Refused("too_many_columns", words % {"most": MAX_COLUMNS})


def _too_many_rows(most: int) -> Refused:
    return Refused("too_many_rows", _("A sheet may have %(most)s rows.") % {"most": most})


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _rows(spec: SheetSpec, lines: Sequence[Sequence[Any]], most: int) -> list[Row]:
    if len(lines) > most:
        raise _too_many_rows(most)
    for number, line in enumerate(lines[:HEADER_WITHIN], 1):
        places = _places(spec, line)
        if len(places) > 1:
            _refuse_missing(spec, places)
            return [
                Row(spec.title, at, {name: cells[place] for name, place in places.items()})
                for at, cells in enumerate(lines[number:], number + 1)
                if any(str(cell).strip() for cell in cells)
            ]
    raise Refused(
        "no_header",
        _("Sheet “%(sheet)s” has no header row. Start from the template.") % {"sheet": spec.title},
    )


def _places(spec: SheetSpec, line: Sequence[Any]) -> dict[str, int]:
    """Where each of our columns stands in this line; a star or a note in brackets may follow."""
    texts = [fold(str(cell)) for cell in line]
    found: dict[str, int] = {}
    for column in spec.columns:
        header = fold(column.header)
        for place, text in enumerate(texts):
            if text == header or text.startswith((f"{header}*", f"{header}(")):
                found[column.name] = place
                break
    return found


def _refuse_missing(spec: SheetSpec, places: Mapping[str, int]) -> None:
    missing = [c.header for c in spec.columns if c.required and c.name not in places]
    if missing:
        raise Refused(
            "column_missing",
            _("Sheet “%(sheet)s” lacks the column %(columns)s.")
            % {"sheet": spec.title, "columns": "、".join(missing)},
        )
