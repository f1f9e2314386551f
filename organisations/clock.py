"""The one clock. Only doors call it; below the door time is a parameter (``at=``).

The demo's offset lies in the database, so that web, worker and command line agree; each process
reads it at most once a second. Without ``settings.DEMO`` there is no offset and no query.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from django.apps import apps
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.days import day_of
from organisations.errors import Refused

FRESH_FOR = 1.0  # seconds between two looks at the stored offset

_seen: tuple[float, timedelta] | None = None
_held: ContextVar[timedelta | None] = ContextVar("clock_held", default=None)


def now() -> datetime:
    """The present moment, moved by the demo's offset."""
    return timezone.now() + offset()


def of_the_machine() -> datetime:
    """The present moment of the machine itself, which nobody moves: when its own jobs ran."""
    return timezone.now()


def today() -> date:
    """The present day in the city's time zone."""
    return day_of(now())


def offset() -> timedelta:
    """How far the demo's clock stands from the real one; zero outside the demo."""
    global _seen
    if not settings.DEMO:
        return timedelta()
    held_offset = _held.get()
    if held_offset is not None:
        return held_offset
    if _seen is None or time.monotonic() - _seen[0] > FRESH_FOR:
        _seen = (time.monotonic(), _stored())
    return _seen[1]


def travel(days: float) -> datetime:
    """Move the demo's clock by ``days`` (negative: back); the new present moment."""
    return travel_to(_stored() + timedelta(days=days))


def travel_to(distance: timedelta) -> datetime:
    """Set the demo's clock ``distance`` away from the real one; the new present moment."""
    global _seen
    if not settings.DEMO:
        raise Refused("not_demo", _("Time can be moved in the demo only."))
    # models only through the registry: settings and Celery import this module before apps load
    model = apps.get_model("organisations", "ClockOffset")
    model.objects.update_or_create(id=1, defaults={"offset": distance})
    _seen = (time.monotonic(), distance)
    return now()


@contextmanager
def held() -> Iterator[None]:
    """One fresh reading of the clock for everything within: a page has one today."""
    mark = _held.set(_stored())
    try:
        yield
    finally:
        _held.reset(mark)


def still_today() -> bool:
    """Whether the stored clock still shows the day that ``today`` answers."""
    return day_of(timezone.now() + _stored()) == today()


def forget() -> None:
    """Look at the stored offset again at the next question (tests, a fresh demo)."""
    global _seen
    _seen = None


def _stored() -> timedelta:
    model = apps.get_model("organisations", "ClockOffset")
    found: timedelta | None = model.objects.values_list("offset", flat=True).first()
    return found or timedelta()
