"""The bureau's list and the cases: who serves a firm, who comes back and where, who rested."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from cases.actions import endings, pairing, pauses, people, stages
from cases.actions.register import after_register
from cases.errors import Refused
from cases.models import Case, Suspension
from enterprises.actions.pairing import Wish
from enterprises.models import Enterprise, Membership
from organisations.models import Post
from tests.world import START, SYSTEM, World, at, matching_form, remove
from workflows.models import load_calendar


@dataclass
class Outcome:
    """What an import changed, as far as cases ask."""

    left: tuple[tuple[int, str], ...] = ()
    returned_ids: tuple[int, ...] = ()
    moved: tuple[tuple[int, int, int], ...] = ()
    stopped_ids: tuple[int, ...] = ()


def plus(n: int) -> date:
    return load_calendar().add(START, n)


@pytest.fixture
def firm(world: World) -> Enterprise:
    found = world.firm("洛阳示例轴承有限公司", "涧西区")
    world.open()
    return found


def follow(world: World, day: date, **changes: object) -> None:
    outcome = Outcome(**changes)  # type: ignore[arg-type]
    after_register(outcome, city=world.city, as_of=day, by=SYSTEM, at=at(day))


def leave(world: World, firm: Enterprise, day: date) -> None:
    world.gone(world.case(firm), day)
    follow(world, day, left=((firm.pk, "absent"),))


def come_back(world: World, firm: Enterprise, day: date, county: str = "涧西区") -> None:
    Membership.objects.create(
        city=world.city,
        enterprise=firm,
        county=world.counties[county],
        industry_code="3411",
        ownership="私营有限责任公司",
        joined_on=day,
    )
    follow(world, day, returned_ids=(firm.pk,))


def move(world: World, firm: Enterprise, county: str) -> None:
    old, new = world.counties["涧西区"].pk, world.counties[county].pk
    follow(world, plus(3), moved=((firm.pk, old, new),))


def test_a_county_chosen_for_a_firm_keeps_it_whatever_the_list_says(
    world: World, firm: Enterprise
) -> None:
    """统计归属 changes, 实际服务 does not (practice.md)."""
    wish = Wish(1, firm.name, "county", "嵩县")
    pairing.pair([wish], city=world.city, by=world.office, at=at(START, 10))
    assert world.case(firm).county.name == "嵩县"
    move(world, firm, "西工区")
    assert world.case(firm).county.name == "嵩县"


def test_a_firm_that_comes_back_elsewhere_is_that_county_s(world: World, firm: Enterprise) -> None:
    leave(world, firm, plus(2))
    come_back(world, firm, plus(4), "嵩县")
    case = world.case(firm)
    assert (case.stage, case.county.name) == ("assigned", "嵩县")
    assert world.item(case).unit.region.name == "嵩县"


def test_a_county_whose_force_has_no_post_does_not_stop_the_list(
    world: World, firm: Enterprise
) -> None:
    other = world.firm("洛阳示例齿轮有限公司", "涧西区")
    world.open(plus(1))
    remove(Post.objects.filter(unit__region=world.counties["西工区"], unit__kind="task_force"))
    old = world.counties["涧西区"].pk
    moves = ((firm, "西工区"), (other, "嵩县"))
    moved = tuple((one.pk, old, world.counties[name].pk) for one, name in moves)
    follow(world, plus(3), moved=moved)
    assert [world.case(one).county.name for one in (firm, other)] == ["涧西区", "嵩县"]


def test_a_firm_that_comes_back_years_later_is_the_next_programme_s(
    world: World, firm: Enterprise
) -> None:
    leave(world, firm, plus(2))
    come_back(world, firm, date(2023, 6, 1))
    assert world.case(firm).stage == "delisted"


def test_days_of_rest_are_not_lost_by_leaving_the_list(world: World, firm: Enterprise) -> None:
    case = world.survey(world.case(firm), "B")
    due = world.item(case).due_on
    pauses.suspend(case.pk, by=world.office, at=at(plus(2)), until=plus(22), reason="检修")
    leave(world, firm, plus(12))
    come_back(world, firm, plus(14))
    item = world.item(case)
    assert due is not None
    assert (item.is_suspended, item.due_on) == (False, load_calendar().add(due, 10))


def test_what_is_off_the_list_is_not_taken_up_by_hand(world: World, firm: Enterprise) -> None:
    leave(world, firm, plus(2))
    case = world.case(firm)
    with pytest.raises(Refused) as refusal:
        endings.reopen(case.pk, by=world.office, at=at(plus(3)), reason="手工恢复")
    assert refusal.value.code == "not_listed"
    assert world.case(firm).stage == "delisted"


# --- families ------------------------------------------------------------------------------------
def test_a_remedy_s_own_rest_outlasts_that_of_the_firm_s_case(
    world: World, firm: Enterprise
) -> None:
    case = world.survey(world.case(firm), "B")
    child, other = Case.objects.filter(parent=case).order_by("pk")[:2]
    pauses.suspend(child.pk, by=world.office, at=at(plus(1)), until=plus(25), reason="专家出国")
    pauses.suspend(other.pk, by=world.office, at=at(plus(1)), until=plus(3), reason="等设备")
    pauses.suspend(case.pk, by=world.office, at=at(plus(2)), until=plus(5), reason="检修")
    rows = Suspension.objects.filter(case__in=[child, other]).order_by("case")
    told = [(row.until_on, row.reason) for row in rows]
    assert told == [(plus(25), "专家出国"), (plus(5), "等设备")]
    pauses.resume(case.pk, by=world.office, at=at(plus(4)))
    rests = [world.item(one).is_suspended for one in (case, child, other)]
    assert rests == [False, True, True]  # the third wakes with the date that it was given
    pauses.resume_due(at=at(plus(5)))
    assert [world.item(one).is_suspended for one in (child, other)] == [True, False]


def test_a_family_is_taken_back_whole_or_not(world: World, firm: Enterprise) -> None:
    case = world.survey(world.case(firm), "B")
    force = world.units["嵩县工作专班"]
    done = people.reassign_many(
        [case.pk], by=world.office, at=at(plus(1), 10), reason="改派", unit=force
    )
    worker = world.actor("嵩县/county_worker", plus(1))
    stages.advance(case.pk, by=worker, at=at(plus(1), 10), form=matching_form(plus(1)))
    undone = people.undo_reassign(done.batch, by=world.office, at=at(plus(1), 10))
    assert (undone.done, list(undone.refused)) == ([], [case.pk])
    family = Case.objects.filter(parent=case).values_list("responsible_unit", flat=True)
    assert {*family, world.case(firm).responsible_unit_id} == {force.pk}
