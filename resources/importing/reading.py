"""The cells of a row as values of the directory; a cell that says nothing is not among them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from organisations.importing import RowRefused
from organisations.models import Region, Unit
from organisations.people_sheets import SheetSpec, meant
from organisations.regions import RegionFinder, fold
from organisations.workbook import Row
from resources.chinese import words_of
from resources.folds import wrong_industries

LENGTHS = {
    "name": 120, "institute_name": 120, "place": 60, "contact": 40, "phone": 30, "source": 200,
    "title": 40, "team": 60, "duty": 40, "shares": 300, "credit_code": 18, "offers": 2000,
}  # fmt: skip
DAYS = ("valid_from", "valid_until", "from_on", "until_on")
LISTS = ("fields", "industries", "also")


class Reader:
    """Reads rows of one city: counties and units at hand, no query a row."""

    def __init__(self, city: Region) -> None:
        self.city = city
        self.finder = RegionFinder(city)
        self.units: dict[str, Unit] = {}
        for unit in Unit.objects.within(city).filter(region=city):
            for name in {fold(unit.name), fold(unit.short_name)} - {""}:
                self.units.setdefault(name, unit)

    def values(self, spec: SheetSpec, row: Row, words: dict[str, Any]) -> dict[str, Any]:
        """By column name; ``words`` maps a column to the words of its choices. Raises
        ``RowRefused`` with the column that is wrong."""
        for column in spec.columns:
            if column.required and not row.text(column.name):
                raise RowRefused(column.name, "missing", _("This must not be empty."))
        return dict(self._cells(spec, row, words))

    def _cells(self, spec: SheetSpec, row: Row, words: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for column in spec.columns:
            name, text = column.name, row.text(column.name)
            if not text:
                continue
            if name in words:
                yield name, self._choice(name, text, words[name])
            elif name in DAYS:
                yield name, self._day(row, name)
            elif name in LISTS:
                yield name, self._list(name, text)
            elif name == "region":
                yield name, self._region(text)
            elif name == "owner_unit":
                yield name, self._unit(text)
            else:
                yield name, self._text(name, text)

    def _choice(self, name: str, text: str, words: dict[str, tuple[str, ...]]) -> str:
        value = meant(words, text)
        if value is None:
            known = "、".join(names[0] for names in words.values())
            reason = _("“%(text)s” is not in the list: %(known)s.")
            raise RowRefused(name, f"unknown_{name}", reason % {"text": text, "known": known})
        return value

    def _day(self, row: Row, name: str) -> date | None:
        try:
            return row.day(name)
        except (ValueError, TypeError) as wrong:
            raise RowRefused(name, "not_a_day", _("Write the day like 2026-03-01.")) from wrong

    def _list(self, name: str, text: str) -> list[str]:
        found = list(words_of(text))
        wrong = wrong_industries(found) if name == "industries" else []
        if wrong:
            reason = _("“%(codes)s” is no industry: two to four digits, 06 to 46.")
            raise RowRefused(name, "unknown_industry", reason % {"codes": "、".join(wrong)})
        if any(len(word) > 20 for word in found):
            reason = _("A word has at most 20 characters; separate words by 、.")
            raise RowRefused(name, "word_too_long", reason)
        return found

    def _region(self, text: str) -> Region:
        if fold(text) == fold(self.city.name):
            return self.city
        county = self.finder.county(text)
        if county is None:
            reason = _("%(city)s has no county “%(county)s”.")
            values = {"city": self.city, "county": text}
            raise RowRefused("region", "unknown_county", reason % values)
        return county

    def _unit(self, text: str) -> Unit:
        unit = self.units.get(fold(text))
        if unit is None:
            reason = _("There is no unit “%(unit)s” in %(city)s.")
            values = {"unit": text, "city": self.city}
            raise RowRefused("owner_unit", "unknown_unit", reason % values)
        return unit

    def _text(self, name: str, text: str) -> str:
        most = LENGTHS.get(name, 120)
        if len(text) > most:
            reason = _("At most %(limit)d characters; there are %(count)d.")
            raise RowRefused(name, "too_long", reason % {"limit": most, "count": len(text)})
        return text
