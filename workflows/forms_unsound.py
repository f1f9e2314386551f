"""What a draft holds that is not sound yet: kept apart as it was typed, put back on the page.

Whoever reads a record's answers finds sound values only; nothing that was typed is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Answers = dict[str, Any]


def apart(cleaned: Mapping[str, Any], errors: Mapping[str, str]) -> tuple[Answers, Answers]:
    """The sound answers, and what was typed where something is wrong, by place (``rows.0.column``).

    Shapes as ``forms.validate`` gives them. An error of a whole group of rows takes nothing away.
    """
    sound, unsound = deepcopy(dict(cleaned)), Answers()
    for place in errors:
        holder, key = _holder(sound, place)
        if holder is None or (isinstance(holder.get(key), list) and _is_rows(holder[key])):
            continue
        value = holder.get(key)
        if value in (None, "", []):
            continue
        unsound[place] = value
        holder[key] = [] if isinstance(value, list) else None
        if isinstance(value, dict):  # one of the haves: its sentence is sound
            unsound[place], holder[key] = value.get("state", ""), value | {"state": ""}
    return sound, unsound


def together(data: Mapping[str, Any], unsound: Mapping[str, Any]) -> Answers:
    """The answers as the page shows them: what was typed stands where it was typed."""
    found = deepcopy(dict(data))
    for place, value in unsound.items():
        holder, key = _holder(found, place)
        if holder is None:
            continue
        held = holder.get(key)
        holder[key] = held | {"state": value} if isinstance(held, dict) else value
    return found


def _is_rows(value: list[Any]) -> bool:
    return bool(value) and isinstance(value[0], dict)


def _holder(data: Answers, place: str) -> tuple[Answers | None, str]:
    """The mapping in which a place lies, and its key there; none where the rows are fewer."""
    *way, key = place.split(".")
    found: Any = data
    for part in way:
        if isinstance(found, list):
            found = found[int(part)] if part.isdigit() and int(part) < len(found) else None
        else:
            found = found.get(part) if isinstance(found, dict) else None
    return (found, key) if isinstance(found, dict) else (None, key)
