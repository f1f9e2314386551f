"""The whole life of a case through the verbs: from the register to struck-off."""

from datetime import date, timedelta

import pytest

from cases.actions import stages
from cases.errors import NotYours, Refused
from cases.models import Case, Evidence, PendingEvent
from tests.world import START, World, at, closing_form, matching_form

HAVES = ("institution", "staff", "spending", "cooperation")


def to_rectification(world: World, on: date = START) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open(on)
    case = world.survey(world.case(), "B", on)
    assert case.stage == "matching"
    worker = world.actor("涧西区/county_worker", on)
    return stages.advance(case.pk, by=worker, at=at(on, 10), form=matching_form(on))


def test_from_the_register_to_struck_off(world: World) -> None:
    case = to_rectification(world)
    assert case.stage == "rectification"
    remedies = Case.objects.filter(parent=case)
    assert sorted(remedies.values_list("criterion", flat=True)) == sorted(HAVES)
    latest = max(due for r in remedies if (due := world.item(r).due_on))
    assert world.item(case).due_on == latest

    for have in HAVES:
        world.prove(case, have)
    assert set(remedies.values_list("stage", flat=True)) == {"closed"}

    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    case = stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
    assert case.stage == "county_review"
    case = stages.advance(case.pk, by=lead, at=at(START, 14))
    assert (case.stage, case.reviewed_on) == ("confirmation", START)
    closed_on = START + timedelta(days=7)
    case = stages.close(case.pk, by=world.actor("office/1"), at=at(closed_on))
    case = Case.objects.get(pk=case.pk)
    assert (case.stage, case.closed_on, case.closing_serial) == ("closed", closed_on, 1)
    assert not case.task_set.filter(finished=None).exists()
    assert set(Evidence.objects.values_list("state", flat=True)) == {"city_accepted"}
    verbs = list(case.events.values_list("verb", flat=True))
    assert verbs[:3] == ["open", "acknowledge", "advance"]
    assert verbs[-3:] == ["apply_for_closure", "advance", "close"]
    assert PendingEvent.objects.filter(event__case=case).count() == len(verbs)


def test_application_names_what_is_missing(world: World) -> None:
    case = to_rectification(world)
    for have in HAVES[:3]:
        world.prove(case, have)
    worker = world.actor("涧西区/county_worker")
    with pytest.raises(Refused, match="产学研合作") as refusal:
        stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
    assert refusal.value.code == "criteria_unmet"
    assert Case.objects.get(pk=case.pk).stage == "rectification"


def test_a_class_chooses_the_path(world: World) -> None:
    for name, grade, stage in (("甲", "A", "rectification"), ("丁", "D", "watching")):
        firm = world.firm(name)
        world.open()
        case = world.survey(world.case(firm), grade, institution="regular")
        assert case.stage == stage
        children = set(Case.objects.filter(parent=case).values_list("criterion", flat=True))
        assert children == (set(HAVES) - {"institution"} if grade == "A" else set())


def test_four_eyes(world: World) -> None:
    case = to_rectification(world)
    for have in HAVES:
        world.prove(case, have)
    lead = world.actor("涧西区/county_lead")
    stages.apply_for_closure(case.pk, by=lead, at=at(START, 13), form=closing_form())
    with pytest.raises(Refused) as refusal:
        stages.advance(case.pk, by=lead, at=at(START, 14))
    assert refusal.value.code == "four_eyes"
    worker = world.actor("涧西区/county_worker")
    with pytest.raises(NotYours):
        stages.advance(case.pk, by=worker, at=at(START, 14))
