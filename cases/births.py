"""New cases, set-based: serials, cases, first items, events and pending events per batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from viewflow.workflow.status import PROCESS

from cases import engine
from cases.engine import Step
from cases.flow import CaseFlow
from cases.models import Case, CaseEvent, PendingEvent, WorkItem
from organisations.scope import Actor

OpenItem = Callable[[Case], WorkItem | None]


def new_case(**values: Any) -> Case:
    """An unsaved case as viewflow would have started it; ``status`` and ``finished``: ended it."""
    return Case(flow_class=CaseFlow, **{"status": PROCESS.NEW, **values})


def create(
    cases: Sequence[Case],
    open_item: OpenItem,
    *,
    by: Actor,
    at: datetime,
    verb: str = "open",
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> list[Step]:
    """Write new cases of one programme: a fixed number of statements per ``engine.CHUNK``."""
    if not cases:
        return []
    serial = engine.take_numbers(cases[0].programme_id, "case", len(cases))
    steps: list[Step] = []
    for start in range(0, len(cases), engine.CHUNK):
        chunk = cases[start : start + engine.CHUNK]
        for offset, case in enumerate(chunk, start=serial + start):
            case.serial, case.created = offset, at
        Case.objects.bulk_create(chunk)
        items = [open_item(case) for case in chunk]
        WorkItem.objects.bulk_create([item for item in items if item is not None])
        events = CaseEvent.objects.bulk_create(
            [
                _event(c, i, by, at, verb, reason, data or {})
                for c, i in zip(chunk, items, strict=True)
            ]
        )
        PendingEvent.objects.bulk_create([PendingEvent(event=e) for e in events])
        steps += [Step(c, i, verb=verb) for c, i in zip(chunk, items, strict=True)]
    return steps


def _event(
    case: Case,
    item: WorkItem | None,
    by: Actor,
    at: datetime,
    verb: str,
    reason: str,
    data: dict[str, Any],
) -> CaseEvent:
    return CaseEvent(
        case=case,
        item=item,
        verb=verb,
        at=at,
        by=by.user,
        by_post_id=by.standings[0].post_id if by.standings else None,
        to_stage=case.stage,
        reason=reason,
        data={
            "unit": item.unit_id if item else case.responsible_unit_id,
            "due_on": item.due_on.isoformat() if item and item.due_on else None,
            **data,
        },
    )
