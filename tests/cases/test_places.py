"""Stages that are called alike in two plans or two procedures are told apart in every list."""

from __future__ import annotations

from datetime import date

import pytest

from cases import querysets as ask
from cases.actions import stages
from cases.models import Case
from cases.rulebook import is_in_review, leaves_by
from tests.plain import dumped, loaded
from tests.world import SYSTEM, World, at
from workflows.issuing import issue_pack
from workflows.models import Programme, review_stages, stages_left_by
from workflows.packs import shipped_text


def other_plan() -> str:
    """A plan in which `survey` is signed for and `assigned` is the first visit."""
    data = loaded(shipped_text("luoyang-2022")) | {"key": "other-2022"}
    root = data["procedures"]["assistance"]
    names = {"assigned": "survey", "survey": "assigned"}
    for stage in root["stages"]:
        stage["key"] = names.get(stage["key"], stage["key"])
        for move in stage["moves"]:
            move["to"] = names.get(move["to"], move["to"])
    root["initial"] = "survey"
    return dumped(data)


@pytest.fixture
def two_plans(world: World) -> World:
    issue_pack(other_plan(), by=SYSTEM, at=at(date(2022, 1, 2)))
    return world


def test_each_plan_means_its_own_by_the_same_name(two_plans: World) -> None:
    found = stages_left_by("acknowledge")
    assert "survey" not in found.anywhere
    versions = {
        version.programme.key: version.pk
        for programme in Programme.objects.all()
        for version in programme.versions.all()
    }
    assert found.in_version[versions["other-2022"], "assistance"] == {"survey"}
    assert "assigned" in found.in_version[versions["luoyang-2022"], "assistance"]
    # what is a review everywhere needs no more than its name; a matter's stage has its procedure
    assert "county_review" in review_stages().anywhere
    assert "assigned" in found.in_procedure["issue"]


def test_lists_and_pages_agree_about_it(two_plans: World) -> None:
    world = two_plans
    world.firm("洛阳示例轴承有限公司")
    world.firm("洛阳示例电机有限公司")
    world.open()
    first, second = Case.objects.order_by("pk")
    stages.acknowledge(first.pk, by=world.actor("涧西区/county_worker"), at=at(date(2022, 3, 2)))
    asked = Case.objects.all().with_item()
    assert list(asked.filter(ask.to_acknowledge())) == [second]
    for case in asked:
        assert leaves_by(case, "acknowledge") == (case == second)
        assert not is_in_review(case)
    assert not asked.filter(ask.in_review()).exists()
