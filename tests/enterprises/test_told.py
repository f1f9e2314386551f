"""Counted by the database, the filing says what newest facts and register say firm by firm."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from enterprises.facts import newest_facts
from enterprises.models import Enterprise, Membership, MonthlyFact
from enterprises.told import SAID, Day, Told, told_by_county
from organisations.models import Region
from tests.world import World

FIRST = date(2021, 11, 1)


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


YEAR = date(2022, 1, 1), date(2022, 12, 31)


def plainly(city: Region, asked: Day) -> list[Told]:
    facts = newest_facts(city, as_of=asked.on, since_month=YEAR[0], until_month=YEAR[1])
    based = Membership.objects.on(asked.base or asked.on).filter(city=city)
    base = set(based.values_list("enterprise_id", flat=True))
    found: Counter[tuple[int, tuple[bool, ...] | None]] = Counter()
    for row in Membership.objects.on(asked.on).filter(city=city):
        if row.enterprise_id in base:
            fact = facts.get(row.enterprise_id)
            said = tuple(bool(getattr(fact, name)) for name in SAID) if fact else None
            found[row.county_id, said] += 1
    return [Told(county, said, firms) for (county, said), firms in found.items()]


def test_the_database_counts_what_rows_say(world: World) -> None:
    """Firms that came, moved, left; lists that came late, about older months and the next year."""
    chance = Random(8)

    def day(most: int) -> date:
        return FIRST + timedelta(days=chance.randrange(most))

    counties = list(world.counties.values())
    firms = [Enterprise(name=f"示例{n}有限公司", folded_name=f"示例{n}有限公司") for n in range(60)]
    Enterprise.objects.bulk_create(firms)
    for firm in firms:
        came, left = day(120), day(500) if chance.random() < 0.5 else None
        left = max(came, left) if left else None
        rows = [(came, left)] + ([(left, None)] if left and chance.random() < 0.5 else [])
        for first, last in rows:
            Membership.objects.create(
                city=world.city, enterprise=firm, county=chance.choice(counties), joined_on=first,
                left_on=last, left_reason="absent" if last else "",
            )  # fmt: skip
        told = {(day(500).replace(day=1), day(500)) for _ in range(chance.randrange(6))}
        for month, known in told:
            registered = chance.random() < 0.7
            haves = {name: chance.random() < 0.5 for name in SAID[2:]}
            filed = registered and chance.random() < 0.7
            MonthlyFact.objects.create(
                city=world.city, enterprise=firm, about_month=month, known_on=known,
                registered=registered, filed=filed, **haves,
            )  # fmt: skip
    on = [FIRST, date(2022, 1, 15), date(2022, 4, 30), date(2022, 12, 31), date(2023, 3, 1)]
    days = [Day(day, base) for day in on for base in (None, date(2022, 1, 31))]
    each = [sorted(plainly(world.city, day), key=repr) for day in days]
    assert sum(map(len, each)) > 100
    since, until = YEAR
    for few in (1, 2, len(days)):
        for n in range(0, len(days), few):
            found = told_by_county(world.city, days[n : n + few], since=since, until=until)
            assert [sorted(one, key=repr) for one in found] == each[n : n + few]
