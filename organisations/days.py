"""A moment's day. Stored moments are in UTC: their own ``date()`` is yesterday until 8 o'clock."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone


def day_of(at: datetime) -> date:
    """The day of a moment in the city's time zone."""
    return timezone.localtime(at).date()
