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


# who waits for a figure that another counts, so long; then he counts it himself
PATIENCE = 60.0


@dataclass
class _Held:
    since: float
    until: float
    at: datetime
    found: Any

    @property
    def told(self) -> tuple[Any, datetime]:
        return self.found, self.at


_known: dict[Hashable, _Held] = {}
# whose turn it is to ask
_turns: dict[Hashable, Lock] = {}


def remembered(key: Hashable, ask: Callable[[], Found], at: datetime) -> tuple[Found, datetime]:
    """What ``ask`` says and when it was asked (``at``: now): at most ``SECONDS`` old, or twenty
    times as old as it took, five minutes at most. While one thread asks anew the others are told
    what there was; where that is older, or there was nothing, they wait for it."""
    held, now = _known.get(key), monotonic()
    if held is not None and now < held.until:
        return held.told
    waits = held is None or now - held.since >= LONGEST
    turn = _turns.setdefault(key, Lock())
    is_mine = turn.acquire(timeout=PATIENCE) if waits else turn.acquire(blocking=False)
    if not is_mine and held is not None and not waits:
        return held.told
    try:
        held = _known.get(key)
        if held is not None and monotonic() < held.until:
            return held.told
        begun = monotonic()
        found = ask()
        _keep(key, found, at, begun)
        return found, at
    finally:
        if is_mine:
            turn.release()


def told_now(key: Hashable) -> Any | None:
    """What somebody would be told at this moment without a question; None where one would ask."""
    held = _known.get(key)
    return held.found if held is not None and monotonic() < held.until else None


def told_anew(key: Hashable, found: Any, at: datetime) -> None:
    """What was asked beside something else: whoever asks for it is told this."""
    _keep(key, found, at, monotonic())


def _keep(key: Hashable, found: Any, at: datetime, begun: float) -> None:
    if len(_known) >= MOST:
        _known.clear()
        _turns.clear()
    now = monotonic()
    kept = min(max(SECONDS, SHARE * (now - begun)), LONGEST)
    _known[key] = _Held(begun, now + kept, at, found)
