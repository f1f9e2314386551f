"""Verbs: issuing a pack, the regions and units it names, the working days."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from organisations.models import Region, Unit
from organisations.scope import Actor
from workflows.days import official_days
from workflows.models import CalendarDay, Programme, ProgrammeVersion, forget_calendar
from workflows.pack_model import CountyPlan, Pack, UnitPlan
from workflows.packs import parse_pack


@transaction.atomic
def issue_pack(text: str, *, by: Actor, at: datetime, source: str = "") -> ProgrammeVersion:
    """Store a pack as the newest version of its programme; the same text again changes nothing.

    Raises PackError with every finding. Makes the city and its counties where they are missing.
    """
    pack = parse_pack(text, source, issued_on=timezone.localdate(at))
    programme, _created = Programme.objects.update_or_create(
        key=pack.key,
        defaults={
            "title": pack.title.zh,
            "city": set_up_regions(pack),
            "statistical_year": pack.statistical_year,
        },
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    issued = ProgrammeVersion.objects.filter(programme=programme, sha256=digest).first()
    return issued or ProgrammeVersion.objects.create(
        programme=programme,
        number=_next_number(programme),
        sha256=digest,
        source=text,
        issued_at=at,
        issued_by=by.user,
    )


def set_up_regions(pack: Pack) -> Region:
    """The pack's city with its counties; what exists is left alone, new aliases are added."""
    city = _region(pack.city, pack.city, Region.Level.CITY, None, pack.city_code or "", 0)
    for place, county in enumerate(pack.counties):
        _county(city, county, place)
    return city


@transaction.atomic
def set_up_units(pack: Pack) -> dict[str, Unit]:
    """The units that the pack names, by short name; what exists is left alone.

    Posts and people are not made here: they come from the city's workbook.
    """
    city = set_up_regions(pack)
    units = pack.units
    planned = [
        (units.office, Unit.Kind.OFFICE),
        *((plan, Unit.Kind.DEPARTMENT) for plan in units.departments),
        (units.supervision, Unit.Kind.SUPERVISION),
        (units.leadership, Unit.Kind.LEADERSHIP),
        *((plan, Unit.Kind.LIAISON_GROUP) for plan in units.liaison_groups),
    ]
    made = {
        plan.short_name: _unit(city, plan, kind, place)
        for place, (plan, kind) in enumerate(planned)
        if plan is not None
    }
    for region in city.children.filter(level=Region.Level.COUNTY):
        unit = _unit(region, _named(units.county_unit, region.name), Unit.Kind.TASK_FORCE, 0)
        made[unit.short_name] = unit
    _pair(pack, city, made)
    return made


@transaction.atomic
def seed_calendar() -> int:
    """Fill the table with the official days; what an administrator has entered stays."""
    rows = [CalendarDay(day=day, is_working=worked, name=n) for day, worked, n in official_days()]
    before = CalendarDay.objects.count()
    CalendarDay.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    forget_calendar()
    return CalendarDay.objects.count() - before


@transaction.atomic
def set_days(days: Mapping[date, tuple[bool, str]]) -> None:
    """Announced days: for each whether it is worked, and its name."""
    rows = [CalendarDay(day=day, is_working=worked, name=n) for day, (worked, n) in days.items()]
    CalendarDay.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["day"], update_fields=["is_working", "name"]
    )
    forget_calendar()


def _next_number(programme: Programme) -> int:
    newest = programme.versions.aggregate(newest=Max("number"))["newest"]
    return int(newest or 0) + 1


def _county(city: Region, plan: CountyPlan, place: int) -> None:
    key = f"{city.key}/{plan.name}"
    region = _region(key, plan.name, Region.Level.COUNTY, city, plan.code or "", place)
    fresh = [alias for alias in plan.aliases if alias not in region.aliases]
    if fresh:
        region.aliases = [*region.aliases, *fresh]
        region.save(update_fields=["aliases"])


def _region(
    key: str, name: str, level: str, parent: Region | None, code: str, place: int
) -> Region:
    region, created = Region.objects.get_or_create(
        key=key,
        defaults={
            "name": name,
            "level": level,
            "parent": parent,
            "code": code,
            "position": place,
        },
    )
    if created:
        region.path = f"{parent.path if parent else '/'}{region.pk}/"
        region.save(update_fields=["path"])
    return region


def _unit(region: Region, plan: UnitPlan, kind: str, place: int) -> Unit:
    known = Unit.objects.filter(region=region, short_name=plan.short_name).first()
    return known or Unit.objects.create(
        region=region, name=plan.name, short_name=plan.short_name, kind=kind, position=place
    )


def _named(plan: UnitPlan, county: str) -> UnitPlan:
    return UnitPlan(
        short_name=plan.short_name.format(county=county),
        name=plan.name.format(county=county),
        en=plan.en,
    )


def _pair(pack: Pack, city: Region, made: Mapping[str, Unit]) -> None:
    regions = {region.name: region for region in city.children.all()}
    for county in pack.counties:
        if county.liaison_group:
            made[county.liaison_group].paired_counties.add(regions[county.name])
