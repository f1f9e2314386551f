"""Whoever sends back a step of his own gains no day by it; a reviewer's return gives its time."""

from __future__ import annotations

from datetime import date

import pytest

from cases.actions import recalendar, stages
from cases.lights import light_of
from cases.models import Case, RungFired, WorkItem
from cases.querysets import to_correct
from cases.sweeps import sweep
from cases.views import case_due
from tests import world as ground
from tests.cases.standing import LEAD, WORKER, applied, surveyed
from tests.world import START, SYSTEM, World, at, matching_form, survey_form
from workflows.models import load_calendar
from workflows.packs import shipped_text


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


def due(world: World, case: Case) -> date:
    day = world.item(case).due_on
    assert day is not None
    return day


def back(world: World, case: Case, who: str, day: date, hour: int = 9) -> Case:
    by = world.actor(who, day)
    return stages.send_back(case.pk, by=by, at=at(day, hour), reason="重新摸底", to="survey")


def onward(world: World, case: Case, day: date, hour: int) -> Case:
    """The survey again and the matching that follows."""
    worker = world.actor(WORKER, day)
    return stages.advance(case.pk, by=worker, at=at(day, hour), form=survey_form("B", day))


def test_an_overdue_step_stays_overdue(world: World) -> None:
    case = surveyed(world)
    given = due(world, case)
    late = plus(given, 5)
    case = back(world, case, WORKER, late)
    item = world.item(case)
    assert (item.stage, item.due_on, item.budget) == ("survey", given, 0)
    assert light_of(Case.objects.get(pk=case.pk), item, late).kind == "overdue"
    told = f"{given.year}年{given.month}月{given.day}日"
    assert f"不超过退回前的时限{told}" in case_due.phrase_words(item)
    # and forward again: the matching has its own day, not twenty more
    case = onward(world, case, late, 10)
    assert (world.item(case).stage, due(world, case)) == ("matching", given)
    # to and fro any number of times
    case = back(world, case, WORKER, plus(given, 6))
    case = onward(world, case, plus(given, 7), 10)
    assert due(world, case) == given
    # what lies ahead of the step that was left has its own time again
    case = stages.advance(
        case.pk, by=world.actor(WORKER, plus(given, 8)), at=at(plus(given, 8)),
        form=matching_form(plus(given, 8)),
    )  # fmt: skip
    assert (world.item(case).stage, due(world, case) > plus(given, 8)) == ("rectification", True)


def test_every_day_late_is_counted_once(world: World) -> None:
    case = surveyed(world)
    given = due(world, case)
    case = back(world, case, WORKER, plus(given, 5))
    assert case.late_days == 5
    case = onward(world, case, plus(given, 5), 10)
    assert case.late_days == 5
    case = back(world, case, WORKER, plus(given, 7))
    assert case.late_days == 7
    case = onward(world, case, plus(given, 8), 10)
    assert case.late_days == 8
    # what the step itself was left with is said of it
    newest = WorkItem.objects.filter(process=case, stage="survey").latest("pk")
    assert newest.days_late == 8


def test_the_ladder_goes_on(world: World) -> None:
    case = surveyed(world)
    given = due(world, case)
    case = back(world, case, WORKER, plus(given, 1), 15)
    item = world.item(case)
    for n in range(2, 20):
        sweep(at(plus(given, n), 10))
    said = set(RungFired.objects.filter(item=item, spoke=True).values_list("rung", flat=True))
    assert said & {"work_note", "reminder_letter", "supervision_letter"}


def test_in_time_the_earlier_of_both_days_holds(world: World) -> None:
    case = surveyed(world)
    given = due(world, case)
    day = plus(given, -3)  # fifteen days for a survey would end behind it
    case = back(world, case, WORKER, day)
    assert due(world, case) == given
    case = onward(world, case, plus(given, -1), 10)
    assert due(world, case) == given


def test_a_reviewer_gives_the_time_of_the_step(world: World) -> None:
    case = surveyed(world)
    late = plus(due(world, case), 5)
    case = back(world, case, LEAD, late)
    assert due(world, case) == plus(late, 15)
    case = onward(world, case, late, 10)
    assert due(world, case) == plus(late, 20)


def test_a_review_of_ones_own_gives_the_correction(world: World) -> None:
    """The review is the lead's own step, but what he sends back is the county's."""
    case = applied(world)
    day = plus(START, 60)
    lead = world.actor(LEAD, day)
    case = stages.send_back(case.pk, by=lead, at=at(day), number=1, reason="缺页")
    assert due(world, case) == plus(day, 5)


def test_a_day_off_moves_the_day_that_was_kept(world: World) -> None:
    case = surveyed(world)
    given = due(world, case)
    case = back(world, case, WORKER, plus(given, -10))
    before = due(world, case)
    recalendar.enter_days({plus(given, -5): (False, "专项活动")}, by=SYSTEM, at=at(plus(given, -9)))
    item = world.item(case)
    moved = load_calendar().add(before, 1)
    assert (item.due_on, str(moved) in item.phrase) == (moved, True)


def test_ones_own_return_is_no_correction(world: World) -> None:
    """退回补正 is what somebody else sent back; the reason stands there all the same."""
    case = surveyed(world)
    on = plus(START, 3)
    item = world.item(back(world, case, WORKER, on))
    assert (item.is_correction, item.return_reason) == (False, "重新摸底")
    assert not Case.objects.with_item().filter(to_correct(), pk=case.pk).exists()
    case = onward(world, case, on, 10)
    assert world.item(back(world, case, LEAD, on, 11)).is_correction


def test_a_rest_as_a_class_that_nobody_chases_ends_nothing(world: World) -> None:
    case = surveyed(world)
    given = due(world, case)
    late = plus(given, 5)
    back(world, case, WORKER, late)
    worker = world.actor(WORKER, late)
    stages.advance(case.pk, by=worker, at=at(late, 10), form=survey_form("D", late))
    assert not world.item(case).is_chased
    again = plus(late, 10)
    stages.advance(case.pk, by=world.actor(WORKER, again), at=at(again), to="survey")
    case = onward(world, case, again, 10)
    assert (world.item(case).stage, due(world, case)) == ("matching", plus(given, 10))


@pytest.mark.parametrize("left", [7, -5])
def test_sent_back_to_another_the_clock_stands_still(db: None, left: int) -> None:
    """The other one has the time of his step; the sender what was left to him, none if overdue."""
    text = shipped_text("luoyang-2022")
    owner = "owner: county # 001-13, the counties as responsible units"
    assert owner in text
    text = text.replace(owner, "owner: office # 001-13")
    world = ground.build(text=text)
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = stages.acknowledge(world.case().pk, by=world.actor(WORKER), at=at(START))
    by, form = world.office, survey_form("B")
    case = stages.advance(case.pk, by=by, at=at(START, 10), form=form)
    given = due(world, case)
    day = plus(given, -left)
    case = back(world, case, WORKER, day)
    item = world.item(case)
    assert (item.stage, item.is_correction, item.due_on) == ("survey", True, plus(day, 15))
    then = plus(day, 4)
    case = stages.advance(case.pk, by=by, at=at(then, 10), form=form)
    assert (world.item(case).stage, due(world, case)) == ("matching", plus(given, 4))
