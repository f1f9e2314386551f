"""Finding a region by what people write: blanks, full width and old names folded.

Only within one city, as 开发区 exists in two of them (facts: counties).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from organisations.models import Region

_BLANKS = re.compile(r"\s+")


def fold(text: str) -> str:
    """Full width to half, no blanks of any kind, lower case."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


class RegionFinder:
    """Look-ups within one city from one query, for importing thousands of rows."""

    def __init__(self, city: Region) -> None:
        self.city = city
        regions = list(Region.objects.within(city))
        self.regions = {region.pk: region for region in regions}
        self._counties = _names(r for r in regions if r.level == Region.Level.COUNTY)
        self._townships: dict[int, dict[str, Region]] = {}
        for region in regions:
            if region.level == Region.Level.TOWNSHIP and region.parent_id:
                names = self._townships.setdefault(region.parent_id, {})
                names.update(_names([region]))

    def county(self, text: str) -> Region | None:
        """The county that ``text`` means ("嵩  县", 瀍河回族区, 410381), or None."""
        return self._found(self._counties, text)

    def township(self, county: Region, text: str) -> Region | None:
        return self._found(self._townships.get(county.pk, {}), text)

    def _found(self, names: dict[str, Region], text: str) -> Region | None:
        folded = fold(text)
        return names.get(folded) or names.get(folded.removeprefix(fold(self.city.name)))


def find_region(city: Region, text: str) -> Region | None:
    """The county of ``city`` that ``text`` means, or None; one query."""
    return RegionFinder(city).county(text)


def find_city(text: str) -> Region | None:
    """A city by its name, alias, key or code, as the command line gives it."""
    return _names(Region.objects.cities()).get(fold(text))


def _names(regions: Iterable[Region]) -> dict[str, Region]:
    """Every way to write each region; a proper name beats another region's alias."""
    found: dict[str, Region] = {}
    rows = list(regions)
    for region in rows:
        for alias in [*region.aliases, region.code, region.key]:
            if alias:
                found.setdefault(fold(alias), region)
    for region in rows:
        found[fold(region.name)] = region
    return found
