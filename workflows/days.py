"""Official working days to seed the table with. Never asked at run time."""

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar

FIRST_YEAR, LAST_YEAR = 2004, 2026  # what chinesecalendar 1.11 has


def official_days() -> Iterator[tuple[date, bool, str]]:
    """(day, worked?, name of the holiday that the day belongs to or makes up for)."""
    day = date(FIRST_YEAR, 1, 1)
    while day.year <= LAST_YEAR:
        is_holiday, name = chinese_calendar.get_holiday_detail(day)
        yield day, not is_holiday, name or ""
        day += timedelta(days=1)
