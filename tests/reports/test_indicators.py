"""Rates as printed, targets of the year, ranks with ties; the base is the register of the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enterprises.models import Membership
from organisations.rounding import half_up
from reports.figures.ranking import ranks
from reports.indicators import Indicators, Row, indicators, ranked, rate
from tests.world import World

FEBRUARY = date(2022, 2, 28)


def county(found: Indicators, name: str) -> Row:
    return next(row for row in found.counties if row.name == name)


def row(name: str, with_rd: int, listed: int) -> Row:
    return Row(name, 1, listed, 0, 0, with_rd, 0)


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [(1501, 1912, "78.5"), (328, 444, "73.9"), (1, 16, "6.3"), (1, 2000, "0.1"), (1, 2001, "0.0")],
)
def test_rates_are_rounded_half_up_on_the_exact_fraction(
    part: int, whole: int, printed: str
) -> None:
    assert str(rate(part, whole)) == printed


def test_halves_go_away_from_zero() -> None:
    assert half_up(Fraction(-25, 100)) == Decimal("-0.3")
    assert half_up(Fraction(25, 100)) == Decimal("0.3")


def test_ties_share_a_rank_and_the_next_is_skipped() -> None:
    """004-24, 002-06: 汇总、排队."""
    rows = [row("a", 1, 2), row("b", 2, 4), row("c", 1, 4), row("d", 0, 0)]
    assert [r.rank for r in ranked(rows)] == [1, 1, 3, None]


def test_ranks_of_many_are_counted_from_above() -> None:
    chance = Random(4)
    given = {n: Fraction(chance.randrange(40), chance.randrange(1, 40)) for n in range(300)}
    assert ranks(given) == {n: 1 + sum(o > own for o in given.values()) for n, own in given.items()}


def test_rank_goes_by_the_exact_rate_not_by_the_printed_one() -> None:
    rows = [row("a", 500, 1000), row("b", 5001, 10000)]
    assert [str(r.coverage_rate) for r in rows] == ["50.0", "50.0"]
    assert [r.rank for r in ranked(rows)] == [2, 1]


def test_the_base_is_the_register_of_the_day(world: World) -> None:
    world.firm("甲有限公司", spending=True)
    leaver = world.firm("乙有限公司")
    Membership.objects.filter(enterprise=leaver).update(left_on=date(2022, 3, 1))
    before = county(indicators(world.programme, FEBRUARY), "涧西区")
    after = county(indicators(world.programme, date(2022, 3, 1)), "涧西区")
    assert (before.listed, before.coverage_rate) == (2, Decimal("50.0"))
    assert (after.listed, after.coverage_rate) == (1, Decimal("100.0"))


def test_the_next_years_lists_say_nothing_about_this_year(world: World) -> None:
    """A new year's section starts empty; last year's figures stay (practice: years)."""
    firm = world.firm("甲有限公司", spending=True)
    world.fact(firm, date(2022, 12, 1), has_spending=True)
    world.fact(firm, date(2023, 1, 1), has_spending=False)
    asked_later = indicators(world.programme, date(2023, 3, 31))
    assert asked_later.city.with_rd == 1


def test_facts_count_from_the_day_on_which_they_are_known(world: World) -> None:
    firm = world.firm("甲有限公司", facts=False)
    world.fact(firm, date(2022, 2, 1), has_spending=True)  # known on 28 February
    assert indicators(world.programme, date(2022, 2, 27)).city.with_rd == 0
    assert indicators(world.programme, FEBRUARY).city.with_rd == 1


def test_a_state_is_overwritten_never_added(world: World) -> None:
    firm = world.firm("甲有限公司", spending=True)
    world.fact(firm, date(2022, 2, 1), has_spending=False)
    found = indicators(world.programme, FEBRUARY).city
    assert (found.filed, found.with_rd) == (1, 0)


def test_four_haves_need_all_four(world: World) -> None:
    """000-11, 001-26."""
    haves: dict[str, Any] = dict.fromkeys(
        ("has_institution", "has_staff", "has_spending", "has_cooperation"), True
    )
    for missing in ("", *haves):
        firm = world.firm(f"示例{missing}有限公司", facts=False)
        world.fact(firm, **{**haves, **({missing: False} if missing else {})})
    found = indicators(world.programme, FEBRUARY).city
    assert (found.listed, found.four_haves, found.with_rd) == (5, 1, 4)
    assert found.four_haves_rate == Decimal("20.0")


def test_gap_and_city_s_floor(world: World) -> None:
    """001-07: the city's floor beside each county's guideline."""
    for number in range(3):
        world.firm(f"示例{number}有限公司", spending=number == 0)
    found = indicators(world.programme, FEBRUARY)
    assert county(found, "涧西区").gap == Decimal("-46.7")  # 33.3 − 80
    assert (found.city.target, found.city.gap) == (Decimal(50), Decimal("-16.7"))
    assert county(found, "嵩县").gap is None  # no firm, no rate


@pytest.mark.parametrize("number", [2, 30])
def test_statements_do_not_grow_with_the_register(world: World, number: int) -> None:
    for place in range(number):
        world.firm(f"示例{place}有限公司")
    with CaptureQueriesContext(connection) as seen:
        indicators(world.programme, FEBRUARY)
    assert len(seen) == 3
