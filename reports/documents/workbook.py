"""The tables of a document as a workbook: a sheet each, texts stay texts, nothing calculates."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.sheet_rows import safe
from cases.workbooks import paper
from organisations.days import long_day
from reports.documents.content import Content, Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
NUMBER = re.compile(r"[-−+]?(\d{1,9}|\d{1,3}(,\d{3})+)(\.\d{1,4})?")


def has_tables(content: Content) -> bool:
    return any(True for _named in _tables(content))


def xlsx_of(content: Content) -> bytes:
    """Raises ``Refused`` for a document without a table."""
    named = list(_tables(content))
    if not named:
        raise Refused("no_table", _("This document has no table. Take the PDF or the Word file."))
    target = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(target, options) as book:
        used, looks = set[str](), Looks(book)
        for n, (name, table) in enumerate(named, 1):
            title = FORBIDDEN.sub(" ", name).strip()[:28] or str(n)
            title = title if title.lower() not in used else f"{title[:25]}-{n}"
            used.add(title.lower())
            _sheet(book, looks, title, content, table)
    return target.getvalue()


def _tables(content: Content) -> list[tuple[str, Table]]:
    annexes = [
        (table.caption or annex.title, table) for annex in content.annexes for table in annex.tables
    ]
    sections = [
        (section.table.caption or section.heading, section.table)
        for section in content.sections
        if section.table is not None
    ]
    return [*annexes, *sections]


class Looks:
    """The formats of a workbook; a number's own by how it is printed."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.title = book.add_format({"bold": True, "font_size": 16})
        self.middle = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        self.head = book.add_format(
            {"bold": True, "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
        )
        self.group = book.add_format({"bold": True, "border": 1, "bg_color": "#eef0f3"})
        self.text = book.add_format({"valign": "top", "text_wrap": True})
        self.cell = book.add_format(
            {"border": 1, "valign": "top", "text_wrap": True, "num_format": "@"}
        )
        self._numbers: dict[str, Any] = {}

    def number(self, shape: str) -> Any:
        look = {"border": 1, "valign": "top", "align": "center", "num_format": shape}
        if shape not in self._numbers:
            self._numbers[shape] = self.book.add_format(look)
        return self._numbers[shape]


def put_rows(page: Any, looks: Looks, rows: Sequence[Sequence[str]], at: int) -> int:
    """From line ``at`` on; the line after the last one. A code of 18 digits stays a text; a count
    can be summed."""
    for row in rows:
        for place, text in enumerate(row):
            if NUMBER.fullmatch(text):
                value = float(text.replace("−", "-").replace(",", ""))
                page.write_number(at, place, value, looks.number(_shape(text)))
            else:
                page.write_string(at, place, safe(text), looks.cell)
        at += 1
    return at


def _sheet(
    book: xlsxwriter.Workbook, looks: Looks, name: str, content: Content, table: Table
) -> None:
    page = book.add_worksheet(name)
    paper(page, 2)
    across = len(table.columns)
    if across > 1:
        page.merge_range(0, 0, 0, across - 1, content.title, looks.middle)
    else:
        page.write_string(0, 0, content.title, looks.middle)
    page.write_string(1, 0, "    ".join(filter(None, content.subtitle or _maker(content))))
    whole = sum(column.share for column in table.columns)
    for place, column in enumerate(table.columns):
        page.set_column(place, place, max(8, round(120 * column.share / whole)))
        page.write_string(2, place, column.title, looks.head)
    put_rows(page, looks, table.rows, 3)


def _maker(content: Content) -> tuple[str, ...]:
    """Whose figures these are and of which day, where the document has no line of its own."""
    return content.signer or content.issuer, long_day(content.dated) if content.dated else ""


def _shape(text: str) -> str:
    """The number as it is printed: its places, its separators, and the sign of a change."""
    whole, _point, places = text.partition(".")
    plain = ("#,##0" if "," in whole else "0") + (f".{'0' * len(places)}" if places else "")
    return f"+{plain};−{plain};{plain}" if text[0] in "+−" else plain
