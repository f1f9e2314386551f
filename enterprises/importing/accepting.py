"""A wrong check digit that somebody vouches for: the row must be there and wrong in just that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from enterprises.importing.folding import code_problem
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.tables import RawRow


def check_acceptable(rows: Iterable[RawRow], accept: Mapping[tuple[str, int], str]) -> None:
    """Raises ``ImportRefused`` that names every row of ``accept`` ((sheet or "", row) → reason)
    that the list does not have, or whose code is not wrong in its check digit alone."""
    if not accept:
        return
    named: dict[tuple[str, int], list[RawRow]] = {}
    for row in rows:
        for sheet in ("", row.sheet):
            named.setdefault((sheet, row.number), []).append(row)
    wrong = [
        _("row %(row)s: %(why)s") % {"row": f"{sheet}!{row}" if sheet else row, "why": why}
        for sheet, row in accept
        if (why := _why_not(named.get((sheet, row), [])))
    ]
    if wrong:
        raise ImportRefused(
            "code_not_acceptable",
            _("Nothing was imported. --accept-code does not fit:\n%(rows)s")
            % {"rows": "\n".join(wrong)},
        )


def _why_not(rows: list[RawRow]) -> str:
    """Why none of these rows (of as many sheets) can be vouched for; empty when one can."""
    if not rows:
        return _("the list has no such row.")
    whys = [_why_not_this(row) for row in rows]
    return "" if "" in whys else whys[0]


def _why_not_this(row: RawRow) -> str:
    if not row.text("credit_code"):
        return _("it has no credit code.")
    problem = code_problem(row.cells["credit_code"])
    if problem == "credit_code_check_digit":
        return ""
    if problem is None:
        return _("its credit code is right; nothing is to be accepted.")
    length = str(len(row.text("credit_code")))
    return row.finding(problem, "credit_code", length=length).reason
