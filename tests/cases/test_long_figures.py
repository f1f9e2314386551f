"""Figures of a very long ledger: counted once for all who see the same, each with his review."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, QuerySet
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from cases import long_figures, walking
from cases.ledger import Asked, Ledger
from cases.models import Case, SavedList, WorkItem
from cases.views import ledger as pages
from organisations import clock, remembering
from organisations.keyset import Place
from organisations.models import Post
from tests.cases.lists import many, sign_in
from tests.world import START, World, at

LATER = START + timedelta(days=30)
# who sees the whole city
WIDE = ("office/1", "office/2", "leader", "supervisor")
LISTS = ("", "of=all", "chip=review", "chip=overdue&of=all", "chip=today", "of=remedies")
DOORS = ("ledger_copy", "ledger_print", "ledger_export")
BOOLEAN = BooleanField()
OWN = ("of=mine", "of=review", "q=示例", "of=all&q=2022")


@pytest.fixture
def mixed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Firms of two counties in every light; some wait for the office's confirmation."""
    monkeypatch.setattr(remembering, "_known", {})
    many(world, 12)
    many(world, 5, "嵩县")
    world.open()
    dice = random.Random(11)
    posts = Post.objects.filter(unit=world.office.standings[0].unit_id).order_by("pk")
    waiting = {"stage": "confirmation", "post": posts[0], "unit": posts[0].unit}
    for number, case in enumerate(Case.objects.order_by("pk")):
        values = {"due_on": LATER + timedelta(days=dice.choice([-9, -1, 0, 2, 40]))}
        WorkItem.objects.filter(process=case.pk).update(
            is_suspended=dice.random() < 0.2, **values, **(waiting if number % 4 == 0 else {})
        )
    return world


def asked(world: World, who: str, query: str) -> Ledger:
    return Ledger(world.actor(who, LATER), LATER, Asked.of_query(QueryDict(query)))


def test_who_sees_the_same_is_told_what_was_counted_for_another(mixed: World) -> None:
    for query in LISTS:
        with CaptureQueriesContext(connection) as said:
            told = {who: long_figures.counts(asked(mixed, who, query), at(LATER)) for who in WIDE}
        assert sum("FILTER" in one["sql"] or '"lacks_one"' in one["sql"] for one in said) < 2
        for who, (found, when) in told.items():
            ledger = asked(mixed, who, query)
            assert (found, when) == (ledger.counted(), at(LATER)), (who, query)
    own = {who: long_figures.counts(asked(mixed, who, ""), at(LATER))[0]["review"] for who in WIDE}
    assert own["office/1"] > own["leader"] == 0


def test_who_sees_less_is_told_of_what_he_sees(mixed: World) -> None:
    everybody = (*WIDE, "涧西区/county_worker", "嵩县/county_lead", "市工信局/department_lead")
    for query in (*LISTS, *OWN):
        for who in everybody:
            ledger = asked(mixed, who, query)
            for chips in (ledger.chips, ()):
                one = replace(ledger, chips=chips)
                assert long_figures.counts(one, at(LATER))[0] == one.counted(), (who, query)


def test_only_who_sees_whole_cities_is_told_what_others_counted(mixed: World) -> None:
    wide = {long_figures.seen(mixed.actor(who, LATER)) for who in WIDE}
    assert len(wide) == 1
    assert None not in wide
    office = mixed.actor("office/1", LATER)
    worker = mixed.actor("涧西区/county_worker", LATER)
    both = replace(office, standings=office.standings + worker.standings)
    serves = replace(office, served_ids=frozenset({1}))
    assert [long_figures.seen(one) for one in (worker, both, serves)] == [None] * 3
    elsewhere = replace(office.standings[0], city_id=0, region_path="/0/")
    assert long_figures.seen(replace(office, standings=(elsewhere,))) not in wide


@pytest.mark.postgres
def test_the_page_of_a_very_long_list_takes_no_more_statements(
    mixed: World, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(walking, "FEW", 0)
    monkeypatch.setattr(pages, "PAGE", 3)  # which the first class fills
    monkeypatch.setattr(clock, "today", lambda: LATER)
    sign_in(mixed, "leader").get("/ledger/")  # the pack is read once a process
    for who in WIDE:
        client = sign_in(mixed, who)
        client.get("/me/")
        with django_assert_max_num_queries(12):
            assert "data-row " in client.get("/ledger/").content.decode()


def test_a_fresh_count_of_ones_own_review_is_the_one_that_is_kept(
    mixed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, now = asked(mixed, "office/1", ""), [1000.0]
    monkeypatch.setattr(remembering, "monotonic", lambda: now[0])
    long_figures.counts(asked(mixed, "leader", ""), at(LATER))
    now[0] += 20
    before = long_figures.counts(office, at(LATER))[0]["review"]
    WorkItem.objects.filter(stage="confirmation").update(is_suspended=True)
    now[0] += 15  # the city's figures are counted anew, by him
    assert before > long_figures.counts(office, at(LATER))[0]["review"] == 0


@pytest.fixture
def long(mixed: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(walking, "FEW", 0)
    monkeypatch.setattr(clock, "today", lambda: LATER)
    return mixed


@pytest.mark.postgres
def test_what_is_taken_away_is_counted_as_it_is(long: World) -> None:
    """A file, a sheet of paper and a text for the chat group have as many rows as they say."""
    WorkItem.objects.update(due_on=LATER + timedelta(days=9), is_suspended=False)
    doors = {name: f"{reverse(name)}?chip=overdue" for name in DOORS}
    leader, office = sign_in(long, "leader"), sign_in(long, "office/1")
    for door in doors.values():
        assert b"".join(leader.get(door))
    some = Case.objects.order_by("pk").values_list("pk", flat=True)[:3]
    WorkItem.objects.filter(process__in=list(some)).update(due_on=LATER - timedelta(days=9))
    text = office.get(doors["ledger_copy"]).content.decode()
    assert "共3家" in text
    assert "还有" not in text
    printed = office.get(doors["ledger_print"]).content.decode()
    assert printed.count("data-row ") == 3
    assert "共3家" in printed
    book = load_workbook(BytesIO(b"".join(office.get(doors["ledger_export"]))))
    said = [str(row[0]) for row in book.worksheets[0].iter_rows(values_only=True)]
    assert any("共3家" in words for words in said)


@pytest.mark.postgres
def test_a_filter_that_was_just_kept_is_there(long: World) -> None:
    office = sign_in(long, "office/1")
    assert "近期逾期" not in office.get("/ledger/").content.decode()
    user = long.people["office/1"]
    SavedList.objects.create(name="近期逾期", query="chip=overdue", owner=user, made_at=at(LATER))
    assert "近期逾期" in office.get("/ledger/").content.decode()


@pytest.mark.postgres
def test_few_of_very_many_are_sorted_once_that_is_known(
    long: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever chooses a chip that says 2 does not wait while half a million are looked through."""
    monkeypatch.setattr(walking, "FEW", 3)
    some = Case.objects.order_by("pk").values_list("pk", flat=True)
    WorkItem.objects.update(is_suspended=False, due_on=LATER + timedelta(days=40))
    WorkItem.objects.filter(process__in=list(some[:2])).update(is_suspended=True)
    WorkItem.objects.filter(process__in=list(some[2:4])).update(due_on=LATER - timedelta(days=1))

    def walks(query: str) -> bool:
        ledger = asked(long, "office/1", query)
        with CaptureQueriesContext(connection) as said:
            walk = walking.Walk(ledger)
            rows = walk(Place(), 5)
        assert [one.pk for one in rows] == [one.pk for one in walking.plainly(ledger, Place(), 5)]
        assert walk.is_long
        return any("MATERIALIZED" in one["sql"] for one in said)

    lists = ("chip=suspended", "chip=closable", "chip=overdue", "")
    assert [walks(query) for query in lists] == [True] * 4
    # another of the city has seen the figures
    long_figures.counts(asked(long, "leader", ""), at(LATER))
    assert [walks(query) for query in lists] == [False, False, True, True]


@pytest.mark.postgres
def test_each_firm_is_looked_at_once_for_what_the_filing_says_of_it(mixed: World) -> None:
    """docs/adr/0033: the newest fact by itself; vacant posts as a set, in a list as in a count."""
    for chip in ("closable", "differs", "unowned"):
        ledger = asked(mixed, "office/1", f"chip={chip}")
        rows = ledger.filtered().annotate(found=ExpressionWrapper(ledger.situation(chip), BOOLEAN))
        counted, listed = map(_plan, (rows.values("pk", "found"), ledger.listed().values("pk")))
        if chip == "unowned":
            assert "hashed SubPlan" in counted
            assert listed.count(" on public.cases_workitem") == 1, listed
        else:
            assert counted.count(" on public.enterprises_monthlyfact") == 1, counted
            assert listed.count(" on public.enterprises_monthlyfact") == 1, listed


def _plan(rows: QuerySet[Any, Any]) -> str:
    return str(rows.order_by().explain(verbose=True))
