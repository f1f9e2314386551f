"""The way back: what was closed, delisted or withdrawn goes on, and with whom."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import endings, evidence, people, stages
from cases.errors import Refused
from cases.models import (
    Case,
    DraftLine,
    Evidence,
    FormRecord,
    PhoneReminder,
    ProgrammeFirm,
    RungFired,
)
from cases.sweeps import sweep
from organisations.days import day_of
from tests.world import START, World, at, closing_form, matching_form
from workflows.models import load_calendar

HAVES = ("institution", "staff", "spending", "cooperation")
WORKER, LEAD, OFFICE = "涧西区/county_worker", "涧西区/county_lead", "office/1"


def opened(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return world.case()


def applied(world: World, **states: str) -> Case:
    case = world.survey(opened(world), "B", START, **states)
    worker = world.actor(WORKER)
    stages.advance(case.pk, by=worker, at=at(START, 10), form=matching_form())
    for have in HAVES:
        world.prove(case, have)
    return stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())


def closed(world: World, **states: str) -> Case:
    case = applied(world, **states)
    stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 14))
    return stages.close(case.pk, by=world.actor(OFFICE), at=at(START, 15))


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


def test_a_case_withdrawn_by_mistake_goes_on_where_it_stood(world: World) -> None:
    case = world.survey(opened(world), "B")
    endings.withdraw(case.pk, by=world.office, at=at(START, 12), reason="误建")
    assert set(Case.objects.values_list("stage", "status")) == {("withdrawn", "CANCELED")}
    assert world.open(plus(START, 1)).opened == 0
    day = plus(START, 2)
    case = endings.reopen(case.pk, by=world.office, at=at(day), reason="撤销有误")
    assert (case.stage, case.grade) == ("matching", "B")
    # an office that errs gives nobody time: the step goes on with the date that it had
    assert world.item(case).due_on == plus(START, 20)
    remedies = Case.objects.filter(parent=case)
    assert set(remedies.values_list("stage", flat=True)) == {"open"}
    assert {remedy.lacking_count for remedy in remedies} == {1}


def test_who_applied_is_remembered_through_a_delisting(world: World) -> None:
    case = applied(world)
    endings.delist(world.gone(case), by=world.office, at=at(START, 14), reason="退库名单")
    case = endings.reopen(world.back(case), by=world.office, at=at(plus(START, 1)), reason="入库")
    assert case.stage == "county_review"
    # remedies that were done before stay done
    assert set(Case.objects.filter(parent=case).values_list("stage", flat=True)) == {"closed"}
    day = plus(START, 2)
    assert case.applied_by == world.people[WORKER]
    stages.advance(case.pk, by=world.actor(LEAD), at=at(day))
    done = stages.close(case.pk, by=world.actor(OFFICE), at=at(day, 10))
    assert len({done.applied_by_id, done.reviewed_by_id, world.people[OFFICE].pk}) == 3


def test_a_remedy_withdrawn_before_stays_withdrawn(world: World) -> None:
    case = world.survey(opened(world), "B")
    own = Case.objects.get(parent=case, criterion="staff")
    endings.withdraw(own.pk, by=world.office, at=at(START, 12), reason="重复")
    endings.delist(world.gone(case), by=world.office, at=at(START, 13), reason="退库名单")
    endings.reopen(world.back(case), by=world.office, at=at(START, 14), reason="重新入库")
    stages_ = dict(Case.objects.filter(parent=case).values_list("criterion", "stage"))
    assert stages_ == {"institution": "open", "staff": "withdrawn", "spending": "open"}


def test_a_reopened_closing_waits_for_its_remedies(world: World) -> None:
    case = closed(world)
    day = plus(START, 10)
    case = endings.reopen(
        case.pk,
        by=world.actor("office/2"),
        at=at(day),
        reason="复核",
        criteria=["spending", "staff"],
    )
    assert case.lacking == ["staff", "spending"]
    remedies = {c.criterion: world.item(c).due_on for c in Case.objects.filter(parent=case).open()}
    assert set(remedies) == {"staff", "spending"}
    assert world.item(case).due_on == max(filter(None, remedies.values()))
    assert (case.applied_by, case.reviewed_by, case.reviewed_on) == (None, None, None)
    with pytest.raises(Refused) as refusal:
        stages.apply_for_closure(
            case.pk, by=world.actor(WORKER), at=at(day, 10), form=closing_form(day)
        )
    assert refusal.value.code in ("criteria_unmet", "children_open")


def test_a_have_that_had_no_remedy_gets_one_when_it_fails(world: World) -> None:
    case = closed(world, staff="regular")
    assert not Case.objects.filter(parent=case, criterion="staff").exists()
    day = plus(START, 10)
    case = endings.reopen(
        case.pk, by=world.office, at=at(day), reason="名册不实", criteria=["staff"]
    )
    remedy = Case.objects.get(parent=case, criterion="staff")
    assert (remedy.stage, world.item(remedy).due_on) == ("open", plus(day, 15))
    assert world.item(case).due_on == plus(day, 15)
    # the accepted paper ends it, as it ends one of the survey's: nobody has to open its form first
    world.prove(case, "staff", plus(day, 1))
    remedy = Case.objects.get(parent=case, criterion="staff")
    assert remedy.stage == "closed"
    assert FormRecord.objects.get(case=remedy).data["measure"] == "建研发人员名册"


def test_a_second_closing_has_a_new_number(world: World) -> None:
    case = closed(world)
    assert case.closing_serial == 1
    day = plus(START, 5)
    endings.reopen(case.pk, by=world.office, at=at(day), reason="复核", criteria=["staff"])
    row = Evidence.objects.get(criterion="staff")
    assert (row.state, row.return_reason, row.return_text) == ("returned", 0, "复核")
    lead = world.actor(LEAD, day)
    world.in_province(case, "staff")
    evidence.waive(case.pk, criterion="staff", reason="省系统已有", by=lead, at=at(day, 10))
    worker = world.actor(WORKER, day)
    stages.apply_for_closure(case.pk, by=worker, at=at(day, 11), form=closing_form(day))
    stages.advance(case.pk, by=lead, at=at(day, 12))
    again = stages.close(case.pk, by=world.actor(OFFICE, day), at=at(day, 13))
    assert (again.closing_serial, again.closed_on) == (2, day)
    serials = case.events.filter(verb="close").values_list("data__closing_serial", flat=True)
    assert list(serials) == [1, 2]


def test_many_firms_come_back_in_as_many_statements_as_one(world: World) -> None:
    counts = []
    for size in (1, 6):
        firms = [world.firm(f"洛阳示例{size}-{n}有限公司") for n in range(size)]
        world.open()
        for case in Case.objects.filter(parent=None, enterprise__in=firms):
            world.survey(case, "A")
        reasons = {firm.pk: "退库名单" for firm in firms}
        with CaptureQueriesContext(connection) as left:
            gone = endings.delist_firms(
                reasons, city_id=world.city.pk, left_on=START, by=world.office, at=at(START, 15)
            )
        with CaptureQueriesContext(connection) as back:
            returned = endings.reopen_firms(
                list(reasons), city_id=world.city.pk, by=world.office, at=at(START, 16), reason="回"
            )
        assert (gone, returned) == (5 * size, size)
        counts.append((len(left), len(back)))
    assert counts[0] == counts[1]


def test_facts_that_come_later_close_nothing(world: World) -> None:
    """001-25: a covered firm has the science bureau as its guide."""
    case = opened(world)
    assert case.enterprise is not None
    world.fact(case.enterprise, date(2022, 3, 1), has_spending=True)
    day = date(2022, 4, 6)
    done = world.open(day)
    assert (done.opened, done.covered) == (0, 1)
    row = ProgrammeFirm.objects.get()
    assert (row.covered, row.guide_unit) == (True, world.units["市科技局"])
    assert world.case().stage == "assigned"
    # and facts that go again open nothing twice
    world.fact(case.enterprise, date(2022, 4, 1), has_spending=False)
    again = world.open(date(2022, 5, 6))
    assert (again.opened, again.covered) == (0, 0)
    row.refresh_from_db()
    assert (row.covered, row.guide_unit) == (False, None)


def test_a_firm_that_comes_back_late_is_not_told_again(world: World) -> None:
    """Neither late anew nor forgiven: date, ladder, the call to make and the letter go on."""
    case = opened(world)
    item = world.item(case)
    late = plus(START, 34)  # the season until the end of March is quiet
    for day in (plus(START, 28), late):
        sweep(at(day))
    said = set(RungFired.objects.values_list("item", "rung"))
    call, line = PhoneReminder.objects.get(), DraftLine.objects.first()
    assert {key for pk, key in said if pk == item.pk} >= {"overdue", "phone"}
    endings.delist(world.gone(case), by=world.office, at=at(late, 10), reason="退库名单")
    endings.reopen(world.back(case), by=world.office, at=at(late, 11), reason="重新入库")
    again = world.item(case)
    kept = ("due_on", "deadline_version", "started_on", "post_id", "created", "token")
    assert [getattr(again, key) for key in kept] == [getattr(item, key) for key in kept]
    assert (again.pk, again.status, again.owner) == (item.pk, "NEW", None)
    sweep(at(late, 12))
    assert set(RungFired.objects.values_list("item", "rung")) == said
    call.refresh_from_db()
    assert line is not None
    line.refresh_from_db()
    assert (call.item, line.item) == (again, again)
    told = case.events.filter(verb="reopen").get()
    assert (told.item, told.from_stage, told.to_stage) == (again, "delisted", "assigned")


def test_a_contested_step_that_comes_back_still_waits_for_the_office(world: World) -> None:
    case = opened(world)
    people.decline(case.pk, by=world.actor(WORKER), at=at(START, 10), reason="不属本区")
    endings.withdraw(case.pk, by=world.office, at=at(START, 11), reason="误建")
    endings.reopen(case.pk, by=world.office, at=at(START, 12), reason="撤销有误")
    item = world.item(case)
    assert (item.is_declined, item.unit, item.next_check_at) == (
        True,
        world.units["市专班办"],
        None,
    )


def test_each_level_is_named_with_who_accepted_and_when(world: World) -> None:
    """县级已审 by the county, 市级认可 by whoever confirmed the closing; taken back with it."""
    case = closed(world)
    paper = Evidence.objects.filter(case=case, criterion="staff").get()
    lead, office = world.people["涧西区/county_lead"], world.people["office/1"]
    assert [(str(who), day_of(when)) for _words, who, when in paper.levels() if when] == [
        (str(lead), START),
        (str(office), START),
    ]
    endings.reopen(
        case.pk, by=world.office, at=at(plus(START, 1)), reason="复核", criteria=["staff"]
    )
    paper.refresh_from_db()
    [(words, who, _when)] = paper.levels()
    assert (words, who, paper.confirmed_by) == ("退回补正", world.office.user, None)
