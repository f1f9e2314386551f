"""延期: asked for before the date by whoever handles the step, decided by a second person.

A granted one moves the date: only rungs that still lie ahead can fire, and a case that waits for
its children follows the latest of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from cases import contesting, engine, extensions, permissions, policies
from cases.actions.people import BulkResult
from cases.engine import Step
from cases.errors import Refused
from cases.extensions import History
from cases.models import Case, Extension
from cases.rulebook import calendar
from cases.statements import save_rows
from cases.steps import follow, move_deadline
from organisations.days import day_of
from organisations.lengths import check_length
from organisations.roles import Act
from organisations.scope import Actor

DECIDED = ("is_granted", "new_due", "granted_days", "answer", "decided_at", "decided_by_id")


@transaction.atomic
def request(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    until: date,
    reason: str,
    version: int | None = None,
) -> Case:
    """申请延期 to a day; the date stays as it is until somebody else has decided."""
    step = engine.lock_one(case_id, version)
    permissions.check(by, Act.REQUEST_EXTENSION, step.case, step.item)
    policies.check_person(by.user)
    policies.check_reason(reason)
    item = step.item
    past = extensions.histories([item])[item.pk] if item is not None else History()
    contesting.check_asker(by, step.case, item, "request_extension")
    left = extensions.check_askable(step.case, item, past, day_of(at))
    assert item is not None
    assert item.due_on is not None  # asked for a step with a date
    assert by.user is not None  # asked of a person
    days = extensions.check_wish(step.case, item, left, until)
    in_all = days + sum(past.granted)
    row = Extension.objects.create(
        case=step.case,
        item=item,
        old_due=item.due_on,
        wished_on=until,
        days=days,
        in_all=in_all,
        to_office=extensions.needs_office(by, step.case, item, in_all),
        reason=reason.strip(),
        asked_at=at,
        asked_by=by.user,
    )
    step.verb, step.reason = "request_extension", reason
    step.data = {
        "extension": row.pk,
        "old_due": item.due_on.isoformat(),
        "wished": until.isoformat(),
        "working_days": days,
        "to_office": row.to_office,
    }
    engine.write([step], by=by, at=at)
    return step.case


@transaction.atomic
def decide(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    is_granted: bool,
    until: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Case:
    """同意延期 (to the day wished for, or an earlier one) or 不同意延期 (with a reason)."""
    desk = _Desk([case_id], {case_id: version} if version is not None else None)
    answer = _Answer(by, at, is_granted, reason, until)
    step = desk.plan(case_id, answer)
    desk.write(by=by, at=at)
    return step.case


@transaction.atomic
def decide_many(
    ids: Sequence[int], *, by: Actor, at: datetime, is_granted: bool, reason: str = ""
) -> BulkResult:
    """Grant as wished, or refuse, for a whole queue; a fixed number of statements."""
    if not is_granted:
        policies.check_reason(reason)
    desk, result = _Desk(ids, None), BulkResult()
    answer = _Answer(by, at, is_granted, reason)
    for pk in sorted(set(ids)):
        try:
            result.done.append(desk.plan(pk, answer).case)
        except Refused as refusal:
            result.refused[pk] = refusal.words
    desk.write(by=by, at=at)
    return result


@dataclass(frozen=True)
class _Answer:
    """Who answers what, when; ``until``: another day than the one wished for."""

    by: Actor
    at: datetime
    is_granted: bool
    reason: str
    until: date | None = None


class _Desk:
    """Cases with their requests, and the parents that follow, under lock; three statements."""

    def __init__(self, ids: Sequence[int], versions: dict[int, int] | None) -> None:
        steps = engine.lock(ids, versions, with_parents=True)
        self.steps = {step.case.pk: step for step in steps}
        asked = set(ids)
        items = [step.item for step in steps if step.case.pk in asked and step.item is not None]
        self.past = extensions.histories(items)
        self.decided: list[Extension] = []

    def plan(self, case_id: int, answer: _Answer) -> Step:
        """Decide the request of one case; nothing is in the database yet."""
        step = self.steps.get(case_id)
        if step is None:
            raise Refused("no_case", policies.no_case_words())
        item, by = step.item, answer.by
        permissions.check(by, Act.DECIDE_EXTENSION, step.case, item)
        policies.check_open(step.case)
        past = self.past[item.pk] if item is not None else History()
        row = extensions.check_waiting(past.waiting)
        extensions.check_decider(by, step.case, item, row)
        policies.check_clock(step.case, item, "decide_extension")
        engine.check_time(step, answer.at)
        check_length(answer.reason)
        if not answer.is_granted:
            policies.check_reason(answer.reason)
        step.data |= {
            "extension": row.pk,
            "granted": answer.is_granted,
            "wished": row.wished_on.isoformat(),
            "old_due": row.old_due.isoformat(),
            # whoever asked is told, wherever he sits by now
            "readers": [row.asked_by_id],
        }
        if answer.is_granted:
            self._grant(step, row, past, answer)
        step.verb, step.reason = "decide_extension", answer.reason
        row.decided_at, row.decided_by = answer.at, by.user
        row.is_granted, row.answer = answer.is_granted, answer.reason.strip()
        self.decided.append(row)
        return step

    def _grant(self, step: Step, row: Extension, past: History, answer: _Answer) -> None:
        item, on = step.item, day_of(answer.at)
        assert item is not None
        assert item.due_on is not None  # it was asked for
        old, new = item.due_on, answer.until or row.wished_on
        left = extensions.room_of(step.case, item, past)
        days = extensions.check_wish(step.case, item, left, new)
        extensions.check_grant(answer.by, step.case, days + sum(past.granted))
        row.new_due, row.granted_days = new, days
        move_deadline(item, step.case, new, on=on)
        # a day given by name is no estimate, unless its working days are not announced yet
        item.provisional, step.changes_item = not calendar().is_known(new), True
        step.data |= {
            "old_due": old.isoformat(),
            "new_due": new.isoformat(),
            "working_days": days,
        }
        parent = self.steps.get(step.case.parent_id or 0)
        if parent is not None:
            follow(parent, new, on=on)

    def write(self, *, by: Actor, at: datetime) -> None:
        save_rows(self.decided, DECIDED)
        engine.write([step for step in self.steps.values() if step.verb], by=by, at=at)
