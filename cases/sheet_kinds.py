"""Words of a file's lines, put together once for lines that are alike (docs/adr/0069).

Of 100,000 lines some hundreds are different: light, class, stage and what lacks follow from a dozen
columns, which thousands of lines have the same. The rules are those of the page (``lights``,
``row_words``, ``wording``). They are given a case and a step that hold these columns and no others:
a rule that came to read another one would ask for a row without a key, and the file would fail
instead of saying of one line what is true of another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from typing import Any, NamedTuple, TypeVar

from django.utils import timezone

from cases import permissions, wording
from cases.kinds import kind_label
from cases.labels import grade_label
from cases.lights import Light, light_of
from cases.models import Case, CaseEvent, WorkItem
from cases.row_words import due_of, lack_of, phase_of, progress_line
from cases.sheet_names import SheetNames
from cases.waiting import waits_words
from organisations.reading import only
from organisations.scope import Actor

# as many kinds of one sort are kept; sentences with reasons of their own are each a kind
MOST = 20_000
NOON = time(12)

# what a light and a date depend on, by the names of the columns; one column after the other
LIGHT = (
    "item__due_on", "item__is_chased", "item__waits_higher", "item__is_declined",
    "item__is_suspended", "stage", "procedure", "pack_version_id",
)  # fmt: skip
# what a sentence says of its case
SPOKEN = ("procedure", "pack_version_id", "programme_id", "is_main", "criterion", "title")
# what class, stage and what lacks depend on
KIND = (
    "item__is_suspended", "stage", *SPOKEN, "grade", "item__stage", "item__is_correction",
    "lacking", "has_returned",
)  # fmt: skip
WAITS = ("item__is_suspended", "lies_with")
EVENT = ("verb", "from_stage", "to_stage", "reason", "data", "by_id", "by_post_id", "day")

# who and what an event names stands in these
_DATA = slice(EVENT.index("data"), EVENT.index("by_post_id") + 1)

Key = tuple[Any, ...]
Made = TypeVar("Made")


class Told(NamedTuple):
    """Keys of whatever events name, None among them."""

    posts: set[int | None]
    units: set[int | None]
    users: set[int | None]


class Kind(NamedTuple):
    phase: dict[str, Any]
    lack: str
    grade: str
    remedy: str


class Kinds:
    """For one actor on one day, in the language that is active."""

    def __init__(self, actor: Actor, on: date, names: SheetNames) -> None:
        self.actor, self.on, self.names = actor, on, names
        self._kinds: dict[Key, Kind] = {}
        self._lights: dict[Key, tuple[Light, date | None]] = {}
        self._waits: dict[Key, str] = {}
        self._sentences: dict[Key, str] = {}
        self._told: set[Key] = set()

    def named(self, events: Iterable[Key]) -> Told:
        """What events name that none before them did, of the columns ``EVENT``."""
        found = Told(set(), set(), set())
        new = {event[_DATA] for event in events if event[0]} - self._told
        if len(self._told) + len(new) > MOST:
            self._told.clear()
        self._told |= new
        for text, user, post in new:
            found.users.add(user)
            found.posts.add(post)
            for name, value in as_json(text).items():
                if value and name.endswith("_post"):
                    found.posts.add(value)
                elif value and name.endswith("unit"):
                    found.units.add(value)
        return found

    def kind(self, told: Key, has_firm: bool) -> Kind:
        """Of the columns ``KIND``."""
        return self._kinds.get((told, has_firm)) or _kept(
            self._kinds, (told, has_firm), lambda: self._kind(told, has_firm)
        )

    def light(self, told: Key, step: Key, waits_for_parts: bool) -> tuple[Light, date | None]:
        """Light and date of the columns ``LIGHT``; ``step``: its post and unit."""
        # whose it is changes nothing for whoever is not of the unit
        own = step if step[1] in self.actor.unit_ids else None
        key = (told, own, waits_for_parts)
        return self._lights.get(key) or _kept(
            self._lights, key, lambda: self._light(told, step, waits_for_parts)
        )

    def waits(self, told: Key, post: int | None) -> str:
        """Whose move it is, of the columns ``WAITS``."""
        key = (told, post)
        return self._waits.get(key) or _kept(self._waits, key, lambda: self._wait(told, post))

    def sentence(self, told: Key, case: Key) -> str:
        """The newest event's, of the columns ``EVENT`` and of the case's ``SPOKEN``."""
        key = (told, case)
        return self._sentences.get(key) or _kept(
            self._sentences, key, lambda: self._sentence(told, case)
        )

    def _kind(self, told: Key, has_firm: bool) -> Kind:
        # whether there is a firm, not which
        case, item = (
            self._case(KIND, told, enterprise_id=1 if has_firm else None),
            _item(KIND, told),
        )
        return Kind(
            phase_of(case, item),
            lack_of(case, item),
            grade_label(case.pack_version_id, case.procedure, case.grade),
            kind_label(case),
        )

    def _light(self, told: Key, step: Key, waits_for_parts: bool) -> tuple[Light, date | None]:
        case, item = self._case(LIGHT, told), None
        if step[0] is not None:
            item = _item(LIGHT, told, post_id=step[0], unit_id=step[1])
            item._state.fields_cache["post"] = self.names.posts[step[0]]
        own = permissions.owes(self.actor, item)
        up = permissions.handed_up(self.actor, case, item)
        light = light_of(
            case, item, self.on, own=own, handed_up=up, waits_for_parts=waits_for_parts
        )
        return light, due_of(item, own=own)

    def _wait(self, told: Key, post: int | None) -> str:
        case, item = self._case(WAITS, told), None
        if post is not None:
            item = _item(WAITS, told)
            item._state.fields_cache["post"] = self.names.posts[post]
        return waits_words(case, item, self.names.said.holder(post))

    def _sentence(self, told: Key, case: Key) -> str:
        row = dict(zip(EVENT, told, strict=True))
        day = as_day(row.pop("day"))
        assert day is not None
        # sentences say days, never hours
        at = timezone.make_aware(datetime.combine(day, NOON), timezone.get_default_timezone())
        event = only(CaseEvent, **row | {"id": None, "at": at, "data": as_json(row["data"])})
        beside = event._state.fields_cache
        beside["case"] = self._case(SPOKEN, case)
        beside["by"] = self.names.users.get(row["by_id"])
        beside["by_post"] = self.names.posts.get(row["by_post_id"])
        return progress_line(wording.words_of(event, self.names.said), day, self.on)

    def _case(self, columns: tuple[str, ...], told: Key, **more: Any) -> Case:
        row = {name: value for name, value in zip(columns, told, strict=True) if "__" not in name}
        if "lacking" in row:
            row["lacking"] = as_json(row["lacking"])
        case = only(Case, **row | {"id": None} | more)
        if "programme_id" in row:
            case._state.fields_cache["programme"] = self.names.programmes[row["programme_id"]]
        return case


def _item(columns: tuple[str, ...], told: Key, **more: Any) -> Any:
    """The open step; None where there is none: all its columns are empty."""
    row = {
        name[len("item__") :]: value
        for name, value in zip(columns, told, strict=True)
        if name.startswith("item__")
    }
    if "due_on" in row:
        row["due_on"] = as_day(row["due_on"])
    if row["is_suspended"] is None:
        return None
    return only(WorkItem, **row | {"id": None} | more)


def _kept(known: dict[Key, Made], key: Key, make: Callable[[], Made]) -> Made:
    if len(known) >= MOST:
        known.clear()
    made = known[key] = make()
    return made


def as_day(value: date | str | None) -> date | None:
    """SQLite sends a day as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def as_json(value: str | None) -> Any:
    """Both databases send JSON as text."""
    return None if value is None else json.loads(value)
