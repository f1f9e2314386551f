"""Verb × role for what acts on many cases, on a post, on a letter or on a firm: who may, one table.

Rights as in the design's policy table; nothing here asks the code what it would answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from cases.actions import (
    asking,
    batches,
    calling,
    carry_undo,
    carrying,
    drafts,
    extending,
    handing_over,
    people,
    remarks,
    reusing,
    routing,
    stages,
    visiting,
)
from cases.errors import NotYours, Refused
from cases.models import Case, PhoneReminder
from organisations.days import day_of
from organisations.models import Post
from organisations.scope import Actor
from tests.cases.board import (
    COUNTY,
    DEPARTMENT,
    DONE,
    HAVES,
    LATER,
    LEAD,
    LIAISON,
    OFFICE,
    ROLES,
    TOWNSHIP,
    Writes,
    attempt,
    opened,
    target,
    township_of,
    wish,
)
from tests.cases.climbing import climb, late, open_firms, waiting
from tests.cases.test_carrying import next_year
from tests.world import START, World, at, closing_form, matching_form, person

Act = Callable[[Case, Actor], object]
YEARS_END = date(2022, 12, 30)
LATE = at(START + timedelta(days=40))
CHIEF = DEPARTMENT[1]
REVIEWERS, HANDLERS = (LEAD, *OFFICE), (TOWNSHIP, *COUNTY)
# leads and office entrust posts of their own; accounts and posts are the system administrator's too
ENTRUSTING = {*REVIEWERS, "system_admin"}
MAY: dict[str, set[str]] = {
    "acknowledge_many": {*COUNTY},
    "close_many": {*OFFICE},
    "reassign_many": {*REVIEWERS},
    "undo_reassign": {OFFICE[0]},  # whoever made it
    "urge_many": {*REVIEWERS, CHIEF, LIAISON},
    "decide_many": {*REVIEWERS},
    "request_many": {*COUNTY},  # whoever handles the step
    "undo_requests": {COUNTY[0]},  # whoever asked
    "draft_supervision": {*OFFICE},
    "delegate": ENTRUSTING,
    "hand_over": ENTRUSTING,
    # whatever department finds an issue, at whichever firm of its city
    "record_visit": {*HANDLERS, *DEPARTMENT, *OFFICE, LIAISON, "市住建局/department_lead"},
    "note_call": {*HANDLERS, *DEPARTMENT, *OFFICE, LIAISON, "市住建局/department_lead"},
    "plan_route": {*HANDLERS, *DEPARTMENT, *OFFICE, LIAISON, "市住建局/department_lead"},
    "take_back_visit": {COUNTY[0], *OFFICE},  # whoever wrote it up, and the office
    "hand_in_again": {*HANDLERS, "clerk"},
    # the firm speaks for itself; whoever owes the answer gives it
    "ask": {"clerk"},
    "rate": {"clerk"},
    "answer": {*COUNTY},  # its handler, or the reviewer of his unit
    "carry_over": {*OFFICE},
    "undo_carry_over": {*OFFICE},
    "record_call": {*OFFICE},
    "release note": {*OFFICE},
    "drop": {*OFFICE},
}


def confirmed(world: World, case: Case) -> Case:
    """A case that waits for the city's confirmation."""
    world.survey(case, "B")
    worker = world.actor(COUNTY[0])
    stages.advance(case.pk, by=worker, at=at(START, 10), form=matching_form())
    for have in HAVES:
        world.prove(case, have)
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
    return stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 14))


def asked_for(case: Case, by: Actor) -> people.BulkResult:
    until = wish(case)
    return batches.request_many([case.pk], by=by, at=LATER, until=until, reason="资料正在整理")


def whole(done: Any) -> None:
    """A bulk verb tells refusals case by case; here there is one case, refused or done."""
    told = done[1] if isinstance(done, tuple) else done.refused
    for words in told.values():
        raise Refused("in_bulk", words)


def played(world: World, case: Case, acts: Mapping[str, Act], on: date) -> dict[str, set[str]]:
    """By verb who did it; nobody's refusal changed anything."""
    assert case.enterprise is not None
    other, writes = world.clerk(world.firm(f"别家企业{on}")), Writes()
    strangers = {"clerk": world.clerk(case.enterprise), "other clerk": other}
    strangers["nobody"] = Actor(world.people["leader"], on, ())
    actors = {who: strangers.get(who) or world.actor(who, on) for who in ROLES}
    with connection.execute_wrapper(writes):
        got = {
            verb: {who: attempt(act, case, actor, writes) for who, actor in actors.items()}
            for verb, act in acts.items()
        }
    return {verb: {who for who, said in one.items() if said == DONE} for verb, one in got.items()}


def test_who_acts_on_many_on_posts_and_on_firms(world: World) -> None:
    found = opened(world, ("assigned", "moved", "survey", "time", "again", "confirmation"))
    case, worker = found["survey"], world.actor(COUNTY[0])
    for state in ("time", "again"):
        stages.acknowledge(found[state].pk, by=worker, at=at(START))
    stages.acknowledge(case.pk, by=worker, at=at(START))
    extending.request(case.pk, by=worker, at=at(START), until=wish(case), reason="资料正在整理")
    closing = confirmed(world, found["confirmation"])
    proof, firm = world.prove(case, "staff"), case.enterprise
    assert firm is not None
    visit = visiting.record_visit(
        firm, by=worker, at=at(START, 13), visited_on=START, people="周示例", found="缺文件"
    )
    question = asking.ask(case.firm_id, text="？", by=world.clerk(firm), at=at(START, 13))
    post = Post.objects.get(unit=world.item(case).unit, role="county_worker")
    new = person("new", "接任者")
    unit = world.units["嵩县工作专班"]
    batch = people.reassign_many(
        [found["moved"].pk], by=world.office, at=LATER, reason="搬迁", unit=unit
    ).batch
    asked = asked_for(found["again"], worker).batch
    acts: dict[str, Act] = {
        "acknowledge_many": lambda c, a: whole(
            stages.acknowledge_many([found["assigned"].pk], by=a, at=LATER)
        ),
        "close_many": lambda c, a: whole(stages.close_many([closing.pk], by=a, at=LATER)),
        "reassign_many": lambda c, a: whole(
            people.reassign_many([c.pk], by=a, at=LATER, reason="人手", post=target(world, a, c))
        ),
        "undo_reassign": lambda c, a: whole(people.undo_reassign(batch, by=a, at=LATER)),
        "urge_many": lambda c, a: whole(remarks.urge_many([c.pk], by=a, at=LATER)),
        "decide_many": lambda c, a: whole(
            extending.decide_many([c.pk], by=a, at=LATER, is_granted=True)
        ),
        "request_many": lambda _c, a: whole(asked_for(found["time"], a)),
        "undo_requests": lambda _c, a: whole(batches.undo_requests(asked, by=a, at=LATER)),
        "draft_supervision": lambda _c, a: whole(
            batches.draft_supervision([found["time"].pk], by=a, at=LATE)
        ),
        "delegate": lambda c, a: handing_over.delegate(
            post,
            to_user=new,
            from_on=START,
            until_on=START + timedelta(days=3),
            reason="培训",
            by=a,
            at=LATER,
        ),
        "hand_over": lambda c, a: handing_over.hand_over(
            [post], to=new, from_on=START, by=a, at=LATER
        ),
        "record_visit": lambda c, a: visiting.record_visit(
            firm, by=a, at=LATER, visited_on=START, people="周示例", found="辅助账未建"
        ),
        "note_call": lambda c, a: calling.note_call(
            firm, by=a, at=LATER, result="reached", next_step="call"
        ),
        "plan_route": lambda c, a: routing.plan_route([firm.pk], on=day_of(LATER), by=a, at=LATER),
        "take_back_visit": lambda c, a: visiting.take_back_visit(
            visit.pk, by=a, at=LATER, reason="重复"
        ),
        "hand_in_again": lambda c, a: reusing.hand_in_again(
            proof.pk, c.pk, criterion="spending", by=a, at=LATER
        ),
        "ask": lambda c, a: asking.ask(c.firm_id, text="怎么盖章？", by=a, at=LATER),
        "rate": lambda c, a: asking.rate(c.firm_id, satisfied="no", text="慢", by=a, at=LATER),
        "answer": lambda _c, a: asking.answer(question.pk, text="盖公章", by=a, at=LATER),
    }
    got = played(world, case, acts, START)
    assert got == {verb: MAY[verb] for verb in acts}


def test_who_carries_over_and_takes_it_back(world: World) -> None:
    [old, gone] = opened(world, ("assigned", "carried")).values()
    to = next_year(world)
    way = (world.programme, to)
    carrying.carry_over(
        *way, by=world.actor(OFFICE[0], YEARS_END), at=at(YEARS_END), reason="未完成", ids=[gone.pk]
    )
    acts: dict[str, Act] = {
        "carry_over": lambda c, a: whole(
            carrying.carry_over(*way, by=a, at=at(YEARS_END), reason="未完成", ids=[c.pk])
        ),
        "undo_carry_over": lambda c, a: whole(
            carry_undo.undo_carry_over(*way, by=a, at=at(YEARS_END), reason="误操作", ids=[gone.pk])
        ),
    }
    assert played(world, old, acts, YEARS_END) == {verb: MAY[verb] for verb in acts}


def test_who_decides_on_letters_and_calls(world: World) -> None:
    township_of(world)
    [case] = open_firms(world)
    for step in (5, 10):
        climb(step, step)
    note, call, day = waiting(), PhoneReminder.objects.get(), late(11)
    acts: dict[str, Act] = {
        "record_call": lambda _c, a: drafts.record_call(call.pk, by=a, at=at(day), result="已联系"),
        "release note": lambda _c, a: drafts.release(note.pk, by=a, at=at(day), body="请关注"),
        "drop": lambda _c, a: drafts.drop(note.pk, by=a, at=at(day), reason="已当面提醒"),
    }
    assert played(world, case, acts, day) == {verb: MAY[verb] for verb in acts}
    climb(20, 21)
    order, after = waiting(kind="supervision_letter"), late(22)
    # the head's alone (督办函); refused under the lock of the tray
    with pytest.raises(NotYours) as refusal:
        drafts.release(order.pk, by=world.actor(OFFICE[0], after), at=at(after), body="请办理")
    assert refusal.value.code == "needs_head"
    sent = drafts.release(order.pk, by=world.actor(OFFICE[1], after), at=at(after), body="请办理")
    assert sent.state == "released"
