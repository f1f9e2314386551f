"""The clock stands still: suspend, renew, resume; each a row of the suspension ledger."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from cases import engine, permissions, policies
from cases.engine import Step
from cases.models import Case, Suspension
from cases.rulebook import calendar
from cases.steps import day_of, move_deadline
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows import deadlines


@transaction.atomic
def suspend(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    until: date,
    reason: str,
    version: int | None = None,
) -> Case:
    """暂缓办理, or its renewal: at most 30 working days a time; beyond ten in all the office."""
    step = engine.lock_one(case_id, version)
    permissions.check(by, Act.SUSPEND, step.case, step.item)
    policies.check_reason(reason)
    policies.check_clock(step.case, step.item, "suspend")
    item, on = step.item, day_of(at)
    assert item is not None  # check_clock refused otherwise
    rows = list(Suspension.objects.filter(case=step.case))
    is_office = by.is_system or by.has_role(Role.OFFICE)
    used = sum(calendar().between(r.from_on, r.resumed_on or on) for r in rows)
    days = policies.check_suspension(on, until, used, is_office)
    row = next((r for r in rows if r.resumed_on is None), None)
    if row is None:
        row = Suspension(case=step.case, from_on=on)
    row.until_on, row.reason, row.by = until, reason, by.user
    row.save()
    item.is_suspended, item.next_check_at = True, None
    step.verb, step.reason, step.changes_item = "suspend", reason, True
    step.data = {"until": until.isoformat(), "working_days": days}
    engine.write([step], by=by, at=at)
    return step.case


@transaction.atomic
def resume(case_id: int, *, by: Actor, at: datetime, version: int | None = None) -> Case:
    """恢复办理: the date moves by the working days lost."""
    step = engine.lock_one(case_id, version)
    permissions.check(by, Act.RESUME, step.case, step.item)
    policies.check_open(step.case)
    row = policies.open_suspension(Suspension.objects.filter(case=step.case, resumed_on=None))
    _restart(step, row, day_of(at))
    row.save()
    engine.write([step], by=by, at=at)
    return step.case


@transaction.atomic
def resume_due(*, at: datetime, limit: int = 500) -> int:
    """Resume what has reached its ``until``; set-based, called by the sweep."""
    on = day_of(at)
    rows = {
        r.case_id: r
        for r in Suspension.objects.filter(resumed_on=None, until_on__lte=on).order_by("id")[:limit]
    }
    steps = [s for s in engine.lock(list(rows)) if s.item is not None and s.item.is_suspended]
    for step in steps:
        _restart(step, rows[step.case.pk], on)
    Suspension.objects.bulk_update([rows[s.case.pk] for s in steps], ["resumed_on"])
    engine.write(steps, by=Actor.system(), at=at)
    return len(steps)


def _restart(step: Step, row: Suspension, on: date) -> None:
    item = step.item
    assert item is not None
    until = min(on, row.until_on) if on > row.until_on else on
    lost = max(calendar().between(row.from_on, until), 0)
    row.resumed_on = on
    item.is_suspended = False
    old = item.due_on
    new = deadlines.shift(old, lost, calendar()) if old else None
    move_deadline(item, step.case, new, on=on)
    step.verb, step.changes_item = "resume", True
    step.data = {
        "working_days": lost,
        "old_due": old.isoformat() if old else None,
        "new_due": new.isoformat() if new else None,
    }
