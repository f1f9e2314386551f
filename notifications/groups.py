"""Sizes of what was done to many cases at once, of which one notice tells: openings and bulk
reassignments. Read once a run, whatever the number of its batches: each would look at all that
wait, of a country's opening half a million."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from cases.models import PendingEvent

OpeningKey = tuple[str, str, str]
MovingKey = tuple[str, ...]


@dataclass
class Opening:
    """One run of ``open_cases`` in one unit: how many firms, and by when to sign for them."""

    count: int = 0
    due_on: date | None = None

    def add(self, due_on: date | None) -> None:
        self.count += 1
        if due_on is not None:
            self.due_on = min(due_on, self.due_on or due_on)


def opening_key(programme: int, data: Mapping[str, object], at: datetime) -> OpeningKey:
    run = data.get("batch") or at.isoformat()
    return str(programme), str(run), str(data.get("unit"))


def moving_key(data: Mapping[str, object]) -> MovingKey:
    run = str(data.get("batch") or f"undo-{data.get('undo_of', '')}")
    return run, str(data.get("from_post", "")), str(data.get("to_post", ""))


class Groups:
    """What is known in one run. All pending events count, not only a batch's: the rest of a large
    opening is in a later batch, or in the hands of another worker, whose notice then bears the same
    key. What comes up later is read anew, all of it: it was written in one go."""

    def __init__(self) -> None:
        self._opened: dict[OpeningKey, Opening] = {}
        self._moved: dict[MovingKey, int] = {}
        # asked for, and not there when all that waits was read
        self._void: set[tuple[str, ...]] = set()

    def opened(self, keys: Set[OpeningKey]) -> Mapping[OpeningKey, Opening]:
        if self._lacks(keys, self._opened):
            self._opened |= _opened()
            self._void.update(keys - self._opened.keys())
        return self._opened

    def moved(self, keys: Set[MovingKey]) -> Mapping[MovingKey, int]:
        """Firms: remedies go with theirs."""
        if self._lacks(keys, self._moved):
            self._moved |= _moved()
            self._void.update(keys - self._moved.keys())
        return self._moved

    def _lacks(self, keys: Set[tuple[str, ...]], known: Mapping[Any, object]) -> bool:
        return any(key not in known and key not in self._void for key in keys)


def _opened() -> dict[OpeningKey, Opening]:
    found: defaultdict[OpeningKey, Opening] = defaultdict(Opening)
    rows = PendingEvent.objects.filter(event__verb="open", event__case__is_main=True).values_list(
        "event__case__programme_id", "event__data", "event__at", "event__item__due_on"
    )
    for programme, data, at, due_on in rows.iterator():
        found[opening_key(programme, data, at)].add(due_on)
    return found


def _moved() -> dict[MovingKey, int]:
    rows = PendingEvent.objects.filter(event__verb="reassign").annotate(
        firm=Coalesce("event__case__enterprise", -F("event__case"))
    )
    firms: defaultdict[MovingKey, set[int]] = defaultdict(set)
    for data, firm in rows.values_list("event__data", "firm").iterator():
        if not data.get("follows"):
            firms[moving_key(data)].add(firm)
    return {key: len(found) for key, found in firms.items()}
