"""提升: firms that do R&D already are led on to the Four Haves by the science bureau."""

from __future__ import annotations

from datetime import date

import pytest

from cases.actions import listed, stages
from cases.errors import NotYours
from cases.models import Case
from tests.config.test_commands import as_json
from tests.world import START, SYSTEM, World, at

WORKER = "涧西区/county_worker"


@pytest.fixture
def firms(world: World) -> World:
    """One firm without R&D, one with spending only, one with all four."""
    world.firm("洛阳示例0有限公司")
    world.firm("洛阳示例1有限公司", spending=True)
    whole = world.firm("洛阳示例2有限公司", facts=False)
    haves = ("institution", "staff", "spending", "cooperation")
    world.fact(whole, date(2022, 1, 1), **{f"has_{have}": True for have in haves})
    return world


def test_only_firms_that_do_something_and_lack_something(firms: World) -> None:
    """001-25, 001-26: led by the science bureau, whatever the industry's department."""
    world = firms
    world.open()
    assert listed.open_listed(world.programme, by=world.office, at=at(START)) == {
        "completion": 1, "consolidation": 0,
    }  # fmt: skip
    [case] = Case.objects.filter(procedure="completion")
    assert (str(case.enterprise), case.is_main) == ("洛阳示例1有限公司", False)
    assert case.competent_unit == world.units["市科技局"]
    assert case.lacking == ["institution", "staff", "cooperation"]
    again = listed.open_listed(world.programme, by=world.office, at=at(START, 10))
    assert sum(again.values()) == 0
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START, 11))
    remedies = Case.objects.filter(parent=case).values_list("criterion", flat=True)
    assert sorted(remedies) == ["cooperation", "institution", "staff"]


def test_signing_for_many_opens_their_remedies_too(firms: World) -> None:
    world = firms
    world.firm("洛阳示例3有限公司", spending=True)
    listed.open_listed(world.programme, by=world.office, at=at(START))
    ids = Case.objects.filter(procedure="completion").values_list("pk", flat=True)
    done, refused = stages.acknowledge_many(list(ids), by=world.actor(WORKER), at=at(START))
    assert (len(done), refused) == (2, {})
    assert Case.objects.filter(procedure="remedy").count() == 6


def test_who_may(firms: World) -> None:
    with pytest.raises(NotYours):
        listed.open_listed(firms.programme, by=firms.actor(WORKER), at=at(START))


def test_the_command(firms: World) -> None:
    said = as_json("matter", "listed", "luoyang-2022", "--at", START.isoformat())
    assert said == {"completion": 1, "consolidation": 0}
    assert Case.objects.filter(procedure="completion").count() == 1


def test_as_many_statements_for_many(firms: World, django_assert_max_num_queries: object) -> None:
    for n in range(3, 40):
        firms.firm(f"洛阳示例{n}有限公司", spending=True)
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        opened = listed.open_listed(firms.programme, by=SYSTEM, at=at(START))
    assert opened["completion"] == 38
