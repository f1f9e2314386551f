"""核对报告: what an import found, as a workbook that the office sends back to the bureau."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import xlsxwriter
from django.utils.translation import gettext as _

from cases.sheet_rows import safe
from config.imports.preview import Report
from enterprises.importing.report import findings_of
from enterprises.models import ImportBatch, Membership

Rows = Sequence[Sequence[str]]


def write_report(target: BinaryIO, batch: ImportBatch) -> None:
    """One sheet for each kind of row; every cell is text, so no name becomes a formula."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#eef0f3"})
        cell = book.add_format({"valign": "top", "text_wrap": True, "num_format": "@"})
        for title, heads, widths, rows in _sheets(batch):
            sheet = book.add_worksheet(title[:31])
            sheet.freeze_panes(1, 0)
            for place, (words, width) in enumerate(zip(heads, widths, strict=True)):
                sheet.set_column(place, place, width)
                sheet.write_string(0, place, words, head)
            for at, row in enumerate(rows, start=1):
                for place, text in enumerate(row):
                    sheet.write_string(at, place, safe(text), cell)


def _sheets(batch: ImportBatch) -> list[tuple[str, list[str], list[int], Rows]]:
    findings = [
        _("Cell"), _("Firm"), _("Credit code"), _("What is wrong"), _("In the workbook"),
    ]  # fmt: skip
    widths = [16, 36, 22, 60, 28]
    sheets: list[tuple[str, list[str], list[int], Rows]] = [
        (_("Refused"), findings, widths, _findings(batch, "refused")),
        (_("Remarks"), findings, widths, _findings(batch, "warnings")),
        (
            _("Changed"),
            [_("Firm"), _("What changes"), _("Before"), _("Now"), _("Cell")],
            [36, 16, 30, 30, 10],
            _changed(batch),
        ),
        (
            _("New"),
            [_("Firm"), _("Credit code"), _("County"), _("Industry"), _("Cell")],
            [36, 22, 12, 30, 10],
            [
                [row["name"], row["code"], row.get("county", ""), _industry(row), row["cell"]]
                for row in batch.report.get("new", ())
            ],
        ),
    ]
    if batch.kind == ImportBatch.Kind.REGISTER:
        sheets.insert(1, _leaving(batch))
    return sheets


def _findings(batch: ImportBatch, kind: str) -> Rows:
    return [
        [each.place, each.firm, each.given_code, each.reason, each.value]
        for each in findings_of(batch.report, kind)
    ]


def _leaving(batch: ImportBatch) -> tuple[str, list[str], list[int], Rows]:
    reasons = {key: str(words) for key, words in Membership.LeftReason.choices}
    rows = [
        [row["name"], row["code"], row["county"], reasons.get(row["reason"], ""), row["cell"]]
        for row in batch.report.get("leaving", ())
    ]
    heads = [_("Firm"), _("Credit code"), _("County"), _("Why it leaves"), _("Cell")]
    return _("Leaving"), heads, [36, 22, 12, 16, 10], rows


def _changed(batch: ImportBatch) -> Rows:
    lines = Report(batch, "changed", None).all_changed()
    return [
        [line["name"], str(c["name"]), str(c["before"]), str(c["after"]), c["cell"]]
        for line in lines
        for c in line["changes"]
    ]


def _industry(row: dict[str, str]) -> str:
    return f"{row.get('industry_code', '')} {row.get('industry', '')}".strip()
