"""Official working days to seed the table with. Never asked at run time."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

import chinese_calendar

from workflows.calendar import DAY

FIRST_YEAR, LAST_YEAR = 2004, 2026  # what chinesecalendar 1.11 has


def official_days() -> Iterator[tuple[date, bool, str]]:
    """(day, worked?, name of the holiday that the day belongs to or makes up for)."""
    day = date(FIRST_YEAR, 1, 1)
    while day.year <= LAST_YEAR:
        is_holiday, name = chinese_calendar.get_holiday_detail(day)
        yield day, not is_holiday, name or ""
        day += DAY


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
