"""The counties and townships of one city, as ids, for rows that are judged without a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from organisations.models import Region
from organisations.regions import RegionFinder


@dataclass(frozen=True)
class RegionIndex:
    finder: RegionFinder = field(repr=False)
    # what was asked before: thousands of rows name the same few places
    _counties: dict[str, int | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _townships: dict[tuple[int, str], int | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def county(self, text: str) -> int | None:
        if text not in self._counties:
            found = self.finder.county(text)
            self._counties[text] = found.pk if found else None
        return self._counties[text]

    def township(self, county_id: int, text: str) -> int | None:
        key = (county_id, text)
        if key not in self._townships:
            county = self.finder.regions.get(county_id)
            found = self.finder.township(county, text) if county else None
            self._townships[key] = found.pk if found else None
        return self._townships[key]

    @property
    def names(self) -> Mapping[int, str]:
        return {pk: region.name for pk, region in self.finder.regions.items()}

    @property
    def places(self) -> list[str]:
        """Every name of the map above the townships, with which a firm's name may begin."""
        regions = self.finder.regions.values()
        above = [one for one in regions if one.level != Region.Level.TOWNSHIP]
        return [name for one in above for name in (one.name, *one.aliases)]


def regions_of(city: Region) -> RegionIndex:
    """The index of a city; one query."""
    return RegionIndex(RegionFinder(city))
