"""A city whose departments review between county and city: one post has it, decides and answers."""

from __future__ import annotations

from datetime import date

import pytest

from cases import querysets as ask
from cases.actions import people, remarks, stages
from cases.acts import offers
from cases.errors import NotYours, Refused
from cases.ledger import Asked, Ledger
from cases.loads import loads
from cases.models import Case
from cases.sheet import load
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.models import Post
from tests import world as ground
from tests.cases.standing import LEAD, OFFICE, reviewed
from tests.rules.test_packs import with_department_review
from tests.world import START, World, at

OFFICER, CHIEF = "市工信局/department_officer", "市工信局/department_lead"
OTHER, OTHER_OFFICER = "市住建局/department_lead", "市住建局/department_officer"
STAGE = "department_review"
DECISIONS = {"advance", "send_back"}


@pytest.fixture
def city(db: None) -> World:
    return ground.build(text=with_department_review())


@pytest.fixture
def case(city: World) -> Case:
    found = reviewed(city)
    assert found.stage == STAGE
    return found


def shown(world: World, who: str, case: Case) -> set[str]:
    """What the page of the case offers somebody."""
    return {offer.verb for offer in offers(load(case, START), world.actor(who))}


def on_desk(world: World, who: str) -> list[int]:
    return [row.pk for row in Ledger(world.actor(who), START, Asked(of="mine")).rows()]


def test_whoever_decides_has_it_on_his_desk(city: World, case: Case) -> None:
    assert city.item(case).post == Post.objects.get(
        unit__short_name="市工信局", role="department_lead"
    )
    assert (on_desk(city, CHIEF), on_desk(city, OFFICER)) == ([case.pk], [])
    chief, officer = city.actor(CHIEF), city.actor(OFFICER)
    assert Case.objects.visible_to(chief).with_item().filter(ask.to_review(chief)).get() == case
    # the officer sees it, and decides nothing
    assert Case.objects.visible_to(officer).get(pk=case.pk) == case
    assert shown(city, CHIEF, case) >= DECISIONS
    for who in (OFFICER, OTHER, OTHER_OFFICER):
        with pytest.raises(NotYours):
            stages.advance(case.pk, by=city.actor(who), at=at(START, 15))
        with pytest.raises(NotYours):
            stages.send_back(case.pk, by=city.actor(who), at=at(START, 15), number=1, reason="缺页")
    assert not DECISIONS & shown(city, OFFICER, case)
    # what lies there is the head's load
    [unit] = [one for one in loads(chief, START) if one.unit.short_name == "市工信局"]
    assert {one.post.role: one.count.open for one in unit.posts} == {
        "department_officer": 0,
        "department_lead": 1,
    }


def test_he_agrees_or_returns_it(city: World, case: Case) -> None:
    chief = city.actor(CHIEF)
    with pytest.raises(Refused, match="退回原因"):
        stages.send_back(case.pk, by=chief, at=at(START, 15), reason="缺页")
    back = stages.send_back(case.pk, by=chief, at=at(START, 15), number=1, reason="合同缺页")
    item = city.item(back)
    assert (back.stage, back.reviewed_by, item.is_correction) == ("rectification", None, True)
    assert item.return_reason.endswith("。合同缺页")
    worker, lead = city.actor("涧西区/county_worker"), city.actor(LEAD)
    form = ground.closing_form()
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 16), form=form)
    stages.advance(case.pk, by=lead, at=at(START, 16))
    agreed = stages.advance(case.pk, by=chief, at=at(START, 17))
    assert (agreed.stage, city.item(agreed).post.role) == ("confirmation", "office")
    assert stages.close(case.pk, by=city.actor(OFFICE), at=at(START, 18)).closing_serial == 1


def test_urging_and_another_department_reach_the_heads(city: World, case: Case) -> None:
    remarks.urge(case.pk, by=city.office, at=at(START, 15))
    deliver(at(START, 15))
    told = Notice.objects.filter(case=case, kind="urged")
    assert [one.recipient for one in told] == [city.people[CHIEF]]
    # the officer of the same department cannot be given what he may not decide
    officers = Post.objects.get(unit__short_name="市工信局", role="department_officer")
    with pytest.raises(Refused):
        people.reassign(
            case.pk, by=city.actor(CHIEF), at=at(START, 15), reason="人手", post=officers
        )
    unit = city.units["市住建局"]
    done = people.reassign_many(
        [case.pk], by=city.office, at=at(START, 16), reason="归口", unit=unit
    )
    assert done.refused == {}
    assert (on_desk(city, OTHER), on_desk(city, OTHER_OFFICER), on_desk(city, CHIEF)) == (
        [case.pk],
        [],
        [],
    )
    moved = Case.objects.get(pk=case.pk)
    assert (moved.stage, city.item(moved).due_on) == (STAGE, date(2022, 3, 4))
