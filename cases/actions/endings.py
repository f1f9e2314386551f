"""Ends that are not closings, and the way back: withdraw, delist, reopen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from cases import engine, permissions, policies
from cases.desks import Desks
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, CaseEvent, Evidence, Suspension
from cases.rulebook import correction_stage, rules_of
from cases.stages import CLOSED, DELISTED, TERMINAL, WITHDRAWN
from cases.steps import day_of, open_step
from organisations.roles import Act
from organisations.scope import Actor

REOPENED_PAPER = 5  # the reason of return that a failed spot check gives: no real performance


@transaction.atomic
def withdraw(
    case_id: int, *, by: Actor, at: datetime, reason: str, version: int | None = None
) -> Case:
    """撤销建档: opened by mistake; its open children end with it."""
    policies.check_reason(reason)
    steps = _family(case_id, version)
    permissions.check(by, Act.WITHDRAW, steps[0].case, steps[0].item)
    policies.check_open(steps[0].case)
    _end(steps, "withdraw", WITHDRAWN, reason, at)
    engine.write(steps, by=by, at=at)
    return steps[0].case


@transaction.atomic
def delist(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    left_on: date | None = None,
    version: int | None = None,
) -> Case:
    """退库办结: the firm left the register; not a closing, never counted as one."""
    policies.check_reason(reason)
    steps = _family(case_id, version)
    permissions.check(by, Act.DELIST, steps[0].case, steps[0].item)
    policies.check_open(steps[0].case)
    _end(steps, "delist", DELISTED, reason, at, left_on)
    engine.write(steps, by=by, at=at)
    return steps[0].case


@transaction.atomic
def delist_firms(
    reasons: dict[int, str], *, city_id: int, left_on: date, by: Actor, at: datetime
) -> int:
    """Delist every open case of firms that left the register: ``{enterprise id: reason}``.

    Set-based; only programmes of that city, as a firm may be listed elsewhere too.
    """
    ids = list(
        Case.objects.filter(enterprise_id__in=list(reasons), programme__city_id=city_id)
        .exclude(stage__in=TERMINAL)
        .values_list("pk", flat=True)
    )
    steps = engine.lock(ids)
    for step in steps:
        assert step.case.enterprise_id is not None
        _end([step], "delist", DELISTED, reasons[step.case.enterprise_id], at, left_on)
    engine.write(steps, by=by, at=at)
    _end_suspensions(ids, at)
    return len(steps)


@transaction.atomic
def reopen(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    criteria: Sequence[str] = (),
    version: int | None = None,
) -> Case:
    """恢复办理. After a closing (核减销号) ``criteria`` name what fails: their papers are returned
    and their remedies opened again. After a delisting the case goes on where it stood.
    """
    policies.check_reason(reason)
    step = engine.lock_one(case_id, version)
    permissions.check(by, Act.REOPEN, step.case, step.item)
    policies.check_reopen(step.case)
    if step.case.parent_id is not None:
        raise Refused("reopen_child", policies.reopen_child_words())
    steps = _reopen_family(step, criteria, reason, by=by, at=at)
    engine.write(steps, by=by, at=at)
    return step.case


def reopen_firms(ids: Sequence[int], *, city_id: int, by: Actor, at: datetime, reason: str) -> int:
    """A firm that comes back to the register: its delisted case goes on."""
    cases = Case.objects.filter(
        enterprise_id__in=list(ids), programme__city_id=city_id, parent=None, stage=DELISTED
    ).values_list("pk", flat=True)
    for pk in list(cases):
        reopen(pk, by=by, at=at, reason=reason)
    return len(cases)


def _family(case_id: int, version: int | None) -> list[Step]:
    """The case and its open children under lock, parent first."""
    children = Case.objects.filter(parent_id=case_id).exclude(stage__in=TERMINAL)
    ids = [case_id, *children.values_list("pk", flat=True)]
    steps = engine.lock(ids, {case_id: version} if version is not None else None)
    if not steps or steps[0].case.pk != case_id:
        raise Refused("no_case", policies.no_case_words())
    return steps


def _end(
    steps: Sequence[Step],
    verb: str,
    terminal: str,
    reason: str,
    at: datetime,
    left_on: date | None = None,
) -> None:
    for step in steps:
        step.verb, step.to_stage, step.reason = verb, terminal, reason
        step.data = {"left_on": (left_on or day_of(at)).isoformat(), "from": step.case.stage}
    _end_suspensions([s.case.pk for s in steps], at)


def _end_suspensions(ids: Sequence[int], at: datetime) -> None:
    Suspension.objects.filter(case_id__in=ids, resumed_on=None).update(resumed_on=day_of(at))


def _reopen_family(
    root: Step, criteria: Sequence[str], reason: str, *, by: Actor, at: datetime
) -> list[Step]:
    case, was = root.case, root.case.stage
    if was == CLOSED and criteria:
        _return_papers(case, criteria, reason, by=by, at=at)
        case.lacking, case.lacking_count = list(criteria), len(criteria)
    case.applied_by = case.reviewed_by = None
    case.reviewed_on = case.closed_on = None
    case.closing_serial = None
    children = _children_to_reopen(case, was, criteria)
    desks = Desks.for_cases([case])
    steps = [root, *children]
    dues = []
    for child in children:
        child.case.closed_on = child.case.reviewed_on = child.case.reviewed_by = None
        _restart(child, rules_of(child.case).procedure.initial, reason, desks, at)
        assert child.next_item is not None
        if child.next_item.due_on:
            dues.append(child.next_item.due_on)
    stage = correction_stage(rules_of(case).procedure) if was == CLOSED else _stood_at(case)
    _restart(root, stage, reason, desks, at, children_due=max(dues, default=None))
    return steps


def _children_to_reopen(case: Case, was: str, criteria: Sequence[str]) -> list[Step]:
    children = Case.objects.filter(parent=case, stage=was)
    if was == CLOSED:
        children = children.filter(criterion__in=list(criteria))
    return engine.lock(list(children.values_list("pk", flat=True)))


def _restart(
    step: Step,
    stage: str,
    reason: str,
    desks: Desks,
    at: datetime,
    children_due: date | None = None,
) -> None:
    step.verb, step.to_stage, step.reason = "reopen", stage, reason
    step.next_item = open_step(
        step.case, stage, on=day_of(at), desks=desks, children_due=children_due
    )
    step.data = {"from": step.from_stage}


def _stood_at(case: Case) -> str:
    """The stage in which the case was when it was delisted."""
    event = CaseEvent.objects.filter(case=case, verb="delist").order_by("-id").first()
    stage = event.data.get("from", "") if event else ""
    return str(stage) or rules_of(case).procedure.initial


def _return_papers(
    case: Case, criteria: Sequence[str], reason: str, *, by: Actor, at: datetime
) -> None:
    Evidence.objects.filter(
        case=case, criterion__in=list(criteria), state__in=Evidence.ACCEPTED
    ).update(
        state=Evidence.State.RETURNED,
        return_reason=REOPENED_PAPER,
        return_text=reason[:300],
        reviewed_by=by.user,
        reviewed_at=at,
    )
