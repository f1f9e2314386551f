"""One account's page: what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organisations.actions import users
from organisations.errors import Refused
from organisations.models import AuditEvent, Post, Region, Unit, User
from organisations.roles import Role

MakePost = Callable[..., Post]
MakeUser = Callable[..., User]
NEW = {"name": "张三", "phone": "63900000", "rank": "section"}


@pytest.fixture
def worker(county: Region, make_post: MakePost, make_user: MakeUser) -> User:
    return make_user("worker", make_post(county, Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER))


@pytest.fixture
def office(city: Region, make_post: MakePost, make_user: MakeUser, client: Client) -> Client:
    client.force_login(make_user("office", make_post(city, Unit.Kind.OFFICE, Role.OFFICE)))
    return client


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"rank": "None"}, "rank"), ({"rank": "king"}, "rank"), ({"phone": "abc"}, "phone")],
)
def test_a_refused_form_changes_nothing(
    office: Client, worker: User, wrong: dict[str, str], field: str
) -> None:
    before = AuditEvent.objects.count()
    answer = office.post(reverse("account", args=[worker.pk]), NEW | wrong)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    worker.refresh_from_db()
    assert (worker.name, worker.phone, worker.rank) == ("worker", "", "")
    assert AuditEvent.objects.count() == before


def test_half_a_refusal_takes_back_the_other_half(
    office: Client, worker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: Any, **_named: Any) -> bool:
        raise Refused("no", "no")

    monkeypatch.setattr(users, "mark", refuse)
    answer = office.post(reverse("account", args=[worker.pk]), NEW)
    assert answer.status_code == 422
    assert answer.context["person"].name == "worker"
    worker.refresh_from_db()
    assert (worker.name, worker.phone) == ("worker", "")
    assert not AuditEvent.objects.filter(verb="update_user").exists()


def test_the_rank_has_one_empty_choice_and_it_is_taken(office: Client, worker: User) -> None:
    address = reverse("account", args=[worker.pk])
    page = office.get(address).content.decode()
    select = page[page.index("<select") : page.index("</select>")]
    assert 'name="rank"' in select
    assert "职级" in page
    assert "位次" not in page  # that is a county's place in the ranking
    assert select.count('value=""') == 1
    assert 'value="None"' not in select
    assert office.post(address, NEW).status_code == 302
    assert office.post(address, NEW | {"rank": ""}).status_code == 302
    worker.refresh_from_db()
    assert worker.rank == ""


def test_the_phones_bar_stands_on_pages_without_an_act_bar(office: Client) -> None:
    """消息 leads to 我的 and back: the bar does not vanish on its own tab."""
    for name in ("profile", "people", "documents"):
        page = office.get(reverse(name)).content.decode()
        assert page.count('class="tabbar"') == 1, name
