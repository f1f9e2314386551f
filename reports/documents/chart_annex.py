"""进展情况图: the counties' coverage against the planned line, zone by zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from reports.documents.circular_facts import Line
from reports.documents.content import Annex, Bar


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
        notes=(
            _("Hatched: behind the planned line (dashed); solid: target of the year. In per cent."),
        ),
    )


def _plain(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
