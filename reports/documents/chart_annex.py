"""进展情况图: the counties' bars of the screens on paper, and their figures as a table for Word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.documents.circular_facts import Line
from reports.documents.content import Annex, Bar, Column, Table


def chart_of(zones: Iterable[tuple[str, Sequence[Line]]]) -> Annex:
    """Zone by zone in the order of the ranking: rate, planned line, target."""
    return Annex(
        title=_("Coverage of the counties against their planned line"),
        bars=tuple(
            Bar(
                group=zone,
                name=line.row.name,
                rate=_plain(line.row.coverage_rate),
                planned=_plain(line.row.planned),
                target=_plain(line.row.target),
            )
            for zone, lines in zones
            for line in lines
        ),
        notes=(_("Hatched: behind the planned line. Rates in per cent."),),
    )


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


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _words(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"
