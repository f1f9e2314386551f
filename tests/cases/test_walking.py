"""The ledger walked by its indexes is the ledger sorted: every list, any place, both ways."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from cases import walking
from cases.agenda import ISSUES, Agenda
from cases.ledger import Asked, Ledger
from cases.models import Case, WorkItem
from cases.views.ledger import LedgerPage
from cases.walking import Walk, keys, plainly
from organisations import asked_again, clock, remembering
from organisations.keyset import Key, KeyPage, Place
from tests.cases.lists import many
from tests.world import START, World

LATER = START + timedelta(days=30)
PAGE = 5
# rows that are sorted, and what that makes of a list of these
WAYS = {0: "walked", 5000: "sorted"}
# of each with a date and without
URGENCIES = (0, 1, 2, 2, 3)
PEOPLE = ("office/1", "涧西区/county_worker")
LISTS = (
    "", "of=all", "of=all&chip=overdue", "of=mine", "chip=overdue", "of=all&sort=-due", "sort=due",
    "sort=-state", "chip=suspended", "chip=counted", "of=all&chip=soon", "stage=assigned", "q=2022",
    "of=review", "stage=closed", "of=remedies", "sort=firm", "q=示例", "of=all&sort=-state",
)  # fmt: skip


@pytest.fixture
def mixed(world: World) -> World:
    """Steps in every state that a clock may have, with many ties and some without a date."""
    many(world, 22)
    many(world, 8, "嵩县")
    world.open()
    dice = random.Random(5)
    for case in Case.objects.all():
        due = dice.choice([None, *(LATER + timedelta(days=n) for n in (-9, -1, -1, 0, 2, 2, 40))])
        WorkItem.objects.filter(process=case.pk).update(
            due_on=due,
            waits_higher=dice.random() < 0.3,
            is_suspended=dice.random() < 0.15,
            is_declined=dice.random() < 0.1,
            is_chased=dice.random() > 0.2,
        )
    return world


def test_every_place_of_every_list_has_the_rows_that_sorting_gives(
    mixed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = mixed.programme.current.pk
    # of each way its own statements; they are kept, as for the page: one for the top of a list, one
    # for each way from a place
    known: dict[int, Any] = {few: {} for few in WAYS}
    seen = 0
    for number, query in enumerate(LISTS):
        actor = mixed.actor(PEOPLE[number % len(PEOPLE)], LATER)

        def ledger(actor: Any = actor, query: str = query) -> Ledger:
            return Ledger(actor, LATER, Asked.of_query(QueryDict(query)), version)

        plain = ledger()
        places = [Place(), Place(back=True)]
        for row in list(plain.rows())[number % 3 :: 10]:
            at = tuple(key.of(row) for key in plain.order)
            places += [Place(at), Place(at, back=True)]
        wanted = [
            list(plainly(plain, place, PAGE).values_list("pk", flat=True)) for place in places
        ]
        for few, way in WAYS.items():
            monkeypatch.setattr(walking, "FEW", few)
            monkeypatch.setattr(asked_again, "_known", known[few])
            walked = ledger()
            for place, rows in zip(places, wanted, strict=True):
                found = [case.pk for case in Walk(walked).walked(place, PAGE)]
                assert found == rows, (way, actor, query, place)
                seen += len(found)
    assert seen > 400
    for made in known.values():
        kept = Counter(name[1][1] for name in made if name[1][0] == "keys")
        assert 0 < max(kept.values()) <= 2 * (1 + len(URGENCIES)), kept


def test_a_long_list_is_counted_at_its_top_and_not_again_in_its_depth(
    mixed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "FEW", 3)
    monkeypatch.setattr(asked_again, "_known", {})
    version = mixed.programme.current.pk

    def asked(place: Place) -> tuple[list[int], list[str]]:
        ledger = Ledger(mixed.office, LATER, Asked(of="all"), version)
        with CaptureQueriesContext(connection) as said:
            found, is_long = keys(ledger, place, PAGE)
        assert is_long
        return found, [one["sql"] for one in said]

    plain = Ledger(mixed.office, LATER, Asked(of="all"), version)
    middle = Place(tuple(key.of(list(plain.rows())[12]) for key in plain.order))
    wanted = list(plainly(plain, middle, PAGE).values_list("pk", flat=True))
    for place, is_counted in ((middle, True), (Place(), True), (middle, False), (Place(), True)):
        found, said = asked(place)
        assert ("few(pk)" in said[0]) is is_counted, (place, said)
        if place is middle:
            assert found == wanted


def test_a_long_list_carries_how_far_it_has_been_read(
    mixed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "FEW", 3)
    ledger = Ledger(mixed.office, LATER, Asked())
    whole = [case.pk for case in ledger.rows()]

    def page(query: str = "") -> KeyPage:
        walk = Walk(ledger)

        def count(_ahead: Any) -> tuple[int, int | None]:
            assert walk.is_long
            return len(whole), None

        return KeyPage(ledger.unordered(), ledger.order, QueryDict(query), 8, count, walk.walked)

    pages = [page()]
    while pages[-1].has_next:
        pages.append(page(f"after={pages[-1].next_place}"))
    assert [case.pk for one in pages for case in one] == whole
    assert [one.start_index for one in pages] == [1, 9, 17, 25]
    back = page(f"before={pages[2].previous_place}")
    assert (back.start_index, [c.pk for c in back]) == (9, whole[8:16])
    assert page("last=1").start_index == len(whole) - 7


# plans of PostgreSQL
@pytest.mark.postgres
def test_a_page_is_read_in_the_order_of_its_index(
    mixed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a sort of the list nor a row before the page."""
    monkeypatch.setattr(walking, "FEW", 0)
    with connection.cursor() as cursor:
        for planner in ("seqscan", "sort", "bitmapscan", "hashjoin"):
            cursor.execute(f"SET LOCAL enable_{planner} = off")
    ledger = Ledger(mixed.office, LATER, Asked(of="all"))
    middle = list(ledger.rows())[12]
    place = Place(tuple(key.of(middle) for key in ledger.order))
    plans: list[str] = []

    def explained(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.cursor.execute(f"EXPLAIN {sql}", params)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
        return execute(sql, params, many, context)

    for at in (Place(), place):
        with connection.execute_wrapper(explained):
            keys(ledger, at, PAGE)
    for plan in plans:
        _few, *steps = plan.split("CTE every")[0].split("CTE step")
        for step in steps[1:]:
            assert "work_item_chased" in step or "work_item_resting" in step, step
            assert "Sort Key" not in step, step
    assert "due_on = '" in plans[-1]


def test_a_place_of_another_order_is_refused(mixed: World) -> None:
    ledger = Ledger(mixed.office, LATER, Asked())
    assert ledger.order[0] == Key("urgency")
    for made_up in (("x", None, 1), (0, None, "y"), (0, "2022-99-99", 1)):
        with pytest.raises((TypeError, ValueError)):
            keys(ledger, Place(made_up), PAGE)


# SQLite counts without a bound
@pytest.mark.postgres
def test_what_bounds_the_figures_of_a_short_list_changes_none(mixed: World) -> None:
    for number, query in enumerate(LISTS):
        actor = mixed.actor(PEOPLE[number % len(PEOPLE)], LATER)
        ledger = Ledger(actor, LATER, Asked.of_query(QueryDict(query)))
        walk = Walk(ledger)
        list(walk(Place(), PAGE))
        assert (walk.within() is None) == bool(ledger.asked.stage)
        assert ledger.counted(within=walk.within()) == ledger.counted(), query
        if ledger.asked.of != "mine":
            placed = ledger.placed(walk.within())
            assert set(placed) == set(ledger.placed()), query


def test_a_list_of_matters_is_read_by_its_keys(mixed: World) -> None:
    """What a page shows is what the sorted list has there, from any place, both ways."""
    Case.objects.filter(is_main=True).update(procedure="issue", is_main=False)
    agenda = Agenda(mixed.office, LATER, mixed.programme.current.pack, ISSUES)
    rows = list(agenda.rows())
    assert len(rows) > PAGE
    for at in (0, 7, len(rows) - 2):
        place = tuple(key.of(rows[at]) for key in agenda.order)
        behind = agenda.page(Place(place), PAGE)
        assert [one.pk for one in behind] == [one.pk for one in rows[at + 1 :][:PAGE]]
        before = agenda.page(Place(place, back=True), PAGE)
        assert [one.pk for one in before] == [one.pk for one in rows[:at][::-1][:PAGE]]


@pytest.mark.postgres
def test_the_chips_of_a_long_list_are_counted_once_whichever_is_chosen(
    mixed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "FEW", 3)
    monkeypatch.setattr(remembering, "_known", {})
    monkeypatch.setattr(clock, "today", lambda: LATER)

    def page(chip: str) -> LedgerPage:
        request: Any = SimpleNamespace(actor=mixed.office, GET=QueryDict(f"of=all&chip={chip}"))
        return LedgerPage(request, PAGE)

    with CaptureQueriesContext(connection) as said:
        pages = {chip: page(chip) for chip in ("overdue", "", "soon", "suspended", "sign")}
    assert all(one.walk.is_long for one in pages.values())
    assert sum("FILTER" in one["sql"] and '"closable"' in one["sql"] for one in said) == 1
    for chip, one in pages.items():
        assert one.counts == one.ledger.counted(), chip
    assert pages["overdue"].counts["shown"] != pages["suspended"].counts["shown"]
