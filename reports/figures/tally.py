"""Figures counted from rows of firms; what each means says ``definitions``. Plain values.

A rate is an exact fraction until it is printed. ``base`` picks what the rates of the filing are a
part of: the register of the day or the year's base; the ledger's own rates stand on its cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from cases.stages import CLOSED, DELISTED, TERMINAL
from reports.figures.rows import HAVES, FirmRow

CURRENT, ASSESSMENT = "current_register", "assessment_base"
# what a rate or a place is made of
COUNTED = ("listed", "registered", "filed", "with_rd", "four_haves")
LATE = 10  # working days: 逾期10个工作日以上


@dataclass
class Tally:
    """What was counted of some firms. ``spent``: by stage, working days and firms that left it."""

    counts: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    spent: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, row: FirmRow, base: str = CURRENT) -> None:
        self.add_filing(row, base)
        self.add_ledger(row)

    def add_filing(self, row: FirmRow, base: str) -> None:
        """What register and filing say of a firm."""
        counts = self.counts
        counts["current"] += row.listed
        counts["assessed"] += row.assessed
        counts["entered"] += row.listed and not row.assessed
        counts["entered_covered"] += row.listed and not row.assessed and row.covered
        if row.assessed if base == ASSESSMENT else row.listed:
            self._of_filing(row)

    def add_ledger(self, row: FirmRow) -> None:
        """What its case says."""
        if row.stage:
            self._of_ledger(row)

    def _of_filing(self, row: FirmRow) -> None:
        for name in ("registered", "filed", *HAVES, "four_haves", "first_time"):
            self.counts[name] += bool(getattr(row, name))
        self.counts["listed"] += 1
        self.counts["with_rd"] += row.covered

    def _of_ledger(self, row: FirmRow) -> None:
        counts, runs = self.counts, row.stage not in TERMINAL
        self.stages[row.stage] += 1
        counts["opened"] += row.stage != DELISTED
        counts["delisted"] += row.stage == DELISTED
        counts["running"] += runs
        counts["closed"] += row.stage == CLOSED
        counts["closed_in_time"] += row.stage == CLOSED and not row.was_late
        counts["overdue"] += row.late > 0
        counts["overdue_long"] += row.late >= LATE
        counts["lacks_one"] += runs and row.lacking == 1
        for stage, days in (row.spent or {}).items():
            total, firms = self.spent.get(stage, (0, 0))
            self.spent[stage] = total + days, firms + 1

    def days(self, stage: str) -> Fraction | None:
        """Working days that a firm spent in a stage, on average of those that have left it."""
        total, firms = self.spent.get(stage, (0, 0))
        return Fraction(total, firms) if firms else None


def tally(rows: Iterable[FirmRow], base: str = CURRENT) -> Tally:
    found = Tally()
    for row in rows:
        found.add(row, base)
    return found


Part = Callable[[FirmRow], str | int]


def tallies(
    rows: Iterable[FirmRow], key: Part, base: str = CURRENT, *, ledger: Part | None = None
) -> dict[str | int, Tally]:
    """By zone, county, department, group, industry: whatever ``key`` says of a row; ``ledger``:
    where its case counts, if that may be another part (统计归属, 实际服务)."""
    found: dict[str | int, Tally] = {}
    for row in rows:
        found.setdefault(key(row), Tally()).add_filing(row, base)
        if row.stage:
            found.setdefault((ledger or key)(row), Tally()).add_ledger(row)
    return found
