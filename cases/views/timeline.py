"""The timeline of a case: newest first; who, what, from where to where, and what was said."""

from __future__ import annotations

from typing import Any

from cases.names import Names
from cases.sheet import Sheet
from cases.wording import line_of


def timeline(sheet: Sheet, most: int | None = None) -> list[dict[str, Any]]:
    """Lines for components/timeline.html; ``most`` of them, or all."""
    events = sheet.events[:most]
    for event in events:
        event.case = sheet.case
    names = Names.of(events, sheet.on)
    return [line_of(event, names) for event in events]
