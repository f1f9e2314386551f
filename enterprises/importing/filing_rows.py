"""One row of a filing list (摸底表): is the firm registered, has it filed, what does it have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from enterprises.importing.findings import Finding, once_a_row
from enterprises.importing.folding import fold_code, fold_name, number_of, yes_or_no
from enterprises.importing.identity import code_problems, name_problems
from enterprises.importing.tables import FILING_COLUMNS, YUAN_TO_WAN, Headings, RawRow, rows_of
from enterprises.importing.workbook import Workbook

# columns of the list, each the name of the model's field
ANSWERS = (
    "registered",
    "filed",
    "has_institution",
    "has_staff",
    "has_spending",
    "has_cooperation",
)


@dataclass(frozen=True)
class FilingRow:
    """``answers`` by field name; ``spending`` in 10,000 yuan, checked and kept only by source."""

    raw: RawRow = field(repr=False)
    folded_name: str
    credit_code: str
    answers: dict[str, bool]
    spending: Decimal | None
    warnings: tuple[Finding, ...] = ()


def raw_filing(book: Workbook, headings: Headings | None = None) -> tuple[RawRow, ...]:
    return rows_of(book, FILING_COLUMNS, ANSWERS, headings)


def judge_filing(row: RawRow, noted_codes: frozenset[str]) -> FilingRow | Finding:
    problems = list(_problems(row, noted_codes))
    if problems:
        (finding,) = once_a_row(problems)
        return finding
    answers = {key: bool(yes_or_no(row.cells[key])) for key in ANSWERS}
    spending, warnings = _spending(row, says_yes=answers["has_spending"])
    if answers["has_spending"] and not answers["filed"]:
        warnings.append(row.finding("spending_not_filed", "has_spending"))
    return FilingRow(
        raw=row,
        folded_name=fold_name(row.cells.get("name")),
        credit_code=fold_code(row.cells.get("credit_code")),
        answers=answers,
        spending=spending,
        warnings=tuple(warnings),
    )


def _problems(row: RawRow, noted_codes: frozenset[str]) -> Iterator[Finding]:
    yield from row.errors("name", "credit_code", *ANSWERS)
    if not row.text("credit_code"):
        yield from name_problems(row)
    yield from code_problems(row, noted=noted_codes)
    for key in ANSWERS:
        if row.cell(key) in row.unread:
            yield row.finding("formula_unread", key)
        elif not row.text(key):
            yield row.finding("missing_answer", key)
        elif yes_or_no(row.cells[key]) is None:
            yield row.finding("not_yes_or_no", key, value=row.shown(key)[:40])
    if yes_or_no(row.cells["filed"]) and yes_or_no(row.cells["registered"]) is False:
        yield row.finding("filed_not_registered", "filed")


def _spending(row: RawRow, *, says_yes: bool) -> tuple[Decimal | None, list[Finding]]:
    text = row.text("spending")
    if not text:
        return None, []
    number = number_of(row.cells["spending"])
    if number is None:
        return None, [row.finding("amount_not_number", "spending")]
    amount = number * Decimal(YUAN_TO_WAN[row.columns["spending"].unit])
    if amount > 0 and not says_yes:
        return amount, [row.finding("amount_without_spending", "spending")]
    return amount, []
