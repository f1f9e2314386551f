"""What goes out now, with a line of the reports in each morning's digest: 距本月序时目标还差N家."""

from __future__ import annotations

from datetime import date, datetime

from cases.rulebook import pack_of
from notifications import sending
from organisations.models import Region, Unit
from organisations.scope import Actor
from reports.placing import placed
from workflows.models import Programme, ProgrammeVersion


def send(at: datetime) -> dict[str, int]:
    """Send what is due, as ``notifications.sending.send`` does it."""
    return sending.send(at, Lines())


class Lines:
    """How many firms one's counties lack to the planned line of a day's month, as 县区排名 counts
    them. Each city is counted once a run, by at most nine statements."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, date], dict[int, int]] = {}

    def __call__(self, actor: Actor, day: date) -> int | None:
        """None for whom it says nothing: a department, a township, a city without targets."""
        if actor.is_system:
            cities = Programme.objects.order_by().values_list("city_id", flat=True).distinct()
            found = [n for city in cities for n in self._of(city, day).values()]
        else:
            found = [
                short
                for city in actor.city_ids
                for county, short in self._of(city, day).items()
                if _answers_for(actor, county)
            ]
        return sum(found) if found else None

    def _of(self, city: int, day: date) -> dict[int, int]:
        """By county with a target; of the newest programme that has begun."""
        if (city, day) not in self._seen:
            self._seen[city, day] = _short(city, day)
        return self._seen[city, day]


def _answers_for(actor: Actor, county: int) -> bool:
    """Whether the county's line is a matter of one's own: its task force, its liaison group, the
    office. A department sees a part of each county's firms, which has no line."""
    return any(
        county in standing.paired_county_ids
        or standing.unit_kind == Unit.Kind.OFFICE
        or (standing.region_level == Region.Level.COUNTY and standing.region_id == county)
        for standing in actor.standings
    )


def _short(city: int, day: date) -> dict[int, int]:
    newest = ProgrammeVersion.objects.filter(programme__city=city).select_related("programme__city")
    for version in newest.order_by("-programme__statistical_year", "programme__key", "-number"):
        pack = pack_of(version.pk)
        if pack.work_from <= day:
            found = placed(version.programme, day, by_zone=False, pack=pack)
            ids = {row.name: row.county_id or 0 for row in found.now.counties}
            return {ids[one.name]: one.short for one in found.places if one.short is not None}
    return {}
