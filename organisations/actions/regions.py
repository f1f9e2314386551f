"""Verbs of the map: a city with its counties, townships, a move under another parent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext as _

from organisations.errors import Refused
from organisations.journal import record
from organisations.models import AuditEvent, Region
from organisations.regions import fold
from organisations.scope import Actor

KIND = AuditEvent.Kind.REGION


@dataclass(frozen=True)
class CountySpec:
    """A county as the pack lists it; ``code`` (GB/T 2260) is optional: 高新区 has none."""

    name: str
    aliases: tuple[str, ...] = ()
    code: str = ""


@transaction.atomic
def create_city(
    *,
    name: str,
    counties: Iterable[CountySpec],
    province: str = "",
    code: str = "",
    aliases: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> Region:
    """The city with its counties in the order given; repeatable: what exists is brought up to date.

    A county that is no longer listed stays, as cases and memberships point at it.
    """
    parent = _province(province) if province else None
    city, is_new = Region.objects.get_or_create(
        key=name, defaults={"name": name, "level": Region.Level.CITY, "parent": parent}
    )
    _refuse_another_level(city, Region.Level.CITY)
    _refine(city, code=code, aliases=aliases, position=city.position)
    specs = list(counties)
    _refuse_ambiguous(specs)
    added = [s.name for n, s in enumerate(specs, 1) if _county(city, s, position=n)]
    if is_new or added:
        record(KIND, "create_city", city, by=by, at=at, counties=added)
    return city


@transaction.atomic
def create_township(
    *, county: Region, name: str, aliases: Sequence[str] = (), by: Actor, at: datetime
) -> Region:
    """A township or park of a county; the one that exists is returned as it is."""
    if county.level != Region.Level.COUNTY:
        raise Refused("not_a_county", _("A township or park belongs to a county."))
    township, is_new = Region.objects.get_or_create(
        key=f"{county.key}/{fold(name)}",
        defaults={
            "name": fold(name),
            "level": Region.Level.TOWNSHIP,
            "parent": county,
            "aliases": list(aliases),
        },
    )
    if is_new:
        record(KIND, "create_township", township, by=by, at=at, county=county.name)
    return township


@transaction.atomic
def move(region: Region, *, parent: Region, by: Actor, at: datetime) -> Region:
    """Put a region with all below it under another parent (a park that changed its county)."""
    if parent.is_within(region):
        raise Refused("circle", _("A region cannot lie inside itself."))
    old_path, old_parent = region.path, region.parent
    region.parent = parent
    region.save()
    Region.objects.filter(path__startswith=old_path).exclude(pk=region.pk).update(
        path=Concat(Value(region.path), Substr(F("path"), len(old_path) + 1))
    )
    record(KIND, "move", region, by=by, at=at, source=str(old_parent or ""), target=parent.name)
    return region


def _province(name: str) -> Region:
    province, _is_new = Region.objects.get_or_create(
        key=name, defaults={"name": name, "level": Region.Level.PROVINCE}
    )
    return province


def _county(city: Region, spec: CountySpec, *, position: int) -> bool:
    county, is_new = Region.objects.get_or_create(
        key=f"{city.key}/{spec.name}",
        defaults={"name": spec.name, "level": Region.Level.COUNTY, "parent": city},
    )
    _refine(county, code=spec.code, aliases=spec.aliases, position=position)
    return is_new


def _refine(region: Region, *, code: str, aliases: Sequence[str], position: int) -> None:
    """Take code, aliases and order over where they say something new."""
    merged = [*region.aliases, *(a for a in aliases if a not in region.aliases)]
    wanted = (code or region.code, merged, position)
    if wanted != (region.code, region.aliases, region.position):
        region.code, region.aliases, region.position = wanted
        region.save()


def _refuse_another_level(region: Region, level: str) -> None:
    if region.level != level:
        raise Refused(
            "key_taken",
            _("“%(name)s” is already in use for another kind of region.") % {"name": region.name},
        )


def _refuse_ambiguous(specs: Sequence[CountySpec]) -> None:
    """A name or alias that would mean two counties would send firms to the wrong one."""
    meant: dict[str, str] = {}
    for spec in specs:
        for text in (spec.name, *spec.aliases, *([spec.code] if spec.code else [])):
            other = meant.setdefault(fold(text), spec.name)
            if other != spec.name:
                raise Refused(
                    "county_ambiguous",
                    _("“%(text)s” would mean both %(first)s and %(second)s.")
                    % {"text": text, "first": other, "second": spec.name},
                )
