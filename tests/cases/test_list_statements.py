"""Every page that lists, for every role that may open it: 12 statements, however long the list."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, reverse

from cases.actions import evidence, stages
from cases.models import Case, EscalationDraft
from cases.sweeps import sweep
from config import urls
from enterprises.models import Enterprise
from organisations.models import Region, Unit, User
from organisations.roles import Role
from reports.documents import render
from tests.cases.copies import grow
from tests.cases.lists import many, sign_in
from tests.world import START, World, at, build, closing_form, paper

MOST = 12
LATE = START + timedelta(days=100)
# one of each desk with pages and a view of its own: a department's officer opens what its lead
# opens, with no more statements on any page, and a supervisor what a leader does
PEOPLE = (
    "涧西区/county_worker",
    "涧西区/county_lead",
    "市工信局/department_lead",
    "liaison_member",
    "office/1",
    "leader",
    "system_admin",
    "clerk",
)
# these together open every page
FEW = ("涧西区/county_lead", "office/1", "leader", "system_admin", "clerk")
# pages that none of these people opens, or that are no list; each with its reason. Acts, files and
# what leads on need no word: they answer no page
NO_LISTS: dict[str, str] = {
    "login": "before signing in",
    "demo_sign_in": "the demo's",
    "demo_tour": "the demo's",
    "time_travel": "the demo's",
    "logout": "an act",
    "metrics": "asks for a token",
    "display": "an act",
    "password_change": "a form",
    "service_worker": "a script",
    "offline": "before signing in",
    "field_hello": "an answer for a script",
    "hand_over": "a form about one post",
    "expert_home": "an outside expert's own page (tests of the directory)",
    "month_changes_export": "a workbook of two frozen months, which are not there",
    "components": "the catalogue",
    "components_phone": "the catalogue",
}
# other lists under the same address
QUERIES = {
    "ledger": ("?of=mine", "?of=remedies", "?chip=differs&page=2", "?sort=-due"),
    "closing_numbers": ("?state=revoked",),
    "firms": ("?page=2",),
    "measures": ("?kind=monthly_report", "?chip=mine"),
}
LONG = ("/ledger/print/",)  # all rows at once
# out of register, facts and the whole trail, and where they disagree; fixed all the same
WHOLE = {
    "/progress/figures/": 30, "/progress/assessment/": 30, "/progress/reconciling/": 13,
    "/progress/compare/": 13,
}  # fmt: skip
Seen = dict[tuple[str, str], int]


def addresses(patterns: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """(name, path) of every page that needs no row to be named."""
    for one in patterns:
        path = f"{before}{one.pattern}"
        if isinstance(one, URLResolver):
            yield from addresses(one.url_patterns, path)
        elif "<" not in path:
            yield one.name, f"/{path}"


def lists() -> list[str]:
    found = []
    for name, path in addresses(get_resolver().url_patterns):
        if name not in NO_LISTS:
            found += [path, *(path + query for query in QUERIES.get(name, ()))]
    return found


def busy(world: World, count: int) -> None:
    """A register of ``count`` firms, late for months: letters, calls, papers and closings wait."""
    many(world, count)
    world.open(START + timedelta(days=40))
    worker = world.actor("涧西区/county_worker")
    for case in Case.objects.filter(is_main=True)[:6]:
        world.survey(case, "A", START + timedelta(days=40), institution="regular")
        for have in ("institution", "staff", "spending", "cooperation"):
            day = START + timedelta(days=41)
            if case.pk % 2:
                world.prove(case, have, day)
            else:
                evidence.submit(
                    case.pk, criterion=have, papers=[paper()], by=worker, at=at(day, 11)
                )
        if case.pk % 2:
            day = START + timedelta(days=42)
            assert case.enterprise is not None
            world.fact(case.enterprise, date(2022, 3, 1))  # what its closing agrees with
            stages.apply_for_closure(case.pk, by=worker, at=at(day), form=closing_form(day))
            lead = world.actor("涧西区/county_lead", day)
            stages.advance(case.pk, by=lead, at=at(day, 12))
    for n in range(60, 101, 8):
        sweep(at(START + timedelta(days=n)))


def _forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseForbidden()


def admin_of(world: World) -> None:
    """Somebody who only appoints: ``system_admin``."""
    admin = User.objects.create(username="admin", name="系统管理员")
    world.people["system_admin"] = admin
    office = Unit.objects.get(kind=Unit.Kind.OFFICE)
    post = office.posts.get(role=Role.SYSTEM_ADMIN)
    post.tenures.create(user=admin, from_on=START)


@pytest.fixture
def shared(db: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """One world for both sizes: ten firms by the verbs, the rest of 2,000 copied from them."""
    # a page that somebody may not open is not counted, nor need it be drawn
    monkeypatch.setattr(urls, "handler403", _forbidden, raising=False)
    # nor is a file, which is no page: its lines are asked for, and set in type elsewhere
    monkeypatch.setattr(render, "_drawn", lambda books, *_more: [b"%PDF-" for _book in books])
    world = build()
    busy(world, 10)
    admin_of(world)
    world.clerk(Enterprise.objects.order_by("pk")[0])
    return world


class Counted:
    """How many there were, without a text of each."""

    number = 0

    def __call__(self, execute: Any, *statement: Any) -> Any:
        self.number += 1
        return execute(*statement)


def measured(
    world: World, asked: Mapping[str, Collection[str]], *, is_once: bool = False
) -> tuple[Seen, set[str]]:
    """Statements by person and page, without what a person may not open; and what is no page.

    ``is_once``: whatever one person has opened is not asked for by the next one.
    """
    seen: Seen = {}
    others: set[str] = set()
    opened: set[str] = set()
    files: set[str] = set()  # whose statements are not counted, whoever takes one
    for who, pages in asked.items():
        key = who if who != "clerk" else next(k for k in world.people if k.startswith("clerk/"))
        client = sign_in(world, key)
        client.get("/me/")
        if not opened:
            client.get("/workbench/")  # packs and the calendar are read once a process
        for page in pages:
            if page in files or (is_once and page in opened):
                continue
            statements = Counted()
            with connection.execute_wrapper(statements):
                answer = client.get(page)
            if answer.streaming:
                list(answer.streaming_content)  # type: ignore[attr-defined]
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                seen[who, page] = statements.number
                opened.add(page)
                assert goes_on(client, page, answer), (who, page)
            elif answer.status_code in (200, 302, 405):
                others.add(page)
                opened.add(page)
                if answer.status_code == 200:
                    files.add(page)
            else:
                assert answer.status_code in (403, 404), (who, page, answer.status_code)
    return seen, others


def goes_on(client: Any, address: str, answer: Any) -> bool:
    """A list of several pages is paged by key, and its second page begins where the first ends."""
    shown: Any = answer.context.get("page") if answer.context is not None else None
    if not getattr(shown, "has_next", False):
        return True
    if not getattr(shown, "is_keyed", False):
        return False
    joined = f"{address}{'&' if '?' in address else '?'}after={shown.next_place}"
    then = client.get(joined).context["page"]
    return bool(then.start_index == shown.end_index + 1 and then.count == shown.count)


def too_many(seen: Seen) -> Seen:
    return {key: n for key, n in seen.items() if n > WHOLE.get(key[1], MOST)}


def who_asks_most(seen: Seen) -> dict[str, set[str]]:
    """Of each page the people whose page took most statements: theirs grow first, if any do; the
    office alone where it asks most, as it sees every row and every part."""
    asked: dict[str, set[str]] = {}
    for page in {page for _who, page in seen}:
        ranked = sorted((-n, who) for (who, other), n in seen.items() if other == page)
        for _n, who in ranked[: 1 if page in LONG or ranked[0][1] == "office/1" else 2]:
            asked.setdefault(who, set()).add(page)
    return asked


@pytest.mark.django_db
def test_every_list_takes_few_statements(shared: World, today: Any) -> None:
    today(LATE)
    # who may do what, and how much is asked, is the same on every database; that each page's
    # statements run is not
    is_whole = connection.vendor == "sqlite"
    people = PEOPLE if is_whole else FEW
    few, others = measured(shared, dict.fromkeys(people, lists()), is_once=not is_whole)
    pages = {page for _who, page in few}
    assert pages | others == set(lists())
    assert too_many(few) == {}
    if not is_whole:
        return
    grow(199)
    assert Case.objects.filter(is_main=True).count() == 2000
    many, _others = measured(shared, who_asks_most(few))
    assert {page for _who, page in many} == pages
    assert too_many(many) == {}


def test_what_is_no_list_is_still_there() -> None:
    names = {name for name, _path in addresses(get_resolver().url_patterns)}
    assert set(NO_LISTS) <= names


def test_letters_to_districts_without_a_code_cost_no_more(shared: World, today: Any) -> None:
    """伊滨区: whether it is a district or a zone depends on its siblings, asked once a page."""
    today(LATE)
    Region.objects.filter(name="涧西区").update(code="")
    address, before = reverse("drafts"), {}
    for letters in (2, 30):
        EscalationDraft.objects.all().delete()
        EscalationDraft.objects.bulk_create(
            EscalationDraft(
                programme=shared.programme,
                kind=EscalationDraft.Kind.SUPERVISION_LETTER,
                county=shared.counties["涧西区"],
                addressee="county_government",
                unit=shared.units["涧西区工作专班"],
                month=LATE.replace(day=1),
                made_at=at(LATE),
                state=EscalationDraft.State.RELEASED,
            )
            for _n in range(letters)
        )
        client = sign_in(shared, "office/1")
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(address).content.decode()
        before[letters] = len(asked)
        assert page.count("涧西区管理委员会") + page.count("涧西区人民政府") >= letters
    assert before[2] == before[30] <= MOST
