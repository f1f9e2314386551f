"""The counties' bars of the screens on paper, and their figures as a table for Word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from reports.charts import bar_svg
from reports.documents.content import Bar, Column, Table


@dataclass(frozen=True)
class Drawn:
    """One bar as the sheet prints it, with its words beside it."""

    name: str
    rate: str
    svg: SafeString


def drawn(bars: Sequence[Bar]) -> list[tuple[str, list[Drawn]]]:
    """The very bars of the screens, group by group."""
    return [
        (group, [_drawn(bar) for bar in found])
        for group, found in groupby(bars, lambda bar: bar.group)
    ]


def _drawn(bar: Bar) -> Drawn:
    rate, planned = _exact(bar.rate), _exact(bar.planned)
    behind = rate is not None and planned is not None and rate < planned
    svg = bar_svg(rate, planned=planned, target=_exact(bar.target), behind=behind)
    return Drawn(bar.name, "—" if bar.rate is None else f"{bar.rate:.1f}%", svg)


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def chart_tables(bars: Sequence[Bar]) -> list[Table]:
    columns = tuple(
        Column(title=title)
        for title in (
            pgettext("ranking", "County"),
            pgettext("ranking", "Coverage %"),
            pgettext("ranking", "Planned line %"),
            pgettext("ranking", "Annual target %"),
        )
    )
    return [
        Table(
            caption=group,
            columns=columns,
            rows=tuple(
                (bar.name, _words(bar.rate), _words(bar.planned), _words(bar.target))
                for bar in found
            ),
        )
        for group, found in groupby(bars, lambda bar: bar.group)
    ]


def _words(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"
