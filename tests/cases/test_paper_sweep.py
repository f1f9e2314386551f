"""A paper that waits too long for its review: each rung once, in words, to whoever reviews it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import paper_sweep
from cases.actions import evidence, pauses
from cases.models import Case, CaseEvent, Evidence, PaperRung
from cases.querysets import to_review
from cases.sweeps import sweep
from cases.wording import words_of
from cases.workbench import Desk
from config.ticking import tick
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.days import day_of
from organisations.models import Tenure, User
from tests.cases.at_once import sweepers
from tests.cases.lists import sign_in
from tests.cases.standing import LEAD, WORKER, rectifying
from tests.world import START, World, at, build, paper, person
from workflows.models import load_calendar

OFFICE = "office/1"
# of the review's ladder, in working days from the fifth after a paper was handed in
OFFSETS = {"due_soon": -1, "due_today": 0, "overdue": 1}


def plus(n: int, day: date = START) -> date:
    return load_calendar().add(day, n)


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def hand_in(
    world: World, case: Case, have: str = "staff", who: str = WORKER, n: int = 1, on: date = START
) -> list[Evidence]:
    papers = [paper(f"名册{place}.pdf") for place in range(n)]
    by = world.actor(who, on)
    return evidence.submit(case.pk, criterion=have, papers=papers, by=by, at=at(on, 11))


def told() -> list[CaseEvent]:
    return list(CaseEvent.objects.filter(verb="review_rung").order_by("id"))


def said(user: User) -> list[str]:
    mine = Notice.objects.filter(recipient=user, kind__startswith="review_").order_by("id")
    return [f"【{n.title}】{n.body}" for n in mine]


@pytest.fixture
def case(world: World) -> Case:
    case = rectifying(world)
    deliver(at(START))
    return case


def test_each_rung_on_its_day_and_once(world: World, case: Case) -> None:
    [row] = hand_in(world, case)
    for day in days(START, plus(15)):
        for hour in (7, 12, 18):
            sweep(at(day, hour))
    rungs = PaperRung.objects.filter(paper=row).order_by("id")
    assert [(one.rung, day_of(one.at), one.spoke) for one in rungs] == [
        (key, plus(5 + n), True) for key, n in OFFSETS.items()
    ]
    assert [event.data["days_late"] for event in told()] == [-1, 0, 1]
    assert Evidence.objects.get(pk=row.pk).review_check_at is None


def test_nine_days_of_silence_are_one_notice(world: World, case: Case) -> None:
    hand_in(world, case)
    for _turn in range(3):
        tick(at(plus(9)))
    tick(at(plus(10)))
    assert said(world.people[LEAD]) == [
        "【逾期提示】洛阳示例轴承的“研发人员”材料待审核，已逾期4个工作日。请尽快审核。"
    ]
    # who handed it in, and the city, have nothing to review
    assert said(world.people[WORKER]) == said(world.people[OFFICE]) == []
    assert [rung.spoke for rung in PaperRung.objects.order_by("id")] == [False, False, True]
    [event] = told()
    assert words_of(event) == "“研发人员”材料审核已逾期，系统已提示审核人"


def test_in_the_words_of_the_day(world: World, case: Case) -> None:
    hand_in(world, case)
    for n in (4, 5, 6):
        tick(at(plus(n)))
    assert said(world.people[LEAD]) == [
        "【到期提醒】洛阳示例轴承的“研发人员”材料待审核，将于3月8日到期（剩1个工作日），请按时审核。",
        "【今日到期】洛阳示例轴承的“研发人员”材料待审核，今日到期。今日未审核的，明日起计入逾期。",
        "【逾期提示】洛阳示例轴承的“研发人员”材料待审核，已逾期1个工作日。请尽快审核。",
    ]


def test_the_notice_leads_to_the_queue(world: World, case: Case, today: object) -> None:
    hand_in(world, case)
    tick(at(plus(9)))
    today(plus(9))  # type: ignore[operator]
    notice = Notice.objects.get(recipient=world.people[LEAD], kind="review_overdue")
    client = sign_in(world, LEAD)
    assert client.get(f"/notices/{notice.pk}/").headers["Location"] == reverse("evidence_review")
    assert "洛阳示例轴承有限公司" in client.get(reverse("evidence_review")).content.decode()


# --- to whom --------------------------------------------------------------------------------------
def test_what_a_firm_handed_in_waits_for_the_handler_too(world: World, case: Case) -> None:
    assert case.enterprise is not None
    clerk = world.clerk(case.enterprise)
    evidence.submit(case.pk, criterion="staff", papers=[paper()], by=clerk, at=at(START, 11))
    tick(at(plus(9)))
    assert len(said(world.people[WORKER])) == len(said(world.people[LEAD])) == 1
    assert clerk.user is not None
    assert said(clerk.user) == []


def test_nobody_is_asked_to_review_his_own_upload(world: World, case: Case) -> None:
    hand_in(world, case, who=LEAD)
    tick(at(plus(9)))
    assert said(world.people[LEAD]) == []
    assert len(said(world.people[WORKER])) == 1


def test_whoever_holds_the_post_on_the_day_is_told(world: World, case: Case) -> None:
    hand_in(world, case)
    held = Tenure.objects.select_related("post").get(user=world.people[LEAD])
    Tenure.objects.filter(pk=held.pk).update(until_on=plus(3))
    heir = person("heir", "接任审核人")
    Tenure.objects.create(post=held.post, user=heir, from_on=plus(3))
    tick(at(plus(9)))
    assert len(said(heir)) == 1
    assert said(world.people[LEAD]) == []


# --- once per item --------------------------------------------------------------------------------
def test_several_files_of_an_item_are_one_reminder(world: World, case: Case) -> None:
    rows = hand_in(world, case, n=3)
    hand_in(world, case, "spending")
    tick(at(plus(9)))
    assert sorted(event.data["criterion"] for event in told()) == ["spending", "staff"]
    staff = next(event for event in told() if event.data["criterion"] == "staff")
    assert staff.data["papers"] == [row.pk for row in rows]
    [one] = Notice.objects.filter(recipient=world.people[LEAD], kind="catch_up")
    assert one.body.startswith("系统停用期间有2项提醒未按时发出：逾期2项。")


def test_what_was_reviewed_is_not_spoken_of(world: World, case: Case) -> None:
    [one] = hand_in(world, case)
    [two] = hand_in(world, case, "spending")
    [three] = hand_in(world, case, "cooperation")
    sweep(at(START, 12))
    lead = world.actor(LEAD)
    evidence.accept(one.pk, by=lead, at=at(START, 13))
    evidence.return_(two.pk, reason=2, by=lead, at=at(START, 13))
    evidence.take_back(three.pk, by=world.actor(WORKER), at=at(START, 13))
    tick(at(plus(9)))
    assert told() == []
    # the paper in the place of the one returned has its own five days
    hand_in(world, case, "spending", on=plus(9))
    tick(at(plus(14)))
    assert [event.data["days_late"] for event in told()] == [0]


def test_what_rests_waits_and_begins_when_it_goes_on(world: World, case: Case) -> None:
    hand_in(world, case)
    lead, until = world.actor(LEAD), plus(8)
    pauses.suspend(case.pk, by=lead, at=at(plus(1), 15), until=until, reason="检修")
    for day in days(START, plus(11)):
        tick(at(day, 10))
    assert told() == []
    tick(at(plus(13)))  # the fifth working day after it went on
    assert [event.data["days_late"] for event in told()] == [0]


# --- at once, and many ----------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_several_sweepers_say_it_once() -> None:
    world = build()
    firms = [world.firm(f"洛阳示例{n}有限公司") for n in range(6)]
    world.open()
    for firm in firms:
        hand_in(world, world.survey(world.case(firm), "A"))
    moment = at(plus(9))
    sweepers(lambda: paper_sweep.sweep_papers(moment))
    paper_sweep.sweep_papers(moment)  # whatever a skipped lock left
    assert PaperRung.objects.filter(spoke=True).count() == 6
    assert len(told()) == 6


@pytest.mark.postgres  # Django cuts SQLite's inserts into pieces of 999 parameters
def test_a_batch_costs_as_many_statements_as_one(world: World) -> None:
    costs = []
    for size in (1, 12):
        firms = [world.firm(f"洛阳{size}示例{n}有限公司") for n in range(size)]
        world.open()
        for firm in firms:
            hand_in(world, world.survey(world.case(firm), "A"))
        with CaptureQueriesContext(connection) as seen:
            assert paper_sweep.sweep_papers(at(plus(9))) == (3 * size, size)
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_nothing_waits_costs_one_statement(world: World, case: Case) -> None:
    hand_in(world, case)
    sweep(at(START, 12))
    with CaptureQueriesContext(connection) as seen:
        assert paper_sweep.sweep_papers(at(plus(2))) == (0, 0)
    assert len(seen) == 1


def test_a_paper_of_a_resting_case_waits_for_its_reviewer(world: World, case: Case) -> None:
    """It lies in his queue, so it stands behind his number, which would else say one less."""
    hand_in(world, case)
    until = plus(10)
    pauses.suspend(case.pk, by=world.actor(LEAD), at=at(START, 12), until=until, reason="检修")
    lead = world.actor(LEAD)
    assert Case.objects.visible_to(lead).with_item().filter(to_review(lead)).get() == case
    # neither its review is late while it rests, nor counted from the day it came once it goes on
    lead = world.actor(LEAD, plus(9))
    [waiting] = Desk(lead, plus(9)).queue()
    assert (vars(waiting)["is_resting"], vars(waiting)["rested_until"]) == (True, None)
    pauses.resume(case.pk, by=lead, at=at(plus(9)))
    [waiting] = Desk(lead, plus(9)).queue()
    assert (vars(waiting)["is_resting"], vars(waiting)["rested_until"]) == (False, plus(9))
