"""Ends that are not closings, and the way back: withdraw, delist, reopen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from cases import compulsory, engine, permissions, policies, register_stays
from cases.actions import filling, pauses, remedies, standing_again
from cases.around import look
from cases.desks import Desks
from cases.engine import Step
from cases.errors import Refused
from cases.models import Case, Evidence
from cases.rulebook import correction_stage, rules_of
from cases.stages import CLOSED, DELISTED, TERMINAL, WITHDRAWN
from cases.steps import is_on_ladder, open_step
from organisations.days import day_of
from organisations.roles import Act
from organisations.scope import Actor


@transaction.atomic
def withdraw(
    case_id: int, *, by: Actor, at: datetime, reason: str, version: int | None = None
) -> Case:
    """撤销建档: opened by mistake; whatever is open below it ends with it."""
    policies.check_reason(reason)
    step = engine.lock_one(case_id, version, with_tree=True)
    permissions.check(by, Act.WITHDRAW, step.case, step.item)
    policies.check_open(step.case)
    steps = _open_below(step)
    _end(steps, "withdraw", WITHDRAWN, _told(steps, reason), by=by, at=at)
    return step.case


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
    step = engine.lock_one(case_id, version, with_tree=True)
    permissions.check(by, Act.DELIST, step.case, step.item)
    policies.check_delist(step.case)
    stays = register_stays.stays_of(step.case)
    register_stays.check_off_register(stays, day_of(at))
    if left_on is not None:
        policies.check_left_on(left_on, day_of(at), stays[0][0] if stays else None)
    left_on = left_on or (stays[-1][1] if stays else None)
    steps = _open_below(step)
    _end(steps, "delist", DELISTED, _told(steps, reason), by=by, at=at, left_on=left_on)
    return step.case


@transaction.atomic
def delist_firms(
    reasons: dict[int, str], *, city_id: int, left_on: date, by: Actor, at: datetime
) -> int:
    """Delist every open case of firms that left the register: ``{enterprise id: reason}``.

    Set-based; only programmes of that city, as a firm may be listed elsewhere too.
    """
    rows = Case.objects.filter(enterprise__in=list(reasons), programme__city=city_id)
    ids = rows.exclude(stage__in=TERMINAL).values_list("pk", flat=True)
    steps = [step for step in engine.lock(ids) if step.item is not None]
    told = {s.case.pk: reasons[s.case.firm_id] for s in steps}
    _end(steps, "delist", DELISTED, told, by=by, at=at, left_on=left_on)
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
    and their remedies start anew. After another end the case goes on where it stood.
    """
    policies.check_reason(reason)
    step = engine.lock_one(case_id, version, with_children=True)
    permissions.check(by, Act.REOPEN, step.case, step.item)
    policies.check_reopen(step.case)
    if step.case.criterion:
        raise Refused("reopen_child", policies.reopen_child_words())
    if step.case.stage != CLOSED and step.case.enterprise_id is not None:
        register_stays.check_on_register(register_stays.stays_of(step.case), day_of(at))
    policies.check_known(step.case, criteria)
    policies.check_asked_for(step.case, criteria)
    compulsory.check_failing(step.case, criteria)
    if step.case.stage == CLOSED:
        engine.write(_take_up(step, criteria, reason, by=by, at=at), by=by, at=at)
    else:
        # what ended below it is locked last: it is no sweep's and waits for nobody
        tree = engine.lock_trees([case_id]) if step.children else [step]
        engine.write(_go_on(tree, reason, at=at), by=by, at=at)
        step = tree[0]
    return step.case


@transaction.atomic
def reopen_firms(ids: Sequence[int], *, city_id: int, by: Actor, at: datetime, reason: str) -> int:
    """Firms that came back to the register: their delisted cases go on; set-based.

    Not those of a programme whose work is over: the next one opens a case of its own.
    """
    gone = Case.objects.filter(enterprise__in=list(ids), programme__city=city_id, stage=DELISTED)
    # firms' own cases, and what an open case of no firm opened for them: a policy offers once
    roots = gone.filter(parent__enterprise=None, parent__finished=None)
    found = engine.lock_trees(roots.values_list("pk", flat=True))
    steps = [s for s in found if s.case.stage == DELISTED and _still_worked(s.case, day_of(at))]
    engine.write(_go_on(steps, reason, at=at), by=by, at=at)
    return len(steps)


def _still_worked(case: Case, on: date) -> bool:
    """Whether a case that ended goes on: within its programme's time, or it had outlived that."""
    last = rules_of(case).pack.work_until
    return on <= last or (case.finished is not None and day_of(case.finished) > last)


def _open_below(step: Step) -> list[Step]:
    """The case with what is open below it, orders of its issues too."""
    return [step, *(one for one in step.tree[1:] if one.item is not None)]


def _told(steps: Sequence[Step], reason: str) -> dict[int, str]:
    """What ends with a case takes its reason."""
    return {step.case.pk: reason for step in steps}


def _end(
    steps: Sequence[Step],
    verb: str,
    terminal: str,
    reasons: Mapping[int, str],
    *,
    by: Actor,
    at: datetime,
    left_on: date | None = None,
) -> None:
    """End cases and whatever suspension still ran."""
    for step in steps:
        case = step.case
        step.verb, step.to_stage = verb, terminal
        step.reason = reasons[case.pk]
        step.data = {"left_on": (left_on or day_of(at)).isoformat(), "from": case.stage}
        if verb == "delist":
            step.data["was"] = standing_again.as_it_stands(step)
    pauses.end_rests(steps, on=day_of(at))
    engine.write(steps, by=by, at=at)


def _take_up(
    root: Step, criteria: Sequence[str], reason: str, *, by: Actor, at: datetime
) -> list[Step]:
    """A closing that is taken back: papers returned, remedies anew, and the case waits for them."""
    case, around = root.case, look([root.case])
    serial = case.closing_serial  # the number is revoked; the register of numbers says so
    if criteria:
        number = rules_of(case).pack.reopening_reason
        _return_papers(around.papers_of(case), criteria, number, reason, by=by, at=at)
        filling.set_lacking(case, around.papers_of(case))
    case.applied_by = case.reviewed_by = None
    case.reviewed_on = case.closed_on = case.closing_serial = None
    root.to_stage = correction_stage(rules_of(case).procedure)
    children = remedies.renew(root, criteria, around, at=at, is_drafted=False)
    for child in children:
        child.reason = reason
        if child.next_item is not None:
            child.next_item.return_reason = reason.strip()
    _restart(root, root.to_stage, reason, around.desks, at)
    root.data["closing_serial"] = serial
    return [root, *children]


def _go_on(roots: Sequence[Step], reason: str, *, at: datetime) -> list[Step]:
    """Cases that ended without a closing, with what ended below and with them: each goes on
    where it stood, in the step and with the date that it had; who applied and reviewed stands. A
    firm that falls off a list by mistake and comes back is neither late anew nor forgiven.
    """
    everyone = list(roots)
    for root in roots:
        ended = (root.case.stage, root.case.finished)
        everyone += [c for c in root.tree[1:] if (c.case.stage, c.case.finished) == ended]
    lasting = Desks.for_cases([step.case for step in everyone if step.last is None])
    for step in everyone:
        if step.last is None:  # it had ended when the running ledger was taken over
            initial = rules_of(step.case).procedure.initial
            _restart(step, initial, reason, lasting, at)
            continue
        step.verb, step.reason = "reopen", reason
        step.data = {"from": step.from_stage}
        step.to_stage, step.revives_last = step.last.stage, True
        # the sweep looks at once, and finds on record what has been said already
        stage = rules_of(step.case).procedure.stage(step.last.stage)
        if stage.ladder and is_on_ladder(step.last):
            step.last.next_check_at = at
    return everyone


def _restart(step: Step, stage: str, reason: str, desks: Desks, at: datetime) -> None:
    step.verb, step.to_stage, step.reason = "reopen", stage, reason
    step.data = {"from": step.from_stage}
    due = remedies.latest_due(step.children)
    step.next_item = open_step(step.case, stage, on=day_of(at), desks=desks, children_due=due)


def _return_papers(
    papers: Sequence[Evidence],
    criteria: Sequence[str],
    number: int,
    reason: str,
    *,
    by: Actor,
    at: datetime,
) -> None:
    failing = [p for p in papers if p.criterion in criteria and p.state in Evidence.ACCEPTED]
    for paper in failing:
        paper.state = Evidence.State.RETURNED
    Evidence.objects.filter(pk__in=[paper.pk for paper in failing]).update(
        state=Evidence.State.RETURNED,
        return_reason=number,
        return_text=reason.strip(),
        reviewed_by=by.user,
        reviewed_at=at,
        confirmed_by=None,
        confirmed_at=None,
    )
