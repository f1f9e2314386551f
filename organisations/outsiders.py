"""People who work without a post: links that live above this floor, told of by the floors above."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import Q

# the ids of users whom such a link lets work on a day
Source = Callable[[date], Iterable[int | None]]
_sources: list[Source] = []


def tell_of(source: Source) -> None:
    """Named once, as the program starts."""
    if source not in _sources:
        _sources.append(source)


def at_work(day: date) -> Q:
    """Open accounts that open something on ``day`` without a post."""
    linked = Q(pk__in=[])
    for source in _sources:
        linked |= Q(pk__in=source(day))
    return linked & Q(is_active=True)
