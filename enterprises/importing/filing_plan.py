"""What a filing list would write: one monthly fact for each firm of the register."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from enterprises.importing import matching
from enterprises.importing.filing_rows import ANSWERS, FilingRow, judge_filing, raw_filing
from enterprises.importing.findings import Finding, once_a_row
from enterprises.importing.folding import fold_code
from enterprises.importing.guards import newest_batch_id
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.register_diff import Change
from enterprises.importing.store import Firm, Store, load
from enterprises.importing.tables import RawRow
from enterprises.importing.workbook import Workbook, read_workbook
from enterprises.models import ImportBatch, Membership, MonthlyFact
from organisations.models import Region


@dataclass(frozen=True)
class FilingReading:
    book: Workbook
    rows: tuple[RawRow, ...]


def read_filing(path: Path, file_name: str = "") -> FilingReading:
    """Raises ``ImportRefused`` when the file is not a filing list."""
    book = read_workbook(path, file_name)
    return FilingReading(book, raw_filing(book))


def month_end(month: date) -> date:
    """The last day of a month: when its state is taken to be known, unless said otherwise."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


@dataclass(frozen=True)
class FilingStep:
    """``fact`` is what stands for this month and day already."""

    row: FilingRow
    firm: Firm
    fact: MonthlyFact | None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class FilingPlan:
    """Each row counts once among new, changed, unchanged and refused."""

    city: Region
    about_month: date
    known_on: date
    file_name: str
    sha256: str
    base_batch_id: int | None
    new: tuple[FilingStep, ...] = ()
    changed: tuple[FilingStep, ...] = ()
    unchanged: tuple[FilingStep, ...] = ()
    refused: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    money_source: str = ""

    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "leaving": 0,
            "unchanged": len(self.unchanged),
        }

    def as_json(self) -> dict[str, Any]:
        return {
            **self.counts(),
            "refused": [finding.as_json() for finding in self.refused],
            "warnings": [finding.as_json() for finding in self.warnings],
        }


def preview_filing(
    city: Region,
    reading: FilingReading,
    *,
    about_month: date,
    known_on: date | None = None,
    money_source: str = "",
) -> FilingPlan:
    """The plan for a month (any of its days). ``known_on`` defaults to the month's last day.

    A firm is known when it is, or was, on the city's register; a firm of the register that the
    list does not name keeps what was known of it.
    """
    about_month = about_month.replace(day=1)
    known_on = known_on or month_end(about_month)
    _check_days(about_month, known_on)
    base = newest_batch_id(city, ImportBatch.Kind.FILING)
    store = load(city, (fold_code(row.cells.get("credit_code")) for row in reading.rows))
    sorting = _Sorting(store, _standing(city, about_month, known_on))
    sorting.take([judge_filing(row, store.noted_codes) for row in reading.rows])
    return FilingPlan(
        city=city,
        about_month=about_month,
        known_on=known_on,
        file_name=reading.book.file_name,
        sha256=reading.book.sha256,
        base_batch_id=base,
        new=tuple(sorting.new),
        changed=tuple(sorting.changed),
        unchanged=tuple(sorting.unchanged),
        refused=once_a_row(sorting.refused),
        warnings=once_a_row(sorting.warnings),
        money_source=money_source.strip(),
    )


def _check_days(about_month: date, known_on: date) -> None:
    if known_on < about_month:
        raise ImportRefused(
            "known_before_month",
            _("The state of %(month)s cannot be known on %(day)s, before the month began.")
            % {"month": date_format(about_month, "Y-m"), "day": date_format(known_on)},
        )


def _standing(city: Region, about_month: date, known_on: date) -> dict[int, MonthlyFact]:
    """Facts of the city's firms that already stand for this month and day; one query."""
    firms = Membership.objects.filter(city=city).values("enterprise")
    facts = MonthlyFact.objects.filter(
        about_month=about_month, known_on=known_on, enterprise__in=firms
    )
    return {fact.enterprise_id: fact for fact in facts}


class _Sorting:
    def __init__(self, store: Store, standing: dict[int, MonthlyFact]) -> None:
        self.store = store
        self.standing = standing
        self.new: list[FilingStep] = []
        self.changed: list[FilingStep] = []
        self.unchanged: list[FilingStep] = []
        self.refused: list[Finding] = []
        self.warnings: list[Finding] = []

    def take(self, judged: Sequence[FilingRow | Finding]) -> None:
        rows = [row for row in judged if isinstance(row, FilingRow)]
        members = frozenset(firm.id for firm in self.store.firms.values() if firm.was_member)
        found = iter(matching.settle(rows, self.store, members))
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

    def _sort(self, row: FilingRow, firm: Firm) -> None:
        self.warnings.extend(row.warnings)
        fact = self.standing.get(firm.id)
        if fact is None:
            self.new.append(FilingStep(row, firm, None))
            return
        before = {key: bool(getattr(fact, key)) for key in ANSWERS}
        changes = tuple(
            Change(key, before[key], row.answers[key])
            for key in ANSWERS
            if before[key] != row.answers[key]
        )
        target = self.changed if changes else self.unchanged
        target.append(FilingStep(row, firm, fact, changes))
