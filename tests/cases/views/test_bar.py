"""What the bar offers the verb accepts; what the verb refuses the bar shows shut, in its words.

Every state that a case can stand in × every person of the small city × every act.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from cases.actions import (
    endings,
    evidence,
    extending,
    filling,
    pauses,
    people,
    proposals,
    remarks,
    remedies,
    stages,
)
from cases.actions.evidence import Paper
from cases.actions.filling import FormRefused
from cases.acts import FORM, SILENT, Offer, offers
from cases.desks import fits
from cases.errors import NotYours, Refused
from cases.models import Case, Evidence
from cases.rulebook import APPLY, calendar, rules_of
from cases.sheet import load
from organisations.models import Post
from organisations.scope import Actor
from tests.cases.test_life import HAVES, to_rectification
from tests.world import START, SYSTEM, World, at, closing_form, matching_form, survey_form
from workflows.procedure import GRAPH_VERBS

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
NOW = at(START, 16)
PEOPLE = (
    WORKER, LEAD, "市工信局/department_officer", "市工信局/department_lead", "office/1", "office/2",
    "liaison_member", "supervisor", "leader", "嵩县/county_lead", "市住建局/department_lead",
)  # fmt: skip


def assigned(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return world.case()


def in_survey(world: World) -> Case:
    return stages.acknowledge(assigned(world).pk, by=world.actor(WORKER), at=at(START))


def in_matching(world: World) -> Case:
    return world.survey(assigned(world), "B")


def watching(world: World) -> Case:
    return world.survey(assigned(world), "D")


def proven(world: World) -> Case:
    case = to_rectification(world)
    for have in HAVES:
        world.prove(case, have)
    return case


def handed_in(world: World) -> Case:
    case = to_rectification(world)
    worker = world.actor(WORKER)
    paper = Paper(ContentFile(b"x", "x.pdf"), "名册.pdf", "application/pdf", 1, "1" * 64)
    evidence.submit(case.pk, criterion="staff", papers=[paper], by=worker, at=at(START, 11))
    return case


def applied(world: World, by: str = WORKER) -> Case:
    case = proven(world)
    actor = world.actor(by)
    return stages.apply_for_closure(case.pk, by=actor, at=at(START, 13), form=closing_form())


def applied_by_lead(world: World) -> Case:
    return applied(world, LEAD)


def in_confirmation(world: World) -> Case:
    return stages.advance(applied(world).pk, by=world.actor(LEAD), at=at(START, 14))


def closed(world: World) -> Case:
    return stages.close(in_confirmation(world).pk, by=world.actor("office/1"), at=at(START, 15))


def suspended(world: World) -> Case:
    until = START + timedelta(days=10)
    case, lead = in_survey(world), world.actor(LEAD)
    return pauses.suspend(case.pk, by=lead, at=at(START, 13), until=until, reason="检修")


def declined(world: World) -> Case:
    case = in_survey(world)
    return people.decline(case.pk, by=world.actor(WORKER), at=at(START, 13), reason="不属本区")


def asked(world: World, by: str = WORKER) -> Case:
    case = in_survey(world)
    actor = world.actor(by)
    return extending.request(case.pk, by=actor, at=at(START, 13), until=_wish(case), reason="检修")


def asked_by_lead(world: World) -> Case:
    return asked(world, LEAD)


def asked_and_suspended(world: World) -> Case:
    until = START + timedelta(days=10)
    case, lead = asked(world), world.actor(LEAD)
    return pauses.suspend(case.pk, by=lead, at=at(START, 14), until=until, reason="检修")


def _wish(case: Case) -> date:
    """Two working days more; any day where there is no date."""
    item = case.task_set.filter(finished=None).first()
    return calendar().add(item.due_on if item and item.due_on else START, 2)


def urged(world: World) -> Case:
    case = in_survey(world)
    return remarks.urge(case.pk, by=world.actor(LEAD), at=at(START, 13))


def off_the_register(world: World) -> Case:
    """The bureau's list no longer names the firm; its case goes on."""
    case = in_matching(world)
    world.gone(case)
    return case


def delisted(world: World) -> Case:
    case, office = in_matching(world), world.actor("office/1")
    case = endings.delist(world.gone(case), by=office, at=at(START, 13), reason="注销")
    world.back(case)
    return case


def delisted_and_gone(world: World) -> Case:
    case, office = in_matching(world), world.actor("office/1")
    return endings.delist(world.gone(case), by=office, at=at(START, 13), reason="注销")


def remedy(world: World) -> Case:
    found: Case | None = Case.objects.filter(parent=to_rectification(world)).first()
    assert found is not None
    return found


def proven_remedy(world: World) -> Case:
    """Accepted by the office's own hand the remedy closes; here the worker accepted only."""
    case = to_rectification(world)
    lead = world.actor(LEAD)
    paper = Paper(ContentFile(b"x", "x.pdf"), "名册.pdf", "application/pdf", 1, "1" * 64)
    [row] = evidence.submit(case.pk, criterion="staff", papers=[paper], by=lead, at=at(START, 11))
    evidence.accept(row.pk, by=world.actor(WORKER), at=at(START, 12))
    found: Case = Case.objects.get(parent=case, criterion="staff")
    return found


def proposed(world: World) -> Case:
    """The register says that production stopped; somebody decides."""
    case = in_matching(world)
    assert case.enterprise_id is not None
    proposals.propose_suspension(
        [case.enterprise_id], city_id=world.city.pk, reason="停产", by=SYSTEM, at=at(START, 12)
    )
    return case


STATES = (
    proposed, assigned, in_survey, in_matching, watching, to_rectification, handed_in, proven,
    applied, applied_by_lead, in_confirmation, closed, suspended, declined, urged, delisted,
    delisted_and_gone, remedy,
    proven_remedy, asked, asked_by_lead, asked_and_suspended, off_the_register,
)  # fmt: skip


# --- every act with sound values -----------------------------------------------------------------
def _form_of(case: Case) -> dict[str, object]:
    forms = {"survey": survey_form("B"), "matching": matching_form(), "closing": closing_form()}
    form = filling.form_of(case)
    return forms.get(form.key, {}) if form else {}


def _fill(case: Case, by: Actor, offer: Offer) -> object:
    form = filling.form_of(case)
    if form is None:
        return refuse()
    if case.parent_id is not None:
        return filling.save_draft(case.pk, form=form.key, data={}, by=by, at=NOW)
    return stages.advance(case.pk, by=by, at=NOW, form=_form_of(case))


def _review(case: Case, by: Actor, offer: Offer) -> object:
    waiting = Evidence.objects.filter(case=case, state="submitted").exclude(submitted_by=by.user)
    return [evidence.accept(row.pk, by=by, at=NOW) for row in waiting] or refuse()


def refuse() -> object:
    raise Refused("no_item", "nothing waits")


def _upload(case: Case, by: Actor, offer: Offer) -> object:
    if case.parent_id is not None:
        return refuse()  # papers lie with the firm's own case
    paper = Paper(ContentFile(b"y", "y.pdf"), "y.pdf", "application/pdf", 1, "2" * 64)
    return evidence.submit(case.pk, criterion="spending", papers=[paper], by=by, at=NOW)


def _reassign(case: Case, by: Actor, offer: Offer) -> object:
    """To somebody who can take the step: in one's own unit, where the case is, or anywhere."""
    item = case.task_set.filter(finished=None).first()
    stage = rules_of(case).stage
    here = item.unit_id if item else case.responsible_unit_id
    posts = Post.objects.select_related("unit__region").exclude(pk=item.post_id if item else 0)
    able = [p for p in posts if stage is None or fits(p, stage.owner)]
    able.sort(key=lambda p: (p.unit_id not in by.unit_ids, p.unit_id != here))
    return people.reassign(case.pk, by=by, at=NOW, reason="轮岗", post=able[0], knowing=True)


def _spawn(case: Case, by: Actor, offer: Offer) -> object:
    """Whatever lacks and has no open remedy, else what the bar never offers."""
    free = [key for key in case.lacking if not _is_open(case, key)]
    return remedies.spawn(case.pk, criterion=[*free, "staff"][0], by=by, at=NOW)


def _is_open(case: Case, criterion: str) -> bool:
    return bool(Case.objects.filter(parent=case, criterion=criterion, finished=None))


RUN: dict[str, Callable[[Case, Actor, Offer], object]] = {
    "acknowledge": lambda c, by, o: stages.acknowledge(c.pk, by=by, at=NOW),
    FORM: _fill,
    "advance": lambda c, by, o: stages.advance(c.pk, by=by, at=NOW, to=o.to or None),
    "send_back": lambda c, by, o: stages.send_back(
        c.pk, by=by, at=NOW, number=1, reason="缺页", to=o.to or None
    ),
    APPLY: lambda c, by, o: stages.apply_for_closure(c.pk, by=by, at=NOW, form=closing_form()),
    "close": lambda c, by, o: stages.close(c.pk, by=by, at=NOW),
    "decline": lambda c, by, o: people.decline(c.pk, by=by, at=NOW, reason="不属本区"),
    "reassign": _reassign,
    "suspend": lambda c, by, o: pauses.suspend(
        c.pk, by=by, at=NOW, until=START + timedelta(days=7), reason="检修"
    ),
    "resume": lambda c, by, o: pauses.resume(c.pk, by=by, at=NOW),
    "request_extension": lambda c, by, o: extending.request(
        c.pk, by=by, at=NOW, until=_wish(c), reason="检修"
    ),
    "grant_extension": lambda c, by, o: extending.decide(c.pk, by=by, at=NOW, is_granted=True),
    "refuse_extension": lambda c, by, o: extending.decide(
        c.pk, by=by, at=NOW, is_granted=False, reason="请按期"
    ),
    "drop_proposal": lambda c, by, o: proposals.drop_proposal(c.pk, by=by, at=NOW, reason="检修"),
    "spawn": _spawn,
    "comment": lambda c, by, o: remarks.comment(c.pk, by=by, at=NOW, text="好"),
    "urge": lambda c, by, o: remarks.urge(c.pk, by=by, at=NOW),
    "upload": _upload,
    "review": _review,
    "withdraw": lambda c, by, o: endings.withdraw(c.pk, by=by, at=NOW, reason="误建"),
    "delist": lambda c, by, o: endings.delist(c.pk, by=by, at=NOW, reason="注销"),
    "reopen": lambda c, by, o: endings.reopen(
        c.pk, by=by, at=NOW, reason="复核", criteria=("staff",) if c.stage == "closed" else ()
    ),
}


def outcome(case: Case, by: Actor, offer: Offer) -> Refused | None:
    """What the verb answers to the case as it was read; nothing is kept."""
    with transaction.atomic():
        try:
            RUN[offer.verb](copy(case), by, offer)
            return None
        except Refused as refusal:
            return refusal
        finally:
            transaction.set_rollback(True)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_bar_and_verbs_say_the_same(world: World, state: Callable[[World], Case]) -> None:
    case = _fresh(state(world))
    seen, wrong = 0, []
    for who in PEOPLE:
        actor, sheet = world.actor(who), load(copy(case), START)
        shown = offers(sheet, actor)
        assert len({offer.key for offer in shown}) == len(shown)
        for offer in shown:
            refusal = outcome(case, actor, offer)
            said = refusal.words if refusal else ""
            if said != offer.why:
                wrong.append(f"{who} {offer.key}: the bar {offer.why!r}, the verb {said!r}")
        seen += len(shown)
        moves = {move.verb for move in sheet.rules.stage.moves} if sheet.rules.stage else set()
        named = {offer.verb for offer in shown}
        if FORM in named:
            named.add("advance")  # the form ends in it
        for verb in set(RUN) - named:
            refusal = outcome(case, actor, Offer(verb, verb))
            elsewhere = verb in GRAPH_VERBS and verb not in moves
            if not (isinstance(refusal, NotYours) or is_silent(refusal, elsewhere)):
                wrong.append(f"{who} {verb}: not on the bar, the verb {refusal!r}")
    assert not wrong, "\n".join(wrong)
    assert seen > 3


def _fresh(case: Case) -> Case:
    rows = Case.objects.select_related("programme__city", "enterprise")
    found: Case = rows.get(pk=case.pk)
    return found


def is_silent(refusal: Refused | None, elsewhere: bool) -> bool:
    """Without meaning where the case stands; a move of another stage may name the clock first."""
    if refusal is None:
        return False
    return refusal.code in HIDDEN or (elsewhere and refusal.code in ("suspended", "declined"))


# an act that the bar leaves out: not this person's, or without meaning where the case stands
HIDDEN = SILENT | {
    "decline_late", "form_incomplete", "same_target", "not_root", "not_surveyed", "met",
    "remedy_open", "no_proposal",
}  # fmt: skip


def test_a_complete_form_is_what_the_form_act_asks_for(world: World) -> None:
    case = in_survey(world)
    with pytest.raises(FormRefused):
        stages.advance(case.pk, by=world.actor(WORKER), at=NOW, form={})


def test_the_primary_act_is_one_and_stands_last(world: World) -> None:
    for state, verb in ((assigned, "acknowledge"), (handed_in, "upload")):
        with transaction.atomic():
            sheet = load(state(world), START)
            shown = offers(sheet, world.actor(WORKER))
            assert [o.verb for o in shown if o.kind == "primary"] == [verb]
            assert shown[-1].verb == verb
            transaction.set_rollback(True)
