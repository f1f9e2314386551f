"""The import wizard and the firm files in a real Chromium: desk and phone, no fault of axe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from enterprises.models import ImportBatch, Membership
from tests.browser.conftest import OpenPage
from tests.browser.people import DESK, PHONE, SPILLS
from tests.enterprises.sheets import firm, write
from tests.world import World, build

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Violations = Callable[[Any], list[str]]


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def session(world: World, key: str) -> str:
    client = Client()
    client.force_login(world.people[key])
    return client.cookies["sessionid"].value


def check(page: Page, violations: Violations) -> None:
    """At a desk, then on a phone, where it stays."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert violations(page) == []
        assert not page.evaluate(SPILLS), page.url


def register(path: Path, count: int, *more: list[Any]) -> Path:
    rows = [firm(n, county=("涧西区", "嵩县")[n % 2]) for n in range(1, count + 1)]
    return write(path / "名单.xlsx", [*rows, *more])


def test_upload_check_confirm_undo(
    world: World, open_page: OpenPage, violations: Violations, tmp_path: Path
) -> None:
    page = open_page("/imports/", phone=True, sessionid=session(world, "office/1"))
    check(page, violations)
    page.locator("a[href='/imports/new/register/']").click()
    page.wait_for_selector("input[name=as_of]")
    check(page, violations)
    more = [firm(91, county="无此区"), firm(92, condition="停产")]
    page.set_input_files("input[type=file]", register(tmp_path, 30, *more))
    page.fill("input[name=as_of]", "2022-01-31")
    page.click("form button.button--primary")
    page.wait_for_selector(".tally", timeout=20_000)
    check(page, violations)
    page.click(".tabs a[href='?tab=new']")
    page.wait_for_selector(".tabs a[href='?tab=new'][aria-current]")
    expect(page.locator("tbody tr")).to_have_count(31)
    check(page, violations)
    page.click(".act-bar button.button--primary")
    page.wait_for_selector(".note--fine")
    assert Membership.objects.count() == 31
    check(page, violations)
    page.goto(page.url.split("/imports/")[0] + "/firms/?q=ybgs")
    page.wait_for_selector("#firms")
    check(page, violations)
    page.goto(page.url.split("/firms/")[0] + "/firms/")
    page.locator("a.firm").first.click()
    page.wait_for_selector("dl.facts")
    check(page, violations)
    batch = ImportBatch.objects.get()
    page.goto(page.url.split("/firms/")[0] + f"/imports/{batch.pk}/")
    page.click(".act-bar a.button--grave")
    page.wait_for_url("**/undo/")
    check(page, violations)
    assert Membership.objects.count() == 31
    page.click(".act-bar button.button--grave")
    page.wait_for_url(f"**/imports/{batch.pk}/")
    assert Membership.objects.count() == 0


def test_the_number_of_leaving_firms_is_typed(
    world: World, open_page: OpenPage, violations: Violations, tmp_path: Path
) -> None:
    page = open_page("/imports/new/register/", sessionid=session(world, "office/1"))
    for count, day in ((30, "2022-01-31"), (25, "2022-02-28")):
        page.goto(page.url.split("/imports/")[0] + "/imports/new/register/")
        page.set_input_files("input[type=file]", register(tmp_path, count))
        page.fill("input[name=as_of]", day)
        page.click("form button.button--primary")
        page.wait_for_selector(".tally", timeout=20_000)
        if count == 30:
            page.click(".act-bar button.button--primary")
            page.wait_for_selector(".note--fine")
    page.click("[data-dialog=confirm-leaving]")
    page.wait_for_selector("dialog[open]")
    check(page, violations)
    page.fill("dialog[open] input[name=leaving]", "5")
    page.click("dialog[open] button[type=submit]")
    page.wait_for_selector(".note--fine")
    assert Membership.objects.filter(left_on=None).count() == 25
