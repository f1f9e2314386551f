"""Who signs, hands in or applies early loses no day by it (practice.md, the four stages)."""

from __future__ import annotations

from datetime import date

import pytest

from cases.actions import evidence, recalendar, stages
from cases.models import Case
from cases.sheet import load
from cases.views import case_due
from notifications.delivery import deliver
from notifications.models import Notice
from tests.cases.standing import LEAD, WORKER, applied, handed_in, rectifying, reviewed, surveyed
from tests.world import START, SYSTEM, World, at, paper
from workflows.models import load_calendar

TOLD = date(2022, 3, 23)  # 15 working days after 2 March, the last day for signing


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


@pytest.mark.parametrize(
    ("signed_on", "due_on"),
    [
        (START, TOLD),  # a day before it is due
        (date(2022, 3, 2), TOLD),
        (date(2022, 3, 4), date(2022, 3, 25)),  # late: the survey has its own time
    ],
)
def test_the_notice_and_the_page_name_one_day(world: World, signed_on: date, due_on: date) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.case()
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(signed_on))
    deliver(at(signed_on))
    told = Notice.objects.filter(kind="new_work", recipient=world.people[WORKER]).get()
    assert told.body == "涧西区新交办1家企业，请于3月2日前签收，3月23日前完成摸底。"
    fact = case_due.due_fact(load(Case.objects.get(pk=case.pk), signed_on))
    assert fact["value"] == f"{due_on.year}年{due_on.month}月{due_on.day}日"
    assert world.item(case).due_on == due_on


def test_signed_in_a_batch_is_signed_early_all_the_same(world: World) -> None:
    firms = [world.firm(f"洛阳示例{n}号有限公司") for n in range(2)]
    world.open()
    ids = [world.case(firm).pk for firm in firms]
    stages.acknowledge_many(ids, by=world.actor(WORKER), at=at(START))
    assert {world.item(world.case(firm)).due_on for firm in firms} == {TOLD}


def test_the_page_says_why_the_day_is_later_than_its_time(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    stages.acknowledge(world.case().pk, by=world.actor(WORKER), at=at(START))
    item = world.item(world.case())
    assert item.phrase == "within: 15 working_days, not_before: 2022-03-23"
    assert case_due.phrase_words(item) == "按原定时限2022年3月23日，提前签收不缩短时限"


# --- papers ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("n", "due"),
    [
        (0, 15),  # handed in and returned on the first day: the remedy's own 15 working days
        (9, 15),
        (10, 15),
        (11, 16),  # five of its own are more
        (20, 25),
    ],
)
def test_a_paper_returned_early_is_corrected_by_the_remedy_s_day(
    world: World, n: int, due: int
) -> None:
    case = rectifying(world)
    pk = handed_in(world, case)
    remedy = Case.objects.get(parent=case, criterion="staff")
    day = plus(START, n)
    row = evidence.return_(pk, reason=1, by=world.actor(LEAD), at=at(day, 12))
    assert row.correct_by == plus(START, due)
    # the open remedy keeps its own day, or has that of its paper: nobody is late who corrects
    assert world.item(remedy).due_on == plus(START, due)


def test_a_remedy_done_early_starts_anew_with_the_day_that_it_had(world: World) -> None:
    case = rectifying(world)
    for n in (0, 1, 2):  # a second and a third return take nothing away either
        day = plus(START, n)
        [row] = evidence.submit(
            case.pk, criterion="staff", papers=[paper()], by=world.actor(WORKER), at=at(day, 11)
        )
        evidence.accept(row.pk, by=world.actor(LEAD), at=at(day, 12))
        remedy = Case.objects.get(parent=case, criterion="staff")
        assert remedy.stage == "closed"
        returned = evidence.return_(row.pk, reason=1, by=world.actor(LEAD), at=at(day, 13))
        item = world.item(remedy)
        assert item.is_correction
        assert item.due_on == returned.correct_by == plus(START, 15)
        assert item.budget == 15 - n


def test_before_the_remedies_a_paper_is_corrected_by_the_step_s_day(world: World) -> None:
    case = surveyed(world, "D")  # watched: reviewed at the quarter's end, no remedies
    pk = handed_in(world, case)
    row = evidence.return_(pk, reason=1, by=world.actor(LEAD), at=at(START, 12))
    assert row.correct_by == world.item(case).due_on == date(2022, 3, 31)


# --- the closing ----------------------------------------------------------------------------------
def test_a_closing_sent_back_early_has_the_day_of_its_rectification(world: World) -> None:
    case = applied(world)
    planned = plus(START, 45)  # the longest remedy
    case = stages.send_back(
        case.pk, by=world.actor(LEAD), at=at(START, 14), number=1, reason="补签字"
    )
    item = world.item(case)
    assert (item.is_correction, item.due_on) == (True, planned)
    assert case_due.phrase_words(item) == ("按原定时限2022年5月6日，退回补正不缩短时限")


def test_the_city_s_return_takes_no_day_either(world: World) -> None:
    case = reviewed(world)
    office = world.actor("office/2")
    case = stages.send_back(case.pk, by=office, at=at(START, 15), number=1, reason="补签字")
    assert world.item(case).due_on == plus(START, 45)


def test_sent_back_behind_its_day_a_closing_has_five_of_its_own(world: World) -> None:
    case = applied(world)
    day = plus(START, 44)
    case = stages.send_back(
        case.pk, by=world.actor(LEAD), at=at(day, 14), number=1, reason="补签字"
    )
    assert world.item(case).due_on == plus(day, 5)
    assert world.item(case).phrase == "within: 5 working_days"


# --- what moves every date ------------------------------------------------------------------------
def test_a_day_off_moves_the_kept_day_too(world: World) -> None:
    case = rectifying(world)
    row = world.prove(case, "staff")
    evidence.return_(row.pk, reason=1, by=world.actor(LEAD), at=at(START, 13))
    remedy = Case.objects.get(parent=case, criterion="staff")
    before = world.item(remedy).due_on
    assert before is not None
    off = {date(2022, 3, 10): (False, "专项活动")}
    recalendar.enter_days(off, by=SYSTEM, at=at(date(2022, 3, 3)))
    item = world.item(remedy)
    assert item.due_on == plus(before, 1)
    assert str(item.due_on) in item.phrase
