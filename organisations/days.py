"""A moment's day. Stored moments are in UTC: their own ``date()`` is yesterday until 8 o'clock."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import dateformat, timezone
from django.utils.translation import pgettext


def day_of(at: datetime) -> date:
    """The day of a moment in the city's time zone."""
    return timezone.localtime(at).date()


def long_day(day: date) -> str:
    """2026年11月20日, 20 Nov 2026: a day as a sentence says it."""
    return dateformat.format(day, pgettext("date format", "j M Y"))
