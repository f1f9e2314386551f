"""Verbs: a city's map and units as its pack names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction

from organisations.actions import posts
from organisations.actions.regions import CountySpec, create_city
from organisations.models import Region, Unit
from organisations.scope import Actor
from workflows.pack_model import Pack, UnitPlan

Units = dict[str, Unit]


def set_up_regions(pack: Pack, *, by: Actor, at: datetime) -> Region:
    """The pack's city with its counties; repeatable."""
    counties = [
        CountySpec(name=county.name, aliases=county.aliases, code=county.code or "")
        for county in pack.counties
    ]
    return create_city(name=pack.city, counties=counties, code=pack.city_code or "", by=by, at=at)


@transaction.atomic
def set_up_units(pack: Pack, *, by: Actor, at: datetime) -> Units:
    """The units that the pack names, by short name; what exists is left alone.

    Posts and people are not made here: they come from the city's workbook.
    """
    city = set_up_regions(pack, by=by, at=at)
    made: Units = {}
    for place, (region, plan, kind) in enumerate(_planned(pack, city)):
        made[plan.short_name] = _unit(region, plan, kind, place, by=by, at=at)
    _pair(pack, city, made, by=by, at=at)
    return made


def _planned(pack: Pack, city: Region) -> Iterator[tuple[Region, UnitPlan, str]]:
    units = pack.units
    single = (
        (units.office, Unit.Kind.OFFICE),
        (units.supervision, Unit.Kind.SUPERVISION),
        (units.leadership, Unit.Kind.LEADERSHIP),
    )
    yield from ((city, plan, kind) for plan, kind in single if plan)
    yield from ((city, plan, Unit.Kind.DEPARTMENT) for plan in units.departments)
    yield from ((city, plan, Unit.Kind.LIAISON_GROUP) for plan in units.liaison_groups)
    for county in Region.objects.counties_of(city):
        yield county, units.county_unit.of(county.name), Unit.Kind.TASK_FORCE


def _unit(
    region: Region, plan: UnitPlan, kind: str, place: int, *, by: Actor, at: datetime
) -> Unit:
    known = Unit.objects.filter(region=region, short_name=plan.short_name).first()
    return known or posts.create_unit(
        region=region,
        name=plan.name,
        short_name=plan.short_name,
        kind=kind,
        position=place,
        by=by,
        at=at,
    )


def _pair(pack: Pack, city: Region, made: Mapping[str, Unit], *, by: Actor, at: datetime) -> None:
    regions = {region.name: region for region in Region.objects.counties_of(city)}
    for group in pack.units.liaison_groups:
        paired = [c.name for c in pack.counties if c.liaison_group == group.short_name]
        counties = [regions[name] for name in paired]
        posts.pair(made[group.short_name], counties=counties, by=by, at=at)
