"""Pages by key: the same rows in the same order as by counting, forwards and back, and cheap."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cases.ledger import SORTS, Asked, Ledger
from cases.models import Case, WorkItem
from organisations.keyset import KeyPage, ListPage, counted, keys
from tests.cases.lists import many, sign_in
from tests.world import START, World

LATER = START + timedelta(days=30)


@pytest.fixture
def mixed(world: World) -> World:
    """Firms of two counties with many ties and many empty places."""
    many(world, 16)
    many(world, 6, "嵩县")
    world.open()
    dice = random.Random(7)
    for case in Case.objects.all():
        moved = timezone.now() - timedelta(days=dice.randint(0, 3))
        values = {
            "grade": dice.choice(["", "A", "B"]),
            "lacking_count": dice.randint(0, 3),
            "progress_at": dice.choice([None, moved]),
        }
        Case.objects.filter(pk=case.pk).update(**values)
        due = dice.choice([None, *(LATER + timedelta(days=n) for n in (-3, -1, 0, 2))])
        item = WorkItem.objects.filter(process=case.pk)
        item.update(due_on=due, waits_higher=dice.random() < 0.2)
    return world


def page(ledger: Ledger, query: str = "", size: int = 8) -> KeyPage:
    rows = ledger.unordered()
    return KeyPage(rows, ledger.order, QueryDict(query), size, counted(rows))


ORDERS = [("", sign + name) for name in SORTS for sign in ("", "-")]
ORDERS += [("overdue", sort) for sort in ("", "-state", "due", "-due")]


def test_page_by_page_is_the_list_as_counting_gives_it(mixed: World) -> None:
    for chip, sort in ORDERS:
        ledger = Ledger(mixed.office, LATER, Asked(chip=chip, sort=sort))
        wanted = list(ledger.rows().values_list("pk", flat=True))
        here, ways = page(ledger), list[KeyPage]()
        found: list[int] = []
        while True:
            told = (here.start_index, here.end_index, here.count)
            start = len(found) + 1
            found += [case.pk for case in here]
            assert told == (start, len(found), len(wanted)), sort
            ways.append(here)
            if not here.has_next:
                break
            here = page(ledger, f"after={here.next_place}")
        assert found == wanted, sort
        # and back again, every row at its place
        for before in reversed(ways[:-1]):
            here = page(ledger, f"before={here.previous_place}")
            assert [c.pk for c in here] == [c.pk for c in before], sort
            assert (here.start_index, here.has_next) == (before.start_index, True)
            assert here.has_previous == before.has_previous
        last = page(ledger, "last=1")
        assert [c.pk for c in last] == wanted[-8:]
        assert (last.end_index, last.has_next) == (len(wanted), False)


def test_what_comes_or_goes_meanwhile_shifts_nothing(mixed: World) -> None:
    county, other = mixed.counties["涧西区"], mixed.counties["嵩县"]
    ledger = Ledger(mixed.office, LATER, Asked(ids={"county": county.pk}))
    first = page(ledger)
    second = [case.pk for case in page(ledger, f"after={first.next_place}")]
    mine = Case.objects.filter(county=county)
    mine.filter(pk=next(iter(first)).pk).update(county=other)
    assert [case.pk for case in page(ledger, f"after={first.next_place}")] == second
    mine.exclude(pk__in=[case.pk for case in first]).update(county=other)
    # all that came after has gone: the top, not an empty page
    assert page(ledger, f"after={first.next_place}").start_index == 1


NOWHERE = (
    *("after=x", "after=W10", "before=WzEsMiwzXQ", "after=WyJhIiwiYiIsImMiXQ", "after=bnVsbA"),
    *("after=WzEsIjIwMjItOTktOTkiLDFd", "after=WzEsW10sMV0", "after=" + "W" * 3000),
)


def test_a_place_that_nobody_understands_is_the_top(mixed: World) -> None:
    ledger = Ledger(mixed.office, LATER)
    top = [case.pk for case in page(ledger)]
    for place in NOWHERE:
        assert [case.pk for case in page(ledger, place)] == top, place


def test_any_other_list_pages_the_same_way(mixed: World) -> None:
    rows, order = WorkItem.objects.all(), keys("-due_on", "pk", nulls=("due_on",))
    wanted = [i.pk for i in rows.order_by(*(key.order() for key in order))]
    here = KeyPage(rows, order, QueryDict(), 11, counted(rows))
    found = [item.pk for item in here]
    while here.has_next:
        here = KeyPage(rows, order, QueryDict(f"after={here.next_place}"), 11, counted(rows))
        found += [item.pk for item in here]
    assert (found, here.count) == (wanted, 22)


def test_the_page_keeps_its_filter_and_no_statement_skips_rows(world: World, today: Any) -> None:
    many(world, 120)
    world.open()
    client = sign_in(world, "office/1")
    client.get("/ledger/")
    address, asked = "/ledger/?chip=sign&sort=firm", []
    for _page in range(3):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        asked.append(len(captured))
        assert not [q["sql"] for q in captured.captured_queries if "OFFSET" in q["sql"].upper()]
        assert answer.status_code == 200
        shown = answer.context["page"]
        address = f"/ledger/?chip=sign&sort=firm&after={shown.next_place}"
    assert (shown.start_index, shown.end_index, shown.count) == (101, 120, 120)
    assert "chip=sign&amp;sort=firm&amp;before=" in answer.content.decode()
    assert max(asked) <= 12
    assert len(set(asked)) == 1


def test_a_list_without_a_table_pages_by_its_key_too() -> None:
    """Worked out, frozen or read from a file: each row once, both ways, whatever comes or goes."""
    rows = [(name, n) for n, name in enumerate("甲甲乙乙丙丙丁")]
    rows.sort()

    def of(held: list[tuple[str, int]], query: str = "") -> ListPage:
        return ListPage(held, lambda row: row, QueryDict(query), 3)

    here, found = of(rows), list[tuple[str, int]]()
    while True:
        found += here
        assert (here.start_index, here.end_index) == (len(found) - len(here) + 1, len(found))
        if not here.has_next:
            break
        here.object_list = [{"shown": row} for row in here]  # as a page may show them
        here = of(rows, f"after={here.next_place}")
    assert (found, here.count, here.has_previous) == (rows, 7, True)
    assert list(of(rows, f"before={here.previous_place}")) == rows[3:6]
    last = of(rows, "last=1")
    assert (list(last), last.has_next, last.start_index) == (rows[4:], False, 5)
    first = of(rows)
    without = [row for row in rows if row != rows[2]]
    assert list(of(without, f"after={first.next_place}")) == rows[3:6]
    # a place that somebody made up, and one behind which nothing is left, are the top
    for made_up in ("after=WzEsMl0", "after=WyJ0IiwgW11d", f"after={last.next_place}"):
        assert list(of(rows, made_up)) == rows[:3]
    assert (list(of([])), of([], "after=WzFd").has_other_pages) == ([], False)
