"""One prepared call of each verb that moves, changes or tells of a single case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cases.actions import (
    drafts,
    endings,
    evidence,
    expiring,
    filling,
    form_files,
    pauses,
    people,
    proposals,
    remarks,
    remedies,
    stages,
)
from cases.models import Case, Evidence, PhoneReminder
from cases.sweeps import sweep
from organisations.models import Post, Unit
from tests.cases.climbing import late, open_firms
from tests.cases.standing import (
    HAVES,
    LEAD,
    OFFICE,
    WORKER,
    applied,
    closed,
    handed_in,
    opened,
    proven,
    rectifying,
    reviewed,
    signed,
    surveyed,
)
from tests.world import START, SYSTEM, World, at, closing_form, matching_form, paper, survey_form

Deed = Callable[[], object]
Prepared = Callable[[World], Deed]
MOVES: list[tuple[str, str, Prepared]] = []


def move(verb: str, name: str = "") -> Callable[[Prepared], Prepared]:
    def add(prepare: Prepared) -> Prepared:
        MOVES.append((verb, name, prepare))
        return prepare

    return add


# --- moves of the procedure ----------------------------------------------------------------------
@move("stages.acknowledge")
def _acknowledge(world: World) -> Deed:
    case, by = opened(world), world.actor(WORKER)
    return lambda: stages.acknowledge(case.pk, by=by, at=at(START), version=case.version)


def _advance_survey(grade: str) -> Prepared:
    def prepare(world: World) -> Deed:
        case, by = signed(world), world.actor(WORKER)
        form = survey_form(grade)
        return lambda: stages.advance(case.pk, by=by, at=at(START, 10), form=form)

    return prepare


for _grade in "ABCD":
    move("stages.advance", f"survey {_grade}")(_advance_survey(_grade))


@move("stages.advance", "survey B from a draft")
def _advance_draft(world: World) -> Deed:
    case, by = signed(world), world.actor(WORKER)
    filling.save_draft(case.pk, form="survey", data=survey_form("B"), by=by, at=at(START))
    return lambda: stages.advance(case.pk, by=by, at=at(START, 10))


@move("stages.advance", "matching")
def _advance_matching(world: World) -> Deed:
    case, by = surveyed(world), world.actor(WORKER)
    form = matching_form()
    return lambda: stages.advance(case.pk, by=by, at=at(START, 10), form=form)


@move("stages.advance", "matching from a draft")
def _advance_matching_draft(world: World) -> Deed:
    case, by = surveyed(world), world.actor(WORKER)
    filling.save_draft(case.pk, form="matching", data=matching_form(), by=by, at=at(START, 10))
    return lambda: stages.advance(case.pk, by=by, at=at(START, 10))


@move("stages.advance", "survey again, remedies anew")
def _advance_again(world: World) -> Deed:
    case, by, lead = surveyed(world, "A"), world.actor(WORKER), world.actor(LEAD)
    for child in Case.objects.filter(parent=case):
        endings.withdraw(child.pk, by=world.office, at=at(START, 11), reason="重复")
    stages.send_back(case.pk, by=lead, at=at(START, 12), number=1, reason="重新摸底", to="survey")
    assert Case.objects.filter(parent=case, stage="withdrawn").exists()
    return lambda: stages.advance(case.pk, by=by, at=at(START, 13))


@move("stages.advance", "watching")
def _advance_watching(world: World) -> Deed:
    case, by = surveyed(world, "D"), world.actor(WORKER)
    return lambda: stages.advance(case.pk, by=by, at=at(START, 10), to="survey")


@move("stages.advance", "county review")
def _advance_review(world: World) -> Deed:
    case, by = applied(world), world.actor(LEAD)
    return lambda: stages.advance(case.pk, by=by, at=at(START, 14))


@move("stages.send_back", "to matching")
def _send_back(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    return lambda: stages.send_back(case.pk, by=by, at=at(START, 11), number=1, reason="补充")


@move("stages.send_back", "from the office")
def _send_back_office(world: World) -> Deed:
    case, by = reviewed(world), world.actor(OFFICE)
    return lambda: stages.send_back(case.pk, by=by, at=at(START, 15), number=1, reason="补充")


@move("stages.apply_for_closure")
def _apply(world: World) -> Deed:
    case, by, form = proven(world), world.actor(WORKER), closing_form()
    return lambda: stages.apply_for_closure(case.pk, by=by, at=at(START, 13), form=form)


@move("stages.close", "firm with four remedies")
def _close(world: World) -> Deed:
    case, by = reviewed(world), world.actor(OFFICE)
    assert Case.objects.filter(parent=case, stage="closed").count() == 4
    return lambda: stages.close(case.pk, by=by, at=at(START, 15))


@move("stages.close", "remedy")
def _close_remedy(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    pk = handed_in(world, case)
    evidence.accept(pk, by=world.actor("office/2"), at=at(START, 12))
    child = Case.objects.get(parent=case, criterion="staff")
    assert not child.is_finished  # the office accepts papers; the county closes its remedies
    return lambda: stages.close(child.pk, by=by, at=at(START, 15))


# --- who owes it ---------------------------------------------------------------------------------
@move("people.decline")
def _decline(world: World) -> Deed:
    case, by = opened(world), world.actor(WORKER)
    return lambda: people.decline(case.pk, by=by, at=at(START), reason="不属本区")


@move("people.decline", "of a department")
def _decline_department(world: World) -> Deed:
    case = opened(world)
    by = world.actor(f"{case.competent_unit.short_name}/department_lead")
    return lambda: people.decline(case.pk, by=by, at=at(START), reason="不属本局")


@move("people.reassign", "to another county, with remedies")
def _reassign(world: World) -> Deed:
    case, by = rectifying(world), world.actor(OFFICE)
    unit = Unit.objects.get(pk=world.units["嵩县工作专班"].pk)
    return lambda: people.reassign(
        case.pk, by=by, at=at(START), reason="划转", unit=unit, knowing=True
    )


@move("people.reassign", "to another post, by a lead")
def _reassign_post(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    post = Post.objects.filter(unit=case.responsible_unit_id).exclude(role="county_lead").last()
    assert post is not None
    new = Post.objects.create(unit_id=post.unit_id, name="经办二", role=post.role)
    new = Post.objects.get(pk=new.pk)
    return lambda: people.reassign(case.pk, by=by, at=at(START), reason="分工", post=new)


@move("people.reassign", "to another department")
def _reassign_department(world: World) -> Deed:
    case, by = opened(world), world.actor(OFFICE)
    unit = Unit.objects.get(pk=world.units["市住建局"].pk)
    return lambda: people.reassign(
        case.pk, by=by, at=at(START), reason="归口", unit=unit, knowing=True
    )


# --- the clock -----------------------------------------------------------------------------------
@move("pauses.suspend", "with remedies")
def _suspend(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    until = START + timedelta(days=7)
    return lambda: pauses.suspend(case.pk, by=by, at=at(START), until=until, reason="检修")


@move("pauses.suspend", "renewed, with a remedy that rested and one that did not")
def _renew(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    until = START + timedelta(days=7)
    child = Case.objects.filter(parent=case).first()
    assert child is not None
    pauses.suspend(child.pk, by=by, at=at(START), until=until, reason="检修")
    return lambda: pauses.suspend(case.pk, by=by, at=at(START), until=until, reason="检修")


@move("proposals.drop_proposal")
def _drop_proposal(world: World) -> Deed:
    case, by = signed(world), world.actor(LEAD)
    proposals.propose_suspension(
        [case.firm_id], city_id=world.city.pk, reason="停产", by=world.office, at=at(START)
    )
    return lambda: proposals.drop_proposal(case.pk, by=by, at=at(START), reason="已复产")


@move("pauses.resume", "with remedies")
def _resume(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    until = START + timedelta(days=7)
    pauses.suspend(case.pk, by=by, at=at(START), until=until, reason="检修")
    return lambda: pauses.resume(case.pk, by=by, at=at(START + timedelta(days=3)))


@move("pauses.resume", "a remedy alone, its parent follows")
def _resume_child(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    child = Case.objects.filter(parent=case).last()
    assert child is not None
    until = START + timedelta(days=14)
    pauses.suspend(child.pk, by=by, at=at(START), until=until, reason="检修")
    return lambda: pauses.resume(child.pk, by=by, at=at(until))


# --- ends and the way back -----------------------------------------------------------------------
@move("endings.withdraw", "with remedies")
def _withdraw(world: World) -> Deed:
    case, by = rectifying(world), world.actor(OFFICE)
    return lambda: endings.withdraw(case.pk, by=by, at=at(START, 12), reason="误建")


@move("endings.delist", "with remedies, suspended")
def _delist(world: World) -> Deed:
    case, by = rectifying(world), world.actor(OFFICE)
    until = START + timedelta(days=7)
    pauses.suspend(case.pk, by=by, at=at(START), until=until, reason="检修")
    world.gone(case)
    return lambda: endings.delist(case.pk, by=by, at=at(START, 12), reason="退库")


@move("endings.reopen", "delisted with remedies")
def _reopen_delisted(world: World) -> Deed:
    case, by = rectifying(world), world.actor(OFFICE)
    endings.delist(world.gone(case), by=by, at=at(START, 12), reason="退库")
    world.back(case)
    return lambda: endings.reopen(case.pk, by=by, at=at(START, 13), reason="入库")


@move("endings.reopen", "closed: papers back, remedies anew")
def _reopen_closed(world: World) -> Deed:
    case, by = closed(world), world.actor("office/2")
    return lambda: endings.reopen(
        case.pk, by=by, at=at(START, 16), reason="复核", criteria=["staff", "spending"]
    )


@move("endings.reopen", "closed: a have that had no remedy")
def _reopen_new_remedy(world: World) -> Deed:
    case = rectifying(world, staff="regular")
    for have in HAVES:
        world.prove(case, have)
    worker, lead, by = world.actor(WORKER), world.actor(LEAD), world.actor("office/2")
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
    stages.advance(case.pk, by=lead, at=at(START, 14))
    stages.close(case.pk, by=world.actor(OFFICE), at=at(START, 15))
    return lambda: endings.reopen(
        case.pk, by=by, at=at(START, 16), reason="复核", criteria=["staff", "spending"]
    )


# --- papers and forms ----------------------------------------------------------------------------
@move("evidence.submit", "two files in the place of one returned, for a remedy")
def _submit(world: World) -> Deed:
    case, by = rectifying(world), world.actor(WORKER)
    pk = handed_in(world, case)
    evidence.return_(pk, reason=1, by=world.actor(LEAD), at=at(START, 12))
    child = Case.objects.get(parent=case, criterion="staff")
    return lambda: evidence.submit(
        child.pk, criterion="staff", papers=[paper(), paper()], by=by, at=at(START, 13)
    )


@move("evidence.accept", "its remedy closes")
def _accept(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    pk = handed_in(world, case)
    return lambda: evidence.accept(pk, by=by, at=at(START, 12))


@move("evidence.return_", "accepted before: its remedy starts anew")
def _return(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    row = world.prove(case, "staff")
    assert Case.objects.get(parent=case, criterion="staff").stage == "closed"
    return lambda: evidence.return_(row.pk, reason=1, by=by, at=at(START, 13))


@move("evidence.return_", "accepted before: it had no remedy")
def _return_new(world: World) -> Deed:
    case, by = rectifying(world, staff="regular"), world.actor(LEAD)
    row = world.prove(case, "staff")
    return lambda: evidence.return_(row.pk, reason=1, by=by, at=at(START, 13))


@move("evidence.waive")
def _waive(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    world.in_province(case, "staff")
    return lambda: evidence.waive(
        case.pk, criterion="staff", reason="省系统已有", by=by, at=at(START, 12)
    )


@move("evidence.verify_offline")
def _offline(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    how: Any = {"criterion": "staff", "witness": "孟示例", "number": "1号", "dated": START}
    return lambda: evidence.verify_offline(case.pk, **how, by=by, at=at(START, 12))


@move("expiring.expire")
def _expire(world: World) -> Deed:
    case = rectifying(world)
    row = world.prove(case, "staff")
    Evidence.objects.filter(pk=row.pk).update(valid_until=START)
    return lambda: expiring.expire(row.pk, by=SYSTEM, at=at(START + timedelta(days=1)))


@move("evidence.take_back")
def _take_back(world: World) -> Deed:
    case, by = rectifying(world), world.actor(WORKER)
    pk = handed_in(world, case)
    return lambda: evidence.take_back(pk, by=by, at=at(START, 12))


@move("filling.save_draft", "new")
def _draft(world: World) -> Deed:
    case, by = signed(world), world.actor(WORKER)
    return lambda: filling.save_draft(
        case.pk, form="survey", data={"production": "normal"}, by=by, at=at(START)
    )


@move("filling.save_draft", "again")
def _draft_again(world: World) -> Deed:
    deed = _draft(world)
    deed()
    return deed


@move("form_files.put_file")
def _photo(world: World) -> Deed:
    case, by = signed(world), world.actor(WORKER)
    return lambda: form_files.put_file(
        case, form="survey", field="confirmation", paper=paper(), by=by, at=at(START)
    )


@move("remedies.spawn", "by hand")
def _spawn(world: World) -> Deed:
    case, by = rectifying(world, staff="regular"), world.actor(WORKER)
    return lambda: remedies.spawn(case.pk, criterion="staff", by=by, at=at(START, 11))


# --- words and letters ---------------------------------------------------------------------------
@move("remarks.comment")
def _comment(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    return lambda: remarks.comment(case.pk, by=by, at=at(START, 11), text="请关注")


@move("remarks.urge")
def _urge(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    return lambda: remarks.urge(case.pk, by=by, at=at(START, 11))


@move("drafts.record_call")
def _call(world: World) -> Deed:
    open_firms(world)
    sweep(at(late(5)))
    row, by = PhoneReminder.objects.get(), world.actor(OFFICE)
    return lambda: drafts.record_call(row.pk, by=by, at=at(late(5), 10), result="已联系")
