"""Which stored firm a row means, and which rows mean the same one.

Matched by credit code; by folded name only where one side has no code. A code and a name that
point at two firms are a refusal, never a guess. Pure over a loaded ``Store``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from enterprises.importing.findings import Finding
from enterprises.importing.store import Firm, Store
from enterprises.importing.tables import RawRow


class NamedRow(Protocol):
    """What matching needs of a row, whatever the kind of list."""

    @property
    def raw(self) -> RawRow: ...
    @property
    def folded_name(self) -> str: ...
    @property
    def credit_code(self) -> str: ...


@dataclass(frozen=True)
class Match:
    """The firm (None: not known yet), what else is to be said, or why the row is refused."""

    firm: Firm | None = None
    warning: Finding | None = None
    refusal: Finding | None = None


def match(row: NamedRow, store: Store) -> Match:
    named = store.by_name.get(row.folded_name, []) if row.folded_name else []
    if not row.credit_code:
        return _only(row, named)
    by_code = store.by_code.get(row.credit_code)
    if by_code is not None:
        return _by_code(row, by_code, named)
    found = _only(row, [firm for firm in named if not firm.code])
    if found.firm or found.refusal or not named:
        return found
    return Match(
        warning=row.raw.finding("name_known_with_another_code", "credit_code", value=named[0].code)
    )


def _only(row: NamedRow, named: list[Firm]) -> Match:
    """The firm of that name; of several, the one that is on the register today."""
    if len(named) > 1:
        named = [firm for firm in named if firm.membership] or named
    if len(named) > 1:
        return Match(refusal=row.raw.finding("ambiguous_name", "name"))
    return Match(firm=named[0] if named else None)


def _by_code(row: NamedRow, firm: Firm, named: list[Firm]) -> Match:
    others = [other for other in named if other.id != firm.id]
    if not others or firm.enterprise.folded_name == row.folded_name:
        return Match(firm=firm)
    refusal = row.raw.finding(
        "two_firms",
        "credit_code",
        by_code=firm.enterprise.name,
        by_name=others[0].code or others[0].enterprise.name,
    )
    return Match(refusal=refusal)


@dataclass
class Seen:
    """Rows met so far: a later row of the same firm names the first one."""

    codes: dict[str, int] = field(default_factory=dict)
    # name → (row, had a code)
    names: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)
    firms: dict[int, int] = field(default_factory=dict)

    def first_of(self, name: str, code: str, firm_id: int | None) -> int | None:
        """The row that already gave this firm."""
        if code and code in self.codes:
            return self.codes[code]
        for row, had_code in self.names.get(name, ()) if name else ():
            if not (code and had_code):
                return row
        return self.firms.get(firm_id) if firm_id is not None else None

    def add(self, row: int, name: str, code: str, firm_id: int | None) -> None:
        if code:
            self.codes.setdefault(code, row)
        if name:
            self.names.setdefault(name, []).append((row, bool(code)))
        if firm_id is not None:
            self.firms.setdefault(firm_id, row)


def find_member(row: NamedRow, store: Store, seen: Seen) -> Firm | Finding:
    """The firm of a row about firms of the register, or why the row is refused."""
    found = match(row, store)
    firm = found.firm if found.firm and found.firm.was_member else None
    firm_id = firm.id if firm else None
    key = "credit_code" if row.credit_code else "name"
    first = seen.first_of(row.folded_name, row.credit_code, firm_id)
    seen.add(row.raw.number, row.folded_name, row.credit_code, firm_id)
    if first is not None:
        return row.raw.finding("same_firm_again", key, first=str(first))
    if found.refusal:
        return found.refusal
    return firm or row.raw.finding("unknown_firm", key)


def spellings(code: str) -> frozenset[str]:
    """A code and what is left of it without one of its signs.

    Two codes that share a spelling differ by one sign changed, dropped, added or moved: enough to
    say that a refused row may have meant that firm.
    """
    if not code:
        return frozenset()
    return frozenset({code, *(code[:at] + code[at + 1 :] for at in range(len(code)))})
