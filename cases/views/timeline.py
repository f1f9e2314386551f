"""The timeline of a case: newest first; who, what, from where to where, and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cases.models import CaseEvent
from cases.names import Names
from cases.sheet import Sheet
from cases.wording import line_of


def timeline(sheet: Sheet) -> list[dict[str, Any]]:
    """Lines for components/timeline.html by their moments.

    What is entered for an earlier hour stands at that hour, not at the top.
    """
    return _lines(sheet, sorted(sheet.events, key=_moment, reverse=True))


def latest(sheet: Sheet) -> list[dict[str, Any]]:
    """What was entered last, whenever it happened."""
    return _lines(sheet, sheet.events[:1])


def _moment(event: CaseEvent) -> tuple[datetime, int]:
    return event.at, event.pk


def _lines(sheet: Sheet, events: Sequence[CaseEvent]) -> list[dict[str, Any]]:
    for event in events:
        event.case = sheet.case
    names = Names.of(events, sheet.on)
    return [line_of(event, names) for event in events]
