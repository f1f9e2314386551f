"""退回补正: by when a paper that came back is to be corrected, and why it came back.

It has five working days of its own (practice.md, the four stages). They are added where less is
left; whoever handed in early keeps the date that was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cases.engine import Step
from cases.models import Case, Evidence, WorkItem
from cases.rulebook import calendar, rules_of
from cases.steps import follow, is_on_ladder, move_deadline
from organisations.days import day_of
from organisations.scope import Actor
from workflows import deadlines
from workflows.deadlines import Phrase
from workflows.text import localised

CORRECTION = Phrase.parse("within: 5 working_days")


def given(step: Step, criterion: str) -> date | None:
    """The date that the remedy of a paper has, or had; without a remedy that of the step on hand,
    a reviewer's own aside."""
    own = [child.last for child in step.children if child.case.criterion == criterion]
    return given_of(step.case, step.item, own)


def given_of(case: Case, item: WorkItem | None, remedies: Sequence[WorkItem | None]) -> date | None:
    """As ``given``, from the newest items of the criterion's remedies."""
    own = list(remedies)
    if not own and case.stage not in rules_of(case).procedure.reviews:
        own = [item]
    return max((item.due_on for item in own if item and item.due_on), default=None)


def correct_by(case: Case, on: date, planned: date | None) -> date | None:
    """By when a paper that is returned on a day comes back."""
    until = rules_of(case).pack.work_until
    due = deadlines.compute(
        CORRECTION, start=on, calendar=calendar(), work_until=until, not_before=planned
    )
    return due.due_on


def give_time(step: Step, row: Evidence, *, by: Actor, on: date) -> list[Step]:
    """The open remedy of a paper that came back is due when the paper is; the steps to be written.

    How late it was stays with its case. A unit that returns to itself what it handed in too late
    betters no date by it: its remedy stays overdue (ADR 11).
    """
    moved, until = [], row.correct_by
    for child in step.children:
        item = child.item
        if item is None or child.case.criterion != row.criterion or item.is_suspended:
            continue
        if until is None or item.due_on is None or item.due_on >= until:
            continue
        old = item.due_on
        is_late = on > old and is_on_ladder(item)
        if is_late and item.unit_id in by.unit_ids and day_of(row.submitted_at) > old:
            continue
        if is_late:
            child.case.late_days += max(calendar().between(old, on), 1)
        move_deadline(item, child.case, until, on=on)
        child.changes_item, child.verb = True, "redate"
        child.data = {
            "old_due": old.isoformat(),
            "new_due": until.isoformat(),
            "correction": True,
        }
        moved.append(child)
    follow(step, max((c.item.due_on for c in moved if c.item and c.item.due_on), default=None),
           on=on)  # fmt: skip
    return moved


def reason_words(case: Case, number: int) -> str:
    """One of the pack's reasons of a return, in the active language."""
    reasons = rules_of(case).pack.return_reasons
    return next((localised(one.label) for one in reasons if one.number == number), "")
