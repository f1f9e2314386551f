"""Steps that are sent back without a review: no date gets better by it (docs/adr/0011).

A reviewer's return gives the time of a correction (退回补正). Whoever takes back a step of his own
keeps the day that he had: overdue stays overdue, and so does every step of his own up to the one
that he had left. Whoever sends a step back to somebody else has, when it is his again, the days
that were left to him. A rest as a class that nobody chases ends nothing of it either.
"""

from __future__ import annotations

from datetime import date

from cases import permissions
from cases.engine import Step
from cases.models import Case, WorkItem
from cases.rulebook import calendar, procedure_of, rules_of
from cases.steps import due_of, is_chased
from organisations.days import day_of
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


def no_later(step: Step, move: Move, by: Actor, on: date) -> date | None:
    """The day that the step ahead does not outlast, if any."""
    case, item = step.case, step.item
    if item is None:
        return None
    if is_own(by, case, item, move):
        return item.due_on
    if move.verb == "send_back" or move.time is not None or not is_chased(case, rules_of(case)):
        return None
    if item.is_correction:
        return _left_to_him(case, item, move, on)
    if not _is_same_owner(case, move):
        return None
    if not item.is_chased:
        return _before_the_rest(case, item, on)
    kept = kept_until(item)
    if kept is None or item.due_on is None or item.stage == _left(case):
        return None
    # an extension or a rest has moved the step's own day
    return max(kept, item.due_on)


def _left_to_him(case: Case, item: WorkItem, move: Move, on: date) -> date | None:
    """The day of whoever had sent the step back, moved by the days that it lay with another."""
    if _is_same_owner(case, move):
        return None
    sent = procedure_of(case).move(move.to, "send_back", item.stage)
    if sent is None or sent.time is not None:
        return None
    return _moved(told_before(case, move), item.started_on, on)


def _before_the_rest(case: Case, item: WorkItem, on: date) -> date | None:
    """The day kept before the class was one that nobody chases, moved by the days since."""
    ran = WorkItem.objects.filter(process=case, pk__lt=item.pk, is_chased=True).order_by("-id")
    before = ran.first()
    if before is None or before.finished is None:
        return None
    return _moved(kept_until(before), day_of(before.finished), on)


def _moved(day: date | None, since: date, on: date) -> date | None:
    """The clock stood still from ``since``, as in a rest."""
    return calendar().add(day, max(calendar().between(since, on), 0)) if day else None


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


def due_if_sent(case: Case, move: Move, on: date, children_due: date | None) -> date | None:
    """When the step is due that a reviewer sends back on a day: the time of the correction, never
    before the day that had been told for it nor before its latest child's."""
    stage, before = procedure_of(case).stage(move.to), told_before(case, move)
    due = due_of(
        case, stage, on=on, override=move.time, not_before=before, children_due=children_due
    )
    return due.due_on


def _is_same_owner(case: Case, move: Move) -> bool:
    procedure = procedure_of(case)
    if not procedure.has(move.to):
        return False
    return procedure.stage(case.stage).owner == procedure.stage(move.to).owner


def _left(case: Case) -> str:
    """The stage that was sent back first: behind it the steps have their own time again."""
    for item in WorkItem.objects.filter(process=case).order_by("-id"):
        if kept_until(item) is None and item.is_chased and not item.is_correction:
            return str(item.stage)
    return ""
