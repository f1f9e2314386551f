"""The rows of a long workbook, streamed: XlsxWriter draws the frame, the rows are written here.

XlsxWriter makes an object of every cell; a row is one text here, with the formats that it gave the
frame's sample row, and goes straight into the packed sheet. What a reader opens is the same
(tests/cases/test_sheet_rows.py writes both ways).
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from itertools import chain, islice
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils.translation import gettext as _

from cases.sheet_behind import behind
from organisations.errors import Refused

SHEET = "xl/worksheets/sheet1.xml"
TYPES = "[Content_Types].xml"
# what Excel can hold
MOST_ROWS, LONGEST = 1_048_576, 32_767
# a third of the work of zlib's own 6, a file larger by a twentieth
LEVEL = 3
CHUNK = 500
# texts of a column that are kept as they are written
KNOWN = 2000
EPOCH = date(1899, 12, 30).toordinal()
# a cell that begins with one of these is a formula to Excel; written as text it stays text
FORMULA = ("=", "+", "-", "@", "\t", "\r")

_DIMENSION = re.compile(rb"<dimension [^>]*/>")
_STYLE = re.compile(rb'<c r="[A-Z]+\d+" s="(\d+)"')
_MARKS = re.compile("[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")
_OWN = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_EDGES = re.compile(r"^\s|\s$")

# writes the workbook into a file but for its rows, given their number; a sample stands for them
Frame = Callable[[BinaryIO, int], None]
# a cell's XML, from the number of its row (as text) and the line
Cell = Callable[[str, Any], str]


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, even after a round trip through CSV."""
    return f"'{text}" if text.startswith(FORMULA) and len(text) > 1 else text


def stream(
    target: BinaryIO,
    frame: Frame,
    *,
    first: int,
    kinds: Sequence[str],
    cells: Callable[[Mapping[str, int]], Sequence[Cell]],
    rows: Iterable[Any],
) -> int:
    """Write the workbook; the number of rows. Memory holds ``CHUNK`` of them.

    ``first``: the sheet's number of the first row, where the frame holds a blank cell of each of
    ``kinds``; ``cells`` answers the columns' writers for the numbers of these formats. Raises
    ``Refused`` where a sheet cannot hold the rows.
    """
    rows = iter(rows)
    # of a short list the number is known, and its frame is drawn once
    begun = list(islice(rows, CHUNK))
    drawn = len(begun) if len(begun) < CHUNK else 0
    parts = _parts(frame, drawn)
    head, sample, tail = _cut(parts.pop(SHEET), first)
    styles = {kind: int(number) for kind, number in zip(kinds, sample, strict=True)}
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=LEVEL) as book:
        # a reader that looks at the first bytes finds what kind of file it is
        book.writestr(TYPES, parts[TYPES])
        with book.open(SHEET, "w") as sheet:
            sheet.write(head)
            # a short list is packed as soon as a thread begins
            with nullcontext(sheet.write) if drawn else behind(sheet.write) as put:
                count = _write(put, cells(styles), first, chain(begun, rows))
            if count != drawn:
                # filter, rules and print range reach to the last row
                parts = _parts(frame, count)
                tail = _cut(parts.pop(SHEET), first)[2]
            sheet.write(tail)
        for name, content in parts.items():
            if name != TYPES:
                book.writestr(name, content)
    return count


def _parts(frame: Frame, count: int) -> dict[str, bytes]:
    drawn = io.BytesIO()
    frame(drawn, count)
    with ZipFile(drawn) as book:
        return {name: book.read(name) for name in book.namelist()}


def _cut(sheet: bytes, first: int) -> tuple[bytes, list[bytes], bytes]:
    """What stands before the rows (without the sheet's size, unknown yet), the formats of the
    sample, and what stands behind."""
    head, row, rest = sheet.partition(f'<row r="{first}"'.encode())
    sample, end, tail = rest.partition(b"</sheetData>")
    assert row
    assert end
    return _DIMENSION.sub(b"", head), _STYLE.findall(sample), end + tail


def _write(
    put: Callable[[bytes], object], cells: Sequence[Cell], first: int, rows: Iterable[Any]
) -> int:
    number, held = first - 1, list[str]()
    for number, row in enumerate(rows, start=first):
        if number > MOST_ROWS:
            raise Refused(
                "too_many_rows",
                _("An Excel sheet holds %(n)s rows at most. Narrow the list by a filter.")
                % {"n": str(MOST_ROWS - first + 1)},
            )
        at = str(number)
        held.append(f'<row r="{at}">')
        held.extend([cell(at, row) for cell in cells])
        held.append("</row>")
        if number % CHUNK == 0:
            put("".join(held).encode())
            held.clear()
    put("".join(held).encode())
    return number - first + 1


# --- cells ---------------------------------------------------------------------------------------
def counter(place: int, style: int, first: int) -> Cell:
    """The running number of the row."""
    head = f'<c r="{letters(place)}'
    middle = f'" s="{style}"><v>'
    return lambda at, row: f"{head}{at}{middle}{int(at) - first + 1}</v></c>"


def words(place: int, style: int, text: Callable[[Any], str]) -> Cell:
    """A text, whatever it looks like."""
    head = f'<c r="{letters(place)}'
    middle = f'" s="{style}" t="inlineStr"><is><t>'
    kept = f'" s="{style}" t="inlineStr"><is><t xml:space="preserve">'

    # what has been escaped lately: most columns say the same again and again
    known: dict[str, str] = {}

    def cell(at: str, row: Any) -> str:
        told = text(row)
        if told.isalnum() and len(told) <= LONGEST:
            return f"{head}{at}{middle}{told}</t></is></c>"
        rest = known.get(told)
        if rest is None:
            if len(known) >= KNOWN:
                known.clear()
            safely = _MARKS.sub(_escaped, safe(told)[:LONGEST])
            rest = f"{kept if _EDGES.search(safely) else middle}{safely}</t></is></c>"
            known[told] = rest
        return f"{head}{at}{rest}"

    return cell


def values(
    place: int,
    styles: Mapping[str, int],
    value: Callable[[Any], Any],
    unsure: Callable[[Any], bool] | None,
) -> Cell:
    """A day, a number or nothing, in the formats ``day``, ``unsure``, ``number`` and ``blank``."""
    head = f'<c r="{letters(place)}'
    day, doubtful = f'" s="{styles["day"]}"><v>', f'" s="{styles["unsure"]}"><v>'
    number, blank = f'" s="{styles["number"]}"><v>', f'" s="{styles["blank"]}"/>'

    def cell(at: str, row: Any) -> str:
        held = value(row)
        if held is None:
            return f"{head}{at}{blank}"
        if isinstance(held, date):
            middle = doubtful if unsure is not None and unsure(row) else day
            return f"{head}{at}{middle}{held.toordinal() - EPOCH}</v></c>"
        return f"{head}{at}{number}{float(held):.16G}</v></c>"

    return cell


def letters(place: int) -> str:
    """The name of a column: 0 is A, 26 is AA."""
    name, number = "", place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _escaped(found: re.Match[str]) -> str:
    """As Excel does: a control sign by its number, and what looks like such a number as text."""
    sign = found[0]
    if sign in _OWN:
        return _OWN[sign]
    return f"_x005F{sign}" if len(sign) > 1 else f"_x{ord(sign):04X}_"
