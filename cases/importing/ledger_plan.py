"""What a running ledger would make: one case for each firm of the register that has none yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from cases.importing.ledger_rows import LedgerRow, StageWords, judge_ledger, raw_ledger
from cases.models import Case
from cases.stages import CLOSED
from enterprises.importing import matching
from enterprises.importing.findings import Finding, once_a_row
from enterprises.importing.folding import fold_code
from enterprises.importing.store import Firm, Store, load
from enterprises.importing.tables import Headings, RawRow
from enterprises.importing.workbook import Workbook, read_workbook
from enterprises.models import Membership
from organisations.models import User
from organisations.scope import Actor
from workflows.models import Programme
from workflows.packs import Pack


@dataclass(frozen=True)
class LedgerReading:
    book: Workbook
    rows: tuple[RawRow, ...]


def read_ledger(path: Path, file_name: str = "", headings: Headings | None = None) -> LedgerReading:
    """Raises ``ImportRefused`` when the file is not a ledger."""
    book = read_workbook(path, file_name)
    return LedgerReading(book, raw_ledger(book, headings))


@dataclass(frozen=True)
class LedgerStep:
    row: LedgerRow
    firm: Firm


@dataclass(frozen=True)
class Skipped:
    """A firm that has its case already; nothing of the row is taken."""

    row: RawRow
    firm: str
    number: str

    def as_json(self) -> dict[str, Any]:
        named = {"sheet": self.row.sheet, "row": self.row.number}
        return {**named, "firm": self.firm, "number": self.number}


@dataclass(frozen=True)
class LedgerPlan:
    """Each row counts once: new (open or closed), skipped or refused."""

    programme: Programme
    as_of: date
    file_name: str
    sha256: str
    new: tuple[LedgerStep, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    refused: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def closed(self) -> int:
        """Struck off with their papers named: closed, once a second person answers for them."""
        return sum(step.row.stage == CLOSED and bool(step.row.papers) for step in self.new)

    def counts(self) -> dict[str, int]:
        return {"new": len(self.new), "closed": self.closed, "skipped": len(self.skipped)}

    def as_json(self) -> dict[str, Any]:
        return {
            **self.counts(),
            "skipped": [one.as_json() for one in self.skipped],
            "refused": [finding.as_json() for finding in self.refused],
            "warnings": [finding.as_json() for finding in self.warnings],
        }


def preview_ledger(programme: Programme, reading: LedgerReading, *, as_of: date) -> LedgerPlan:
    """The plan as of a day; a fixed number of queries whatever the length of the list."""
    pack = programme.current.pack
    store = load(programme.city, (fold_code(row.cells.get("credit_code")) for row in reading.rows))
    sorting = _Sorting(store, _listed(programme, as_of), _existing(programme, pack))
    words = StageWords(pack)
    judged = [judge_ledger(row, words, as_of, store.noted_codes) for row in reading.rows]
    sorting.take(judged)
    return LedgerPlan(
        programme=programme,
        as_of=as_of,
        file_name=reading.book.file_name,
        sha256=reading.book.sha256,
        new=tuple(sorting.new),
        skipped=tuple(sorting.skipped),
        refused=once_a_row(sorting.refused),
        warnings=once_a_row(sorting.warnings),
    )


def witness_of(by: Actor, other: User | None) -> User | None:
    """The second person, if there are two."""
    return other if by.user is not None and other is not None and other.pk != by.user.pk else None


def _listed(programme: Programme, as_of: date) -> frozenset[int]:
    members = Membership.objects.on(as_of).filter(city=programme.city_id)
    return frozenset(members.values_list("enterprise_id", flat=True))


def _existing(programme: Programme, pack: Pack) -> dict[int, str]:
    """Case numbers by firm, of the programme's main procedure."""
    roots = Case.objects.filter(programme=programme, procedure=pack.root.key, parent=None)
    undone = set(roots.undone().values_list("pk", flat=True))
    return {
        case.enterprise_id: case.number
        for case in roots.select_related("programme")
        if case.enterprise_id is not None and case.pk not in undone
    }


class _Sorting:
    def __init__(self, store: Store, listed: frozenset[int], existing: dict[int, str]) -> None:
        self.store, self.listed, self.existing = store, listed, existing
        self.new: list[LedgerStep] = []
        self.skipped: list[Skipped] = []
        self.refused: list[Finding] = []
        self.warnings: list[Finding] = []

    def take(self, judged: Sequence[LedgerRow | Finding]) -> None:
        rows = [row for row in judged if isinstance(row, LedgerRow)]
        found = iter(matching.settle(rows, self.store, self.listed))
        for row in judged:
            if isinstance(row, Finding):
                self.refused.append(row)
                continue
            one = next(found)
            if one.firm is None or one.refusal:
                assert one.refusal is not None
                self.refused.append(one.refusal)
            else:
                self._sort(row, one.firm)

    def _sort(self, row: LedgerRow, firm: Firm) -> None:
        if number := self.existing.get(firm.id):
            self.skipped.append(Skipped(row.raw, firm.enterprise.name, number))
        else:
            self.warnings.extend(row.warnings)
            self.new.append(LedgerStep(row, firm))
