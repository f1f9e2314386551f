"""A step that whoever owes it sends back to himself: no date gets better by it.

A reviewer's return gives the time of a correction (退回补正). Whoever takes back a step of his own
keeps the day that he had: overdue stays overdue, and so does every step of his own up to the one
that he had left.
"""

from __future__ import annotations

from datetime import date

from cases import permissions
from cases.engine import Step
from cases.models import Case, WorkItem
from cases.rulebook import procedure_of, rules_of
from cases.steps import due_of, is_chased
from organisations.scope import Actor
from workflows.deadlines import Phrase
from workflows.procedure import Move


def is_own(by: Actor, case: Case, item: WorkItem | None, move: Move) -> bool:
    """Whether somebody takes back a step that is his, to one that is his too.

    A return to which the plan gives a time of its own is a review by the plan.
    """
    if move.verb != "send_back" or move.time is not None:
        return False
    return _is_same_owner(case, move) and permissions.owes(by, item)


def no_later(step: Step, move: Move, by: Actor) -> date | None:
    """The day that the step ahead does not outlast, if any."""
    case, item = step.case, step.item
    if item is None or item.due_on is None:
        return None
    if is_own(by, case, item, move):
        return item.due_on
    kept = kept_until(item)
    if kept is None or move.verb == "send_back" or not _is_same_owner(case, move):
        return None
    if not is_chased(case, rules_of(case)) or item.stage == _left(case):
        return None
    # an extension or a rest has moved the step's own day
    return max(kept, item.due_on)


def kept_until(item: WorkItem) -> date | None:
    """The day that the step has from before its return."""
    return Phrase.parse(item.phrase).no_later if "no_later:" in item.phrase else None


def told_before(case: Case, move: Move) -> date | None:
    """The date that the step had when it was owed last."""
    had = WorkItem.objects.filter(process=case, stage=move.to).order_by("-id")
    newest = had.first()
    return newest.due_on if newest is not None else None


def due_if_own(case: Case, item: WorkItem | None, move: Move, on: date) -> date | None:
    """When the step is due that somebody takes back to himself on a day."""
    stage = procedure_of(case).stage(move.to)
    before, until = told_before(case, move), item.due_on if item else None
    return due_of(case, stage, on=on, not_before=before, no_later=until).due_on


def _is_same_owner(case: Case, move: Move) -> bool:
    procedure = procedure_of(case)
    if not procedure.has(move.to):
        return False
    return procedure.stage(case.stage).owner == procedure.stage(move.to).owner


def _left(case: Case) -> str:
    """The stage that was sent back first: behind it the steps have their own time again."""
    for item in WorkItem.objects.filter(process=case).order_by("-id"):
        if kept_until(item) is None:
            return str(item.stage)
    return ""
