"""The cells of a sheet that a county hands back, whatever the order of its columns and rows."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from cases.note_key import FILLED, clean
from enterprises.importing.folding import fold_text
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.tables import RawRow, rows_of
from enterprises.importing.workbook import Cell, read_workbook

# headings in both languages: what we wrote, and what people make of it
COLUMNS: Mapping[str, str] = {
    "name": r"(企业|单位)(名称|全称)|firmname",
    "credit_code": r"(统一社会)?信用代码|creditcode",
    "number": r"(办件|事项)?编号|casenumber",
    "key": r"行标识.*|rowkey.*",
    "progress": r"(工作|办理)?进展(情况)?|progress",
    "problem": r"(存在)?(的)?(主要)?问题|problem(s)?",
    "expected": r"预计(完成|办结)(时间|日期)?|expected(tobedone)?(on)?",
}


@dataclass(frozen=True)
class FilledRow:
    """``cells``: addresses by column; a column that the sheet has not is not in ``given``;
    ``unread``: the columns in which stands a formula without a value."""

    sheet: str
    row: int
    key: str
    number: str
    firm: str
    code: str
    given: dict[str, str]
    cells: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def stored(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Filled:
    sha256: str
    rows: tuple[FilledRow, ...]


def read_filled(path: Path, file_name: str) -> Filled:
    """Raises ``ImportRefused`` for what is no workbook, or none of ours."""
    book = read_workbook(path, file_name)
    rows = rows_of(book, COLUMNS, ())
    named = rows[0].columns
    if not named.keys() & set(FILLED):
        raise ImportRefused(
            "no_filled_column",
            _("The sheet has none of the columns to be filled in (%(names)s). Download it anew.")
            % {"names": "、".join(HEADINGS)},
        )
    if not named.keys() & {"key", "number"}:
        raise ImportRefused(
            "no_key_column",
            _("The sheet has neither the hidden row key nor the case number. Download it anew."),
        )
    unread = {sheet.name: sheet.unread for sheet in book.sheets}
    return Filled(book.sha256, tuple(_row(row, unread[row.sheet]) for row in rows))


HEADINGS = ("进展", "问题", "预计完成")


def _row(row: RawRow, unread: Container[str]) -> FilledRow:
    return FilledRow(
        sheet=row.sheet,
        row=row.number,
        key=fold_text(row.cells.get("key")).replace(" ", ""),
        number=row.text("number"),
        # as it was typed: brackets of full width stay so in what is told of the row
        firm=" ".join(_typed(row.cells.get("name")).split()),
        code=row.text("credit_code"),
        given={name: clean(_typed(row.cells[name])) for name in FILLED if name in row.columns},
        cells={name: row.cell(name) for name in (*FILLED, "name", "key") if row.cell(name)},
        unread=[name for name in FILLED if row.cell(name) in unread],
    )


def _typed(cell: Cell) -> str:
    """A text with its lines; anything else as a person reads it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return fold_text(cell)
