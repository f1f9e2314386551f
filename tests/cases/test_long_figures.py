"""Figures of a very long ledger: counted once for all who see the same, each with his review."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from cases import long_figures, walking
from cases.ledger import Asked, Ledger
from cases.models import Case, WorkItem
from cases.views import ledger as pages
from organisations import clock, remembering
from organisations.models import Post
from tests.cases.lists import many, sign_in
from tests.world import START, World, at

LATER = START + timedelta(days=30)
# who sees the whole city
WIDE = ("office/1", "office/2", "leader", "supervisor")
LISTS = ("", "of=all", "chip=review", "chip=overdue&of=all", "chip=today", "of=remedies")
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


@pytest.mark.postgres
def test_each_firm_is_looked_at_once_for_what_the_filing_says_of_it(mixed: World) -> None:
    """docs/adr/0033: the newest fact by itself; the posts that are held as one set."""
    ledger = asked(mixed, "office/1", "")
    plans = {chip: _plan(ledger, chip) for chip in ("closable", "differs", "unowned")}
    for chip in ("closable", "differs"):
        assert plans[chip].count(" on public.enterprises_monthlyfact") == 1, plans[chip]
    assert "hashed SubPlan" in plans["unowned"]


def _plan(ledger: Ledger, chip: str) -> str:
    rows = ledger.filtered().annotate(found=ExpressionWrapper(ledger.situation(chip), BOOLEAN))
    return str(rows.values("pk", "found").order_by().explain(verbose=True))
