"""People change: posts are handed over, somebody stands in; the cases never notice."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import wording
from cases.actions import handing_over, pauses, stages
from cases.errors import NotYours, Refused
from cases.handing import note_lines, person_of
from cases.loads import loads
from cases.models import Case, CaseEvent, HandOver
from cases.querysets import owed_by
from config.ticking import tick
from notifications.models import Notice
from organisations.models import Delegation, Post, Tenure, User
from organisations.scope import Actor, actor_of
from tests.cases.test_life import HAVES, to_rectification
from tests.world import START, World, at, closing_form, person

WORKER, LEAD, OTHER = "涧西区/county_worker", "涧西区/county_lead", "嵩县/county_worker"


@pytest.fixture
def busy(world: World) -> World:
    for number in range(3):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    return world


def post_of(world: World, key: str) -> Post:
    tenure = Tenure.objects.filter(user=world.people[key]).select_related("post__unit__region")
    return tenure.get().post


def successor(name: str = "接任者") -> User:
    return person("new", name)


def todos(world: World, user: User, on: date = START) -> int:
    actor = actor_of(user, on)
    found: int = Case.objects.visible_to(actor).with_item().filter(owed_by(actor)).count()
    return found


def stand_in(world: World, key: str, deputy: User, **values: Any) -> Delegation:
    base: dict[str, Any] = {"from_on": START, "until_on": START + timedelta(days=7)}
    base |= {"reason": "培训", "by": world.office, "at": at(START)}
    return handing_over.delegate(post_of(world, key), to_user=deputy, **(base | values))


# --- hand-over -----------------------------------------------------------------------------------
def test_a_successor_sees_everything_the_same_minute(busy: World) -> None:
    """004-30: 由其继任者履行成员职责，不再另行行文."""
    new, old = successor(), busy.people[WORKER]
    assert todos(busy, old) == 3
    handing_over.hand_over(
        [post_of(busy, WORKER)], to=new, from_on=START, by=busy.actor(LEAD), at=at(START, 10)
    )
    assert todos(busy, new) == 3
    assert todos(busy, old) == 0
    case = Case.objects.order_by("id")[0]
    with pytest.raises(NotYours):
        stages.acknowledge(case.pk, by=busy.actor(WORKER), at=at(START, 11))
    stages.acknowledge(case.pk, by=actor_of(successor(), START), at=at(START, 11))


def test_every_open_case_says_who_had_it_and_nothing_else_changes(busy: World) -> None:
    before = list(Case.objects.order_by("id").values_list("version", "stage", "progress_at"))
    [row] = handing_over.hand_over(
        [post_of(busy, WORKER)],
        to=successor(),
        from_on=START,
        note="先办第一家",
        by=busy.office,
        at=at(START),
    )
    assert list(Case.objects.order_by("id").values_list("version", "stage", "progress_at")) == (
        before
    )
    events = CaseEvent.objects.filter(verb="hand_over").select_related("case", "by")
    assert len(events) == 3
    old = busy.people[WORKER].name
    assert wording.words_of(events[0]) == f"{old}将{row.post.title}移交接任者，在办3件"
    assert [line["firm"] for line in row.lines or []] == [f"洛阳示例{n}有限公司" for n in range(3)]
    json.dumps(row.lines)


def test_both_sides_are_told_once_however_many_cases(busy: World) -> None:
    new = successor()
    handing_over.hand_over(
        [post_of(busy, WORKER)], to=new, from_on=START, by=busy.office, at=at(START)
    )
    tick(at(START, 10))
    told = Notice.objects.filter(kind="hand_over")
    assert {n.recipient for n in told} == {new, busy.people[WORKER]}
    assert told.count() == 2
    assert "在办3件" in told[0].body


def test_a_later_day_takes_effect_on_that_day_and_once(busy: World) -> None:
    new, on = successor(), START + timedelta(days=9)
    [row] = handing_over.hand_over(
        [post_of(busy, WORKER)], to=new, from_on=on, by=busy.actor(LEAD), at=at(START)
    )
    assert row.is_ahead
    assert len(note_lines(row, START)) == 3
    assert not CaseEvent.objects.filter(verb="hand_over").exists()
    assert todos(busy, new, on - timedelta(days=1)) == 0
    assert todos(busy, new, on) == 3
    tick(at(on - timedelta(days=1)))
    assert HandOver.objects.get().is_ahead
    tick(at(on, 1))
    tick(at(on, 2))
    assert CaseEvent.objects.filter(verb="hand_over").count() == 3
    assert len(HandOver.objects.get().lines or []) == 3


def test_all_posts_of_a_person_go_at_once_or_none(busy: World) -> None:
    both = [post_of(busy, WORKER), post_of(busy, OTHER)]
    with pytest.raises(Refused):
        handing_over.hand_over(
            both, to=successor(), from_on=START, by=busy.actor(LEAD), at=at(START)
        )
    assert todos(busy, busy.people[WORKER]) == 3
    rows = handing_over.hand_over(both, to=successor(), from_on=START, by=busy.office, at=at(START))
    assert [len(row.lines or []) for row in rows] == [3, 0]


def test_a_post_left_empty_is_listed_with_its_load(busy: World) -> None:
    handing_over.hand_over(
        [post_of(busy, WORKER)], to=None, from_on=START, by=busy.office, at=at(START)
    )
    vacant = {
        (str(unit.unit), one.post.name): one.count.open
        for unit in loads(busy.office, START)
        for one in unit.posts
        if one.is_vacant
    }
    assert vacant[str(busy.units["涧西区工作专班"]), "经办人"] == 3
    event = CaseEvent.objects.filter(verb="hand_over").select_related("case", "by").first()
    assert event is not None
    assert wording.words_of(event).endswith("该岗位暂缺")


def test_statements_do_not_grow_with_the_desk(world: World) -> None:
    counts, post = [], post_of(world, WORKER).pk
    for number, firms in enumerate((2, 40)):
        for extra in range(firms):
            world.firm(f"洛阳{number}示例{extra}有限公司")
        day = START + timedelta(days=number)
        world.open(day)
        with CaptureQueriesContext(connection) as seen:
            handing_over.hand_over(
                [Post.objects.select_related("unit__region").get(pk=post)],
                to=person(f"new{number}", f"接任{number}"),
                from_on=day,
                by=world.office,
                at=at(day),
            )
        counts.append(len(seen))
    assert counts[0] == counts[1], counts


# --- stand-ins -----------------------------------------------------------------------------------
def test_a_stand_in_acts_under_his_own_name_for_somebody(busy: World) -> None:
    deputy = successor("周代办")
    stand_in(busy, WORKER, deputy)
    assert todos(busy, deputy) == 3
    assert todos(busy, busy.people[WORKER]) == 3  # the holder keeps his own
    case = Case.objects.order_by("id")[0]
    stages.acknowledge(case.pk, by=actor_of(deputy, START), at=at(START, 11))
    event = CaseEvent.objects.select_related("case", "by").get(verb="acknowledge")
    assert event.by == deputy
    assert wording.words_of(event) == f"周代办（代{busy.people[WORKER].name}）签收"


def test_units_sentences_name_the_person_too(busy: World) -> None:
    event = CaseEvent(
        case=Case.objects.order_by("id")[0],
        verb="apply_for_closure",
        by=successor("周代办"),
        by_post=post_of(busy, WORKER),
        data={"for": "孟某"},
        at=at(START),
    )
    assert wording.words_of(event) == "涧西区工作专班申请销号（周代办代孟某）"


def test_four_eyes_are_two_humans_whatever_posts_they_hold(world: World) -> None:
    """A worker who stands in for his lead cannot review what he applied for."""
    case = to_rectification(world)
    for key in HAVES:
        world.prove(case, key)
    worker = world.actor(WORKER)
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 14), form=closing_form())
    stand_in(world, LEAD, world.people[WORKER])
    both = world.actor(WORKER)
    assert len(both.standings) == 2
    with pytest.raises(Refused) as refused:
        stages.advance(case.pk, by=both, at=at(START, 15))
    assert refused.value.code == "four_eyes"
    stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 15))


def test_the_trail_says_in_which_post_he_acted(busy: World) -> None:
    """A worker who stands in for his lead suspends as the lead, signs for as himself."""
    stand_in(busy, LEAD, busy.people[WORKER])
    both = busy.actor(WORKER)
    case = Case.objects.order_by("id")[0]
    stages.acknowledge(case.pk, by=both, at=at(START, 10))
    pauses.suspend(case.pk, by=both, at=at(START, 11), reason="停产", until=date(2022, 3, 9))
    events = {e.verb: e for e in CaseEvent.objects.filter(case=case)}
    assert "for" not in events["acknowledge"].data
    assert events["suspend"].data["for"] == busy.people[LEAD].name
    assert events["suspend"].by_post == post_of(busy, LEAD)


def test_notices_go_to_holder_and_stand_in(busy: World) -> None:
    tick(at(START, 9))
    Notice.objects.all().delete()
    deputy = successor()
    stand_in(busy, WORKER, deputy, until_on=date(2022, 5, 1))
    busy.firm("洛阳新来有限公司")
    busy.open(START + timedelta(days=1))
    tick(at(START + timedelta(days=1), 10))
    told = Notice.objects.filter(kind="new_work").values_list("recipient", flat=True)
    assert {deputy.pk, busy.people[WORKER].pk} <= set(told)
    assert Notice.objects.filter(kind="delegate", recipient=deputy).count() == 1


def test_a_chain_is_told_to_its_end(busy: World) -> None:
    """涧西经办人 → 审核人 → 嵩县经办人: the last one is told as well."""
    for post, other in ((WORKER, LEAD), (LEAD, OTHER)):
        handing_over.delegate(
            post_of(busy, post),
            to_post=post_of(busy, other),
            from_on=START,
            until_on=START + timedelta(days=7),
            reason="出差",
            by=busy.office,
            at=at(START),
        )
    busy.firm("洛阳新来有限公司")
    busy.open(START + timedelta(days=1))
    tick(at(START + timedelta(days=1), 10))
    told = Notice.objects.filter(kind="new_work", recipient=busy.people[OTHER])
    assert told.exists()


def test_a_stand_in_for_reading_sees_and_cannot_act(busy: World) -> None:
    deputy = successor()
    stand_in(busy, WORKER, deputy, reads_only=True)
    actor = actor_of(deputy, START)
    assert Case.objects.visible_to(actor).count() == 3
    assert todos(busy, deputy) == 0
    with pytest.raises(NotYours):
        stages.acknowledge(Case.objects.order_by("id")[0].pk, by=actor, at=at(START))


def test_an_actor_costs_one_statement_with_delegations(
    busy: World, django_assert_num_queries: Any
) -> None:
    stand_in(busy, WORKER, successor())
    deputy = successor()
    with django_assert_num_queries(1):
        actor_of(deputy, START)


# --- load ----------------------------------------------------------------------------------------
def test_load_counts_where_the_work_lies(busy: World) -> None:
    [unit] = [u for u in loads(busy.actor(LEAD), START) if u.unit.name == "涧西区规上工业企业"
              "研发活动全覆盖工作专班"]  # fmt: skip
    by_post = {one.post.name: one.count for one in unit.posts}
    assert by_post["经办人"].open == 3
    assert by_post["经办人"].week == 3  # to be signed for tomorrow
    assert by_post["审核人"].open == 0
    assert unit.per_person == 1.5
    later = {
        u.unit.pk: u.count for u in loads(busy.actor(LEAD, date(2022, 3, 20)), date(2022, 3, 20))
    }
    assert later[unit.unit.pk].overdue == 3


def test_whose_load_one_sees(busy: World) -> None:
    seen = {
        key: {u.unit.region.name for u in loads(busy.actor(key), START)} for key in (LEAD, OTHER)
    }
    assert seen == {LEAD: {"涧西区"}, OTHER: {"嵩县"}}
    assert len(loads(busy.office, START)) > 10
    assert len(loads(Actor.system(), START)) >= len(loads(busy.office, START))


def test_load_takes_five_statements(busy: World, django_assert_max_num_queries: Any) -> None:
    actor = busy.office
    with django_assert_max_num_queries(6):
        loads(actor, START)


def test_people_are_found_by_name_or_account(world: World) -> None:
    first = person("zs1", "张三")
    assert person_of("ZS1", START) == first
    assert person_of(" 张 三 ", START) == first
    person("zs2", "张三")
    with pytest.raises(Refused) as refused:
        person_of("张三", START)
    assert "zs1" in refused.value.words
    with pytest.raises(Refused):
        person_of("不存在", START)
