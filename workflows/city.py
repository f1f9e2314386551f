"""A city's map and units as its pack names them, in the terms of the floor below."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from organisations.actions.regions import CountySpec, create_city
from organisations.models import Region, Unit
from organisations.scope import Actor
from organisations.setup import CitySpec, UnitSpec, set_up_city
from workflows.pack_model import Pack
from workflows.pack_parts import UnitPlan

Units = dict[str, Unit]


def city_spec(pack: Pack) -> CitySpec:
    """The city, its counties and units; people are not in a pack, they come in a workbook."""
    return CitySpec(
        name=pack.city,
        code=pack.city_code or "",
        counties=_counties(pack),
        units=tuple(_units(pack)),
    )


def set_up_regions(pack: Pack, *, by: Actor, at: datetime) -> Region:
    """The pack's city with its counties; repeatable."""
    return create_city(
        name=pack.city, counties=_counties(pack), code=pack.city_code or "", by=by, at=at
    )


def set_up_units(pack: Pack, *, by: Actor, at: datetime) -> Units:
    """The units that the pack names with their posts, by short name; what exists is left alone."""
    city = set_up_city(city_spec(pack), by=by, at=at).city
    return {unit.short_name: unit for unit in Unit.objects.within(city) if unit.short_name}


def _counties(pack: Pack) -> tuple[CountySpec, ...]:
    return tuple(
        CountySpec(name=county.name, aliases=county.aliases, code=county.code or "")
        for county in pack.counties
    )


def _units(pack: Pack) -> Iterator[UnitSpec]:
    units = pack.units
    single = (
        (units.office, Unit.Kind.OFFICE),
        (units.supervision, Unit.Kind.SUPERVISION),
        (units.leadership, Unit.Kind.LEADERSHIP),
    )
    yield from (_spec(plan, kind) for plan, kind in single if plan)
    yield from (_spec(plan, Unit.Kind.DEPARTMENT) for plan in units.departments)
    for group in units.liaison_groups:
        paired = tuple(c.name for c in pack.counties if c.liaison_group == group.short_name)
        yield _spec(group, Unit.Kind.LIAISON_GROUP, paired_counties=paired)
    for county in pack.counties:
        plan = units.county_unit.of(county.name)
        yield _spec(plan, Unit.Kind.TASK_FORCE, county=county.name)
    if units.county_bureau is not None:
        for county in pack.counties:
            plan = units.county_bureau.of(county.name)
            yield _spec(plan, Unit.Kind.DEPARTMENT, county=county.name)


def _spec(
    plan: UnitPlan, kind: str, *, county: str = "", paired_counties: tuple[str, ...] = ()
) -> UnitSpec:
    return UnitSpec(
        name=plan.name,
        short_name=plan.short_name,
        kind=kind,
        county=county,
        paired_counties=paired_counties,
    )
