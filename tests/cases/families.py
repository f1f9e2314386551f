"""A firm in rectification with its remedies, for the tests of whole families."""

from datetime import date

import pytest

from cases.actions import stages
from cases.models import Case, WorkItem
from organisations.models import Post, Unit
from organisations.roles import Role
from tests.world import START, World, at, matching_form
from workflows.models import load_calendar

HAVES = ("institution", "staff", "spending", "cooperation")
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


@pytest.fixture
def root(world: World) -> Case:
    """A firm's case in rectification, its four remedies open."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.survey(world.case(), "B")
    return stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())


def remedy(root: Case, criterion: str = "staff") -> Case:
    found: Case = Case.objects.get(parent=root, criterion=criterion)
    return found


def dues(root: Case) -> dict[int, date]:
    items = WorkItem.objects.filter(process__parent=root, finished=None)
    return {item.process_id: item.due_on for item in items if item.due_on}


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


def group_of(world: World, county: str) -> Unit:
    group = Unit.objects.create(
        region=world.city, name=f"包联{county}组", kind=Unit.Kind.LIAISON_GROUP
    )
    group.paired_counties.add(world.counties[county])
    Post.objects.create(unit=group, name="组员", role=Role.LIAISON_MEMBER, receives_work=True)
    return group
