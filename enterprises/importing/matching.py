"""Which stored firm a row means, and which rows mean the same one.

Matched by credit code; by folded name only where one side has no code. A code and a name that
point at two firms are a refusal, never a guess. A row that is refused takes nothing from the
others: the row whose code it borrowed stands. Pure over a loaded ``Store``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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


@dataclass(frozen=True, slots=True)
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


def settle(
    rows: Sequence[NamedRow], store: Store, among: frozenset[int] | None = None
) -> list[Match]:
    """Each row's firm or refusal, in the order of the rows, whatever that order is.

    Of rows that mean one firm the first stands, but one whose code and name disagree (it may be
    a rename, or a code copied from its neighbour) waits until the others have been heard.
    ``among``: ids of the firms that the list is about; others are unknown.
    """
    found = [match(row, store) for row in rows]
    borrowed = _borrowed_codes(rows)
    seen = Seen()
    for at in sorted(range(len(rows)), key=lambda at: (_disagrees(at, rows, found, borrowed), at)):
        if found[at].refusal is None:
            found[at] = _settled(rows[at], found[at], seen, among, borrowed.get(at))
    return found


def _settled(
    row: NamedRow,
    found: Match,
    seen: Seen,
    among: frozenset[int] | None,
    owner: tuple[str, str] | None,
) -> Match:
    firm, name, code = found.firm, row.folded_name, row.credit_code
    key = "credit_code" if code else "name"
    if among is not None and (firm is None or firm.id not in among):
        return Match(refusal=row.raw.finding("unknown_firm", key))
    firm_id = firm.id if firm else None
    first = seen.first_of(name, code, firm_id)
    if first is None:
        seen.add(row.raw.number, name, code, firm_id)
        return found
    if owner is not None:
        by_code, by_name = owner
        return Match(refusal=row.raw.finding("two_firms", key, by_code=by_code, by_name=by_name))
    return Match(refusal=row.raw.finding("same_firm_again", key, first=str(first)))


def _disagrees(
    at: int, rows: Sequence[NamedRow], found: Sequence[Match], borrowed: dict[int, tuple[str, str]]
) -> bool:
    """The code is known under another name, by the register or by other rows of the list."""
    firm = found[at].firm
    renamed = firm is not None and firm.enterprise.folded_name != rows[at].folded_name
    return at in borrowed or (renamed and bool(rows[at].credit_code))


def _borrowed_codes(rows: Sequence[NamedRow]) -> dict[int, tuple[str, str]]:
    """Rows whose code the list gives to another name, and whose name to another code: both."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    codes: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        if row.credit_code and row.folded_name:
            names[row.credit_code].setdefault(row.folded_name, row.raw.shown("name"))
            codes[row.folded_name].setdefault(row.credit_code)
    borrowed: dict[int, tuple[str, str]] = {}
    for at, row in enumerate(rows):
        others = [t for n, t in names[row.credit_code].items() if n != row.folded_name]
        elsewhere = [c for c in codes[row.folded_name] if c != row.credit_code]
        if row.credit_code and row.folded_name and others and elsewhere:
            borrowed[at] = (others[0], elsewhere[0])
    return borrowed


def spellings(code: str) -> frozenset[str]:
    """A code and what is left of it without one of its signs.

    Two codes that share a spelling differ by one sign changed, dropped, added or moved: enough to
    say that a refused row may have meant that firm.
    """
    if not code:
        return frozenset()
    return frozenset({code, *(code[:at] + code[at + 1 :] for at in range(len(code)))})
