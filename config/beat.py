"""Celery's beat, which outlives a clock that is set back and a disk that is full.

Celery (5.7) notes when each task ran. Where the machine's clock stood a day ahead and is put right,
it would wait until the noted time comes round again: for a day nothing would tick. And an error on
writing these notes ends it for good, while the worker beside it goes on.
"""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler, ScheduleEntry

log = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):  # type: ignore[misc]
    """Each entry's next time is never reckoned from a moment that is still to come."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if self._forget_the_future():
            self._heap = None  # holds the times that were reckoned from it
        waits: float = super().tick(*args, **kwargs)
        return waits

    def sync(self) -> None:
        try:
            super().sync()
        except Exception as why:  # a full disk; gdbm, ndbm and dumb each have errors of their own
            log.warning("when what ran cannot be noted: %s", why)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        """One line where the broker is away, not Celery's sixty; the next minute tries again."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as why:
            log.error("%s cannot be called: %s", entry.name, why.__cause__ or why)

    def _forget_the_future(self) -> bool:
        """What is said to have run later than now ran now; whether there was any."""
        late = [one for one in self.schedule.values() if one.last_run_at > one.default_now()]
        for entry in late:
            entry.last_run_at = entry.default_now()
        if late:
            log.warning("the clock was set back: %s start from now", len(late))
        return bool(late)
