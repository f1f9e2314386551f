"""Work that nobody waits for rests between its batches, so that whoever clicks goes first.

Only inside of ``giving_way``, which the worker's tick is; a command or a benchmark goes at full
pace (docs/adr/0051).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

# less would be no work any more, 1 is no rest
LEAST = 0.1
# seconds of rest in one piece of work: what takes longer, after an outage, has to come to its end
MOST = 60.0


@dataclass
class _Pace:
    share: float
    left: float


_pace: ContextVar[_Pace | None] = ContextVar("pace", default=None)


def share(said: float) -> float:
    """What XIAOHAO_BACKGROUND_SHARE says, if it is a share."""
    if not LEAST <= said <= 1:
        raise ImproperlyConfigured(f"XIAOHAO_BACKGROUND_SHARE must lie between {LEAST} and 1")
    return said


@contextmanager
def giving_way(share: float) -> Iterator[None]:
    """At work for this share of the time (1 is all of it), as long as there are rests left."""
    token = _pace.set(_Pace(share, MOST) if share < 1 else None)
    try:
        yield
    finally:
        _pace.reset(token)


def is_giving_way() -> bool:
    return _pace.get() is not None


def begin() -> float:
    """The moment at which a batch begins, for ``rest``."""
    return time.monotonic()


def rest(begun: float) -> None:
    """Behind a batch with another one to come: its transaction is over, nothing is held."""
    pace = _pace.get()
    if pace is None:
        return
    seconds = min((time.monotonic() - begun) * (1 / pace.share - 1), pace.left)
    pace.left -= seconds
    time.sleep(seconds)
