"""New cases, set-based: numbered here, written by the engine like any other move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from viewflow.workflow.status import PROCESS

from cases import engine
from cases.engine import Step
from cases.flow import CaseFlow
from cases.models import Case, CaseEvent, PendingEvent, WorkItem
from cases.statements import take_numbers, tell_planner
from organisations.scope import Actor

# so many at once change what the tables look like
MANY = 200
OpenItem = Callable[[Case], WorkItem | None]


def new_case(**values: Any) -> Case:
    """An unsaved case as viewflow would have started it; ``status`` and ``finished``: ended it."""
    return Case(flow_class=CaseFlow, **{"status": PROCESS.NEW, **values})


def plan(
    cases: Sequence[Case],
    open_item: OpenItem,
    *,
    at: datetime,
    verb: str = "open",
    reason: str = "",
    data: Mapping[str, Any] | None = None,
) -> list[Step]:
    """Number new cases of one programme; the engine writes them, with others if need be.

    A case that has ended elsewhere (the running ledger's) has no open item.
    """
    if not cases:
        return []
    first = take_numbers(cases[0].programme_id, "case", len(cases))
    steps = []
    for number, case in enumerate(cases, start=first):
        case.serial, case.created = number, at
        item = open_item(case)
        told = {
            "unit": item.unit_id if item else case.responsible_unit_id,
            "due_on": item.due_on.isoformat() if item and item.due_on else None,
            **(data or {}),
        }
        steps.append(Step(case, None, verb=verb, next_item=item, reason=reason, data=told))
    return steps


def create(
    cases: Sequence[Case],
    open_item: OpenItem,
    *,
    by: Actor,
    at: datetime,
    verb: str = "open",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write new cases of one programme: a fixed number of statements per ``engine.CHUNK``."""
    engine.write(plan(cases, open_item, at=at, verb=verb, data=data), by=by, at=at)
    if len(cases) >= MANY:
        tell_planner(Case, WorkItem, CaseEvent, PendingEvent)
