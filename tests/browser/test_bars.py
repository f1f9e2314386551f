"""The bars at their edges: many kinds of resources, many messages, long English words."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from notifications.models import Notice
from tests.browser.people import SPILLS, Stage
from tests.cases.test_list_statements import admin_of
from tests.cases.views.test_bar import in_survey
from tests.resources.conftest import resource

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _box(page: Page, selector: str) -> dict[str, Any]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return dict(found)


def test_the_directory_fits_a_phone_with_its_search_and_bar(stage: Stage) -> None:
    for kind in ("institute", "laboratory", "platform", "testing", "new_type", "alliance"):
        resource(stage.world, f"示例资源{kind}", kind=kind)
    page = stage.enter("office/1", phone=True).page
    page.goto(stage.url + "/resources/")
    assert not page.evaluate(SPILLS)
    for selector in (".filters__search", ".tabbar"):
        box = _box(page, selector)
        assert box["x"] + box["width"] <= 390, selector
        assert box["y"] < 844, selector


@pytest.mark.parametrize("phone", [False, True])
def test_many_messages_neither_hide_nor_leave_the_bell(stage: Stage, phone: bool) -> None:
    person = stage.world.people["office/1"]
    Notice.objects.bulk_create(
        Notice(key=f"n{n}", recipient=person, kind="x", title="示例", body="示例", at=stage.now)
        for n in range(120)
    )
    page = stage.enter("office/1", phone=phone).page
    page.goto(stage.url + "/ledger/")
    badge = page.locator(".topbar__bell .badge")
    expect(badge).to_have_text("99+")
    bell, corner = _box(page, ".topbar__bell .icon"), _box(page, ".topbar__bell .badge")
    assert abs(corner["x"] - (bell["x"] + bell["width"] / 2)) <= 2
    assert corner["y"] + corner["height"] / 2 <= bell["y"] + bell["height"] / 2


@pytest.mark.parametrize(
    ("who", "language"),
    [
        ("system_admin", "en"),
        ("office/1", "en"),
        ("office/1", "zh-hans"),
        ("涧西区/county_lead", "zh-hans"),
    ],
)
def test_the_navigation_is_whole_on_a_small_desk(stage: Stage, who: str, language: str) -> None:
    admin_of(stage.world)
    page = stage.enter(who, language=language).page
    page.goto(stage.url + "/ledger/")
    assert page.locator(".topbar__nav").evaluate("one => one.scrollWidth - one.clientWidth") <= 0


def test_the_navigation_slides_on_a_phone_and_shows_where_one_is(stage: Stage) -> None:
    page = stage.enter("office/1", phone=True).page
    page.goto(stage.url + "/supervision/")
    bar, here = _box(page, ".topbar__nav"), _box(page, ".topbar__nav [aria-current]")
    assert bar["height"] < 60
    assert bar["x"] <= here["x"]
    assert here["x"] + here["width"] <= bar["x"] + bar["width"]


def test_the_plan_grows_only_for_a_class_that_goes_on(stage: Stage) -> None:
    case = in_survey(stage.world)
    page = stage.enter("涧西区/county_worker").go("case_form", case.pk).page
    for have in ("institution", "staff", "spending", "cooperation"):
        page.locator(f"[name=haves-{have}-state][value=none]").check(force=True)
    named = "all => all.filter((one) => one.value).length"
    selects = page.locator("select[name^=plan-][name$=-have]")
    grade = page.locator("[name=grade]")
    assert selects.evaluate_all(named) == 0
    for value, rows in (("B", 4), ("D", 0), ("A", 4)):
        if grade.first.evaluate("one => one.tagName") == "SELECT":
            grade.select_option(value)
        else:
            page.locator(f"[name=grade][value={value}]").check(force=True)
        assert selects.evaluate_all(named) == rows, value
