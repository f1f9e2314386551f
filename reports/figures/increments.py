"""000-13: what a rate must gain within a month (“9月份企业填报率至少再提高5个百分点”).

A line of its own beside the planned line of the year: it starts from where each county stood at the
end of the month before, whatever its target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.indicators import Indicators, Row
from workflows.packs import Pack


@dataclass(frozen=True)
class Gain:
    """``of``: a rate; ``asked`` and ``gained`` in points, as a reader computes them from the
    printed rates; ``line``: the rate that the month asks for, no more than all. Not known without
    both rates."""

    of: str
    asked: Decimal
    line: Decimal | None
    gained: Decimal | None
    rate: Decimal | None

    @property
    def reached(self) -> bool | None:
        return None if self.rate is None or self.line is None else self.rate >= self.line


def gains(pack: Pack, now: Indicators, before: Indicators) -> Mapping[str, list[Gain]]:
    """By county, and by the city's own name; empty where the plan asks nothing of the month."""
    asked = asked_of(pack, now.as_of)
    if not asked:
        return {}
    were = {row.name: row for row in (before.city, *before.counties)}
    return {
        row.name: [_gain(of, points, row, were.get(row.name)) for of, points in asked.items()]
        for row in (now.city, *now.counties)
    }


def asked_of(pack: Pack, on: date) -> dict[str, Decimal]:
    """By rate the points that the month of a day must bring."""
    month = f"{on:%Y-%m}"
    return {of: months[month] for of, months in pack.increments.items() if month in months}


def _gain(of: str, asked: Decimal, now: Row, was: Row | None) -> Gain:
    earlier: Decimal | None = getattr(was, of) if was else None
    rate: Decimal | None = getattr(now, of)
    line = None if earlier is None else min(earlier + asked, Decimal(100))
    gained = None if rate is None or earlier is None else rate - earlier
    return Gain(of, asked, line, gained, rate)
