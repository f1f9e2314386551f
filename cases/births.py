"""New cases, set-based: numbered here, written by the engine like any other move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from viewflow.workflow.status import PROCESS

from cases import engine
from cases.engine import Step
from cases.flow import CaseFlow
from cases.models import Case, CaseEvent, PendingEvent, WorkItem
from cases.pouring import Shape, pour_rows, shape_of, take_keys
from cases.rulebook import procedure_of
from cases.stages import WITHDRAWN
from cases.statements import take_numbers
from organisations.planned import tell_planner
from organisations.scope import Actor

# so many at once change what the tables look like
MANY = 200
# what differs between new cases that are otherwise alike, and between what is written with them
OF_CASE = ("id", "serial", "enterprise_id")
OF_ITEM = ("id", "process_id")
OF_EVENT = ("id", "case_id", "item_id")
OF_PENDING = ("event_id",)
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
        told = _told(case, item, data or {})
        step = Step(case, None, verb=verb, next_item=item, reason=reason, data=told)
        if not step.is_birth:
            step.from_stage, step.is_again = WITHDRAWN, True
        steps.append(step)
    return steps


@dataclass(frozen=True, eq=False)
class Mould:
    """Many new cases that differ by firm and number only: one of them, and each part's shape."""

    case: Case
    item: WorkItem
    shapes: tuple[Shape, Shape, Shape]


def mould(case: Case, item: WorkItem, *, by: Actor, at: datetime, data: Mapping[str, Any]) -> Mould:
    """What ``create`` would write of a new case, which begins where its procedure does."""
    if case.stage != procedure_of(case).initial or item.stage != case.stage:
        raise ValueError("a case is opened at the first stage of its procedure")
    case.created = at
    step = Step(case, None, verb="open", next_item=item, data=_told(case, item, data))
    event = engine.first_event(step, by=by, at=at)
    return Mould(
        case,
        item,
        (shape_of(case, OF_CASE), shape_of(item, OF_ITEM), shape_of(event, OF_EVENT)),
    )


def pour(programme_id: int, rows: Sequence[tuple[int, Mould]]) -> None:
    """Write new cases of one programme, each a firm's key and its mould, without an instance of
    any: a fixed number of statements however many there are (docs/adr/0031)."""
    if not rows:
        return
    count = len(rows)
    firms, shapes = [firm for firm, _mould in rows], [one.shapes for _firm, one in rows]
    first = take_numbers(programme_id, "case", count)
    cases, items, events = take_keys(count, Case, WorkItem, CaseEvent)
    numbers = range(first, first + count)
    parts = list(zip(*shapes, strict=True))
    pour_rows(Case, OF_CASE, zip(zip(cases, numbers, firms, strict=True), parts[0], strict=True))
    pour_rows(WorkItem, OF_ITEM, zip(zip(items, cases, strict=True), parts[1], strict=True))
    told = zip(events, cases, items, strict=True)
    pour_rows(CaseEvent, OF_EVENT, zip(told, parts[2], strict=True))
    alike = shape_of(PendingEvent(), OF_PENDING)
    pour_rows(PendingEvent, OF_PENDING, (((event,), alike) for event in events))


def _told(case: Case, item: WorkItem | None, data: Mapping[str, Any]) -> dict[str, Any]:
    """What the first event of a case says."""
    return {
        "unit": item.unit_id if item else case.responsible_unit_id,
        "due_on": item.due_on.isoformat() if item and item.due_on else None,
        **data,
    }


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
    tell_of(len(cases))


def tell_of(count: int) -> None:
    """Let the planner count what so many new cases have changed."""
    if count >= MANY:
        tell_planner(Case, WorkItem, CaseEvent, PendingEvent)
