"""A list as a workbook: the columns of the screen, a header block, nothing that calculates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO, Protocol, TypeVar

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases import sheet_rows

HEAD_ROWS = 3
# the formats of the rows
KINDS = ("text", "number", "tenths", "day", "unsure", "fill_text", "fill_day")
# of the frame, which is small: XlsxWriter's files on the disk would take most of the time
OPTIONS = {
    "in_memory": True,
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
    sheet = _Sheet((sheet_name or _("Working ledger"))[:31], columns)

    def frame(into: BinaryIO, count: int) -> None:
        with xlsxwriter.Workbook(into, OPTIONS) as book:
            sheet.frame(book, title, facts, definition, count)
            if terms:
                write_terms(book, terms)

    return sheet_rows.stream(
        target,
        frame,
        first=HEAD_ROWS + 2,
        kinds=KINDS,
        cells=sheet.cells,
        rows=rows,
    )


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


def _looks() -> dict[str, dict[str, Any]]:
    """Each format by its kind."""
    box = {"valign": "top", "border": 1}
    middle = box | {"align": "center"}
    return {
        "title": {"bold": True, "font_size": 16, "align": "center"},
        "note": {"font_color": "#5d6773", "text_wrap": True, "valign": "top"},
        "head": middle | {"bold": True, "bg_color": "#eef0f3"},
        "asked": middle | {"bold": True, "bg_color": FILL, "text_wrap": True},
        "text": box | {"num_format": "@", "text_wrap": True},
        "number": middle,
        "tenths": middle | {"num_format": "0.0"},
        "day": middle | {"num_format": "yyyy-mm-dd"},
        # a real day all the same: it sorts with the others
        "unsure": middle | {"num_format": f'yyyy-mm-dd"{_("(provisional)")}"'},
        "fill_text": box
        | {"num_format": "@", "text_wrap": True, "locked": False, "bg_color": FILL},
        "fill_day": middle | {"num_format": "yyyy-mm-dd", "locked": False, "bg_color": FILL},
    }


class _Sheet:
    def __init__(self, name: str, columns: Sequence[Any]) -> None:
        self.name, self.columns = name, columns
        self.is_form = any(getattr(column, "fill", None) for column in columns)

    def frame(
        self, book: Any, title: str, facts: Sequence[str], definition: str, count: int
    ) -> None:
        """The sheet but for its rows: of them there is a sample, a blank cell of each format."""
        self.page = book.add_worksheet(self.name)
        self.formats = {kind: book.add_format(look) for kind, look in _looks().items()}
        self._head(title, facts, definition)
        for place, kind in enumerate(KINDS):
            self.page.write_blank(HEAD_ROWS + 1, place, None, self.formats[kind])
        last = HEAD_ROWS + count
        self.page.autofilter(HEAD_ROWS, 0, last, len(self.columns))
        if self.is_form:
            self._lock(last)

    def _head(self, title: str, facts: Sequence[str], definition: str) -> None:
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

    def cells(self, styles: Mapping[str, int]) -> list[sheet_rows.Cell]:
        """The running number, and a writer for each column."""
        return [
            sheet_rows.counter(0, styles["number"], HEAD_ROWS + 2),
            *(self._cell(at, one, styles) for at, one in enumerate(self.columns, start=1)),
        ]

    def _cell(self, place: int, column: Any, styles: Mapping[str, int]) -> sheet_rows.Cell:
        fill, value = getattr(column, "fill", None), getattr(column, "value", None)
        if value is None:
            return sheet_rows.words(place, styles["fill_text" if fill else "text"], column.text)
        own = {
            "day": styles["fill_day" if fill else "day"],
            "unsure": styles["fill_day" if fill else "unsure"],
            "blank": styles["fill_day" if fill else "number"],
            "number": styles["tenths" if getattr(column, "decimals", 0) else "number"],
        }
        return sheet_rows.values(place, own, value, getattr(column, "unsure", None))

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
