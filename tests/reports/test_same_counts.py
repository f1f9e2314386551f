"""Counted by the database, figures are what trails, facts and cases say one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from cases.rulebook import calendar
from enterprises.models import Enterprise, Membership, MonthlyFact
from reports import reconciled
from reports.figures.breakdown import BY, breakdown, named_part, seen_in
from reports.figures.months import live, on_base
from reports.figures.sums import Sums
from reports.figures.tables import Tables
from reports.figures.tally import ASSESSMENT, CURRENT
from reports.outlook.durations import Step, Waiting
from reports.outlook.facts import counts_on, total, totals_on
from reports.outlook.reading import Known, known_on
from reports.views.sight import counties_in_sight
from tests.reports import trails
from tests.reports.lived import fact_keys, lived, plain, said, told_more
from tests.world import START, World
from workflows.packs import Pack

DAYS = [START - timedelta(days=1), *(START + timedelta(days=n) for n in (0, 11, 30, 75, 400))]


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


def plainly(world: World, pack: Pack, day: date, *, first: bool) -> Known:
    found = trails.known_on(trails.trails(world.programme), day, calendar())
    facts = trails.Coverage(world.programme, pack, day)
    base, covered = (facts.base(day), facts.covered(day)) if first else ({}, set())
    based = [firm for firm, _county in found.closed if firm in base]
    return Known(
        list(found.steps),
        [
            Waiting(one.county, one.stage, one.days, firm in base and firm not in covered)
            for firm, one in found.waiting
        ],
        Counter(county for _firm, county in found.closed),
        len(based),
        sum(firm in covered for firm in based),
    )


def summed(known: Known) -> tuple[object, ...]:
    steps: Counter[Step] = Counter()
    waiting: Counter[Waiting] = Counter()
    for step in known.steps:
        steps[Step(step.county, step.stage, step.days, step.to)] += step.cases
    for one in known.waiting:
        waiting[Waiting(one.county, one.stage, one.days, one.counts)] += one.cases
    return steps, waiting, known.closed, known.based, known.covered


def test_the_database_counts_what_trails_say(world: World) -> None:
    lived(world)
    pack = world.programme.current.pack
    for base in (CURRENT, ASSESSMENT):
        plan = pack.model_copy(update={"base": base})
        for day in DAYS if base == CURRENT else DAYS[2:4]:
            asked = (day, *DAYS[1:4:2])
            each = [summed(plainly(world, plan, one, first=not n)) for n, one in enumerate(asked)]
            told = [summed(one) for one in known_on(world.programme, asked, plan)]
            assert told == each, day
        facts = trails.Coverage(world.programme, plan, DAYS[-1])
        counts = [dict(facts.counts(day)) for day in DAYS]
        assert counts_on(world.programme, plan, DAYS) == counts
        totals = [total(one) if facts.covered(day) else None
                  for day, one in zip(DAYS, counts, strict=True)]  # fmt: skip
        assert totals_on(world.programme, plan, DAYS) == totals
    last = known_on(world.programme, DAYS[::-1], pack)[0]
    assert min(last.closed.total(), last.based, last.covered, len(last.waiting)) > 0


def test_what_disagrees_is_counted_as_it_is_listed(world: World) -> None:
    lived(world)
    MonthlyFact.objects.filter(pk__in=[pk for n, pk in enumerate(fact_keys()) if n % 4]).update(
        has_institution=True, has_staff=True, has_spending=True, has_cooperation=True
    )
    pack, seen = world.programme.current.pack, Counter[str]()
    for day in DAYS:
        month = reconciled.newest_month(world.programme, day)
        told = reconciled.by_county(world.programme, pack, day, month)
        lists = reconciled.lists_now(world.programme, pack, day)
        counts = {(name, county): n for name, one in told.items() for county, n in one.items()}
        assert counts == {place: len(firms) for place, firms in lists.items()}, day
        seen.update({name: sum(one.values()) for name, one in told.items()})
    assert set(+seen) == set(reconciled.LISTS)


def test_who_sees_a_register_is_told_by_its_rows(world: World) -> None:
    """Counties whose register of a day is open as a whole, reader by reader."""
    lived(world)
    days, whole = (DAYS[1], DAYS[3]), 0
    for key in ("office/1", "涧西区/county_worker", "liaison_member", "市工信局/department_lead"):
        actor = world.actor(key, DAYS[3])
        mine = set(Enterprise.objects.visible_to(actor).values_list("pk", flat=True))
        told = counties_in_sight(actor, world.programme, days)
        for day in days:
            firms: dict[int, set[int]] = {}
            for row in Membership.objects.on(day).filter(city=world.city):
                firms.setdefault(row.county_id, set()).add(row.enterprise_id)
            assert told[day] == {pk for pk, those in firms.items() if those <= mine}, key
            whole += len(told[day])
    assert 8 < whole < 16


def test_figures_of_today_are_counted_as_of_each_firm(world: World) -> None:
    """By every kind of part, on either base, for readers who see all and a part."""
    lived(world)
    today = DAYS[-1]  # nothing has happened since
    pack = world.programme.current.pack
    told_more(world, today)
    state = live(world.programme, today, today=today, pack=pack)
    needs = [*[row.firm for row in state.rows][::3], 10**6]
    for key in ("office/1", "涧西区/county_worker", "liaison_member"):
        actor = world.actor(key, today)
        mine = set(Enterprise.objects.visible_to(actor).values_list("pk", flat=True))
        # who sees a part: by one part of the filing and the ledger each
        parts = BY if key == "office/1" else ("county", "department")
        for by, base in product(parts, (CURRENT, ASSESSMENT)):
            there = on_base(state, base)
            sums = Sums(Tables(world.programme, pack, today, actor), by)
            told = replace(there, sums=sums, rows=())
            assert plain(breakdown(told, by)) == plain(breakdown(there, by)), (by, base)
            assert said(told.total) == said(there.total)
            assert sums.hides == any(row.firm not in mine for row in state.rows)
            seen, here = seen_in(told, by, ()), seen_in(there, by, mine)
            assert {part: dict(+one.counts) for part, one in seen.items()} == {
                part: dict(+one.counts) for part, one in here.items()
            }, (key, by)
            named = named_part(state, by)
            assert {pk: named(row) for pk, row in told.placed(needs).items()} == {
                pk: named(row) for pk, row in state.placed(needs).items()
            }
    counts = state.total.counts
    for name in ("first_time", "overdue", "overdue_long", "closed", "closed_in_time", "delisted"):
        assert 0 < counts[name] < counts["opened"], name
