"""Counted by the database, figures are what trails, facts and cases say one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest

from cases.models import Case, WorkItem
from cases.rulebook import calendar
from cases.stages import CLOSED, DELISTED, WITHDRAWN
from enterprises.models import Enterprise, Membership, MonthlyFact
from reports import reconciled
from reports.figures.breakdown import BY, Line, breakdown, named_part, seen_in
from reports.figures.months import live, on_base
from reports.figures.sums import Sums
from reports.figures.tally import ASSESSMENT, CURRENT, Tally
from reports.outlook.durations import Step, Waiting
from reports.outlook.facts import counts_on, total, totals_on
from reports.outlook.reading import Known, known_on
from reports.views.sight import counties_in_sight
from tests.reports import trails
from tests.world import START, World, at
from workflows.packs import Pack

DAYS = [START - timedelta(days=1), *(START + timedelta(days=n) for n in (0, 11, 30, 75, 400))]


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


def lived(world: World) -> None:
    """Cases that went on, back and round, were closed, taken up again, taken over, left, withdrawn;
    of firms that came, were covered, and left the register."""
    chance = Random(5)
    for n in range(40):
        firm = world.firm(f"示例{n}有限公司", chance.choice(("涧西区", "嵩县")),
                          joined_on=START - timedelta(days=chance.choice((10, 60))))  # fmt: skip
        for month in (3, 4):
            if chance.random() < 0.4:
                world.fact(firm, date(2022, month, 1), has_spending=chance.random() < 0.7)
    world.open()
    for item in WorkItem.objects.filter(finished=None).order_by("pk").select_related("process"):
        _live(item, chance)
    for n in range(4):  # taken over as they had been closed elsewhere, with no step of ours
        case = Case.objects.main().order_by("pk")[n]
        case.pk, case.serial = None, case.serial + 1000
        case.enterprise = world.firm(f"承接{n}有限公司", "嵩县")
        case.save()
        _end(case, CLOSED, START + timedelta(days=7 * n))
    # last of all, what the registers say: some left, of some the province had nothing
    firms = list(Enterprise.objects.order_by("pk"))
    some = [firms[n] for n in (2, 6, 11)]
    MonthlyFact.objects.filter(about_month__month=4, enterprise__in=some).delete()
    MonthlyFact.objects.filter(pk__in=_facts()[::3]).update(filed=False)
    for row in Membership.objects.order_by("pk"):
        if chance.random() < 0.2:
            row.left_on, row.left_reason = START + timedelta(days=chance.randrange(60)), "absent"
            row.save()


def _facts() -> list[int]:
    return list(MonthlyFact.objects.order_by("pk").values_list("pk", flat=True))


def _live(item: WorkItem, chance: Random) -> None:
    case, on = item.process, START
    for n in range(chance.randrange(4)):
        ended = on + timedelta(days=chance.randrange(25))
        item.finished, item.status = at(ended, chance.choice((0, 7, 23))), "DONE"
        item.save()
        on = ended + timedelta(days=chance.choice((0, 0, 0, 9)))  # taken up again
        stages = ("survey", "classify", "remedy", "survey")
        item.pk, item.stage, item.started_on, item.finished = None, stages[n], on, None
        item.status = "NEW"
        item.save()
    if chance.random() < 0.6:
        ended = on + timedelta(days=chance.randrange(40))
        item.finished, item.status = at(ended, 8), "DONE"
        item.save()
        _end(case, chance.choice((CLOSED, CLOSED, CLOSED, DELISTED, WITHDRAWN)), ended)


def _end(case: Case, stage: str, on: date) -> None:
    closed = on if stage == CLOSED else None
    Case.objects.filter(pk=case.pk).update(
        stage=stage, status="DONE", finished=at(on, 8), closed_on=closed
    )


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
    MonthlyFact.objects.filter(pk__in=[pk for n, pk in enumerate(_facts()) if n % 4]).update(
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


def _plain(found: Sequence[Line]) -> list[object]:
    return [(line.key, line.name, _said(line.tally)) for line in found]


def _said(one: Tally) -> tuple[object, ...]:
    """What is counted at all; a zero is as good as nothing."""
    return dict(+one.counts), dict(+one.stages), one.spent


def _told_more(world: World, today: date) -> None:
    """Earlier years, answers at a closing, steps that were late, rest, or are late a little."""
    chance = Random(9)
    for firm in Enterprise.objects.all():
        world.fact(firm, date(2022, 6, 1), has_spending=chance.random() < 0.6)
        if chance.random() < 0.6:
            world.fact(firm, date(2021, 10, 1), has_staff=True)
            world.fact(firm, date(2021, 11, 1), has_spending=chance.random() < 0.3)
    for case in Case.objects.main():
        for _n in range(chance.randrange(3)):
            answer = chance.choice(({"first_time": "yes"}, {"first_time": "no"},
                                    {"first_time": None}, {}))  # fmt: skip
            case.forms.create(form="closing", data=answer, is_draft=False, at=at(START))
        odds = chance.random()
        if case.stage != CLOSED:
            case.lacking_count = chance.randrange(3)
        elif odds < 0.3:
            case.late_days = 3
        elif odds < 0.6:
            case.closed_on = None
        case.save()
        case.task_set.exclude(finished=None).update(days_late=chance.choice((0, 0, 2)))
        near = today - timedelta(days=chance.choice((-3, 0, 2, 11, 13, 14, 15, 16, 17, 40)))
        case.task_set.filter(finished=None).update(
            due_on=near,
            waits_higher=chance.random() < 0.1,
            is_chased=chance.random() < 0.9,
        )
        if odds > 0.8:
            back = chance.choice((None, today, today + timedelta(days=1)))
            case.suspensions.create(from_on=START, until_on=today, reason="停产", resumed_on=back)


def test_figures_of_today_are_counted_as_of_each_firm(world: World) -> None:
    """By every kind of part, on either base, for readers who see all and a part."""
    lived(world)
    today = DAYS[-1]  # nothing has happened since
    pack = world.programme.current.pack
    _told_more(world, today)
    state = live(world.programme, today, today=today, pack=pack)
    needs = [*[row.firm for row in state.rows][::3], 10**6]
    for key in ("office/1", "涧西区/county_worker", "liaison_member"):
        actor = world.actor(key, today)
        mine = set(Enterprise.objects.visible_to(actor).values_list("pk", flat=True))
        # who sees a part: by one part of the filing and the ledger each
        parts = BY if key == "office/1" else ("county", "department")
        for by, base in product(parts, (CURRENT, ASSESSMENT)):
            plain = on_base(state, base)
            sums = Sums(world.programme, pack, today, by, actor)
            told = replace(plain, sums=sums, rows=())
            assert _plain(breakdown(told, by)) == _plain(breakdown(plain, by)), (by, base)
            assert _said(told.total) == _said(plain.total)
            assert sums.hides == any(row.firm not in mine for row in state.rows)
            seen, here = seen_in(told, by, ()), seen_in(plain, by, mine)
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
