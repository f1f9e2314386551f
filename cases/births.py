"""New cases, set-based: serials, cases, first items, events and pending events per batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from viewflow.workflow.status import PROCESS

from cases import engine
from cases.engine import Step
from cases.flow import CaseFlow
from cases.models import Case, WorkItem
from cases.statements import take_numbers
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
    """Write new cases of one programme: a fixed number of statements per ``engine.CHUNK``.

    A case that has ended elsewhere (the running ledger's) has no open item.
    """
    if not cases:
        return []
    serial = take_numbers(cases[0].programme_id, "case", len(cases))
    steps: list[Step] = []
    for start in range(0, len(cases), engine.CHUNK):
        chunk = cases[start : start + engine.CHUNK]
        for number, case in enumerate(chunk, start=serial + start):
            case.serial, case.created = number, at
        Case.objects.bulk_create(chunk)
        items = [open_item(case) for case in chunk]
        made = [item for item in items if item is not None]
        for item in made:
            item.created = at
        WorkItem.objects.bulk_create(made)
        born = [_born(c, i, verb, reason, data) for c, i in zip(chunk, items, strict=True)]
        engine.record(born, by=by, at=at)
        steps += born
    return steps


def _born(
    case: Case, item: WorkItem | None, verb: str, reason: str, data: dict[str, Any] | None
) -> Step:
    told = {
        "unit": item.unit_id if item else case.responsible_unit_id,
        "due_on": item.due_on.isoformat() if item and item.due_on else None,
        **(data or {}),
    }
    step = Step(case, item, verb=verb, reason=reason, data=told)
    step.from_stage = ""  # it comes from nowhere
    return step
