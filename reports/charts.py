"""Charts as SVG geometry: numbers for a template, which draws them with the look's classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.indicators import Row

LEFT, WIDTH, FULL = 92, 378, 700  # label column, the bar's room for 100 %, the whole drawing
HEAD, STEP, ZONE = 20, 27, 24
TICKS = (0, 20, 40, 60, 80, 100)


@dataclass(frozen=True)
class Bar:
    """One county's bar; ``y`` is its text line, widths and places in units of the drawing."""

    row: Row
    y: int
    width: str
    target: str
    planned: str
    behind: bool
    url: str = ""

    @property
    def top(self) -> int:
        return self.y - 10

    @property
    def mark(self) -> int:
        return self.y - 14


@dataclass(frozen=True)
class Zone:
    """A zone's heading above its counties."""

    name: str
    y: int
    bars: tuple[Bar, ...]

    @property
    def line(self) -> int:
        return self.y - 4


@dataclass(frozen=True)
class Bars:
    zones: tuple[Zone, ...]
    ticks: tuple[tuple[int, str], ...]
    height: int
    full: int = FULL
    left: int = LEFT
    room: int = WIDTH


def bars(zones: Sequence[tuple[str, Sequence[Row]]], urls: dict[int, str]) -> Bars:
    """Counties zone by zone, each from the highest coverage down."""
    y, drawn = HEAD, []
    for name, rows in zones:
        y += ZONE
        heading, found = y, []
        for row in sorted(rows, key=lambda r: -(r.exact_coverage or 0)):
            y += STEP
            found.append(_bar(row, y, urls))
        drawn.append(Zone(name, heading, tuple(found)))
        y += 8
    ticks = tuple((tick, _place(Decimal(tick))) for tick in TICKS)
    return Bars(tuple(drawn), ticks, y + 10)


def _bar(row: Row, y: int, urls: dict[int, str]) -> Bar:
    rate = row.coverage_rate or Decimal(0)
    return Bar(
        row,
        y,
        width=_width(rate),
        target=_place(row.target) if row.target is not None else "",
        planned=_place(row.planned) if row.planned is not None else "",
        behind=row.planned_gap is not None and row.planned_gap < 0,
        url=urls.get(row.county_id or 0, ""),
    )


def _width(rate: Decimal) -> str:
    return f"{rate * WIDTH / 100:.1f}"


def _place(rate: Decimal) -> str:
    return f"{LEFT + rate * WIDTH / 100:.1f}"
