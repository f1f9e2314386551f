"""距本月序时目标还差N家 in the digest: the number of the ranking page, for whom it is a matter."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

import pytest
from django.utils.translation import override

from cases.rulebook import pack_of
from cases.workbench import Desk
from config.morning import Lines
from notifications import digest
from organisations.scope import Actor
from reports.placing import placed
from tests.world import World

DAY = date(2022, 4, 12)
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


@pytest.fixture
def city(world: World) -> World:
    for number in range(7):
        world.firm(f"洛阳示例{number}有限公司", spending=number == 0)
    world.firm("宜阳示例有限公司", county="宜阳县")
    world.open(date(2022, 4, 11))
    return world


def told(city: World, key: str, language: str = "") -> str:
    actor = city.actor(key, DAY)
    if language and actor.user is not None:
        actor.user.language = language
    written = digest.write(actor, DAY, Lines())
    assert written is not None
    return written.body


def test_the_ranking_s_own_number(city: World) -> None:
    version = city.programme.current
    places = placed(city.programme, DAY, by_zone=False, pack=pack_of(version.pk)).places
    short = {place.name: place.short or 0 for place in places}
    pack = version.pack
    due = ceil(Fraction(pack.target("涧西区") or 0) * pack.planned_share(DAY) * 7 / 100)
    covered = next(place.share.part for place in places if place.name == "涧西区")
    assert short["涧西区"] == due - covered > 0
    own = f"本县（区）：已销号 0/6，距本月序时目标还差 {short['涧西区']} 家，只差一项的"
    assert own in told(city, WORKER)
    assert Lines()(Actor.system(), DAY) == Lines()(city.office, DAY) == sum(short.values())


def test_in_english_and_where_the_line_is_reached(city: World) -> None:
    actor = city.actor(WORKER, DAY)
    with override("en"):
        desk = Desk(actor, DAY)
        assert "closed, 2 more to this month's planned line," in digest._county(desk, lambda *_: 2)
        assert "planned line is reached," in digest._county(desk, lambda *_: 0)
    with override("zh-hans"):
        assert "0/6，已达本月序时目标，只差一项的" in digest._county(desk, lambda *_: 0)
        assert "0/6，只差一项的" in digest._county(desk, lambda *_: None)


def test_only_for_whom_it_is_a_matter(city: World, django_assert_max_num_queries: Any) -> None:
    lines = Lines()
    officer = next(key for key in city.people if key.endswith("/department_officer"))
    actors = {key: city.actor(key, DAY) for key in (officer, "liaison_member", WORKER)}
    of_two = lines(city.office, DAY)
    with django_assert_max_num_queries(0):
        assert lines(actors[officer], DAY) is None
        assert lines(actors["liaison_member"], DAY) == lines(actors[WORKER], DAY)
    assert of_two is not None
    assert Lines()(city.office, date(2020, 1, 1)) is None
