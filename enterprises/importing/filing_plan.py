"""What a filing list would write: one monthly fact for each firm of the register."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from enterprises.facts import newest_facts
from enterprises.importing import matching
from enterprises.importing.filing_rows import ANSWERS, FilingRow, judge_filing, raw_filing
from enterprises.importing.findings import Finding, of_the_whole_list, once_a_row
from enterprises.importing.folding import fold_code
from enterprises.importing.guards import check_not_ahead, newest_batch_id
from enterprises.importing.refusal import ImportRefused
from enterprises.importing.register_diff import Change
from enterprises.importing.store import Firm, Store, load
from enterprises.importing.tables import Headings, RawRow
from enterprises.importing.workbook import Workbook, read_workbook
from enterprises.models import ImportBatch, MonthlyFact
from organisations.lengths import OF_NAME, check_length
from organisations.models import Region


@dataclass(frozen=True)
class FilingReading:
    book: Workbook
    rows: tuple[RawRow, ...]


def read_filing(path: Path, file_name: str = "", headings: Headings | None = None) -> FilingReading:
    """Raises ``ImportRefused`` when the file is not a filing list."""
    book = read_workbook(path, file_name)
    return FilingReading(book, raw_filing(book, headings))


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
class States:
    """Firms by what the list says of them; ``more`` and ``less`` against what is known so far."""

    unregistered: int = 0
    unfiled: int = 0
    spending: int = 0
    # enterprise ids: spending now and not before, and the other way round
    more: tuple[int, ...] = ()
    less: tuple[int, ...] = ()

    def stored(self) -> dict[str, Any]:
        return {**asdict(self), "more": list(self.more), "less": list(self.less)}


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
    # since when its amounts are known: a later day than ``known_on``, where they came in after it
    money_known_on: date | None = None
    # why figures of days that a newer list had settled are changed all the same
    correction: str = ""
    states: States = States()

    @property
    def money_on(self) -> date:
        """The day that its amounts describe, whenever they came in."""
        return min(month_end(self.about_month), self.known_on)

    @property
    def whole(self) -> Finding | None:
        """What is wrong with the list as a whole: no firm of it is known."""
        taken = len(self.new) + len(self.changed) + len(self.unchanged)
        return of_the_whole_list(self.refused, taken)

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
    correction: str = "",
    today: date | None = None,
) -> FilingPlan:
    """The plan for a month (any of its days). ``known_on`` defaults to the month's last day, also
    while the month still runs: a question as of a day before it is answered without this list,
    and a warning says so. A day that is given may not lie after ``today``.

    No list changes in silence what was known on a past day (ADR 23): once a list of that day or a
    later one is in, the default is ``today``, and a day that is given needs a ``correction``.

    A firm is known when it is, or was, on the city's register; a firm of the register that the
    list does not name keeps what was known of it.
    """
    about_month = about_month.replace(day=1)
    check_not_ahead(about_month, today)
    if known_on is not None:
        check_not_ahead(known_on, today)
    check_length(money_source, OF_NAME)
    check_length(correction, OF_NAME)
    given, known_on = known_on, known_on or month_end(about_month)
    _check_days(about_month, known_on)
    base = newest_batch_id(city, ImportBatch.Kind.FILING)
    store = load(city, (fold_code(row.cells.get("credit_code")) for row in reading.rows))
    rows = [judge_filing(row, store.noted_codes) for row in reading.rows]
    sorting = _Sorting(store, _standing(city, about_month, known_on)).take(rows)
    late: list[Finding] = []
    if (sorting.new or sorting.changed) and _is_settled(city, known_on, today):
        assert today is not None
        if given is None:
            late = [_from_today(reading, known_on, today)]
            known_on = today
            sorting = _Sorting(store, _standing(city, about_month, known_on)).take(rows)
        elif not correction.strip():
            raise _corrects_past(known_on, today)
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
        warnings=(
            *_given_before(city, reading, about_month),
            *_not_yet(reading, known_on, today),
            *late,
            *once_a_row(sorting.warnings),
        ),
        money_source=money_source.strip(),
        money_known_on=_money_known_on(city, known_on, today, correction),
        correction=" ".join(correction.split()),
        states=_states(city, sorting, known_on),
    )


def _given_before(city: Region, reading: FilingReading, month: date) -> Iterator[Finding]:
    """The same file as the list of another month: the month was mistyped, or the file is old."""
    batches = ImportBatch.objects.filter(
        city=city,
        kind=ImportBatch.Kind.FILING,
        state=ImportBatch.State.APPLIED,
        sha256=reading.book.sha256,
    )
    other = batches.exclude(about_month=month).values_list("about_month", flat=True).first()
    if other is not None:
        params = {"month": date_format(other, "Y-m")}
        yield Finding(reading.rows[0].sheet, 0, "", "same_file_other_month", params)


def _not_yet(reading: FilingReading, known_on: date, today: date | None) -> Iterator[Finding]:
    """The month still runs: until its last day no figure knows of this list."""
    if today is not None and known_on > today and reading.rows:
        params = {"day": date_format(known_on), "today": date_format(today)}
        yield Finding(reading.rows[0].sheet, 0, "", "known_ahead", params)


def _is_settled(city: Region, known_on: date, today: date | None) -> bool:
    """Whether figures of this past day have been answered from a list of it, or of a later day."""
    if today is None or known_on >= today:
        return False
    return MonthlyFact.objects.filter(city=city, known_on__range=(known_on, today)).exists()


def _money_known_on(city: Region, known_on: date, today: date | None, correction: str) -> date:
    """Also where the list says nothing new but amounts, as when its source was named later."""
    if today is None or correction.strip() or not _is_settled(city, known_on, today):
        return known_on
    return today


def _from_today(reading: FilingReading, known_on: date, today: date) -> Finding:
    params = {"day": date_format(known_on), "today": date_format(today)}
    return Finding(reading.rows[0].sheet, 0, "", "counts_from_today", params)


def _corrects_past(known_on: date, today: date) -> ImportRefused:
    words = _(
        "A list of %(day)s or later is in already: this one would change the figures of past days. "
        "Leave the day empty, and it counts from today (%(today)s) on; or say in the correction "
        "why what was known then was wrong."
    )
    given = {"day": date_format(known_on), "today": date_format(today)}
    return ImportRefused("corrects_past", words % given)


def _states(city: Region, sorting: _Sorting, known_on: date) -> States:
    steps = (*sorting.new, *sorting.changed, *sorting.unchanged)
    said = {step.firm.id: step.row.answers for step in steps}
    known = newest_facts(city, as_of=known_on)
    before = {firm for firm, fact in known.items() if fact.has_spending}
    now = {firm for firm, answers in said.items() if answers["has_spending"]}
    return States(
        unregistered=sum(not answers["registered"] for answers in said.values()),
        unfiled=sum(a["registered"] and not a["filed"] for a in said.values()),
        spending=len(now),
        more=tuple(sorted(now - before)),
        less=tuple(sorted((before & said.keys()) - now)),
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
    facts = MonthlyFact.objects.filter(city=city, about_month=about_month, known_on=known_on)
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

    def take(self, judged: Sequence[FilingRow | Finding]) -> _Sorting:
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
        return self

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
