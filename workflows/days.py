"""Official working days to seed the table with. Never asked at run time."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache

from chinese_calendar.constants import holidays, workdays

from workflows.calendar import DAY

FIRST_YEAR, LAST_YEAR = 2004, 2026  # what chinesecalendar 1.11 has


@cache
def official_days() -> tuple[tuple[date, bool, str], ...]:
    """(day, worked?, name of the holiday that the day belongs to or makes up for)."""
    found, day = [], date(FIRST_YEAR, 1, 1)
    while day.year <= LAST_YEAR:
        # the tables themselves: the package's own look at a day searches all of them each time
        if day in workdays:
            found.append((day, True, workdays[day]))
        elif day in holidays:
            found.append((day, False, holidays[day]))
        else:
            found.append((day, day.weekday() < 5, ""))
        day += DAY
    return tuple(found)


def announced_year(
    year: int, *, off: Mapping[date, str], worked: Collection[date]
) -> dict[date, tuple[bool, str]]:
    """A whole year out of an announcement (办公厅通知): days off by name, weekend days worked.

    Every other day is worked from Monday to Friday.
    """
    days: dict[date, tuple[bool, str]] = {}
    day = date(year, 1, 1)
    while day.year == year:
        days[day] = (day in worked or (day.weekday() < 5 and day not in off), off.get(day, ""))
        day += DAY
    return days
