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
from cases.stages import WITHDRAWN
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
    fresh = [case for case in cases if case.pk is None]
    first = take_numbers(cases[0].programme_id, "case", len(fresh)) if fresh else 0
    for number, case in enumerate(fresh, start=first):
        case.serial, case.created = number, at
    steps = []
    for case in cases:
        item = open_item(case)
        told = {
            "unit": item.unit_id if item else case.responsible_unit_id,
            "due_on": item.due_on.isoformat() if item and item.due_on else None,
            **(data or {}),
        }
        step = Step(case, None, verb=verb, next_item=item, reason=reason, data=told)
        if not step.is_birth:
            step.from_stage, step.is_again = WITHDRAWN, True
        steps.append(step)
    return steps


def take_places(cases: Sequence[Case]) -> None:
    """The register opens one case of a kind for a firm, a case has one remedy for a criterion: what
    an undone import or carry-over left behind is taken up again under its number, and its history
    goes on. One statement. What spawns from a single case looks at its children itself.
    """
    cases = [case for case in cases if _has_place(case)]
    if not cases:
        return
    programme, parents = cases[0].programme_id, {case.parent_id for case in cases}
    rows = Case.objects.filter(programme=programme).undone()
    rows = rows.filter(parent=None) if None in parents else rows.filter(parent__in=parents)
    left = {_place(row): row for row in rows if _has_place(row)}
    for case in cases:
        row = left.get(_place(case))
        if row is not None:
            case.pk, case.serial, case.version = row.pk, row.serial, row.version
            case.created = row.created
            case._state.adding, case._state.db = False, row._state.db


def _has_place(case: Case) -> bool:
    return case.is_of_register or bool(case.criterion)


def _place(case: Case) -> tuple[str, int | None, int | None, str]:
    return case.procedure, case.enterprise_id, case.parent_id, case.criterion


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
    take_places(cases)
    engine.write(plan(cases, open_item, at=at, verb=verb, data=data), by=by, at=at)
    if len(cases) >= MANY:
        tell_planner(Case, WorkItem, CaseEvent, PendingEvent)
