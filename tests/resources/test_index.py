"""Suggestions from the directory: always of today's rows, in a fixed number of statements."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from organisations.errors import Refused
from resources.actions import directory
from resources.index import suggest
from resources.models import Expert, Resource
from resources.suggesting import Need
from resources.wording import why_words
from tests.resources.conftest import expert, resource
from tests.world import START, SYSTEM, World, at, person

NEED = Need("滚动轴承淬火变形", industry="3451")


def names(world: World, need: Need = NEED, on: date = START) -> list[str]:
    return [s.row.name for s in suggest(world.city, need, on=on)]


def test_rows_and_experts_are_ranked_together_and_explained(world: World) -> None:
    """000-25, 001-23: universities, laboratories and experts for a need, with the reason."""
    resource(world)
    expert(world)
    need = Need(NEED.words, industry="3451", county=world.counties["涧西区"].pk)
    found = suggest(world.city, need, on=START)
    assert [(s.row.name, s.is_expert) for s in found] == [("陈示例", True), ("示例理工学院", False)]
    assert why_words(found[0].reasons) == "行业345一致；领域含“轴承”；同县区"
    assert why_words(found[1].reasons) == "行业34一致；领域含“轴承”；文字相近：“滚动”"


def test_an_envoy_of_another_county_is_not_near(world: World) -> None:
    """000-23: 工业科技特派员, suggested where they are near and fit."""
    expert(world)
    for county, words in (("涧西区", "同县区"), ("嵩县", "领域含“轴承”")):
        need = Need("轴承", county=world.counties[county].pk)
        [found] = suggest(world.city, need, on=START)
        assert why_words(found.reasons).endswith(words)


def test_every_write_is_seen_by_the_next_question(world: World) -> None:
    assert names(world) == []
    row = resource(world)
    assert names(world) == [row.name]
    directory.save_resource(
        row, {"fields": ["食品"], "industries": ["13"], "offers": ""},
        city=world.city, by=SYSTEM, at=at(START),
    )  # fmt: skip
    assert names(world) == []
    heat = resource(world, "热处理所", fields=["热处理"], industries=[], offers="")
    assert names(world) == []
    word = directory.save_word("热处理", ["淬火"], city=world.city, by=SYSTEM, at=at(START))
    assert names(world) == [heat.name]
    directory.drop_word(word, by=SYSTEM, at=at(START))
    assert names(world) == []


def test_what_has_ended_is_not_suggested(world: World) -> None:
    resource(world, valid_until=date(2022, 4, 1))
    assert names(world, on=date(2022, 3, 31)) == ["示例理工学院"]
    assert names(world, on=date(2022, 4, 1)) == []


def test_statements_do_not_follow_the_directory(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        resource(world, f"学院{number}")
    expert(world)
    names(world)
    with django_assert_max_num_queries(3):
        assert len(names(world)) == 5
    one = Resource.objects.all()[0]
    Resource.objects.bulk_create(
        Resource(
            city=world.city,
            name=f"大学{n}",
            folded_name=f"大学{n}",
            kind=one.kind,
            fields=one.fields,
            industries=one.industries,
            offers=one.offers,
            source=one.source,
            valid_from=one.valid_from,
        )
        for n in range(5000)
    )
    directory.touch(world.city)
    with django_assert_max_num_queries(7):
        assert len(names(world)) == 8
    with django_assert_max_num_queries(3):
        names(world)


def test_an_expert_finds_the_institute_that_comes_later(world: World) -> None:
    man = expert(world)
    assert man.institute is None
    row = resource(world)
    assert Expert.objects.get().institute == row


def test_an_account_for_an_expert(world: World) -> None:
    man = expert(world)
    directory.link_account(man, person("expert", "陈示例"), by=world.office, at=at(START))
    assert Expert.objects.get().user is not None
    official = world.people["涧西区/county_lead"]
    with pytest.raises(Refused) as refusal:
        directory.link_account(man, official, by=world.office, at=at(START))
    assert refusal.value.code == "has_post"
    lead, other = world.actor("市工信局/department_lead"), person("other", "别人")
    with pytest.raises(Refused):
        directory.link_account(man, other, by=lead, at=at(START))


@pytest.mark.parametrize("who", ["涧西区/county_lead", "leader", "市住建局/department_lead"])
def test_verbs_refuse_others(world: World, who: str) -> None:
    row = resource(world, owner_unit=world.units["市工信局"])
    by = world.actor(who)
    for act in (
        lambda: directory.save_resource(row, {}, city=world.city, by=by, at=at(START)),
        lambda: directory.save_resource(
            None, {"name": "新", "fields": ["铸造"], "source": "x"},
            city=world.city, by=by, at=at(START),
        ),
        lambda: directory.save_word("铸造", [], city=world.city, by=by, at=at(START)),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "not_yours"
