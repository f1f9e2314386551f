"""When something may go out, and how long to wait after a failure: arithmetic, no ORM."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from organisations.days import day_of
from workflows.calendar import WorkCalendar

# after the n-th failure of a message; the last one stays
PAUSES = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60, 240))
# … and of a whole channel: it is back soon after the server is
RESTS = tuple(timedelta(seconds=n) for n in (15, 30, 45))
MOST_ATTEMPTS = 8


def is_open(at: datetime, hours: tuple[time, time], calendar: WorkCalendar) -> bool:
    """Whether ``at`` (local) lies in the sending hours of a working day."""
    return calendar.is_working(day_of(at)) and hours[0] <= at.time() < hours[1]


def pause_after(failures: int) -> timedelta:
    return PAUSES[min(max(failures, 1), len(PAUSES)) - 1]


def is_resting(until: datetime | None, at: datetime) -> bool:
    """Whether a channel rests; no rest is longer than the longest, whatever a clock said then."""
    return until is not None and at < until <= at + RESTS[-1]


def rest_after(failures: int) -> timedelta:
    return RESTS[min(max(failures, 1), len(RESTS)) - 1]
