"""序时对比: two days side by side: coverage, gap to the line, places and closings of each county.

A frozen day reads as it was frozen. Seven statements at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cases.rulebook import pack_of
from organisations.models import Region
from organisations.rounding import half_up
from reports.figures.months import target_of, zones_of
from reports.figures.nouns import Freeze
from reports.figures.ranking import Month, Place, Share, places
from reports.outlook.facts import Counts, counts_on, frozen_closings, frozen_counts, total
from reports.outlook.reading import known_on
from workflows.models import Programme
from workflows.packs import Pack


@dataclass(frozen=True)
class Side:
    """One of the two days; ``freeze`` None: as known now."""

    day: date
    freeze: Freeze | None
    places: Mapping[str, Place]
    closed: Mapping[int, int]
    covered: int
    base: int

    @property
    def rate(self) -> Decimal | None:
        return half_up(Fraction(100 * self.covered, self.base)) if self.base else None


@dataclass(frozen=True)
class Compared:
    """``order``: counties as they stand on the later day; ``ids`` by name."""

    first: Side
    last: Side
    order: Sequence[Place]
    ids: Mapping[str, int]
    by_zone: bool


def compared_days(
    programme: Programme, pack: Pack, first: date, last: date, *, by_zone: bool
) -> Compared:
    ids = {name: pk for pk, name in _counties(programme)}
    freezes = _freezes(programme, (first, last))
    kept = frozen_counts(list(freezes.values()))
    live = [day for day in (first, last) if not kept.get(day)]
    counts = {**kept, **dict(zip(live, counts_on(programme, pack, live), strict=True))}
    # a frozen day by the plan that held when it was frozen: its targets, its line, its zones
    plans = {day: pack_of(one.pack_version_id or 0) for day, one in freezes.items()}
    months = {day: _month(plans.get(day, pack), ids, counts[day], day) for day in (first, last)}
    zones = {day: zones_of(plans.get(day, pack)) for day in (first, last)}
    now = places(months[last], months[first], zones[last], by_zone=by_zone)
    was = places(months[first], None, zones[first], by_zone=by_zone)
    closings = frozen_closings(list(freezes.values()))
    asked = [day for day in (first, last) if day not in closings]
    known = dict(zip(asked, known_on(programme, asked), strict=True)) if asked else {}

    def side(day: date, found: Sequence[Place]) -> Side:
        closed = closings[day] if day in closings else known[day].closed
        by_name = {place.name: place for place in found}
        return Side(day, freezes.get(day), by_name, closed, *total(counts[day]))

    return Compared(side(first, was), side(last, now), now, ids, by_zone)


def _counties(programme: Programme) -> list[tuple[int, str]]:
    return list(Region.objects.counties_of(programme.city).values_list("pk", "name"))


def _freezes(programme: Programme, days: Sequence[date]) -> dict[date, Freeze]:
    """The newest version of each day's freeze; a month's edition before a mere cut of the day."""
    rows = Freeze.objects.frozen().filter(programme=programme, as_of__in=days)
    rows = rows.exclude(edition=Freeze.Edition.ANNUAL_REPORT).select_related("programme__city")
    found = sorted(rows, key=lambda row: (row.edition != Freeze.Edition.CUT, row.number))
    return {row.as_of: row for row in found}


def _month(pack: Pack, ids: Mapping[str, int], counts: Counts, day: date) -> Month:
    shares = {
        name: Share(*counts.get(pk, (0, 0)), target=target_of(pack, name))
        for name, pk in ids.items()
    }
    return Month(shares, pack.planned_share(day))
