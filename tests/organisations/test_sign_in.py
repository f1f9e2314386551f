"""Signing in and out: lockout in words, the demo's one click, a password of one's own first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axes.utils import reset
from django.test import Client
from django.urls import reverse

from organisations import clock
from organisations.errors import Refused
from organisations.models import AuditEvent, Post, Region, Unit, User
from organisations.roles import Role

PASSWORD = "correct-horse-9"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    clock.forget()


@pytest.fixture
def worker(county: Region, make_post: Callable[..., Post], make_user: Callable[..., User]) -> User:
    user = make_user("worker", make_post(county, Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER))
    user.set_password(PASSWORD)
    user.save()
    reset()
    return user


def _sign_in(client: Client, password: str = PASSWORD, **more: str) -> Any:
    return client.post(reverse("login"), {"username": "worker", "password": password, **more})


def test_the_door_is_open_to_everybody(client: Client, db: None) -> None:
    answer = client.get(reverse("login"))
    assert answer.status_code == 200
    assert answer.context["demo_roles"] == []


def test_signing_in_and_out(client: Client, worker: User) -> None:
    answer = _sign_in(client, next=reverse("profile"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("profile"))
    assert client.get(reverse("profile")).status_code == 200
    client.post(reverse("logout"))
    assert client.get(reverse("profile")).status_code == 302
    verbs = AuditEvent.objects.filter(by=worker, kind="sign_in").order_by("id")
    assert list(verbs.values_list("verb", "address")) == [
        ("sign_in", "127.0.0.1"),
        ("sign_out", "127.0.0.1"),
    ]


def test_another_site_is_no_next_page(client: Client, worker: User) -> None:
    answer = _sign_in(client, next="https://elsewhere.example/")
    assert "elsewhere" not in answer["Location"]


def test_a_wrong_password_says_what_to_do(client: Client, worker: User) -> None:
    answer = _sign_in(client, "wrong")
    assert answer.status_code == 200
    assert "15" in answer.context["form"].non_field_errors()[0]
    assert AuditEvent.objects.get(verb="sign_in_failed").subject == "worker"


def test_wrong_words_are_the_same_for_known_and_unknown_accounts(
    client: Client, worker: User
) -> None:
    known = _sign_in(client, "wrong").context["form"].non_field_errors()
    unknown = client.post(reverse("login"), {"username": "nobody", "password": "wrong"})
    assert unknown.context["form"].non_field_errors() == known


def test_five_wrong_tries_close_the_account_in_words(client: Client, worker: User) -> None:
    for _try in range(5):
        answer = _sign_in(client, "wrong")
    assert answer.status_code == 429
    answer = _sign_in(client)  # the right one, too late
    assert answer.status_code == 429
    assert answer.templates[0].name == "registration/login.html"
    assert "15" in answer.context["form"].non_field_errors()[0]
    assert PASSWORD not in answer.content.decode()
    assert client.get(reverse("profile")).status_code == 302
    assert AuditEvent.objects.filter(verb="locked_out", subject="worker").exists()


def test_the_account_stays_closed_from_another_address(client: Client, worker: User) -> None:
    for _try in range(5):
        _sign_in(client, "wrong")
    far = Client(REMOTE_ADDR="192.0.2.7")
    assert _sign_in(far).status_code == 429


def test_a_shut_account_does_not_open(client: Client, worker: User) -> None:
    User.objects.filter(pk=worker.pk).update(is_active=False)
    assert _sign_in(client).status_code == 200
    assert client.get(reverse("profile")).status_code == 302


def test_a_shut_account_loses_its_session(client: Client, worker: User) -> None:
    _sign_in(client)
    User.objects.filter(pk=worker.pk).update(is_active=False)
    assert client.get(reverse("profile")).status_code == 302


def test_signing_in_changes_the_session_key(client: Client, worker: User) -> None:
    client.get(reverse("login"))
    session = client.session
    session["x"] = 1
    session.save()
    before = client.session.session_key
    _sign_in(client)
    assert client.session.session_key != before


# --- a password of one's own ---------------------------------------------------------------------


def test_a_one_time_password_opens_nothing_but_its_change(client: Client, worker: User) -> None:
    User.objects.filter(pk=worker.pk).update(must_change_password=True)
    _sign_in(client)
    change = reverse("password_change")
    for page in ("profile", "people"):
        answer = client.get(reverse(page))
        assert (answer.status_code, answer["Location"]) == (302, change)
    assert client.get(change).status_code == 200
    new = "a-password-of-my-own"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    wrong = client.post(change, form | {"old_password": "x"}).content.decode()
    assert "原密码不正确，请重新输入。" in wrong
    # on to the work, not to the page about oneself
    assert client.post(change, form)["Location"] == reverse("home")
    assert client.get(reverse("profile")).status_code == 200
    worker.refresh_from_db()
    assert worker.check_password(new)


@pytest.mark.parametrize(
    "form",
    [
        {"old_password": "wrong", "new_password1": "long-enough-77", "new_password2": "x"},
        {"old_password": PASSWORD, "new_password1": "kurz", "new_password2": "kurz"},
        {"old_password": PASSWORD, "new_password1": PASSWORD, "new_password2": PASSWORD},
    ],
)
def test_a_refused_password_changes_nothing(
    client: Client, worker: User, form: dict[str, str]
) -> None:
    _sign_in(client)
    answer = client.post(reverse("password_change"), form)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    worker.refresh_from_db()
    assert worker.check_password(PASSWORD)


# --- the demo ------------------------------------------------------------------------------------


@pytest.fixture
def demo_person(worker: User) -> User:
    User.objects.filter(pk=worker.pk).update(username="demo-worker")
    return User.objects.get(pk=worker.pk)


def _one_click(client: Client, username: str) -> Any:
    return client.post(reverse("demo_sign_in"), {"username": username})


def test_one_click_in_the_demo(client: Client, demo_person: User, settings: Any) -> None:
    settings.DEMO = True
    (role,) = client.get(reverse("login")).context["demo_roles"]
    assert (role.username, role.title) == ("demo-worker", Role.COUNTY_WORKER.value)
    _one_click(client, role.username)
    assert client.get(reverse("profile")).status_code == 200


def test_one_click_is_refused_on_a_real_database(
    client: Client, demo_person: User, settings: Any
) -> None:
    settings.DEMO = False
    assert client.get(reverse("login")).context["demo_roles"] == []
    assert _one_click(client, "demo-worker")["Location"] == reverse("login")
    assert client.get(reverse("profile")).status_code == 302


@pytest.mark.parametrize("username", ["worker", "", "demo-unknown"])
def test_one_click_opens_the_demos_people_only(
    client: Client, worker: User, settings: Any, username: str
) -> None:
    settings.DEMO = True
    _one_click(client, username)
    assert client.get(reverse("profile")).status_code == 302


def test_one_click_needs_a_post(client: Client, demo_person: User, settings: Any) -> None:
    settings.DEMO = True
    assert client.get(reverse("demo_sign_in"), {"username": "demo-worker"}).status_code == 405


# --- the demo's clock ----------------------------------------------------------------------------


def test_the_demos_clock_moves_for_every_process(db: None, settings: Any) -> None:
    settings.DEMO = True
    before = clock.now()
    there = clock.travel(7)
    assert timedelta(days=7) <= there - before < timedelta(days=7, minutes=1)
    clock.forget()  # another process reads what this one stored
    assert clock.offset() == timedelta(days=7)
    clock.travel(-2)
    assert clock.offset() == timedelta(days=5)


def test_the_offset_is_read_at_most_once_a_second(
    db: None, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.DEMO = True
    clock.travel(1)
    clock.forget()
    with django_assert_num_queries(1):
        for _look in range(50):
            clock.now()


def test_a_real_citys_clock_does_not_move(
    db: None, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.DEMO = True
    clock.travel(30)
    settings.DEMO = False
    with django_assert_num_queries(0):
        assert clock.offset() == timedelta()
    with pytest.raises(Refused) as refusal:
        clock.travel(1)
    assert refusal.value.code == "not_demo"
