"""The city's units by name and by what they do: whom a matter can be given to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from cases.desks import Desks
from cases.errors import Refused
from organisations.models import Unit
from workflows.measures import COUNTIES, LIAISON_GROUPS


class Staff:
    """Units of a city with their posts; two queries."""

    def __init__(self, city_id: int) -> None:
        found = Unit.objects.filter(region__path__contains=f"/{city_id}/").select_related("region")
        self.units = list(found.order_by("region__position", "position", "id"))
        self.desks = Desks.for_units([unit.pk for unit in self.units], city_id)
        self.city_id = city_id
        # of two units of one name the city's own, then the first one counts
        self._names: dict[str, Unit] = {}
        for unit in sorted(self.units, key=lambda unit: unit.region_id != city_id):
            for name in filter(None, (unit.short_name, unit.name)):
                self._names.setdefault(name, unit)

    @property
    def counties(self) -> list[Unit]:
        """The counties' task forces that have somebody, in the counties' order (001-04)."""
        return [
            unit
            for unit in self.units
            if unit.kind == Unit.Kind.TASK_FORCE and self.desks.has(unit.pk)
        ]

    @property
    def liaison_groups(self) -> list[Unit]:
        """The liaison groups that have somebody (004-14)."""
        groups = (unit for unit in self.units if unit.kind == Unit.Kind.LIAISON_GROUP)
        return [unit for unit in groups if self.desks.has(unit.pk)]

    @property
    def office(self) -> Unit:
        return self.by_id(self.desks.office(self.city_id))

    def by_id(self, pk: int) -> Unit:
        return next(unit for unit in self.units if unit.pk == pk)

    def named(self, name: str) -> Unit:
        """A unit by its short or full name; refused in words where there is none."""
        unit = self._names.get(name.strip())
        if unit is None:
            raise Refused(
                "no_unit", _("There is no unit “%(name)s” in this city.") % {"name": name.strip()}
            )
        return unit

    def all_named(self, names: Iterable[str]) -> Sequence[Unit]:
        """Units in order; `counties` stands for every county's task force, `liaison_groups` for
        every liaison group.
        """
        found: dict[int, Unit] = {}
        classes = {COUNTIES: lambda: self.counties, LIAISON_GROUPS: lambda: self.liaison_groups}
        for name in names:
            for unit in classes[name]() if name in classes else [self.named(name)]:
                found[unit.pk] = unit
        return list(found.values())
