"""The ledger as a workbook: the columns of the screen, a header block, nothing that calculates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import BinaryIO, Protocol, TypeVar

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext as _

# a cell that begins with one of these is a formula to Excel; written as text it stays text
HEAD_ROWS = 3
FORMULA = ("=", "+", "-", "@", "\t", "\r")


Line = TypeVar("Line", contravariant=True)
LineOf = TypeVar("LineOf")


class Titled(Protocol[Line]):
    """A column: ``cases.columns.Column``, or another list's own."""

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
) -> int:
    """Write rows in constant memory; the number of rows written.

    A column with a ``value`` holds days and numbers that Excel can sort and sum; every other cell
    is a string (``strings_to_formulas`` off), so credit codes keep their digits and no name can
    become a formula.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet((sheet_name or _("Working ledger"))[:31])
        bold = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        note = book.add_format({"font_color": "#5d6773"})
        head = book.add_format(
            {"bold": True, "border": 1, "bg_color": "#eef0f3", "align": "center"}
        )
        cell = book.add_format({"valign": "top", "num_format": "@", "border": 1, "text_wrap": True})
        number = book.add_format({"valign": "top", "border": 1, "align": "center"})
        day = book.add_format(
            {"valign": "top", "border": 1, "align": "center", "num_format": "yyyy-mm-dd"}
        )
        told = {"valign": "top", "border": 1, "align": "center"}
        # a real day all the same: it sorts with the others
        unsure_day = book.add_format(told | {"num_format": f'yyyy-mm-dd"{_("(provisional)")}"'})
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.repeat_rows(HEAD_ROWS)
        sheet.fit_to_pages(1, 0)
        sheet.freeze_panes(HEAD_ROWS + 1, 0)
        sheet.set_footer(_("&CPage &P of &N"))
        sheet.set_column(0, 0, 6)
        for place, column in enumerate(columns, start=1):
            sheet.set_column(place, place, column.width)
        sheet.set_row(0, 30)
        sheet.merge_range(0, 0, 0, len(columns), title, bold)
        sheet.write_string(1, 0, "    ".join(facts), note)
        sheet.write_string(2, 0, definition, note)
        sheet.write_string(HEAD_ROWS, 0, _("No."), head)
        for place, column in enumerate(columns, start=1):
            sheet.write_string(HEAD_ROWS, place, str(column.title), head)
        count = 0
        for count, row in enumerate(rows, start=1):
            at = HEAD_ROWS + count
            sheet.write_number(at, 0, count, number)
            for place, column in enumerate(columns, start=1):
                value = getattr(column, "value", None)
                if value is None:
                    sheet.write_string(at, place, safe(column.text(row)), cell)
                elif isinstance(held := value(row), date):
                    asked = getattr(column, "unsure", None)
                    kind = unsure_day if asked is not None and asked(row) else day
                    sheet.write_datetime(at, place, datetime(held.year, held.month, held.day), kind)
                elif held is None:
                    sheet.write_blank(at, place, None, number)
                else:
                    sheet.write_number(at, place, held, number)
        sheet.autofilter(HEAD_ROWS, 0, HEAD_ROWS + count, len(columns))
    return count


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula, even after a round trip through CSV."""
    return f"'{text}" if text.startswith(FORMULA) and len(text) > 1 else text
