"""Everything that happened in a game as one figure, in words that no database chooses: names and
numbers of cases, never ids."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from cases.models import Case, CaseEvent, Evidence, RungFired, WorkItem

NUMBERS = ("working_days", "days_late", "closing_serial")
RANDOM = ("batch",)  # marks that are different each time


def digest() -> str:
    """A hash of all events, steps, rungs and papers of the game."""
    return sha256(json.dumps(lines(), ensure_ascii=False).encode()).hexdigest()


def lines() -> list[list[Any]]:
    return [*_events(), *_cases(), *_items(), *_rungs(), *_papers()]


def _events() -> list[list[Any]]:
    rows = CaseEvent.objects.select_related("case__programme", "by").order_by("pk")
    return [
        [
            row.case.number,
            row.at.isoformat(),
            row.verb,
            row.by.username if row.by else "",
            row.from_stage,
            row.to_stage,
            row.reason,
            _plain(row.data),
        ]
        for row in rows
    ]


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    """What an event says in words, days and counts; ids are the database's own."""
    return {
        key: value
        for key, value in sorted(data.items())
        if key not in RANDOM and (key in NUMBERS or _is_words(value))
    }


def _is_words(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(item, str) for item in value)
    return value is None or isinstance(value, (str, bool))


def _cases() -> list[list[Any]]:
    rows = Case.objects.select_related("programme", "competent_unit", "responsible_unit")
    return [
        [
            case.number,
            case.stage,
            case.grade,
            case.lacking,
            case.late_days,
            case.version,
            case.competent_unit.short_name,
            case.responsible_unit.short_name,
        ]
        for case in rows.order_by("programme__statistical_year", "serial")
    ]


def _items() -> list[list[Any]]:
    rows = WorkItem.objects.select_related("process__programme", "unit", "post").order_by("pk")
    return [
        [
            item.process.number,
            item.stage,
            str(item.started_on),
            str(item.due_on),
            item.budget,
            item.deadline_version,
            str(item.next_check_at),
            str(item.finished),
            item.days_late,
            item.unit.short_name,
            item.post.name,
        ]
        for item in rows
    ]


def _rungs() -> list[list[Any]]:
    rows = RungFired.objects.select_related("item__process__programme").order_by("at")
    found = [
        [r.item.process.number, r.item.stage, r.deadline_version, r.rung, r.at.isoformat(), r.spoke]
        for r in rows
    ]
    return sorted(found)


def _papers() -> list[list[Any]]:
    rows = Evidence.objects.select_related("case__programme").order_by("pk")
    return [[row.case.number, row.criterion, row.state, row.sha256] for row in rows]
