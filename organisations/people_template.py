"""The empty workbook to fill in: header, notes, example rows, drop-down lists."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter

from organisations.people_sheets import SHEETS, SheetSpec

_ROWS_WITH_LISTS = 1000


def people_template() -> bytes:
    """An .xlsx with one sheet each for units, posts and people."""
    return template_of(SHEETS)


def template_of(sheets: Sequence[SheetSpec]) -> bytes:
    """An empty .xlsx of these sheets."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        formats = {
            "head": book.add_format(
                {"bold": True, "bg_color": "#e9ecf0", "border": 1, "text_wrap": True}
            ),
            "note": book.add_format({"italic": True, "font_color": "#5d6773", "text_wrap": True}),
            "example": book.add_format({"font_color": "#828c98", "num_format": "@"}),
            # text: a phone number or a work number keeps its leading zero
            "text": book.add_format({"num_format": "@"}),
        }
        for spec in sheets:
            _write(book.add_worksheet(spec.title), spec, formats)
    return out.getvalue()


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    spec: SheetSpec,
    formats: dict[str, xlsxwriter.format.Format],
) -> None:
    for place, column in enumerate(spec.columns):
        sheet.set_column(place, place, column.width, formats["text"])
        sheet.write_string(0, place, column.note, formats["note"])
        sheet.write_string(1, place, column.header + "*" * column.required, formats["head"])
        if column.choices:
            sheet.data_validation(
                2,
                place,
                _ROWS_WITH_LISTS,
                place,
                {"validate": "list", "source": list(column.choices)},
            )
    for number, example in enumerate(spec.examples, 2):
        for place, text in enumerate(example):
            sheet.write_string(number, place, text, formats["example"])
    sheet.set_row(0, 48)
    sheet.freeze_panes(2, 0)
