"""县区排名: counties of a day with their places, as frozen where it is, else counted now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from reports.figures.counted import lacking_one
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
from reports.indicators import Indicators, indicators_of, indicators_on
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


def placed(
    programme: Programme,
    on: date,
    *,
    by_zone: bool,
    pack: Pack,
    lacking: Mapping[int, int] | None = None,
) -> Placed:
    """At most seven statements; ``lacking``: open firms that lack one item now by county, where the
    caller has them."""
    freeze, earlier = frozen_pair(programme, on)
    if freeze is not None:
        state = state_of(freeze)
        before = indicators_of(state, before_of(state, today=on))
        lacks = {pk: state.of_county(pk).counts["lacks_one"] for pk in state.names.counties}
        return _placed(state.pack, indicators_of(state), before, by_zone, freeze, lacks)
    days = (on,) if earlier else (on, month_before(on))
    now, *found = indicators_on(programme, days, pack)
    before = indicators_of(state_of(earlier)) if earlier else found[0]
    short = lacking_one(programme) if lacking is None else lacking
    lacks = {row.county_id: short.get(row.county_id, 0) for row in now.counties if row.county_id}
    return _placed(pack, now, before, by_zone, None, lacks)


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
