"""What a register would change, before anything is written: new, changed, leaving, refused.

``preview_register`` is a diff of a reading against loaded rows by a fixed number of queries;
``register_apply.register_batch`` writes exactly what the plan holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from enterprises.importing import matching, register_diff, twice
from enterprises.importing.findings import Finding, of_the_whole_list, once_a_row
from enterprises.importing.folding import fold_code
from enterprises.importing.guards import check_not_ahead, check_not_earlier, newest_batch_id
from enterprises.importing.regions import RegionIndex, regions_of
from enterprises.importing.register_diff import Change
from enterprises.importing.register_rows import (
    Knowledge,
    RefusedRow,
    RegisterRow,
    industry_names,
    judge,
    raw_register,
)
from enterprises.importing.store import Firm, Store, load
from enterprises.importing.tables import Headings, RawRow
from enterprises.importing.workbook import Workbook, read_workbook
from enterprises.models import Membership
from organisations.lengths import OF_NAME, check_length
from organisations.models import Region

# more than this share of the register leaving at once must be confirmed by its number
LEAVING_SHARE_PERCENT = 5
# so many refused rows are no slips of the pen any more
MANY_REFUSED = 20


@dataclass(frozen=True)
class RegisterReading:
    """A workbook with its header found; nothing is judged yet."""

    book: Workbook
    rows: tuple[RawRow, ...]


def read_register(
    path: Path, file_name: str = "", headings: Headings | None = None
) -> RegisterReading:
    """Raises ``ImportRefused`` when the file is not a register."""
    book = read_workbook(path, file_name)
    return RegisterReading(book, raw_register(book, headings))


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one firm. ``row`` is None for a firm that the list no longer names."""

    row: RegisterRow | None
    firm: Firm | None
    changes: tuple[Change, ...] = ()
    reason: str = ""

    @property
    def moves_county(self) -> bool:
        return any(change.field == "county" for change in self.changes)

    @property
    def is_returning(self) -> bool:
        return self.firm is not None and self.firm.was_listed and self.firm.membership is None


@dataclass(frozen=True)
class RegisterPlan:
    """Each row counts once among new, changed, leaving, unchanged and refused.

    ``leaving`` also holds firms that the list does not name; nobody leaves by a list that is
    refused as a ``whole``. A firm that comes back is new, with ``is_returning``. ``warnings``
    belong to rows that were taken.
    """

    city: Region
    as_of: date
    file_name: str
    sha256: str
    members: int
    base_batch_id: int | None
    regions: RegionIndex = field(repr=False)
    new: Sequence[Step] = ()
    changed: tuple[Step, ...] = ()
    leaving: tuple[Step, ...] = ()
    unchanged: Sequence[Step] = ()
    refused: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    money_source: str = ""

    @property
    def taken(self) -> int:
        """Rows of the list that were understood and taken."""
        named = sum(1 for step in self.leaving if step.row is not None)
        return len(self.new) + len(self.changed) + len(self.unchanged) + named

    @property
    def whole(self) -> Finding | None:
        """What is wrong with the list as a whole: it is another city's."""
        return of_the_whole_list(self.refused, self.taken)

    @property
    def is_mostly_refused(self) -> bool:
        """A long list of which more rows are refused than taken is not a register, nor is a list
        of any length of which none is taken."""
        rows = len({(finding.sheet, finding.row) for finding in self.refused})
        return rows > 0 and (not self.taken or (rows >= MANY_REFUSED and rows > self.taken))

    @property
    def leaving_members(self) -> int:
        """Those of ``leaving`` that are on the register today."""
        return sum(1 for step in self.leaving if step.firm and step.firm.membership)

    @property
    def needs_confirmation(self) -> bool:
        """More than 5 % of the register would leave."""
        return self.leaving_members * 100 > self.members * LEAVING_SHARE_PERCENT

    @property
    def members_after(self) -> int:
        return self.members + len(self.new) - self.leaving_members

    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "leaving": len(self.leaving),
            "unchanged": len(self.unchanged),
        }

    def as_json(self) -> dict[str, Any]:
        return {
            **self.counts(),
            "refused": [finding.as_json() for finding in self.refused],
            "warnings": [finding.as_json() for finding in self.warnings],
        }


def preview_register(
    city: Region,
    reading: RegisterReading,
    *,
    as_of: date,
    accept: Mapping[tuple[str, int], str] | None = None,
    money_source: str = "",
    today: date | None = None,
) -> RegisterPlan:
    """The plan for a day. ``accept``: (sheet or "", row) → why its check digit is accepted.

    Raises ``ImportRefused`` for a day before the newest import, or after ``today`` if it is given.
    """
    check_not_ahead(as_of, today)
    check_not_earlier(city, as_of)
    for words in (money_source, *(accept or {}).values()):
        check_length(words, OF_NAME)
    base = newest_batch_id(city)
    store = load(city, (fold_code(row.cells.get("credit_code")) for row in reading.rows))
    known = Knowledge(
        regions=regions_of(city),
        industry_names=industry_names(reading.rows),
        accepted=accept or {},
        noted_codes=store.noted_codes,
        latest=today,
    )
    sorting = Sorting(store)
    sorting.take([judge(row, known) for row in reading.rows])
    leaving = (*sorting.leaving, *sorting.absent())
    plan = RegisterPlan(
        city=city,
        as_of=as_of,
        file_name=reading.book.file_name,
        sha256=reading.book.sha256,
        members=len(store.members),
        base_batch_id=base,
        regions=known.regions,
        new=tuple(sorting.new),
        changed=tuple(sorting.changed),
        leaving=leaving,
        unchanged=tuple(sorting.unchanged),
        refused=once_a_row(sorting.refused),
        warnings=once_a_row([*twice.pairs(sorting.new, leaving), *sorting.warnings]),
        money_source=money_source.strip(),
    )
    # another city's list says nothing about who leaves this one's register
    return replace(plan, leaving=()) if plan.whole is not None else plan


class Sorting:
    """Puts each judged row where it counts, in sheet order."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.new: list[Step] = []
        self.changed: list[Step] = []
        self.leaving: list[Step] = []
        self.unchanged: list[Step] = []
        self.refused: list[Finding] = []
        self.warnings: list[Finding] = []
        self.named: set[int] = set()
        self.refused_rows: list[RefusedRow] = []

    def take(self, judged: Sequence[RegisterRow | RefusedRow]) -> None:
        rows = [row for row in judged if isinstance(row, RegisterRow)]
        found = iter(matching.settle(rows, self.store))
        for row in judged:
            if isinstance(row, RefusedRow):
                self._refuse(row)
            elif (one := next(found)).refusal:
                self._refuse(RefusedRow(one.refusal, row.folded_name, row.credit_code))
            else:
                self._accept(row, one)

    def _refuse(self, row: RefusedRow) -> None:
        self.refused.append(row.finding)
        self.refused_rows.append(row)

    def _accept(self, row: RegisterRow, found: matching.Match) -> None:
        firm = found.firm
        if firm is not None:
            self.named.add(firm.id)
        self.warnings.extend(row.warnings)
        if found.warning and not row.is_leaving:
            self.warnings.append(found.warning)
        if row.is_leaving:
            self._accept_leaving(row, firm)
        elif firm is None or firm.membership is None:
            self.new.append(Step(row, firm, register_diff.changes(row, firm)))
        elif changes := register_diff.changes(row, firm):
            self.changed.append(Step(row, firm, changes))
        else:
            self.unchanged.append(Step(row, firm))

    def _accept_leaving(self, row: RegisterRow, firm: Firm | None) -> None:
        """A firm that has already left changes nothing; one never met is counted as leaving."""
        if firm is not None and firm.was_member and firm.membership is None:
            self.unchanged.append(Step(row, firm))
        else:
            self.leaving.append(Step(row, firm, reason=row.condition))

    def absent(self) -> list[Step]:
        """Members that the list does not name, except those whose row was refused."""
        names = {row.folded_name for row in self.refused_rows if row.folded_name}
        codes: set[str] = set()
        for row in self.refused_rows:
            codes |= matching.spellings(row.credit_code)
        return [
            Step(None, firm, reason=Membership.LeftReason.ABSENT)
            for firm in self.store.members
            if firm.id not in self.named
            and firm.enterprise.folded_name not in names
            and codes.isdisjoint(matching.spellings(firm.code))
        ]
