"""Charts as numbers for a template: bars in per cent of their cell, so that the words around them
keep their size on a phone, on a screen and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.indicators import Row

TICKS = (0, 20, 40, 60, 80, 100)


@dataclass(frozen=True)
class Bar:
    """One county's bar; width and ticks in per cent of the cell."""

    row: Row
    width: str
    target: str
    planned: str
    behind: bool
    url: str = ""


@dataclass(frozen=True)
class Zone:
    """A zone's heading above its counties."""

    name: str
    bars: tuple[Bar, ...]


def bars(zones: Sequence[tuple[str, Sequence[Row]]], urls: dict[int, str]) -> list[Zone]:
    """Counties zone by zone, each from the highest coverage down."""
    return [Zone(name, tuple(_bar(row, urls) for row in by_coverage(rows))) for name, rows in zones]


def by_coverage(rows: Sequence[Row]) -> list[Row]:
    """The highest coverage first; equal ones stay in the order of the pack."""
    return sorted(rows, key=lambda row: -(row.exact_coverage or 0))


def _bar(row: Row, urls: dict[int, str]) -> Bar:
    return Bar(
        row,
        width=_percent(row.coverage_rate or Decimal(0)),
        target=_percent(row.target) if row.target is not None else "",
        planned=_percent(row.planned) if row.planned is not None else "",
        behind=row.planned_gap is not None and row.planned_gap < 0,
        url=urls.get(row.county_id or 0, ""),
    )


def _percent(rate: Decimal) -> str:
    return f"{min(rate, Decimal(100)):.1f}%"
