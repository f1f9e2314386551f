"""What is left late stays on record; nothing happens before it can; what the facts propose."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from cases import sweeps
from cases.actions import endings, evidence, filling, pauses, proposals, register, remarks, stages
from cases.acts import offers
from cases.errors import NotYours, Refused
from cases.ledger import Asked, Ledger
from cases.models import Case, CaseEvent, WorkItem
from cases.sheet import load
from enterprises.models import Enterprise
from notifications import delivery
from notifications.models import Notice
from tests.world import START, World, at, closing_form, matching_form, paper, survey_form
from workflows.models import load_calendar

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
HAVES = ("institution", "staff", "spending", "cooperation")


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return world.case()


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


# --- lateness -------------------------------------------------------------------------------------
def test_a_step_that_is_left_late_stays_late(world: World, case: Case) -> None:
    signed = plus(START, 3)  # due on the first working day
    worker = world.actor(WORKER, signed)
    case = stages.acknowledge(case.pk, by=worker, at=at(signed))
    first = WorkItem.objects.get(process=case, stage="assigned")
    assert (first.days_late, case.late_days) == (2, 2)
    assert world.item(case).days_late == 0
    due = world.item(case).due_on
    assert due is not None
    surveyed = plus(due, 4)
    form = survey_form("B", surveyed)
    case = stages.advance(case.pk, by=worker, at=at(surveyed), form=form)
    assert Case.objects.get(pk=case.pk).late_days == 2 + 4
    # a step in time adds nothing
    case = stages.advance(case.pk, by=worker, at=at(surveyed, 10), form=matching_form(surveyed))
    assert case.late_days == 6
    asked = Asked(chip="was_late")
    assert list(Ledger(world.office, surveyed, asked).rows()) == [case]


def test_the_countys_review_is_the_countys_time_and_leaving_the_register_is_not_late(
    world: World, case: Case
) -> None:
    late = plus(START, 9)
    ended = endings.delist(world.gone(case), by=world.office, at=at(late), reason="注销")
    assert (ended.late_days, WorkItem.objects.get(process=case).days_late) == (0, 0)
    world.firm("洛阳示例二有限公司")
    world.open(START)
    other = Case.objects.get(parent=None, enterprise__name="洛阳示例二有限公司")
    world.survey(other, "A")
    for have in HAVES:
        world.prove(other, have)
    worker = world.actor(WORKER)
    applied = stages.apply_for_closure(other.pk, by=worker, at=at(START, 13), form=closing_form())
    review = world.item(applied)
    day = plus(START, 12)
    passed = stages.advance(other.pk, by=world.actor(LEAD, day), at=at(day))
    review.refresh_from_db()
    # on time is the day of the county's review; the city's is ◇ and not the county's
    assert (review.days_late, passed.late_days) == (7, 7)
    after = plus(day, 60)
    closed = stages.close(other.pk, by=world.actor("office/1", after), at=at(after))
    assert closed.late_days == 7


def test_the_back_stops_of_the_year(world: World) -> None:
    autumn = date(2022, 10, 10)
    world.firm("洛阳示例轴承有限公司", joined_on=date(2022, 1, 1))
    world.open(autumn)
    case = world.survey(world.case(), "B", autumn)
    spending = Case.objects.get(parent=case, criterion="spending")
    assert world.item(spending).due_on == date(2022, 11, 30)
    winter = date(2022, 12, 15)
    for have in HAVES:
        world.prove(case, have, winter)
    worker = world.actor(WORKER, winter)
    stages.advance(case.pk, by=worker, at=at(winter, 13), form=matching_form(winter))
    form = closing_form(winter)
    applied = stages.apply_for_closure(case.pk, by=worker, at=at(winter, 14), form=form)
    # never below the time of a correction: five working days from the 15th are the 22nd
    assert world.item(applied).due_on == date(2022, 12, 22)
    case_2 = world.firm("洛阳示例二有限公司")
    world.open(date(2022, 12, 1))
    early = date(2022, 12, 5)
    other = world.survey(world.case(case_2), "A", early)
    for have in HAVES:
        world.prove(other, have, early)
    applied = stages.apply_for_closure(
        other.pk, by=world.actor(WORKER, early), at=at(early, 14), form=closing_form(early)
    )
    passed = stages.advance(other.pk, by=world.actor(LEAD, early), at=at(early, 15))
    assert (applied.stage, passed.stage) == ("county_review", "confirmation")
    assert world.item(passed).due_on == date(2022, 12, 15)


# --- time -----------------------------------------------------------------------------------------
def test_nothing_happens_before_it_can(world: World, case: Case) -> None:
    before, lead, worker = at(START - timedelta(days=1)), world.actor(LEAD), world.actor(WORKER)
    day = START + timedelta(days=7)
    for act in (
        lambda: stages.acknowledge(case.pk, by=worker, at=before),
        lambda: remarks.comment(case.pk, by=worker, at=before, text="好"),
        lambda: remarks.urge(case.pk, by=lead, at=before),
        lambda: pauses.suspend(case.pk, by=lead, at=before, until=day, reason="检修"),
        lambda: endings.withdraw(case.pk, by=world.office, at=before, reason="误建"),
        lambda: evidence.submit(case.pk, criterion="staff", papers=[paper()], by=worker, at=before),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "too_early"
        assert case.number in refusal.value.words
    stages.acknowledge(case.pk, by=world.actor(WORKER, day), at=at(day))
    with pytest.raises(Refused) as refusal:
        remarks.comment(case.pk, by=worker, at=at(START), text="好")
    assert refusal.value.code == "too_early"
    with pytest.raises(Refused) as refusal:
        filling.save_draft(case.pk, form="survey", data={}, by=worker, at=at(START))
    assert refusal.value.code == "too_early"
    # the same day is a bare date's morning
    assert remarks.comment(case.pk, by=worker, at=at(day, 0), text="好")
    assert set(CaseEvent.objects.values_list("verb", flat=True)) == {
        "open",
        "acknowledge",
        "comment",
    }


def test_a_sweep_of_an_earlier_day_breaks_on_nothing(world: World, case: Case) -> None:
    until, lead = plus(START, 3), world.actor(LEAD)
    pauses.suspend(case.pk, by=lead, at=at(START), until=until, reason="检修")
    remarks.comment(case.pk, by=world.actor(WORKER), at=at(plus(until, 2)), text="好")
    assert sweeps.sweep(at(until)).resumed == 0
    assert sweeps.sweep(at(plus(until, 2))).resumed == 1


def test_a_firm_leaves_after_it_joined_and_not_in_advance(world: World, case: Case) -> None:
    said = []

    def leave(day: date) -> str:
        with pytest.raises(Refused) as refusal:
            endings.delist(case.pk, by=world.office, at=at(START), reason="注销", left_on=day)
        said.append(refusal.value.words)
        return refusal.value.code

    assert leave(START) == "still_listed"
    assert "年1月1日入库" in said[0]  # a day in a sentence is written as one
    # and the bar does not offer what would be refused
    assert "delist" not in {offer.verb for offer in offers(load(case, START), world.office)}
    assert leave(date(2021, 12, 31)) == "still_listed"
    world.gone(case)
    assert leave(START + timedelta(days=1)) == "left_in_future"
    assert leave(date(2021, 12, 31)) == "left_before_joined"
    done = endings.delist(case.pk, by=world.office, at=at(START), reason="注销", left_on=START)
    assert done.stage == "delisted"


# --- 停产 -----------------------------------------------------------------------------------------
@dataclass
class Outcome:
    """What a register import hands on."""

    stopped_ids: list[int]
    left: list[tuple[int, str]] = field(default_factory=list)
    returned_ids: list[int] = field(default_factory=list)
    moved: list[tuple[int, int, int]] = field(default_factory=list)


def stop(world: World, case: Case) -> register.Followed:
    assert case.enterprise_id is not None
    return register.after_register(
        Outcome([case.enterprise_id]), city=world.city, as_of=START, by=world.office, at=at(START)
    )


def test_a_stop_of_production_waits_for_a_person(world: World, case: Case) -> None:
    due = world.item(case).due_on
    assert stop(world, case).proposed == 1
    assert stop(world, case).proposed == 0  # the same list again
    case.refresh_from_db()
    assert (case.proposal, world.item(case).is_suspended, world.item(case).due_on) == (
        "suspend",
        False,
        due,
    )
    delivery.deliver(at(START))
    told = Notice.objects.filter(title="建议暂缓").values_list("recipient__username", flat=True)
    assert set(told) == {world.people[key].username for key in (WORKER, LEAD)}
    asked = Asked(chip="proposed")
    assert list(Ledger(world.actor(WORKER), START, asked).rows()) == [case]
    until = plus(START, 5)
    done = pauses.suspend(case.pk, by=world.actor(LEAD), at=at(START), until=until, reason="停产")
    assert (done.proposal, done.proposal_reason) == ("", "")
    assert not Ledger(world.actor(WORKER), START, asked).rows()


def test_a_proposal_is_dropped_with_a_reason_by_whoever_may_suspend(
    world: World, case: Case
) -> None:
    lead = world.actor(LEAD)
    with pytest.raises(Refused) as refusal:
        proposals.drop_proposal(case.pk, by=lead, at=at(START), reason="已复产")
    assert refusal.value.code == "no_proposal"
    stop(world, case)
    with pytest.raises(NotYours):
        proposals.drop_proposal(case.pk, by=world.actor(WORKER), at=at(START), reason="已复产")
    with pytest.raises(Refused):
        proposals.drop_proposal(case.pk, by=lead, at=at(START), reason=" ")
    done = proposals.drop_proposal(case.pk, by=lead, at=at(START), reason="已复产")
    assert (done.proposal, done.is_finished) == ("", False)
    assert CaseEvent.objects.filter(verb="drop_proposal", reason="已复产").count() == 1


def test_a_firm_that_stands_still_when_its_case_opens(world: World) -> None:
    firm = world.firm("洛阳示例停产有限公司")
    Enterprise.objects.filter(pk=firm.pk).update(condition=Enterprise.Condition.STOPPED)
    world.open()
    assert world.case(firm).proposal == "suspend"


def test_a_draft_is_of_the_step_on_hand(world: World, case: Case) -> None:
    """Another step's form would be read by nobody."""
    worker = world.actor(WORKER)
    with pytest.raises(Refused) as refusal:
        filling.save_draft(case.pk, form="matching", data={}, by=worker, at=at(START))
    assert refusal.value.code == "no_form"
    case = stages.acknowledge(case.pk, by=worker, at=at(START))
    with pytest.raises(Refused) as refusal:
        filling.save_draft(case.pk, form="matching", data={}, by=worker, at=at(START, 10))
    assert "survey" in refusal.value.words
    filling.save_draft(case.pk, form="survey", data={}, by=worker, at=at(START, 10))
