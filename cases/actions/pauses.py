"""The clock stands still: suspend, renew, resume; each a row of the suspension ledger.

The firm's own case takes its open remedies along: they rest as long as it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases import engine, permissions, policies, resting
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, Suspension
from cases.rulebook import calendar, rules_of
from cases.statements import end_suspensions, save_rows
from cases.steps import follow, move_deadline
from cases.suspended import days_of
from organisations.days import day_of
from organisations.roles import Act, Role
from organisations.scope import Actor
from workflows import deadlines

Rows = dict[int, list[Suspension]]


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
    """暂缓办理, or its renewal: within the limits of the pack (30 working days a time
    by default); beyond ten in all the office decides."""
    step, parent = _with_parent(case_id, version)
    permissions.check(by, Act.SUSPEND, step.case, step.item)
    policies.check_reason(reason)
    policies.check_clock(step.case, step.item, "suspend")
    _check_parent_runs(parent)
    steps = [step, *(child for child in step.children if child.item is not None)]
    rows, on = _ledger(steps), day_of(at)
    steps = [one for one in steps if one is step or not _rests_longer(rows, one, until)]
    is_office = by.is_system or permissions.acts_as(by, Role.OFFICE, step.case)
    used = sum(days_of(row, on) for row in rows[step.case.pk])
    limits = rules_of(step.case).pack.limits
    days = resting.check_suspension(limits, on, until, used, is_office)
    _stop(steps, rows, on=on, until=until, reason=reason, by=by)
    step.case.proposal = step.case.proposal_reason = ""
    for one in steps:
        one.data = {"until": until.isoformat(), "working_days": days}
        if one is not step:
            one.data["follows"] = step.case.pk
    engine.write(steps, by=by, at=at)
    return step.case


@transaction.atomic
def resume(case_id: int, *, by: Actor, at: datetime, version: int | None = None) -> Case:
    """恢复办理: the date moves by the working days lost."""
    step, parent = _with_parent(case_id, version)
    permissions.check(by, Act.RESUME, step.case, step.item)
    policies.check_open(step.case)
    steps = [step, *(c for c in step.children if c.item is not None and c.item.is_suspended)]
    rows, on = _ledger(steps), day_of(at)
    own = resting.open_suspension(row for row in rows[step.case.pk] if row.resumed_on is None)
    _check_parent_runs(parent)
    steps = [one for one in steps if one is step or not _rests_alone(rows, one, own, on)]
    _restart(steps, {pk: row for pk, found in rows.items() if (row := _open_row(found))}, on)
    for child in steps[1:]:
        child.data["follows"] = step.case.pk
    if parent is not None and step.item is not None:
        follow(parent, step.item.due_on, on=on)
    written = [one for one in (parent, *steps) if one is not None and one.verb]
    engine.write(written, by=by, at=at)
    return step.case


@transaction.atomic
def resume_due(*, at: datetime, limit: int = 500) -> int:
    """Resume what has reached its ``until``; set-based, called by the sweep."""
    on = day_of(at)
    due = Suspension.objects.filter(resumed_on=None, until_on__lte=on).order_by("id")[:limit]
    rows = {row.case_id: row for row in due}
    if not rows:
        return 0
    steps = {s.case.pk: s for s in engine.lock(list(rows), with_parents=True)}
    # a sweep of an earlier day than the last entry leaves the case for a later one
    steps = {pk: s for pk, s in steps.items() if policies.allows(engine.check_time, s, at)}
    rows = {pk: row for pk, row in rows.items() if pk in steps}
    resting = [s for pk, s in steps.items() if pk in rows and s.item and s.item.is_suspended]
    _restart(resting, rows, on)
    for step in resting:
        parent = steps.get(step.case.parent_id or 0)
        if parent is not None and step.item is not None:
            if parent.case.pk in rows:
                step.data["follows"] = parent.case.pk
            follow(parent, step.item.due_on, on=on)
    # a row whose case has ended meanwhile rests for nobody
    Suspension.objects.filter(pk__in=[row.pk for row in rows.values()], resumed_on=None).update(
        resumed_on=on
    )
    engine.write([s for s in steps.values() if s.verb], by=Actor.system(), at=at)
    return len(resting)


def _with_parent(case_id: int, version: int | None) -> tuple[Step, Step | None]:
    """The case with its children, and its parent, all under lock, parents first."""
    versions = {case_id: version} if version is not None else None
    found = engine.lock([case_id], versions, with_children=True, with_parents=True)
    steps = {step.case.pk: step for step in found}
    if case_id not in steps:
        raise Refused("no_case", policies.no_case_words())
    return steps[case_id], steps.get(steps[case_id].case.parent_id or 0)


def _check_parent_runs(parent: Step | None) -> None:
    if parent is not None and parent.item is not None and parent.item.is_suspended:
        raise Refused(
            "parent_suspended",
            _("The firm's own case is suspended, and this one with it. Act on the firm's case."),
        )


def _ledger(steps: Iterable[Step]) -> Rows:
    """Every row of these cases; one query."""
    rows: Rows = defaultdict(list)
    for row in Suspension.objects.filter(case__in=[s.case.pk for s in steps]).order_by("id"):
        rows[row.case_id].append(row)
    return rows


def _open_row(rows: Sequence[Suspension]) -> Suspension | None:
    return next((row for row in rows if row.resumed_on is None), None)


def _rests_longer(rows: Rows, child: Step, until: date) -> bool:
    """A remedy that somebody has put to rest for longer than that is left as it is."""
    row = _open_row(rows[child.case.pk])
    return row is not None and row.until_on >= until


def _rests_alone(rows: Rows, child: Step, parents: Suspension, on: date) -> bool:
    """Whether a remedy rested before the firm's own case did, for a time that is not over."""
    row = _open_row(rows[child.case.pk])
    return row is not None and row.pk < parents.pk and row.until_on > on


def _stop(
    steps: Sequence[Step], rows: Rows, *, on: date, until: date, reason: str, by: Actor
) -> None:
    """Open a row for each, or renew the one that is open; a remedy that rests by itself keeps its
    own reason and whoever decided it."""
    opened: list[Suspension] = []
    renewed: list[Suspension] = []
    own = _open_row(rows[steps[0].case.pk])
    for step in steps:
        row = _open_row(rows[step.case.pk])
        is_alone = row is not None and step is not steps[0] and (own is None or row.pk < own.pk)
        (renewed if row else opened).append(row := row or Suspension(case=step.case, from_on=on))
        row.until_on = until
        if not is_alone:
            row.reason, row.by = reason.strip(), by.user
        assert step.item is not None  # only open steps rest
        step.item.is_suspended, step.item.next_check_at = True, None
        step.verb, step.reason, step.changes_item = "suspend", reason, True
    Suspension.objects.bulk_create(opened)
    save_rows(renewed, ["until_on", "reason", "by_id"])


def end_rests(steps: Iterable[Step], *, on: date) -> None:
    """What rested when its case ended rests no more: should the case be taken up again, the days
    that the clock stood are not taken from it (as ``resume`` gives them back)."""
    resting = {s.case.pk: s for s in steps if s.item is not None and s.item.is_suspended}
    for row in end_suspensions(list(resting), on):
        step = resting[row.case_id]
        step.data |= _give_back(step, row, on)


def _restart(steps: Sequence[Step], rows: dict[int, Suspension], on: date) -> None:
    """Each date moves by the working days that its row took; the rows are ended."""
    for step in steps:
        step.data = _give_back(step, rows[step.case.pk], on)
        step.verb, step.changes_item = "resume", True
    save_rows([rows[s.case.pk] for s in steps], ["resumed_on"])


def _give_back(step: Step, row: Suspension, on: date) -> dict[str, Any]:
    """The row ends and the date moves by the working days that it took; what the event says."""
    item = step.item
    assert item is not None  # only open steps rest
    row.resumed_on = on
    lost = days_of(row, on)
    item.is_suspended = False
    old = item.due_on
    new = deadlines.shift(old, lost, calendar()) if old else None
    move_deadline(item, step.case, new, on=on)
    return {
        "working_days": lost,
        "old_due": old.isoformat() if old else None,
        "new_due": new.isoformat() if new else None,
    }
