"""Figures of very long lists, counted once in a while and not for every page (docs/adr/0033).

Kept by the process alone, for so short a time that nobody decides by what has changed meanwhile;
the page says as of when they are. A county is never long enough for this, nor a usual city.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from time import monotonic
from typing import Any, TypeVar

Found = TypeVar("Found")

SECONDS = 30.0
MOST = 500
_known: dict[Hashable, tuple[float, datetime, Any]] = {}


def remembered(key: Hashable, ask: Callable[[], Found], at: datetime) -> tuple[Found, datetime]:
    """What ``ask`` says, at most ``SECONDS`` old, and when it was asked; ``at``: now."""
    held = _known.get(key)
    if held is not None and monotonic() - held[0] < SECONDS:
        return held[2], held[1]
    found = ask()
    if len(_known) >= MOST:
        _known.clear()
    _known[key] = (monotonic(), at, found)
    return found, at
