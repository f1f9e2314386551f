"""What every list says of a firm: its name and its credit code, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from enterprises.importing.findings import Finding
from enterprises.importing.folding import code_problem, fold_code, fold_display
from enterprises.importing.tables import RawRow

NAME_LENGTH = 120


def name_problems(row: RawRow) -> Iterator[Finding]:
    name = fold_display(row.cells.get("name"))
    if not name:
        yield row.finding("missing_name", "name")
    elif len(name) > NAME_LENGTH:
        yield row.finding("name_too_long", "name")


def code_problems(
    row: RawRow, accepted: str = "", noted: Collection[str] = frozenset()
) -> Iterator[Finding]:
    """Blank is no problem. ``accepted``: the reason given for this row's wrong check digit;
    ``noted``: codes that are on record with such a reason."""
    if not row.text("credit_code"):
        return
    cell = row.cells["credit_code"]
    problem = code_problem(cell)
    if problem == "credit_code_length":
        yield row.finding(problem, "credit_code", length=str(len(fold_code(cell))))
    elif problem == "credit_code_check_digit":
        if not accepted and fold_code(cell) not in noted:
            yield row.finding(problem, "credit_code")
    elif problem:
        yield row.finding(problem, "credit_code")
