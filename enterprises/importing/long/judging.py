"""The rows of a long register judged part by part: most of them a column at a time.

A row of which every cell is plainly right is taken here; each other one goes to ``judge``, as in a
short list. What asks how the whole list names an industry waits until all of it is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import repeat
from math import inf
from typing import NoReturn

from enterprises.importing.folding import (
    fold_display,
    fold_industry,
    fold_text,
    fold_tight,
    since_of,
)
from enterprises.importing.long.columns import Known, Odd, codes, names, shorter, texts
from enterprises.importing.long.lines import FIELDS, Headed, Lines, line_of
from enterprises.importing.long.parts import Part
from enterprises.importing.register_rows import (
    CONDITIONS,
    LEAVING_CONDITIONS,
    LENGTHS,
    REQUIRED,
    THRESHOLD_WAN,
    Knowledge,
    RefusedRow,
    RegisterRow,
    judge,
)
from enterprises.importing.tables import (
    REGISTER_COLUMNS,
    YUAN_TO_WAN,
    Headings,
    RawRow,
    check_columns,
    check_found,
    check_rows,
    header_of,
    row_under,
)
from enterprises.importing.workbook import Cell, Sheet, file_refusal
from enterprises.industries import is_known, names_to_codes

_TEXTS = {"industry_name": fold_display, "ownership": fold_display}
_NO_CELLS: list[Cell] = []


class _Later(Exception):
    """The answer needs the whole list."""


class _NotYet(Mapping[str, str]):
    """Which code the list writes beside the name of an industry: not known before its end."""

    def __getitem__(self, name: str) -> str:
        if name:
            raise _Later
        raise KeyError(name)

    def __iter__(self) -> NoReturn:
        raise _Later

    def __len__(self) -> NoReturn:
        raise _Later


@dataclass
class Judging:
    """``take`` each part, then ``finish``; both answer lines for COPY."""

    known: Knowledge
    headings: Headings | None = None
    lines: Lines = field(default_factory=Lines)
    refused: dict[int, RefusedRow] = field(default_factory=dict)
    # rows that somebody vouches for, as they stand
    vouched: list[RawRow] = field(default_factory=list)
    # one behind the last row's ``at``
    end: int = 0
    _rows: int = 0
    _late: list[tuple[int, int, RawRow]] = field(default_factory=list)
    _pairs: Counter[tuple[Cell, Cell]] = field(default_factory=Counter)
    _sheet: str | None = None
    _is_blank: bool = True

    def __post_init__(self) -> None:
        self._before = replace(self.known, industry_names=_NotYet())
        self._vouched_numbers = {number for _sheet, number in self.known.accepted}
        self._counties = Known(self._county)
        self._townships = Known(self._township)
        self._industries = Known(_industry)
        self._conditions = Known(_condition)
        self._months = Known(self._since)

    def take(self, part: Part) -> str:
        self._is_blank = self._is_blank and all(c is None for col in part.columns for c in col)
        skipped = 0
        if part.sheet != self._sheet:
            self._sheet = part.sheet
            skipped = self._head(part)
        sheet = len(self.lines.sheets) - 1
        if sheet < 0 or self.lines.sheets[sheet].name != part.sheet:
            return ""  # a sheet without a header
        first, self.end = self.end, self.end + len(part)
        lines = self._lines(part, sheet, first, skipped)
        return self.lines.add(first, lines) if lines else ""

    def finish(self) -> str:
        """Raises ``ImportRefused`` when there was no list."""
        if self._is_blank:
            raise file_refusal("blank")
        check_found(self.lines.sheets)
        check_rows(self._rows)
        known = replace(self.known, industry_names=names_to_codes(self._named()))
        taken = [self._judged(*late, known) for late in self._late]
        return "".join([self.lines.add_late(line) for line in taken if line])

    def _head(self, part: Part) -> int:
        """Rows of the part that belong to no list: all up to the header."""
        blank: list[tuple[Cell, ...]] = [()] * (part.first - 1)
        rows = (*blank, *(part.row(at) for at in range(min(len(part), 100))))
        found = header_of(Sheet(part.sheet, rows), REGISTER_COLUMNS, self.headings)
        if found is None:
            return 0
        at, header = found
        check_columns(part.sheet, header, REQUIRED)
        self.lines.sheets.append(Headed(part.sheet, header, part.unread))
        return at + 2 - part.first

    def _lines(self, part: Part, sheet: int, first: int, skipped: int) -> list[str]:
        odd: Odd = set()
        count = len(part)
        columns = self._columns(part, sheet, odd)
        numbers = range(part.first, part.first + count)
        columns["at"] = list(map(str, range(first, first + count)))
        columns["number"] = list(map(str, numbers))
        columns["sheet"] = [str(sheet)] * count
        odd.update(n - part.first for n in self._vouched_numbers if n in numbers)
        blank = [""] * count
        lines = list(
            map("\t".join, zip(*[columns.get(name, blank) for name in FIELDS], strict=True))
        )
        self._count_pairs(part, sheet, odd, skipped)
        self._rows += count - skipped - sum(at >= skipped for at in odd)
        for at in odd:
            lines[at] = self._by_itself(part, sheet, first, at) if at >= skipped else ""
        return [line for line in lines[skipped:] if line]

    def _columns(self, part: Part, sheet: int, odd: Odd) -> dict[str, list[str]]:
        header = self.lines.sheets[sheet].header
        nothing: list[Cell] = [None] * len(part)
        cells = {
            key: (part.columns[c.index] if c.index < len(part.columns) else _NO_CELLS) or nothing
            for key, c in header.items()
        }
        found: dict[str, list[str]] = {}
        found["name"], found["folded_name"] = names(cells["name"], odd)
        found["credit_code"] = codes(cells.get("credit_code", nothing), odd)
        found["county_id"] = self._counties.of(cells["county"], odd)
        if "township" in header:
            column = list(zip(found["county_id"], cells["township"], strict=True))
            found["township_id"] = self._townships.of(column, odd)
        if "industry_code" in header or "industry_name" in header:
            found["industry_code"] = self._industries.of(cells.get("industry_code", nothing), odd)
        if "condition" in header:
            found["condition"] = self._conditions.of(cells["condition"], odd)
        if "listed" in header:
            found["listed_text"] = self._months.of(cells["listed"], odd)
        for key in ("industry_name", "ownership", "contact", "phone", "address"):
            if key in header:
                found[key] = texts(cells[key], _TEXTS.get(key, fold_text))
                shorter(found[key], LENGTHS[key], odd)
        if "revenue" in header:
            _check_revenue(cells["revenue"], header["revenue"].unit, odd)
        return found

    def _by_itself(self, part: Part, sheet: int, first: int, at: int) -> str:
        headed = self.lines.sheets[sheet]
        raw = row_under(headed.header, part.row(at), part.first + at, headed.name, headed.unread)
        if raw is None:
            return ""
        self._rows += 1
        if raw.number in self._vouched_numbers:
            self.vouched.append(raw)
        pair = (raw.cells.get("industry_code"), raw.cells.get("industry_name"))
        self._pairs[pair] += 1
        try:
            return self._judged(first + at, sheet, raw, self._before)
        except _Later:
            self._late.append((first + at, sheet, raw))
            return ""

    def _judged(self, at: int, sheet: int, raw: RawRow, known: Knowledge) -> str:
        row = judge(raw, known)
        if not isinstance(row, RegisterRow):
            self.refused[at] = row
            return ""
        if row.warnings:
            self.lines.warnings[at] = row.warnings
        return line_of(row, at, sheet)

    def _count_pairs(self, part: Part, sheet: int, odd: Odd, skipped: int) -> None:
        header = self.lines.sheets[sheet].header
        code, name = header.get("industry_code"), header.get("industry_name")
        if code is None or name is None or not part.columns:
            return
        last = len(part.columns)
        if code.index < last and name.index < last:
            pairs = zip(part.columns[code.index], part.columns[name.index], strict=False)
            self._pairs.update(
                pair for at, pair in enumerate(pairs) if at >= skipped and at not in odd
            )

    def _named(self) -> Iterator[tuple[str, str]]:
        """The pairs of codes and names, as often as the list writes them, if anybody asks."""
        for (code, name), times in self._pairs.items() if self._late else ():
            yield from repeat((fold_industry(code), fold_text(name)), times)

    def _county(self, cell: Cell) -> str | None:
        if type(cell) is not str or "#" in cell:
            return None
        text = fold_text(cell)
        found = self.known.regions.county(text) if text else None
        return None if found is None else str(found)

    def _since(self, cell: Cell) -> str | None:
        text, wrong = since_of(cell, self.known.latest)
        return None if wrong else text[: LENGTHS["listed"]]

    def _township(self, county_and_cell: tuple[str, Cell]) -> str | None:
        county, cell = county_and_cell
        text = fold_text(cell)
        if not text or not county:
            return ""
        found = self.known.regions.township(int(county), text)
        return None if found is None else str(found)


def _industry(cell: Cell) -> str | None:
    code = fold_industry(cell)
    return code if is_known(code) else None


def _condition(cell: Cell) -> str | None:
    text = fold_tight(cell)
    if not text:
        return ""
    condition = CONDITIONS.get(text)
    return None if condition == "stopped" or condition in LEAVING_CONDITIONS else condition


def _check_revenue(column: Iterable[Cell], unit: str, odd: Odd) -> None:
    """Numbers that are plainly above the threshold, and blanks."""
    least = float(THRESHOLD_WAN) / float(YUAN_TO_WAN[unit]) * 1.000001
    odd.update(
        at
        for at, cell in enumerate(column)
        if cell is not None
        and not (isinstance(cell, int | float) and type(cell) is not bool and least <= cell < inf)
    )
