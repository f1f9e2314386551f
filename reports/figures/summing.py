"""What the database counted of today, added up as rows of firms are."""

from __future__ import annotations

from reports.figures.sums import Sums
from reports.figures.tally import CURRENT, Part, Tally


def sums_of(
    found: Sums, key: Part, base: str = CURRENT, *, ledger: Part, seen: bool = False
) -> dict[str | int, Tally]:
    """The same as ``tallies`` of every firm; ``seen``: of those that the reader may open, without
    the days that they spent."""
    parts: dict[str | int, Tally] = {}
    for one in found.filing:
        if one.seen or not seen:
            parts.setdefault(key(one.row), Tally()).add_filing(one.row, base, one.firms)
    for one in found.ledger:
        if one.seen or not seen:
            parts.setdefault(ledger(one.row), Tally()).add_ledger(one.row, one.firms)
    for left in () if seen else found.spent:
        spent = parts.setdefault(ledger(left.row), Tally()).spent
        days, firms = spent.get(left.stage, (0, 0))
        spent[left.stage] = days + left.days, firms + left.firms
    return parts


def sum_of(found: Sums, base: str = CURRENT, *, seen: bool = False) -> Tally:
    """Of the whole city."""
    whole = sums_of(found, lambda _row: "", base, ledger=lambda _row: "", seen=seen)
    return whole.get("", Tally())
