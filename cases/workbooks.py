"""A list as a workbook: the columns of the screen, a header block, nothing that calculates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, Protocol, TypeVar

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

# a cell that begins with one of these is a formula to Excel; written as text it stays text
HEAD_ROWS = 3
FORMULA = ("=", "+", "-", "@", "\t", "\r")
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
FILL = "#fff8dc"
A_LINE = 15  # points

Line = TypeVar("Line", contravariant=True)
LineOf = TypeVar("LineOf")
# what a figure or a column is called, and what it counts
Term = tuple[str, str]


@dataclass(frozen=True)
class Fill:
    """A column that may be filled in: ``text`` of at most ``most`` characters, or a ``day``."""

    kind: str
    most: int = 0


class Titled(Protocol[Line]):
    """A column: ``cases.columns.Column``, or another list's own.

    May have ``value`` (a day or a number instead of the text), ``decimals`` of that number,
    ``unsure`` (whether that day is only provisional), ``fill`` (not locked) and ``hidden``.
    """

    @property
    def title(self) -> str | Promise: ...

    @property
    def width(self) -> int: ...

    @property
    def text(self) -> Callable[[Line], str]: ...


def write_ledger(
    target: BinaryIO,
    *,
    title: str,
    facts: Sequence[str],
    definition: str = "",
    columns: Sequence[Titled[LineOf]],
    rows: Iterable[LineOf],
    sheet_name: str = "",
    terms: Sequence[Term] = (),
) -> int:
    """Write rows in constant memory; the number of rows written.

    A column with a ``value`` holds days and numbers that Excel can sort and sum; every other cell
    is a string (``strings_to_formulas`` off), so credit codes keep their digits and no name can
    become a formula. ``terms`` stand on a sheet of their own (口径). Where a column may be filled
    in, everything else is locked.
    """
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        sheet = _Sheet(book, (sheet_name or _("Working ledger"))[:31], columns)
        sheet.head(title, facts, definition)
        count = sheet.body(rows)
        if terms:
            write_terms(book, terms)
    return count


def write_terms(book: Any, terms: Sequence[Term]) -> None:
    """口径: what each figure or column means, so that the file can be read alone."""
    page = book.add_worksheet(_("Definitions"))
    head = book.add_format({"bold": True, "border": 1, "bg_color": "#eef0f3"})
    cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True})
    paper(page, 0)
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 96)
    page.write_string(0, 0, _("Column or figure"), head)
    page.write_string(0, 1, _("What it means"), head)
    for at, (name, words) in enumerate(terms, start=1):
        page.write_string(at, 0, name, cell)
        page.write_string(at, 1, words, cell)


def paper(page: Any, head: int) -> None:
    """A4 across, as wide as the sheet, its head on every page, page x of y."""
    page.set_landscape()
    page.set_paper(9)  # A4
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.repeat_rows(head)
    page.fit_to_pages(1, 0)
    page.freeze_panes(head + 1, 0)
    page.set_footer(_("&CPage &P of &N"))


class _Sheet:
    def __init__(self, book: Any, name: str, columns: Sequence[Any]) -> None:
        self.columns = columns
        self.page = book.add_worksheet(name)
        self.is_form = any(getattr(column, "fill", None) for column in columns)
        box = {"valign": "top", "border": 1}
        middle = box | {"align": "center"}
        self.formats = {
            "title": book.add_format({"bold": True, "font_size": 16, "align": "center"}),
            "note": book.add_format({"font_color": "#5d6773", "text_wrap": True, "valign": "top"}),
            "head": book.add_format(middle | {"bold": True, "bg_color": "#eef0f3"}),
            "asked": book.add_format(middle | {"bold": True, "bg_color": FILL, "text_wrap": True}),
            "text": book.add_format(box | {"num_format": "@", "text_wrap": True}),
            "number": book.add_format(middle),
            "tenths": book.add_format(middle | {"num_format": "0.0"}),
            "day": book.add_format(middle | {"num_format": "yyyy-mm-dd"}),
            # a real day all the same: it sorts with the others
            "unsure": book.add_format(middle | {"num_format": f'yyyy-mm-dd"{_("(provisional)")}"'}),
            "fill_text": book.add_format(
                box | {"num_format": "@", "text_wrap": True, "locked": False, "bg_color": FILL}
            ),
            "fill_day": book.add_format(
                middle | {"num_format": "yyyy-mm-dd", "locked": False, "bg_color": FILL}
            ),
        }

    def head(self, title: str, facts: Sequence[str], definition: str) -> None:
        page, across = self.page, len(self.columns)
        paper(page, HEAD_ROWS)
        page.set_column(0, 0, 6)
        for place, column in enumerate(self.columns, start=1):
            options = {"hidden": True} if getattr(column, "hidden", False) else None
            page.set_column(place, place, column.width, None, options)
        page.set_row(0, 30)
        page.merge_range(0, 0, 0, across, title, self.formats["title"])
        for row, words in ((1, "    ".join(facts)), (2, definition)):
            page.set_row(row, self._height(words))
            page.merge_range(row, 0, row, across, words, self.formats["note"])
        if self.is_form:
            page.set_row(HEAD_ROWS, 2 * A_LINE)
        page.write_string(HEAD_ROWS, 0, _("No."), self.formats["head"])
        for place, column in enumerate(self.columns, start=1):
            kind = "asked" if getattr(column, "fill", None) else "head"
            page.write_string(HEAD_ROWS, place, str(column.title), self.formats[kind])

    def body(self, rows: Iterable[Any]) -> int:
        count = 0
        for count, row in enumerate(rows, start=1):
            at = HEAD_ROWS + count
            self.page.write_number(at, 0, count, self.formats["number"])
            for place, column in enumerate(self.columns, start=1):
                self._put(at, place, column, row)
        last = HEAD_ROWS + count
        self.page.autofilter(HEAD_ROWS, 0, last, len(self.columns))
        if self.is_form:
            self._lock(last)
        return count

    def _put(self, at: int, place: int, column: Any, row: Any) -> None:
        page, formats = self.page, self.formats
        fill, value = getattr(column, "fill", None), getattr(column, "value", None)
        if value is None:
            kind = "fill_text" if fill else "text"
            page.write_string(at, place, safe(column.text(row)), formats[kind])
            return
        held = value(row)
        if isinstance(held, date):
            asked = getattr(column, "unsure", None)
            kind = "unsure" if asked is not None and asked(row) else "day"
            kind = "fill_day" if fill else kind
            page.write_datetime(at, place, datetime(held.year, held.month, held.day), formats[kind])
        elif held is None:
            page.write_blank(at, place, None, formats["fill_day" if fill else "number"])
        else:
            kind = "tenths" if getattr(column, "decimals", 0) else "number"
            page.write_number(at, place, float(held), formats[kind])

    def _lock(self, last: int) -> None:
        """Everything but the columns to be filled in; filters and widths stay in one's hands."""
        allowed = {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True}
        self.page.protect("", allowed)
        for place, column in enumerate(self.columns, start=1):
            fill = getattr(column, "fill", None)
            if fill is not None and last > HEAD_ROWS:
                self.page.data_validation(HEAD_ROWS + 1, place, last, place, _rule(fill))

    def _height(self, words: str) -> float:
        """Rows of merged cells do not grow by themselves."""
        hidden = [getattr(column, "hidden", False) for column in self.columns]
        wide: int = sum(c.width for c, gone in zip(self.columns, hidden, strict=True) if not gone)
        length = sum(2 if ord(sign) > 0x2000 else 1 for sign in words)
        return float(A_LINE * max(math.ceil(length * 1.1 / max(wide, 20)), 1))


def _rule(fill: Fill) -> dict[str, Any]:
    """A warning, not a wall: what is typed otherwise is read, or refused in words, on return."""
    if fill.kind == "day":
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": date(2000, 1, 1),
            "maximum": date(2100, 1, 1),
            "error_type": "warning",
            "input_title": pgettext("to be filled in", "Expected on"),
            "input_message": _("A day, as 2026-11-05"),
            "error_title": _("Not a day"),
            "error_message": _("Write it as 2026-11-05."),
        }
    return {
        "validate": "length",
        "criteria": "<=",
        "value": fill.most,
        "error_title": _("Too long"),
        "error_message": _("At most %(n)d characters.") % {"n": fill.most},
    }


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, even after a round trip through CSV."""
    return f"'{text}" if text.startswith(FORMULA) and len(text) > 1 else text
