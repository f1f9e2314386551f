"""People who work without a post: links that live above this floor, told of by the floors above."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from organisations.errors import Refused
from organisations.models import User

# the ids of users whom such a link lets work on a day
Source = Callable[[date], Iterable[int | None]]
_sources: list[Source] = []
_apart: list[Source] = []
_kept: dict[str, str] = {}


def tell_of(source: Source, *, apart: bool = False) -> None:
    """Named once, as the program starts. ``apart``: who is linked holds no post beside it."""
    for known in (_sources, _apart) if apart else (_sources,):
        if source not in known:
            known.append(source)


def keeps_on_device(cookie: str, page: str) -> None:
    """A cookie by which somebody without a password is let in again; ``page``: its path's name."""
    _kept[cookie] = page


def kept_on_device() -> Iterable[tuple[str, str]]:
    return _kept.items()


def check_apart(user: User, day: date) -> None:
    """A firm's clerk takes no post: he would decide on his own papers."""
    linked = Q(pk__in=[])
    for source in _apart:
        linked |= Q(pk__in=source(day))
    if User.objects.filter(linked, pk=user.pk).exists():
        words = _(
            "%(name)s sends in a firm's papers. End his access to the firm's page first, or appoint"
            " somebody else."
        )
        raise Refused("clerk", words % {"name": user})


def at_work(day: date) -> Q:
    """Open accounts that open something on ``day`` without a post."""
    linked = Q(pk__in=[])
    for source in _sources:
        linked |= Q(pk__in=source(day))
    return linked & Q(is_active=True)
