"""The register read county by county is the register sorted, and says of a firm what is newest."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import RequestFactory

from enterprises.facts import facts_in, newest_facts
from enterprises.filing import Filing, filing_of, is_in
from enterprises.models import Enterprise, MonthlyFact
from enterprises.views import firms
from tests.cases.lists import many
from tests.world import START, World

STATES = ((False, False, False), (True, False, False), (True, True, False), (True, True, True))


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


def _page(world: World, query: str = "") -> firms.FirmsPage:
    request: Any = RequestFactory().get(f"/firms/?{query}")
    request.actor = world.actor("office/1")
    return firms.FirmsPage(request)


def test_pages_by_county_are_the_pages_of_the_sorted_list(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firms, "PAGE", 4)
    monkeypatch.setattr(firms, "MORE", 1)
    for county, count in (("嵩县", 3), ("新安县", 1), ("涧西区", 9)):
        many(world, count, county)
    sorted_ = [row.pk for row in _page(world).rows().order_by(*firms.ORDER_BY)]
    for way, first in (("after", ""), ("before", "last=1")):
        seen: list[int] = []
        query = first
        while True:
            page = _page(world, query).page
            rows = [row.pk for row in page]
            seen = seen + rows if way == "after" else rows + seen
            more = page.has_next if way == "after" else page.has_previous
            if not more:
                break
            place = page.next_place if way == "after" else page.previous_place
            query = f"{way}={place}"
        assert seen == sorted_


def test_a_state_as_a_question_is_the_state_of_the_newest_fact(world: World) -> None:
    many(world, len(STATES))
    for firm, (registered, filed, whole) in zip(Enterprise.objects.all(), STATES, strict=True):
        known: dict[str, Any] = {"registered": not registered, "filed": False}
        world.fact(firm, **known, has_spending=whole)
        haves = dict.fromkeys(("has_institution", "has_staff", "has_spending"), whole)
        later = {"registered": registered, "filed": filed, "has_cooperation": whole}
        world.fact(firm, date(2022, 2, 1), **haves, **later)
    newest = newest_facts(world.city, as_of=START)
    asked = facts_in([world.city.pk], as_of=START)
    for state in Filing:
        rows = MonthlyFact.objects.filter(is_in(state), pk__in=asked.values("pk"))
        wanted = {fact.pk for fact in newest.values() if filing_of(fact) == state}
        assert {fact.pk for fact in rows} == wanted
