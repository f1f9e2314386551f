"""Counted and listed by the database, a past day says what is told of it firm by firm."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from cases.models import Case, CaseEvent, WorkItem
from cases.stages import CLOSED, DELISTED, WITHDRAWN
from enterprises.models import Enterprise, ImportBatch, ImportChange, Membership
from organisations.keyset import ListPage
from organisations.models import Unit
from reports.figures.behind import Behind
from reports.figures.breakdown import BY, breakdown, firms_in, rows_of, seen_in
from reports.figures.definitions import BY_KEY
from reports.figures.months import State, live, on_base
from reports.figures.rows import FirmRow
from reports.figures.standing import LIGHTS, standing
from reports.figures.sums import Sums
from reports.figures.tables import Tables
from reports.figures.tally import ASSESSMENT, CURRENT
from tests.reports.lived import lived, plain, said, told_more
from tests.world import START, World, at

PARTS = (("county", CURRENT), ("department", ASSESSMENT), ("industry", CURRENT))
TODAY = START + timedelta(days=90)
THEN = (START + timedelta(days=18), START + timedelta(days=50))


@pytest.fixture
def world(shared_city: World) -> World:
    lived(shared_city)
    told_more(shared_city, THEN[1])
    _went_on(shared_city)
    _corrected(shared_city)
    return shared_city


def _went_on(world: World) -> None:
    """Events at random: of a trail nothing counts but what came first after the day."""
    chance = Random(3)
    units = list(Unit.objects.order_by("pk").values_list("pk", flat=True)[:3])
    counties = list(Case.objects.order_by("county").values_list("county", flat=True).distinct())
    events = []
    for case in Case.objects.main().order_by("pk"):
        items = [None, *WorkItem.objects.filter(process=case).order_by("pk")]
        stages = chance.choices(("", "survey", "remedy", CLOSED, DELISTED, WITHDRAWN), k=4)
        days = sorted(START + timedelta(days=chance.randrange(90)) for _n in range(9))
        was = chance.choice(stages)
        for on in days[: chance.randrange(9)]:
            data: dict[str, Any] = chance.choice(
                (
                    {},
                    {"old_due": (on - timedelta(days=chance.randrange(30))).isoformat()},
                    {"old_due": None, "old_county": chance.choice(counties)},
                    {"was": {"county_id": chance.choice(counties)}},
                    {"was": {"item": {"unit": chance.choice(units)}}},
                )
            )
            to = chance.choice((was, was, *stages))
            events.append(CaseEvent(case=case, item=chance.choice(items), verb="comment", at=at(on),
                                    from_stage=was, to_stage=to, data=data))  # fmt: skip
            was = to
        if events and events[-1].case == case:
            events[-1].to_stage = case.stage
    CaseEvent.objects.bulk_create(events)


def _corrected(world: World) -> None:
    """A later list says another industry of some firms."""
    batch = ImportBatch.objects.create(
        kind=ImportBatch.Kind.REGISTER,
        state=ImportBatch.State.APPLIED,
        city=world.city,
        as_of=THEN[0] + timedelta(days=9),
        at=at(TODAY),
    )
    for n, row in enumerate(Membership.objects.order_by("pk")[::4]):
        before = {"industry_code": ("3511", "1340")[n % 2], "ownership": "私营"}
        ImportChange.objects.create(batch=batch, model="membership", row_id=row.pk, before=before)


def _counted(state: State, sums: Sums) -> State:
    return replace(state, sums=sums, rows=())


def test_a_past_day_is_counted_as_of_each_firm(world: World) -> None:
    """By every kind of part, on either base, for readers who see all and a part."""
    for day in THEN:
        _compare(world, day)


def _compare(world: World, day: date) -> None:
    pack = world.programme.current.pack
    state = live(world.programme, day, today=TODAY, pack=pack)
    for key in ("office/1", "涧西区/county_worker"):
        actor = world.actor(key, TODAY)
        mine = set(Enterprise.objects.visible_to(actor).values_list("pk", flat=True))
        tables = Tables(world.programme, pack, day, actor, is_past=True)
        for by, base in product(BY if key == "office/1" else ("county", "department"),
                                (CURRENT, ASSESSMENT)):  # fmt: skip
            there = on_base(state, base)
            sums = Sums(tables, by)
            told = _counted(there, sums)
            assert plain(breakdown(told, by)) == plain(breakdown(there, by)), (by, base)
            assert said(told.total) == said(there.total)
            assert sums.hides == any(row.firm not in mine for row in state.rows)
            seen, here = seen_in(told, by, ()), seen_in(there, by, mine)
            assert {part: dict(+one.counts) for part, one in seen.items()} == {
                part: dict(+one.counts) for part, one in here.items()
            }, (key, by)
        firms = [row.firm for row in state.rows][::3]
        assert {pk: _placed(row) for pk, row in sums.placed(firms).items()} == {
            pk: _placed(row) for pk, row in state.placed(firms).items()
        }
    counts = state.total.counts
    for name in (
        *(["first_time"] if day > THEN[0] else []),
        "overdue",
        "closed",
        "closed_in_time",
        "delisted",
    ):
        assert 0 < counts[name] < counts["opened"], name


def _placed(row: FirmRow) -> tuple[int, int, str]:
    return row.county, row.department, row.industry


def test_a_list_holds_what_its_number_counts(world: World) -> None:
    """Each figure of the city or a part, of a past day for one reader, of today for another."""
    pack, lengths = world.programme.current.pack, set()
    for n, (day, key) in enumerate(((THEN[0], "office/1"), (TODAY, "涧西区/county_worker"))):
        actor = world.actor(key, TODAY)
        mine = set(Enterprise.objects.visible_to(actor).values_list("pk", flat=True))
        tables = Tables(world.programme, pack, day, actor, is_past=day < TODAY)
        whole = live(world.programme, day, today=TODAY, pack=pack)
        for m, figure in enumerate((*BY_KEY, *BY_KEY)):
            by, base = PARTS[m % len(PARTS)]
            state = on_base(whole, base)
            parts = [None, "", *(str(line.key) for line in breakdown(state, by))]
            part = parts[(n + m) % len(parts)]
            rows = state.rows if part is None else rows_of(state, by, part, figure)
            expected = _in_order(firms_in(rows, figure, base), mine)
            sums = Sums(tables, by)
            found = Behind(_counted(state, sums), sums, figure, part)
            assert found.firms() == [row.firm for row in expected], (by, figure, part)
            assert found.base == state.total.counts["listed"]
            lengths.add(len(expected))
    assert len(lengths) > 8


def test_open_cases_are_listed_by_stage_light_and_unit(world: World) -> None:
    pack, actor = world.programme.current.pack, world.actor("office/1", TODAY)
    mine = set(Enterprise.objects.values_list("pk", flat=True))
    met: set[str] = set()
    there = WorkItem.objects.filter(finished=None).order_by("pk").values_list("pk", flat=True)
    WorkItem.objects.filter(pk__in=list(there)[::4]).update(is_chased=False, is_declined=False)
    for day in (*THEN, TODAY):
        state = live(world.programme, day, today=TODAY, pack=pack)
        sums = Sums(Tables(world.programme, pack, day, actor, is_past=day < TODAY), "county")
        told, then = _counted(state, sums), standing(state)
        open_ = _in_order(firms_in(state.rows, "running", CURRENT), mine)
        for light in LIGHTS:
            lit = [row for row in open_ if then.lights[row.firm] == light]
            assert Behind(told, sums, "running", light=light).rows() == lit, light
        for unit in {0, *then.owed.values()}:
            owed = [r for r in open_ if then.owed[r.firm] == unit and r.stage == "survey"]
            found = Behind(told, sums, "running", stage="survey", unit=unit)
            assert found.firms() == [row.firm for row in owed], unit
        met |= {*then.lights.values()}
    assert met == {*LIGHTS}


def test_a_list_is_walked_page_by_page(world: World) -> None:
    """There and back, whatever the address says, as a list that Python holds."""
    pack, actor = world.programme.current.pack, world.actor("office/1", TODAY)
    state = live(world.programme, TODAY, today=TODAY, pack=pack)
    sums = Sums(Tables(world.programme, pack, TODAY, actor), "county")
    told = _counted(state, sums)
    rows = _in_order(firms_in(state.rows, "opened", CURRENT), {row.firm for row in state.rows})
    query: dict[str, str] = {}
    walk = [query, {"last": "1"}, {"after": "WzEsMl0"}]
    for _n in range(0, len(rows), 7):
        page = ListPage(rows, lambda row: (row.name, row.firm), query, 7)
        query = {"after": page.next_place}
        walk += [query, {"before": page.previous_place}]
    for query in walk:
        page = ListPage(rows, lambda row: (row.name, row.firm), query, 7)
        found = Behind(told, sums, "opened").page(query, 7)
        assert [row["pk"] for row in found.object_list] == [row.firm for row in page.object_list]
        assert (found.count, found.ahead, found.has_next) == (page.count, page.ahead, page.has_next)
        ends = (found.has_previous, found.previous_place, found.next_place)
        assert ends == (page.has_previous, page.previous_place, page.next_place), query


def _in_order(rows: list[FirmRow], mine: set[int]) -> list[FirmRow]:
    return sorted((r for r in rows if r.firm in mine), key=lambda row: (row.name, row.firm))
