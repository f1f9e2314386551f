"""Figures counted from rows of firms; what each means says ``definitions``. Plain values.

A rate is an exact fraction until it is printed. ``base`` picks what the rates of the filing are a
part of: the register of the day or the year's base; the ledger's own rates stand on its cases.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from operator import attrgetter

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

    def add(self, row: FirmRow, base: str = CURRENT, firms: int = 1) -> None:
        """``firms``: of which the same is said."""
        self.add_filing(row, base, firms)
        self.add_ledger(row, firms)

    def add_filing(self, row: FirmRow, base: str, firms: int = 1) -> None:
        """What register and filing say of a firm."""
        counts = self.counts
        counts["current"] += firms * row.listed
        counts["assessed"] += firms * row.assessed
        counts["entered"] += firms * (row.listed and not row.assessed)
        counts["entered_covered"] += firms * (row.listed and not row.assessed and row.covered)
        if row.assessed if base == ASSESSMENT else row.listed:
            self._of_filing(row, firms)

    def add_ledger(self, row: FirmRow, firms: int = 1) -> None:
        """What its case says."""
        if row.stage:
            self._of_ledger(row, firms)

    def _of_filing(self, row: FirmRow, firms: int) -> None:
        for name in ("registered", "filed", *HAVES, "four_haves", "first_time"):
            self.counts[name] += firms * bool(getattr(row, name))
        self.counts["listed"] += firms
        self.counts["with_rd"] += firms * row.covered

    def _of_ledger(self, row: FirmRow, firms: int) -> None:
        counts, runs = self.counts, row.stage not in TERMINAL
        self.stages[row.stage] += firms
        counts["opened"] += firms * (row.stage != DELISTED)
        counts["delisted"] += firms * (row.stage == DELISTED)
        counts["running"] += firms * runs
        counts["closed"] += firms * (row.stage == CLOSED)
        counts["closed_in_time"] += firms * (row.stage == CLOSED and not row.was_late)
        counts["overdue"] += firms * (row.late > 0)
        counts["overdue_long"] += firms * (row.late >= LATE)
        counts["lacks_one"] += firms * (runs and row.lacking == 1)
        for stage, days in (row.spent or {}).items():
            total, left = self.spent.get(stage, (0, 0))
            self.spent[stage] = total + firms * days, left + firms

    def days(self, stage: str) -> Fraction | None:
        """Working days that a firm spent in a stage, on average of those that have left it."""
        total, firms = self.spent.get(stage, (0, 0))
        return Fraction(total, firms) if firms else None


# everything that is counted of a firm; of half a million a few thousand say something different
_SAID = attrgetter(
    "listed", "assessed", "registered", "filed", *HAVES, "covered", "first_time", "stage", "late",
    "was_late", "lacking",
)  # fmt: skip


def _alike(row: FirmRow) -> tuple[Hashable, ...]:
    return *_SAID(row), tuple(row.spent.items()) if row.spent else ()


def tally(rows: Iterable[FirmRow], base: str = CURRENT) -> Tally:
    return tallies(rows, lambda _row: "", base).get("", Tally())


Part = Callable[[FirmRow], str | int]


def tallies(
    rows: Iterable[FirmRow], key: Part, base: str = CURRENT, *, ledger: Part | None = None
) -> dict[str | int, Tally]:
    """By zone, county, department, group, industry: whatever ``key`` says of a row; ``ledger``:
    where its case counts, if that may be another part (统计归属, 实际服务)."""
    known: dict[Hashable, FirmRow] = {}
    counts: Counter[Hashable] = Counter()
    said: Hashable
    for row in rows:
        said = key(row), (ledger or key)(row) if row.stage else None, _alike(row)
        known.setdefault(said, row)
        counts[said] += 1
    found: dict[str | int, Tally] = {}
    for said, row in known.items():
        found.setdefault(key(row), Tally()).add_filing(row, base, counts[said])
        if row.stage:
            found.setdefault((ledger or key)(row), Tally()).add_ledger(row, counts[said])
    return found
