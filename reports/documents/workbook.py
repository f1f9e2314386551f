"""The tables of a document as a workbook: a sheet each, texts stay texts, nothing calculates."""

from __future__ import annotations

import io
import re
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.workbooks import paper, safe
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
        used = set[str]()
        for n, (name, table) in enumerate(named, 1):
            title = FORBIDDEN.sub(" ", name).strip()[:28] or str(n)
            title = title if title.lower() not in used else f"{title[:25]}-{n}"
            used.add(title.lower())
            _sheet(book, title, content, table)
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


def _sheet(book: xlsxwriter.Workbook, name: str, content: Content, table: Table) -> None:
    page = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "font_size": 16, "align": "center"})
    head = book.add_format({"bold": True, "border": 1, "align": "center", "text_wrap": True})
    cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True, "num_format": "@"})
    numbers: dict[str, Any] = {}
    paper(page, 2)
    across = len(table.columns)
    if across > 1:
        page.merge_range(0, 0, 0, across - 1, content.title, bold)
    else:
        page.write_string(0, 0, content.title, bold)
    page.write_string(1, 0, "    ".join(filter(None, content.subtitle or _maker(content))))
    whole = sum(column.share for column in table.columns)
    for place, column in enumerate(table.columns):
        page.set_column(place, place, max(8, round(120 * column.share / whole)))
        page.write_string(2, place, column.title, head)
    for at, row in enumerate(table.rows, 3):
        for place, text in enumerate(row):
            # a code of 18 digits stays a text; a count can be summed
            if NUMBER.fullmatch(text):
                shape = _shape(text)
                look = {"border": 1, "valign": "top", "align": "center", "num_format": shape}
                number = numbers.get(shape) or numbers.setdefault(shape, book.add_format(look))
                value = float(text.replace("−", "-").replace(",", ""))
                page.write_number(at, place, value, number)
            else:
                page.write_string(at, place, safe(text), cell)


def _maker(content: Content) -> tuple[str, ...]:
    """Whose figures these are and of which day, where the document has no line of its own."""
    return content.signer or content.issuer, long_day(content.dated) if content.dated else ""


def _shape(text: str) -> str:
    """The number as it is printed: its places, its separators, and the sign of a change."""
    whole, _point, places = text.partition(".")
    plain = ("#,##0" if "," in whole else "0") + (f".{'0' * len(places)}" if places else "")
    return f"+{plain};−{plain};{plain}" if text[0] in "+−" else plain
