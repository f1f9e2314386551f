"""The one clock. Only doors call it; below the door time is a parameter (``at=``)."""

from datetime import date, datetime, timedelta

from django.utils import timezone

_offset = timedelta()


def now() -> datetime:
    """The present moment, moved by the demo's offset."""
    return timezone.now() + _offset


def today() -> date:
    """The present day in the city's time zone."""
    return timezone.localtime(now()).date()


def travel_to(offset: timedelta) -> None:
    """Set the demo's offset for this process."""
    global _offset
    _offset = offset
