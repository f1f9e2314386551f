"""编号 by two people at one moment: a series has neither gaps nor doubles (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cases.errors import Refused
from reports.documents.nouns import Document
from reports.documents.route import State, Step
from tests.cases.at_once import together
from tests.reports.offices import DAY, drafted, step, until
from tests.world import World, build

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def numbering(world: World, document: Document, number: str = "") -> Callable[[], object]:
    return lambda: step(world, document, Step.NUMBER, on=DAY, number=number).number


def test_two_documents_numbered_at_once(world: World) -> None:
    world.firm("甲有限公司")
    made = [until(world, drafted(world), State.TO_NUMBER) for _n in range(7)]
    mark = step(world, made[0], Step.NUMBER).number.removesuffix("1号")
    found = together(*(numbering(world, one) for one in made[1:4]))
    assert sorted(map(str, found)) == [f"{mark}{n}号" for n in (2, 3, 4)]
    # the number that one types while another one gets it from the series
    found = together(numbering(world, made[4], f"{mark}5号"), numbering(world, made[5]))
    lost = [one for one in found if isinstance(one, Refused)]
    assert [one.code for one in lost] in ([], ["number_taken"]), found
    given = [one for one in found if isinstance(one, str)]
    assert sorted(given) == [f"{mark}5号", f"{mark}6号"][: len(given)]
    # one number for one document, whoever presses twice
    left = until(world, made[6], State.TO_NUMBER)
    twice = together(numbering(world, left), numbering(world, left))
    assert len([one for one in twice if isinstance(one, Refused)]) == 1, twice
    numbers = Document.objects.exclude(number="").order_by("pk").values_list("number", flat=True)
    serials = sorted(int(one.removeprefix(mark).removesuffix("号")) for one in numbers)
    assert serials == list(range(1, len(serials) + 1))
