"""The timeline of a case: newest first; who, what, from where to where, and what was said."""

from __future__ import annotations

from typing import Any

from cases.models import CaseEvent
from cases.sheet import Sheet

LADDER = frozenset({"rung", "draft", "phone_list"})


def timeline(sheet: Sheet) -> list[dict[str, Any]]:
    return [_line(event) for event in sheet.events]


def _line(event: CaseEvent) -> dict[str, Any]:
    moved = event.from_stage != event.to_stage
    kind = "warn" if event.verb in LADDER else "move" if moved else ""
    return {"at": event.at, "words": event.verb, "said": event.reason, "kind": kind}
