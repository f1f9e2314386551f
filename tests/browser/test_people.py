"""The people screens in a real Chromium: accessible, within the window, usable by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from axes.utils import reset
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from organisations import clock, setup
from organisations.actions import posts, users
from organisations.actions.regions import CountySpec
from organisations.days import day_of
from organisations.models import Post, Tenure, Unit, User
from organisations.roles import Role
from organisations.scope import Actor
from tests.browser.conftest import OpenPage, dress
from tests.browser.people import SPILLS
from tests.organisations.test_import import workbook

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct-horse-9"
SYSTEM = Actor.system()
CITY = setup.CitySpec(
    name="演示市",
    counties=(CountySpec("青岭县"), CountySpec("石溪县")),
    units=(
        setup.UnitSpec("演示市专班办", Unit.Kind.OFFICE),
        setup.UnitSpec("青岭县专班", Unit.Kind.TASK_FORCE, county="青岭县"),
        setup.UnitSpec("包联第一组", Unit.Kind.LIAISON_GROUP, paired_counties=("石溪县",)),
    ),
)


@pytest.fixture
def office() -> User:
    """A small city, and the first person of its office."""
    reset()
    at = clock.now()
    city = setup.set_up_city(CITY, at=at).city
    user, _post, _password = setup.first_user(
        city=city, username="liu", name="刘主任", role=Role.OFFICE, from_on=day_of(at), at=at
    )
    users.set_password(user, password=PASSWORD, by=SYSTEM, at=at)
    return user


@pytest.fixture
def session(office: User) -> dict[str, Any]:
    """The cookies of somebody who has signed in."""
    client = Client()
    client.force_login(office)
    return {"sessionid": client.session.session_key or ""}


def _addresses() -> list[str]:
    force, group = (Unit.objects.get(kind=k).pk for k in ("task_force", "liaison_group"))
    names = ("people", "unit_create", "accounts", "people_import", "profile", "password_change")
    return [
        *map(reverse, names),
        reverse("unit", args=[force]),
        reverse("unit", args=[group]),
        reverse("account", args=[User.objects.get(username="liu").pk]),
    ]


@pytest.mark.parametrize(
    ("language", "dresses"),
    [
        ("zh-hans", [{"phone": False}, {"phone": True, "dark": True, "large": True}]),
        ("en", [{"phone": True}]),
    ],
)
def test_every_page_is_accessible_and_does_not_spill(
    open_page: OpenPage,
    violations: Callable[[Page], list[str]],
    session: dict[str, Any],
    language: str,
    dresses: list[dict[str, bool]],
) -> None:
    page = open_page(reverse("profile"), django_language=language, **session)
    base = page.url.removesuffix(reverse("profile"))
    for address in _addresses():
        page.goto(base + address)
        for one in dresses:
            dress(page, **one)
            assert not page.evaluate(SPILLS), address
            assert violations(page) == [], address


def test_from_the_door_to_a_successor(open_page: OpenPage, office: User) -> None:
    page = open_page(reverse("people"))
    page.fill("#id_username", "liu")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="青岭县专班").click()
    post = Post.objects.get(unit__kind="task_force", name="经办人")
    page.select_option("[name=post]", str(post.pk))
    page.fill("[name=username]", "13800000001")
    page.fill("form:has([name=post]) [name=name]", "王五")
    page.locator("form:has([name=post]) button[type=submit]").click()
    password = page.locator("#passwords code").inner_text()
    assert User.objects.get(username="13800000001").check_password(password)
    page.locator("main .page-head a.button--primary").click()
    page.get_by_role("link", name="王五", exact=True).wait_for()
    assert Tenure.objects.get(post=post).user.name == "王五"


def test_a_workbook_is_checked_and_confirmed(
    open_page: OpenPage,
    violations: Callable[[Page], list[str]],
    session: dict[str, Any],
    tmp_path: Path,
) -> None:
    file = tmp_path / "people.xlsx"
    rows: Any = [
        ["13800000001", "示例甲", "", "青岭县专班", "", "经办人", "", ""],
        ["13800000002", "示例乙", "", "青岭县专班", "", "厨师", "", ""],
    ]
    file.write_bytes(workbook(people=rows))
    page = open_page(reverse("people_import"), **session)
    page.set_input_files("input[type=file]", str(file))
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#refused")).to_contain_text("厨师")
    assert not page.evaluate(SPILLS)
    assert violations(page) == []
    assert not User.objects.filter(username="13800000001").exists()
    page.locator(".act-bar form button").click()
    page.locator("#passwords").wait_for()
    assert violations(page) == []
    assert User.objects.filter(username="13800000001").exists()
    assert not User.objects.filter(username="13800000002").exists()


def test_ending_a_post_by_hand(open_page: OpenPage, session: dict[str, Any], office: User) -> None:
    at = clock.now()
    post = Post.objects.get(unit__kind="task_force", name="经办人")
    user, _password = users.create_user(username="wang", name="王五", by=SYSTEM, at=at)
    posts.appoint(post=post, user=user, from_on=day_of(at), by=SYSTEM, at=at)
    page = open_page(reverse("unit", args=[post.unit_id]), **session)
    page.get_by_role("link", name="结束任职 王五").click()
    page.locator("main form:has(input[name=on]) button[type=submit]").click()
    page.locator("[data-toast]").wait_for()
    assert not Tenure.objects.filter(post=post).exists()  # it began today: taken back
