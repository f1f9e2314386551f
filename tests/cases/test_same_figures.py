"""One word, one figure: every number on a page opens a list with exactly that many rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from cases.actions import evidence, pauses, stages
from cases.ledger import Ledger
from cases.models import Case
from cases.views.asking import asked_or_404
from organisations.scope import Actor
from tests.cases.lists import sign_in
from tests.world import START, World, at, closing_form, paper

Today = Callable[[date], None]
DAY = timedelta(days=1)
HAVES = ("institution", "staff", "spending", "cooperation")
PEOPLE = (
    "涧西区/county_worker", "涧西区/county_lead", "office/1", "市工信局/department_lead",
    "supervisor", "liaison_member",
)  # fmt: skip
PAGES = ("/workbench/", "/progress/", "/supervision/", "/ledger/", "/ledger/?of=mine")
COUNTED = re.compile(r"chip=[a-z0-9_]+|stage=[a-z_]+")


class Links(HTMLParser):
    """Links to the ledger with a chip or a stage, and the whole number that each one shows."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.words: list[str] | None = None
        self.href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.href, self.words = dict(attrs).get("href") or "", []

    def handle_data(self, data: str) -> None:
        if self.words is not None:
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.words is not None:
            self.found.append((self.href, " ".join(self.words)))
            self.words = None


def numbers(html: str, page: str) -> list[tuple[str, int]]:
    """(address, number): the only bare number inside a link to a list."""
    links = Links()
    links.feed(html)
    found = []
    for href, words in links.found:
        address = href if href.startswith("/") else f"/ledger/{href}"
        bare = [int(word) for word in words.split() if word.isdigit()]
        if address.startswith("/ledger/?") and COUNTED.search(href) and len(bare) == 1:
            found.append((address, bare[0]))
    return found


@dataclass
class Lists:
    """How many rows a link opens. A list that somebody's page has shown whole is only counted for
    the next one: pages show what their ledger holds.
    """

    opened: set[str] = field(default_factory=set)

    def rows(self, client: Client, actor: Actor, on: date, address: str) -> int:
        query = QueryDict(urlsplit(address).query)
        held = len(Ledger(actor, on, asked_or_404(actor, query)).ids())
        if address in self.opened:
            return held
        self.opened.add(address)
        answer = client.get(address)
        assert answer.status_code == 200
        assert len(answer.context["rows"]) == answer.context["counts"]["shown"] == held
        return held


@pytest.fixture
def mixed(world: World) -> World:
    """Reviews of class D, remedies, a clock that stands, the county's and the city's review."""
    cases = {}
    for name in ("观察", "整改", "暂缓", "县审", "市审", "摸底"):
        world.firm(f"{name}有限公司")
    world.firm("嵩县观察有限公司", "嵩县")
    world.open()
    for case in Case.objects.filter(parent=None).select_related("enterprise"):
        assert case.enterprise is not None
        cases[case.enterprise.name.removesuffix("有限公司")] = case
    world.survey(cases["观察"], "D")
    world.survey(cases["整改"], "A")
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    pauses.suspend(
        cases["暂缓"].pk, by=lead, at=at(START), until=START + 7 * DAY, reason="停产检修"
    )
    for name in ("县审", "市审"):
        world.survey(cases[name], "A")
        for have in HAVES:
            world.prove(cases[name], have)
        stages.apply_for_closure(cases[name].pk, by=worker, at=at(START, 13), form=closing_form())
    stages.advance(cases["市审"].pk, by=lead, at=at(START, 14))
    evidence.submit(
        cases["整改"].pk, criterion="staff", papers=[paper()], by=worker, at=at(START, 15)
    )
    return world


@pytest.mark.parametrize(
    ("days", "people"), [(5, ("涧西区/county_worker", "office/1")), (34, PEOPLE)]
)
def test_every_number_opens_a_list_of_that_length(
    mixed: World, today: Today, days: int, people: tuple[str, ...]
) -> None:
    """In the first days, when much is near, for those who work; then late, for everybody."""
    on = START + days * DAY
    today(on)
    checked, lists = 0, Lists()
    for who in people:
        client, actor = sign_in(mixed, who), mixed.actor(who, on)
        # several pages show the same number: its list is opened once
        rows = cache(partial(lists.rows, client, actor, on))
        for page in PAGES:
            answer = client.get(page)
            assert answer.status_code == 200, (who, page)
            for address, number in numbers(answer.content.decode(), page):
                assert rows(address) == number, (who, page, address)
                checked += 1
    assert checked > 10 * len(people)


def test_a_review_of_class_d_is_a_to_do_and_neither_near_nor_late(
    mixed: World, today: Today
) -> None:
    day = date(2022, 3, 31)  # the end of the quarter
    watched = Case.objects.get(enterprise__name="观察有限公司")
    assert mixed.item(watched).due_on == day
    for on in (day, day + 60 * DAY):
        today(on)
        client = sign_in(mixed, "涧西区/county_worker")
        for chip in ("today", "soon", "next", "overdue"):
            rows = client.get(f"/ledger/?of=mine&chip={chip}").context["rows"]
            assert watched.pk not in [row.pk for row in rows], (on, chip)
        [row] = client.get("/ledger/?of=mine&chip=reviews").context["rows"]
        assert (row.pk, row.light.words) == (watched.pk, "待复核")
        assert "待复核" in client.get("/workbench/").content.decode()
        assert "待复核" in sign_in(mixed, "office/1").get("/progress/").content.decode()
