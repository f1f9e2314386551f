"""Verbs that move a case along its procedure: sign for, advance, send back, apply, close.

Every verb: lock → may this person → does the state allow it → guard → write. ``version`` is that of
the page (``None`` on the command line). Raises ``Refused``, ``NotYours`` or ``Stale``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases import alike, alike_rows, compulsory, engine, leaving, permissions, policies, returning
from cases.actions import branches, counting, filling, measures, remedies
from cases.around import Around, look
from cases.decided import looked, write_at_a_glance
from cases.desks import Desks
from cases.engine import Step
from cases.errors import NotYours, Refused
from cases.locking import Looking
from cases.models import Case, Evidence
from cases.rulebook import APPLY, calendar, rules_of
from cases.stages import CLOSED
from cases.statements import take_numbers
from cases.steps import due_when_signed, open_step
from organisations.days import day_of
from organisations.models import Unit
from organisations.roles import Act
from organisations.scope import Actor
from workflows.calendar import WorkCalendar
from workflows.procedure import Move, Stage

# an advance out of a reviewer's stage is a review, and needs the reviewer's right
ADVANCE_ACTS = {"county_lead": Act.COUNTY_REVIEW, "department": Act.DEPARTMENT_REVIEW}
# who closes what: the office firms' cases, the county's reviewer its remedies (engine: closer);
# elsewhere whoever owes the closing step (and the head of his unit, where ``closer`` is ``unit``)
CLOSE_ACTS = {"office": Act.CLOSE, "county_lead": Act.CLOSE_REMEDY}
# rights to act on a stage's move, by verb
MOVE_ACTS = {
    "acknowledge": Act.ACKNOWLEDGE,
    "send_back": Act.SEND_BACK,
    APPLY: Act.APPLY_FOR_CLOSURE,
}


def act_of(case: Case, verb: str) -> Act:
    """The right that a graph verb needs on this case as it stands."""
    rules = rules_of(case)
    if verb == "close" and is_offices_own(case):
        return Act.CLOSE
    if verb == "close":
        return CLOSE_ACTS.get(rules.procedure.closer, Act.CLOSE_OWED)
    if verb == "advance":
        owner = rules.stage.owner if rules.stage else ""
        return ADVANCE_ACTS.get(owner, Act.ADVANCE)
    return MOVE_ACTS[verb]


def is_offices_own(case: Case) -> bool:
    """不满意: an issue that lies with the office is closed there, not by the county that the firm
    complains of; asked only of kinds with a call-back."""
    return rules_of(case).procedure.call_back and case.responsible_unit.kind == Unit.Kind.OFFICE


@transaction.atomic
def acknowledge(case_id: int, *, by: Actor, at: datetime, version: int | None = None) -> Case:
    """签收: the unit takes the case on."""
    if done := write_at_a_glance(case_id, version, "acknowledge", _sign, by=by, at=at):
        return done
    step = looked(engine.lock_one(case_id, version, with_children=True, looking="posts"))
    _check_begun(step, "acknowledge", by)
    move = policies.check_move(step.case, step.item, "acknowledge", None)
    children, around = branches.between(step, move.to, {}, at=at), around_of(step)
    children += remedies.spawn_between(step, move.to, around, at=at)
    _go(step, move, by=by, at=at, desks=around.desks)
    engine.write([step, *children], by=by, at=at, is_last=True)
    return step.case


@transaction.atomic
def acknowledge_many(
    ids: Sequence[int], *, by: Actor, at: datetime
) -> tuple[list[Case], dict[int, str]]:
    """Sign for a whole batch; refusals by case id in words. A fixed number of statements, but for
    cases that open children by it: those are signed for one by one."""
    many, apart = alike.take(ids, by=by, at=at)
    of_kinds = Desks.for_cases([one.step.case for one in many])
    decided = alike.decide(many, lambda step: _sign(step, of_kinds, by, at), by=by, at=at)
    steps, refused = engine.lock([*apart, *decided.apart]), decided.refused
    ready: list[Step] = []
    parents: list[int] = []
    desks = Desks.for_cases([s.case for s in steps])
    for step in steps:
        try:
            if _sign(step, desks, by, at):
                ready.append(step)
            else:
                parents.append(step.case.pk)
        except Refused as refusal:
            refused[step.case.pk] = refusal.words
    alike_rows.write(decided.ready)
    engine.write(ready, by=by, at=at)
    whole = [acknowledge(pk, by=by, at=at) for pk in parents]
    return [*alike.cases_of(decided.ready), *(s.case for s in ready), *whole], refused


def _sign(step: Step, desks: Desks, by: Actor, at: datetime) -> bool:
    """Plan 签收 as one of many; not where the step opens children at once."""
    permissions.check_move(by, Act.ACKNOWLEDGE, step.case, step.item)
    move = policies.check_move(step.case, step.item, "acknowledge", None)
    if branches.may_open(step.case, move.to):
        return False
    step.verb = "acknowledge"
    _go(step, move, by=by, at=at, desks=desks)
    return True


@transaction.atomic
def advance(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
    to: str | None = None,
    form: Mapping[str, Any] | None = None,
    reason: str = "",
) -> Case:
    """Finish the stage and enter the next; ``form`` completes or replaces the saved draft."""
    step = _begin(case_id, "advance", by, version)
    policies.check_target(step.case, "advance", to)
    policies.check_clock(step.case, step.item, "advance")
    stage, around = _stage(step.case), around_of(step)
    if all(move.verb != "advance" for move in stage.moves):
        # nobody fills in a form only to hear that it leads nowhere
        policies.check_move(step.case, step.item, "advance", to)
    _finish_form(step, stage, form, around, by=by, at=at)
    move = policies.check_move(step.case, step.item, "advance", to)
    _check_children(step, stage)
    counting.check_count(step, _answers(stage, around))
    if stage.owner == "county_lead":
        policies.check_reviewer(step.case, by.user)
        step.case.reviewed_by = by.user
        step.case.reviewed_on = day_of(at)
    if step.case.applied_by_id is not None:
        # a paper may have been returned since
        papers = around.papers_of(step.case)
        policies.check_criteria(step.case, papers, day_of(at))
        _see(papers, by)
    step.reason = reason
    if rules_of(step.case).procedure.closes_when is None and _closes_next(step.case, move):
        # no papers: whoever reports it done is not whoever closes it
        policies.check_person(by.user)
        step.case.applied_by = by.user
    children = remedies.spawn_between(step, move.to, around, at=at)
    children += branches.between(step, move.to, _answers(stage, around), at=at)
    _go(step, move, by=by, at=at, desks=around.desks)
    engine.write([step, *children], by=by, at=at, is_last=True)
    return step.case


@transaction.atomic
def send_back(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    number: int = 0,
    version: int | None = None,
    to: str | None = None,
) -> Case:
    """退回: a reason is compulsory; the step returned to has its own time (退回补正).

    ``number``: the plan's reason, compulsory where papers are looked at.

    Whoever sends back a step of his own keeps the date that he had (``returning``).
    """
    step = _begin(case_id, "send_back", by, version, looking="posts")
    policies.check_target(step.case, "send_back", to)
    reason = compulsory.words_back(step.case, number, reason)
    move = policies.check_move(step.case, step.item, "send_back", to)
    step.case.applied_by = step.case.reviewed_by = None
    step.case.reviewed_on = None
    step.reason = reason
    _go(step, move, by=by, at=at, desks=around_of(step).desks, reason=reason)
    engine.write([step], by=by, at=at, is_last=True)
    return step.case


@transaction.atomic
def apply_for_closure(
    case_id: int,
    *,
    by: Actor,
    at: datetime,
    version: int | None = None,
    form: Mapping[str, Any] | None = None,
    knowing: bool = False,
) -> Case:
    """申请销号: the ``advance`` into the closing phase, once the county accepted the evidence.

    ``knowing``: whoever applies has read which children stay open (``leaving``)."""
    step = _begin(case_id, APPLY, by, version)
    policies.check_person(by.user)
    move = policies.check_move(step.case, step.item, APPLY, None)
    stage, around = _stage(step.case), around_of(step)
    papers = around.papers_of(step.case)
    policies.check_criteria(step.case, papers, day_of(at))
    _see(papers, by)
    _check_children(step, stage)
    leaving.check_said(step, knowing)
    _finish_form(step, stage, form, around, by=by, at=at)
    step.case.applied_by = by.user
    _go(step, move, by=by, at=at, desks=around.desks)
    engine.write([step], by=by, at=at, is_last=True)
    return step.case


@transaction.atomic
def close(case_id: int, *, by: Actor, at: datetime, version: int | None = None) -> Case:
    """确认销号: the evidence meets the criteria and a second person confirms."""
    step = engine.lock_one(case_id, version, with_children=True, looking="all")
    plan_closing(step, around_of(step), by=by, at=at)
    _number([step])
    engine.write([step, *leaving.end_with([step])], by=by, at=at)
    grant_city([step.case], by=by, at=at)
    return step.case


@transaction.atomic
def close_many(ids: Sequence[int], *, by: Actor, at: datetime) -> tuple[list[Case], dict[int, str]]:
    """批量确认: the same checks for each; what is refused is told by case id in words."""
    steps = engine.lock(ids, with_children=True)
    around, ready, refused = look([step.case for step in steps]), [], {}
    for step in steps:
        try:
            plan_closing(step, around, by=by, at=at)
            ready.append(step)
        except Refused as refusal:
            refused[step.case.pk] = refusal.words
    _number(ready)
    engine.write([*ready, *leaving.end_with(ready)], by=by, at=at)
    grant_city([s.case for s in ready], by=by, at=at)
    return [s.case for s in ready], refused


def check_closing(step: Step, papers: Sequence[Evidence], by: Actor, on: date) -> Move:
    """Everything that a confirmation needs; used by the preview of a batch too."""
    permissions.check(by, act_of(step.case, "close"), step.case, step.item)
    move = policies.check_move(step.case, step.item, "close", None)
    policies.check_criteria(step.case, papers, on)
    policies.check_none_open(step.case, remedies.open_procedures(step))
    if not step.case.criterion:
        policies.check_closer(step.case, papers, by.user)
    else:
        own = [paper for paper in papers if paper.criterion == step.case.criterion]
        policies.check_remedy_closer(own, by.user)
    return move


def grant_city(cases: Sequence[Case], *, by: Actor, at: datetime) -> None:
    """Closing grants the city's acceptance to what the county accepted (roots only)."""
    roots = [case.pk for case in cases if case.parent_id is None]
    if roots:
        Evidence.objects.filter(case_id__in=roots, state=Evidence.State.COUNTY_ACCEPTED).update(
            state=Evidence.State.CITY_ACCEPTED, confirmed_by=by.user, confirmed_at=at
        )


def plan_closing(step: Step, around: Around, *, by: Actor, at: datetime) -> None:
    """Check everything, then plan the end of the case; a refusal has changed nothing."""
    case = step.case
    move = check_closing(step, around.papers_of(case), by, day_of(at))
    held = measures.held(case, around.forms) or measures.take_up(step, around, at=at)
    policies.check_measure(case, measures.lacking(case, held))
    policies.check_call_back(case, held)
    step.verb, step.to_stage = "close", move.to
    case.closed_on = day_of(at)
    if case.parent_id is not None:
        case.reviewed_by, case.reviewed_on = by.user, day_of(at)
    case.lacking, case.lacking_count = [], 0


def _see(papers: Sequence[Evidence], by: Actor) -> None:
    """Whoever moves a closing on has seen what others accepted late; one statement, if any."""
    me = by.user.pk if by.user else None
    late = [p.pk for p in papers if p.is_unseen and p.reviewed_by_id != me]
    if late and me is not None:
        Evidence.objects.filter(pk__in=late).update(is_unseen=False)


def _number(steps: Sequence[Step]) -> None:
    """Closing numbers for firms' cases, without gaps, in the order confirmed."""
    programmes: dict[int, list[Step]] = {}
    for step in steps:
        if step.case.is_main:
            programmes.setdefault(step.case.programme_id, []).append(step)
    for programme, roots in sorted(programmes.items()):
        first = take_numbers(programme, "closing", len(roots))
        for number, step in enumerate(roots, start=first):
            step.case.closing_serial = number
            step.data["closing_serial"] = number


def _begin(
    case_id: int, verb: str, by: Actor, version: int | None, looking: Looking = "all"
) -> Step:
    step = engine.lock_one(case_id, version, with_children=True, looking=looking)
    _check_begun(step, verb, by)
    return step


def _check_begun(step: Step, verb: str, by: Actor) -> None:
    policies.check_open(step.case)
    step.verb = verb
    permissions.check_move(by, act_of(step.case, verb), step.case, step.item)


def around_of(step: Step) -> Around:
    """What was asked about the case together with its lock."""
    return step.around or look([step.case])


def _stage(case: Case) -> Stage:
    stage = rules_of(case).stage
    if stage is None:
        raise Refused("finished", _("This case is finished."))
    return stage


def _finish_form(
    step: Step,
    stage: Stage,
    form: Mapping[str, Any] | None,
    around: Around,
    *,
    by: Actor,
    at: datetime,
) -> None:
    key = stage.form_for(step.case.criterion or None)
    if key is not None:
        filling.finish(step, key, form, around, by=by, at=at)


def _closes_next(case: Case, move: Move) -> bool:
    procedure = rules_of(case).procedure
    return procedure.has(move.to) and procedure.stage(move.to).leaves_by("close")


def _answers(stage: Stage, around: Around) -> Mapping[str, Any]:
    """The answers of the stage's form as it was sealed last."""
    # the newest is the last; one that was sealed just now has no number yet
    sealed = [one for one in around.forms if one.form == stage.form and not one.is_draft]
    return sealed[-1].data if sealed else {}


def _check_children(step: Step, stage: Stage) -> None:
    if stage.waits_for:
        policies.check_children(step.case, remedies.open_procedures(step))


def _go(
    step: Step,
    move: Move,
    *,
    by: Actor,
    at: datetime,
    desks: Desks | None = None,
    reason: str = "",
) -> None:
    """Plan the new stage and its open item."""
    step.to_stage = move.to
    if move.to == CLOSED:
        raise NotYours("use_close", _("Closing is confirmed, not advanced."))
    desks, days = desks or Desks.for_cases([step.case]), calendar()
    step.next_item = open_step(
        step.case,
        move.to,
        on=day_of(at),
        desks=desks,
        time_override=move.time,
        children_due=remedies.latest_due(step.children),
        reason=reason,
        is_correction=bool(reason) and not returning.is_own(by, step.case, step.item, move),
        not_before=_planned(step, move, days),
        no_later=returning.no_later(step, move, by, day_of(at)),
        days=days,
    )
    step.data["due_on"] = step.next_item.due_on.isoformat() if step.next_item.due_on else None


def _planned(step: Step, move: Move, days: WorkCalendar) -> date | None:
    """The date that was told for the step ahead: whoever was early loses no day by it."""
    if step.verb == "acknowledge":
        return due_when_signed(step.case, move, step.item.due_on if step.item else None, days)
    return returning.told_before(step.case, move) if step.verb == "send_back" else None
