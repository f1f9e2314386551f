"""日历调整: entered days move the open deadlines; provisional ones become firm; journalled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from cases import wording
from cases.actions import matters, migrating, pauses, plan_measures, recalendar, stages
from cases.actions.matters import Asked
from cases.errors import Refused
from cases.models import Case, CaseEvent, RungFired, WorkItem
from cases.sweeps import sweep
from organisations.days import day_of
from organisations.models import AuditEvent
from tests.world import START, SYSTEM, World, at, closing_form
from workflows.days import official_days
from workflows.issuing import issue_pack
from workflows.models import CalendarDay, forget_calendar, load_calendar
from workflows.packs import shipped_text

OFF = {date(2022, 3, 10): (False, "专项活动")}
NOW = date(2022, 3, 3)
ISSUE = {"matter": "用电容量不足", "grade": "city"}


def surveying(world: World, name: str = "洛阳甲厂", county: str = "涧西区") -> Case:
    firm = world.firm(name, county)
    world.open()
    case = world.case(firm)
    worker = world.actor(f"{county}/county_worker")
    return stages.acknowledge(case.pk, by=worker, at=at(START))


def newest(case: Case) -> CaseEvent:
    return CaseEvent.objects.filter(case=case, verb="calendar").order_by("-id")[0]


def test_the_preview_says_what_would_move_and_writes_nothing(world: World) -> None:
    case = surveying(world)
    surveying(world, "嵩县乙厂", "嵩县")
    found = recalendar.preview(OFF)
    assert found.days == (date(2022, 3, 10),)
    told = [(one.case, one.before, one.after) for one in found.moved]
    assert told[0] == (case, date(2022, 3, 23), date(2022, 3, 24))
    assert found.by_county() == [("涧西区", 1, 0), ("嵩县", 1, 0)]
    assert world.item(case).due_on == date(2022, 3, 23)
    assert load_calendar().is_working(date(2022, 3, 10))
    assert not CaseEvent.objects.filter(verb="calendar").exists()


def test_entering_days_moves_the_open_dates_with_an_event_each(world: World) -> None:
    case = surveying(world)
    version = Case.objects.get(pk=case.pk).version
    found = recalendar.enter_days(OFF, by=SYSTEM, at=at(NOW))
    assert len(found.moved) == 1
    item = world.item(case)
    assert (item.due_on, item.budget, item.deadline_version) == (date(2022, 3, 24), 16, 2)
    assert item.rungs_from == NOW
    # the ladder of the survey rests in the first quarter
    assert item.next_check_at == at(date(2022, 4, 1)).replace(hour=8, minute=30)
    assert wording.words_of(newest(case)) == "日历调整，时限由3月23日改为3月24日"
    # the page that somebody has open stays valid: its buttons are the same
    assert Case.objects.get(pk=case.pk).version == version
    [line] = AuditEvent.objects.filter(verb="set_days")
    assert line.data["days"] == ["2022-03-10"]
    # a second time nothing differs
    assert recalendar.enter_days(OFF, by=SYSTEM, at=at(NOW)).moved == []


def test_a_provisional_date_becomes_firm(world: World) -> None:
    CalendarDay.objects.filter(day__gt=date(2022, 3, 15)).delete()
    forget_calendar()
    case = surveying(world)
    assert world.item(case).provisional
    rest = {d: (worked, name) for d, worked, name in official_days() if d.year == 2022}
    found = recalendar.enter_days(rest, by=SYSTEM, at=at(NOW))
    assert (len(found.moved), len(found.firm)) == (0, 1)
    item = world.item(case)
    assert (item.due_on, item.provisional, item.deadline_version) == (date(2022, 3, 23), False, 1)
    assert wording.words_of(newest(case)) == "工作日安排已公布，时限3月23日不再是暂定"


def test_a_date_behind_a_holiday_moves_when_it_is_announced(world: World) -> None:
    """40 working days from March cross 清明 and 劳动节, which nobody had announced."""
    CalendarDay.objects.filter(day__gt=date(2022, 3, 15)).delete()
    forget_calendar()
    firm = world.firm("洛阳甲厂")
    world.open()
    case = world.survey(world.case(firm), "C")
    before = world.item(case)
    assert before.provisional
    remedy = Case.objects.get(parent=case, criterion="institution")  # 30 working days
    guessed = world.item(remedy).due_on
    rest = {d: (worked, name) for d, worked, name in official_days() if d.year == 2022}
    recalendar.enter_days(rest, by=SYSTEM, at=at(NOW))
    item = world.item(case)
    assert (item.due_on, item.provisional) == (load_calendar().add(START, 40), False)
    # two days off and one worked Saturday lie before it
    assert (guessed, world.item(remedy).due_on) == (date(2022, 4, 12), date(2022, 4, 13))
    assert not WorkItem.objects.filter(finished=None, provisional=True).exists()


def test_working_days_lost_are_kept(world: World) -> None:
    """Suspended for five working days, then the table changes: the budget stays 16 and 5."""
    case = surveying(world)
    lead = world.actor("涧西区/county_lead", NOW)
    pauses.suspend(case.pk, by=lead, at=at(NOW), until=date(2022, 3, 17), reason="停产")
    pauses.resume(case.pk, by=lead, at=at(date(2022, 3, 10)))
    moved = world.item(case).due_on
    assert moved == date(2022, 3, 30)
    recalendar.enter_days({date(2022, 3, 21): (False, "")}, by=SYSTEM, at=at(date(2022, 3, 11)))
    assert world.item(case).due_on == date(2022, 3, 31)


def test_a_day_that_somebody_named_never_moves(world: World) -> None:
    case = surveying(world)
    item = world.item(case)
    WorkItem.objects.filter(pk=item.pk).update(due_on=date(2022, 3, 31))
    CaseEvent.objects.create(
        case=case,
        item=item,
        verb="decide_extension",
        at=at(START),
        data={"old_due": "2022-03-23", "new_due": "2022-03-31"},
    )
    assert recalendar.preview(OFF).moved == []


def test_dates_of_the_plan_and_of_an_order_never_move(world: World) -> None:
    """A measure's 2022-03-31 and a named day stay, at every level, there and back again."""
    programme, office = world.programme, world.office
    plan_measures.open_measures(programme, by=office, at=at(START))
    wanted = Asked(procedure="issue", enterprise_id=surveying(world).enterprise_id, answers=ISSUE)
    named = replace(wanted, unit="市科技局", due_on=date(2022, 4, 11))
    matters.open_matter(programme, named, by=world.actor("liaison_member"), at=at(START))
    before = dict(WorkItem.objects.filter(finished=None).values_list("pk", "due_on"))
    given = WorkItem.objects.filter(finished=None, process__given_due__isnull=False)
    fixed = set(given.filter(due_on=F("process__given_due")).values_list("pk", flat=True))
    assert len(fixed) > 70
    moved = recalendar.enter_days(OFF, by=SYSTEM, at=at(NOW)).moved
    assert not fixed & {one.case.task_set.get(finished=None).pk for one in moved}
    after = dict(WorkItem.objects.filter(finished=None).values_list("pk", "due_on"))
    assert {pk: after[pk] for pk in fixed} == {pk: before[pk] for pk in fixed}
    assert not [pk for pk, due in after.items() if due is None and before[pk] is not None]
    back = {date(2022, 3, 10): (True, "")}
    recalendar.enter_days(back, by=SYSTEM, at=at(NOW, 10))
    assert dict(WorkItem.objects.filter(finished=None).values_list("pk", "due_on")) == before


def test_the_parent_follows_its_children(world: World) -> None:
    """整改 is due with the latest remedy."""
    firm = world.firm("洛阳甲厂")
    world.open()
    case = world.survey(world.case(firm), "A")
    children = WorkItem.objects.filter(process__parent=case, finished=None)
    latest = children.latest("due_on").due_on
    assert world.item(case).due_on == latest
    recalendar.enter_days(OFF, by=SYSTEM, at=at(NOW))
    after = children.latest("due_on").due_on
    assert after != latest
    assert world.item(case).due_on == after
    assert newest(case).data["new_due"] == str(after)


def test_a_rung_that_spoke_is_silent_and_the_next_one_moves(world: World) -> None:
    start = date(2022, 4, 6)
    firm = world.firm("洛阳甲厂")
    world.open(start)
    case = world.case(firm)
    stages.acknowledge(case.pk, by=world.actor("涧西区/county_worker", start), at=at(start))
    due = world.item(case).due_on
    assert due == date(2022, 4, 27)
    sweep(at(date(2022, 4, 24)))
    spoken = RungFired.objects.filter(item__process=case).count()
    assert spoken
    # a day behind the due date: the date stays, the overdue notice (+3) comes a day later
    entered = {date(2022, 4, 28): (False, "")}
    assert recalendar.enter_days(entered, by=SYSTEM, at=at(date(2022, 4, 24), 10)).moved == []
    item = world.item(case)
    assert (item.due_on, item.deadline_version) == (due, 1)
    sweep(at(date(2022, 4, 25)))
    assert RungFired.objects.filter(item__process=case).count() == spoken
    sweep(at(due))
    late = world.item(case).next_check_at
    assert late is not None
    assert day_of(late) == date(2022, 5, 6)


def test_only_who_keeps_the_settings_enters_days(world: World) -> None:
    surveying(world)
    with pytest.raises(Refused) as caught:
        recalendar.enter_days(OFF, by=world.actor("涧西区/county_lead"), at=at(NOW))
    assert caught.value.code == "may_not"
    assert load_calendar().is_working(date(2022, 3, 10))


def test_what_is_rolled_back_is_not_remembered(world: World) -> None:
    surveying(world)
    broken = patch("cases.actions.recalendar.save_rows", side_effect=RuntimeError)
    with broken, pytest.raises(RuntimeError):
        recalendar.enter_days(OFF, by=SYSTEM, at=at(NOW))
    assert world.item(world.case()).due_on == date(2022, 3, 23)
    assert load_calendar().is_working(date(2022, 3, 10))


def test_a_fixed_number_of_statements(world: World) -> None:
    seen = []
    for round_, count in enumerate((2, 9)):
        for number in range(count):
            surveying(world, f"洛阳{round_}-{number}厂")
        day = date(2022, 3, 10 + round_)
        with CaptureQueriesContext(connection) as statements:
            recalendar.enter_days({day: (False, "")}, by=SYSTEM, at=at(NOW))
        seen.append(len(statements))
    assert seen[0] == seen[1] <= 20


def busy(world: World) -> None:
    """Cases in many situations: classes, corrections, rests, remedies by hand, late ones."""
    lead, worker = world.actor("涧西区/county_lead"), world.actor("涧西区/county_worker")
    cases: list[Case] = []
    for grade in "ABCDA":
        firm = world.firm(f"洛阳{len(cases)}厂")
        world.open()
        cases.append(world.survey(world.case(firm), grade, institution="regular"))
    stages.send_back(cases[1].pk, by=lead, at=at(NOW), number=1, reason="材料不清晰")
    pauses.suspend(cases[2].pk, by=lead, at=at(NOW), until=date(2022, 3, 11), reason="停产")
    pauses.resume(cases[2].pk, by=lead, at=at(date(2022, 3, 9)))
    pauses.suspend(cases[0].pk, by=lead, at=at(NOW), until=date(2022, 3, 14), reason="停产")
    for criterion in ("institution", "staff", "spending", "cooperation"):
        world.prove(cases[4], criterion)
    stages.apply_for_closure(cases[4].pk, by=worker, at=at(NOW), form=closing_form())
    stages.send_back(cases[4].pk, by=lead, at=at(NOW, 15), number=1, reason="缺少公章")


def test_an_unchanged_table_moves_nothing(world: World) -> None:
    busy(world)
    before = list(WorkItem.objects.order_by("pk").values())
    same = {d: (worked, name) for d, worked, name in official_days() if d.year == 2022}
    assert recalendar.preview(same) == recalendar.Redating()
    recalendar.enter_days(same, by=SYSTEM, at=at(date(2022, 3, 10)))
    assert list(WorkItem.objects.order_by("pk").values()) == before
    assert not CaseEvent.objects.filter(verb="calendar").exists()


def test_there_and_back_again(world: World) -> None:
    """A day taken off and given back: every date is what it was."""
    busy(world)
    before = dict(WorkItem.objects.filter(finished=None).values_list("pk", "due_on"))
    day = date(2022, 3, 16)
    moved = recalendar.enter_days({day: (False, "")}, by=SYSTEM, at=at(date(2022, 3, 10))).moved
    assert len(moved) > 3
    back = recalendar.enter_days({day: (True, "")}, by=SYSTEM, at=at(date(2022, 3, 10), 10)).moved
    assert len(back) == len(moved)
    assert dict(WorkItem.objects.filter(finished=None).values_list("pk", "due_on")) == before


def test_limits_that_stay_keep_every_date(world: World) -> None:
    """A migration that computes dates anew, to a version with the same limits."""
    busy(world)
    text = shipped_text("luoyang-2022").replace("city_target: 50", "city_target: 51")
    issue_pack(text, by=SYSTEM, at=at(NOW))
    before = dict(WorkItem.objects.filter(finished=None).values_list("pk", "due_on"))
    found = migrating.migrate(
        world.programme,
        from_number=1,
        to_number=2,
        recompute=True,
        by=SYSTEM,
        at=at(date(2022, 3, 10)),
    )
    assert (found.moved, found.redated, found.kept) == (5, 0, [])
    assert dict(WorkItem.objects.filter(finished=None).values_list("pk", "due_on")) == before
