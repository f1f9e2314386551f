"""The counties and townships of one city by every spelling that a list may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from enterprises.importing.folding import fold_tight
from organisations.models import Region


@dataclass(frozen=True)
class RegionIndex:
    """Folded name or alias → region id, within one city only (开发区 exists in two)."""

    counties: Mapping[str, int]
    townships: Mapping[tuple[int, str], int] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)

    def county(self, text: str) -> int | None:
        return self.counties.get(fold_tight(text))

    def township(self, county_id: int, text: str) -> int | None:
        return self.townships.get((county_id, fold_tight(text)))


def regions_of(city: Region) -> RegionIndex:
    """The index of a city; one query."""
    rows = Region.objects.filter(path__startswith=city.path).exclude(pk=city.pk)
    return index_of(city.name, [r for r in rows if city.path])


def index_of(city_name: str, regions: Iterable[Region]) -> RegionIndex:
    counties: dict[str, int] = {}
    townships: dict[tuple[int, str], int] = {}
    names: dict[int, str] = {}
    for region in regions:
        names[region.pk] = region.name
        for spelling in _spellings(city_name, region):
            if region.level == Region.Level.COUNTY:
                counties.setdefault(spelling, region.pk)
            elif region.level == Region.Level.TOWNSHIP and region.parent_id:
                townships.setdefault((region.parent_id, spelling), region.pk)
    return RegionIndex(counties, townships, names)


def _spellings(city_name: str, region: Region) -> Iterable[str]:
    """The short name, its aliases, the code, each also with the city's name before it."""
    city = fold_tight(city_name)
    for name in (region.name, *region.aliases):
        folded = fold_tight(name)
        yield folded
        yield city + folded
    if region.code:
        yield region.code
