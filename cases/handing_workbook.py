"""移交清单 as a workbook: head, note, one row per open item, room for two signatures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _

from cases.handing import Line, late
from cases.models import HandOver
from cases.sheet_rows import safe

WIDTHS = (5, 13, 34, 10, 12, 26, 12, 20, 40, 24)


def write_note(target: BinaryIO, row: HandOver, lines: Sequence[Line]) -> int:
    """Write the list of a hand-over; the number of its rows."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        sheet = book.add_worksheet(_("Hand-over list")[:31])
        title = book.add_format({"bold": True, "font_size": 14})
        quiet = book.add_format({"font_color": "#5d6773", "text_wrap": True, "valign": "top"})
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#eef0f3"})
        cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True, "num_format": "@"})
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(_("&CPage &P of &N"))
        for place, width in enumerate(WIDTHS):
            sheet.set_column(place, place, width)
        at = _head(sheet, row, lines, title, quiet)
        sheet.freeze_panes(at + 1, 0)
        sheet.repeat_rows(at)
        for place, words in enumerate(heads()):
            sheet.write_string(at, place, words, head)
        for number, line in enumerate(lines, start=1):
            sheet.write_number(at + number, 0, number, cell)
            for place, text in enumerate(cells(line), start=1):
                sheet.write_string(at + number, place, safe(text), cell)
        sign = _("Handed over by (signature):                    Taken over by (signature):        "
                 "            Witness:                    Date:")  # fmt: skip
        sheet.write_string(at + len(lines) + 3, 1, sign)
    return len(lines)


def heads() -> list[str]:
    return [
        _("No."),
        _("Case number"),
        _("Firm name"),
        _("County"),
        _("Stage"),
        _("Still missing"),
        _("Due"),
        _("State"),
        _("Latest progress"),
        _("Remarks"),
    ]


def cells(line: Line) -> list[str]:
    """From the second column on; the last one is left for a pen."""
    state = f"{line.shape} {line.light}"
    return [
        line.number,
        line.firm,
        line.county,
        line.stage,
        line.lack,
        line.due_on or "—",
        state,
        line.progress,
        "",
    ]


def _head(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: HandOver,
    lines: Sequence[Line],
    title: xlsxwriter.format.Format,
    quiet: xlsxwriter.format.Format,
) -> int:
    """The row below the head block, in which the columns are named."""
    sheet.write_string(0, 0, _("Hand-over list: %(post)s") % {"post": row.post.title}, title)
    facts = _("%(old)s → %(new)s, from %(day)s; %(n)d open, %(late)d of them overdue")
    sheet.write_string(
        1,
        0,
        facts
        % {
            "old": "、".join(row.from_whom) or "—",
            "new": row.successor or "—",
            "day": row.from_on.isoformat(),
            "n": len(lines),
            "late": late(lines),
        },
    )
    if row.note:
        sheet.merge_range(2, 0, 2, len(WIDTHS) - 1, "", quiet)
        sheet.write_string(2, 0, safe(_("Note: %(text)s") % {"text": row.note}), quiet)
        sheet.set_row(2, 15 * (2 + len(row.note) // 90 + row.note.count("\n")))
    return 4
