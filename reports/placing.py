"""县区排名: counties of a day with their places, as frozen where it is, else counted now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, OuterRef, Subquery

from cases.models import Case
from cases.stages import TERMINAL
from enterprises.facts import newest_on_both
from enterprises.models import Membership
from organisations.models import Region
from reports.figures.months import (
    before_of,
    frozen_pair,
    month_before,
    state_of,
    target_of,
    zones_of,
)
from reports.figures.nouns import Freeze
from reports.figures.ranking import Month, Place, Share, places
from reports.figures.reading import first_month, last_month
from reports.indicators import Indicators, indicators, indicators_of
from workflows.models import Programme
from workflows.packs import Pack


@dataclass(frozen=True)
class Placed:
    """``lacks_one``: by county, as of the freezing or now; not frozen, figures may change."""

    pack: Pack
    now: Indicators
    before: Indicators
    places: tuple[Place, ...]
    freeze: Freeze | None = None
    lacks_one: Mapping[int, int] = field(default_factory=dict)

    @property
    def zones(self) -> list[tuple[str, list[Place]]]:
        """Zone by zone in the order in which the places came; a plain list is one of no name."""
        found: dict[str, list[Place]] = {}
        for place in self.places:
            found.setdefault(place.zone, []).append(place)
        return list(found.items())


def placed(programme: Programme, on: date, *, by_zone: bool, pack: Pack) -> Placed:
    """At most six statements."""
    freeze, earlier = frozen_pair(programme, on)
    if freeze is not None:
        state = state_of(freeze)
        before = indicators_of(state, before_of(state, today=on))
        lacks = {pk: state.of_county(pk).counts["lacks_one"] for pk in state.names.counties}
        return _placed(state.pack, indicators_of(state), before, by_zone, freeze, lacks)
    counties, end = _counties(programme), month_before(on)
    given = _listed(programme, (on, end))
    since = first_month(pack)
    facts, were = newest_on_both(
        programme.city, last=on, first=end, since_month=since, until_month=last_month(pack)
    )
    now = indicators(programme, on, pack, counties=counties, listed=given[on], facts=facts)
    if earlier:
        before = indicators_of(state_of(earlier))
    else:
        before = indicators(programme, end, pack, counties=counties, listed=given[end], facts=were)
    lacks = {county.pk: county.lacks or 0 for county in counties}  # type: ignore[attr-defined]
    return _placed(pack, now, before, by_zone, None, lacks)


def _counties(programme: Programme) -> list[Region]:
    """In the order of the plan, each with its open firms that lack one item today (``lacks``)."""
    short = Case.objects.filter(programme=programme, is_main=True, county=OuterRef("pk"))
    short = short.filter(lacking_count=1).exclude(stage__in=TERMINAL).order_by()
    number = short.values("county").annotate(n=Count("pk")).values("n")
    return list(Region.objects.counties_of(programme.city).annotate(lacks=Subquery(number)))


def _listed(programme: Programme, days: Iterable[date]) -> dict[date, list[tuple[int, int]]]:
    """County and firm of the registers of some days; one statement."""
    wanted = list(days)
    rows = Membership.objects.filter(city=programme.city_id, joined_on__lte=max(wanted))
    found: dict[date, list[tuple[int, int]]] = {day: [] for day in wanted}
    for county, firm, first, last in rows.values_list(
        "county_id", "enterprise_id", "joined_on", "left_on"
    ):
        for day in wanted:
            if first <= day and (last is None or last > day):
                found[day].append((county, firm))
    return found


def _placed(
    pack: Pack,
    now: Indicators,
    before: Indicators,
    by_zone: bool,
    freeze: Freeze | None,
    lacks_one: Mapping[int, int],
) -> Placed:
    zones = zones_of(pack)
    found = places(_month(pack, now), _month(pack, before), zones, by_zone=by_zone)
    return Placed(pack, now, before, tuple(found), freeze, lacks_one)


def _month(pack: Pack, found: Indicators) -> Month:
    shares = {r.name: Share(r.with_rd, r.listed, target_of(pack, r.name)) for r in found.counties}
    return Month(shares, pack.planned_share(found.as_of))
