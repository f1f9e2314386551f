"""A row counted as a new firm that looks like a firm which the same list lets go.

A code taken although its check digit is wrong, or typed anew, makes two firms of one: the old one
would leave the register and its case end. A person decides; the dry run names the pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Protocol

from enterprises.importing.findings import Finding
from enterprises.importing.matching import spellings
from enterprises.importing.register_rows import RegisterRow
from enterprises.importing.store import Firm


class Going(Protocol):
    """What happens to one firm: its row, the firm as it is known."""

    @property
    def row(self) -> RegisterRow | None: ...
    @property
    def firm(self) -> Firm | None: ...


def pairs(new: Iterable[Going], leaving: Iterable[Going]) -> Iterator[Finding]:
    """A finding at each new row for the firm that leaves under its name, or under a code that
    differs by one sign."""
    known: dict[str, list[Going]] = defaultdict(list)
    for going in leaving:
        if going.firm is not None and going.firm.membership is not None:
            for key in (going.firm.enterprise.folded_name, *spellings(going.firm.code)):
                known[key].append(going)
    for step in new if known else ():
        if step.row is None:
            continue
        keys = (step.row.folded_name, *sorted(spellings(step.row.credit_code)))
        found = next((going for key in keys for going in known.get(key, ())), None)
        if found is not None:
            yield _finding(step.row, found)


def _finding(row: RegisterRow, going: Going) -> Finding:
    firm = going.firm
    assert firm is not None  # only known firms are paired
    told = {
        "name": firm.enterprise.name,
        "known": firm.code or "—",
        "given": row.credit_code or "—",
    }
    if going.row is None:
        return row.raw.finding("twice_unnamed", "credit_code", **told)
    return row.raw.finding("twice_by_row", "credit_code", **told, first=str(going.row.raw.number))
