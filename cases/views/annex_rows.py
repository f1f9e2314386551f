"""附件 of a letter, line by line: on its page, on that of the order that it opened, in Excel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.annex import Annex, AnnexLine, by_firm, lacking_of, step_of
from cases.columns import address_of


def annex_rows(annex: Annex) -> list[dict[str, Any]]:
    """One row a firm, as the letter counts firms: its case and its remedies together."""
    return [_annex_row(number, lines) for number, lines in enumerate(by_firm(annex.lines), start=1)]


def _annex_row(number: int, lines: list[AnnexLine]) -> dict[str, Any]:
    """序号 企业名称 所在乡镇 当前环节 尚缺事项 办理时限 逾期 承办单位 已提醒次数."""
    line, case = lines[0], lines[0].case
    return {
        "n": number,
        "firm": line.firm,
        "url": address_of("case", case.pk),
        "township": case.township.name if case.township else "",
        "stage": step_of(lines),
        "lack": lacking_of(lines),
        "due_on": line.due_on,
        "late": line.days_late,
        "unit": line.unit,
        "reminded": max(one.reminded for one in lines),
    }


@dataclass(frozen=True)
class AnnexColumn:
    """A column of the annex as a workbook; days and numbers as such."""

    title: str | Promise
    text: Callable[[dict[str, Any]], str]
    width: int = 12
    value: Callable[[dict[str, Any]], date | int | None] | None = None


COLUMNS = (
    AnnexColumn(_("Firm name"), lambda row: str(row["firm"]), 30),
    AnnexColumn(_("Township (park)"), lambda row: str(row["township"]), 16),
    AnnexColumn(_("Stage"), lambda row: str(row["stage"])),
    AnnexColumn(_("Still missing"), lambda row: str(row["lack"]), 30),
    AnnexColumn(_("Due"), lambda row: "", value=lambda row: row["due_on"]),
    AnnexColumn(_("Working days late"), lambda row: "", value=lambda row: int(row["late"])),
    AnnexColumn(_("Unit"), lambda row: str(row["unit"]), 18),
    AnnexColumn(_("Times reminded"), lambda row: "", value=lambda row: int(row["reminded"])),
)
