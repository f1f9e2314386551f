"""Figures of very long lists, counted once in a while and not for every page (docs/adr/0033).

Kept by the process alone, for so short a time that nobody decides by what has changed meanwhile;
the page says as of when they are. A county is never long enough for this, nor a usual city.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

Found = TypeVar("Found")

SECONDS = 30.0
# what takes long is asked less often, so that it takes no more than a twentieth of the time
SHARE, LONGEST = 20, 300.0
MOST = 500


@dataclass
class _Held:
    until: float
    at: datetime
    found: Any


_known: dict[Hashable, _Held] = {}
# of what nobody has asked yet: whose turn it is
_first: dict[Hashable, Lock] = {}


def remembered(key: Hashable, ask: Callable[[], Found], at: datetime) -> tuple[Found, datetime]:
    """What ``ask`` says and when it was asked (``at``: now): at most ``SECONDS`` old, or twenty
    times as old as it took, five minutes at most. While one thread asks anew the others are told
    what there was, or wait for it where there was nothing."""
    held = _known.get(key)
    if held is not None:
        return _told(held) or _anew(key, ask, at, held)
    try:
        with _first.setdefault(key, Lock()):
            held = _known.get(key)
            return (held and _told(held)) or _anew(key, ask, at, held)
    finally:
        _first.pop(key, None)


def _told(held: _Held) -> tuple[Any, datetime] | None:
    return (held.found, held.at) if monotonic() < held.until else None


def _anew(key: Hashable, ask: Callable[[], Found], at: datetime, held: _Held | None) -> Any:
    begun = monotonic()
    if held is not None:
        held.until = begun + LONGEST
    try:
        found = ask()
    except BaseException:
        if held is not None:
            held.until = begun
        raise
    if len(_known) >= MOST:
        _known.clear()
    now = monotonic()
    _known[key] = _Held(now + min(max(SECONDS, SHARE * (now - begun)), LONGEST), at, found)
    return found, at
