"""The frame of every page: bars by role, switches in cookies, an unread count only where shown."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from django.utils import translation

from config import navigation
from config.context import Shell
from organisations.models import User, beside_post
from organisations.roles import Role
from organisations.scope import Actor, Standing


def _page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("page")


# the pages of screens, as their apps will name them
urlpatterns = [
    path("", _page, name="workbench"),
    path("ledger/", _page, name="ledger"),
    path("ledger/overdue/", _page, name="overdue"),
    path("imports/", _page, name="imports"),
    path("people/", _page, name="people"),
    path("todo/", _page, name="phone_todo"),
    path("me/", _page, name="profile"),
]
HERE = override_settings(ROOT_URLCONF=__name__)


def _standing(role: Role) -> Standing:
    return Standing(
        post_id=1,
        unit_id=2,
        unit_name="青岭县",
        role=role,
        unit_kind="task_force",
        region_id=3,
        region_level="county",
        region_path="/1/2/3/",
        city_id=2,
        post_name="经办人",
    )


def _shell(role: Role | None, path: str = "/", **cookies: str) -> Shell:
    request: Any = RequestFactory().get(path)
    request.COOKIES.update(cookies)
    request.user = User(pk=1, username="zhou", name="周岚") if role else AnonymousUser()
    request.actor = Actor(request.user, None, (_standing(role),)) if role else None
    return Shell(request)


def _labels(shell: Shell) -> list[str]:
    return [link.url for link in shell.nav]


@HERE
@pytest.mark.parametrize(
    ("role", "addresses"),
    [
        (Role.COUNTY_WORKER, ["/", "/ledger/"]),
        (Role.COUNTY_LEAD, ["/", "/ledger/", "/ledger/overdue/"]),
        (Role.OFFICE, ["/", "/ledger/", "/ledger/overdue/", "/imports/"]),
        (Role.SUPERVISOR, ["/ledger/", "/ledger/overdue/"]),
        (Role.SYSTEM_ADMIN, ["/people/"]),
        (Role.ENTERPRISE_CLERK, []),
    ],
)
def test_a_bar_shows_what_the_role_needs_and_what_exists(role: Role, addresses: list[str]) -> None:
    assert _labels(_shell(role)) == addresses


@HERE
def test_the_entry_with_the_longest_address_is_current() -> None:
    def current(path: str) -> list[str]:
        return [link.url for link in _shell(Role.OFFICE, path).nav if link.current]

    assert current("/ledger/overdue/") == ["/ledger/overdue/"]
    assert current("/ledger/12/") == ["/ledger/"]
    assert current("/imports/") == ["/imports/"]


@HERE
def test_a_firm_and_nobody_have_no_bars() -> None:
    assert _shell(Role.ENTERPRISE_CLERK).tabs == []
    assert _shell(None).tabs == []
    assert _shell(None).nav == []
    assert [tab.url for tab in _shell(Role.COUNTY_WORKER).tabs] == ["/todo/", "/ledger/", "/me/"]


@HERE
def test_the_office_finds_units_and_posts_among_the_tabs_of_the_administration() -> None:
    shell = _shell(Role.OFFICE, "/people/")
    assert [tab["url"] for tab in shell.admin_tabs] == ["/imports/", "/people/"]
    assert [link.url for link in shell.nav if link.current] == ["/imports/"]
    assert _shell(Role.SYSTEM_ADMIN, "/people/").admin_tabs == []


def test_the_post_reads_as_people_say_it() -> None:
    assert _shell(Role.COUNTY_WORKER).post == "青岭县经办人"


def test_unknown_cookies_are_ignored() -> None:
    assert _shell(None, theme="dark", size="large").theme == "dark"
    assert _shell(None, theme='"><script>').theme == ""
    assert _shell(None, size="huge").size == ""


def test_every_address_of_the_tables_is_named_once() -> None:
    for table in (navigation.DESK, navigation.PHONE):
        firsts = [entry.views[0] for entry in table]
        assert len(firsts) == len(set(firsts))


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", ""]
)
def test_a_switch_never_leads_off_the_site(client: Client, back: str) -> None:
    answer = client.post("/display/", {"theme": "dark", "next": back})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert answer.cookies["theme"].value == "dark"


def test_a_switch_keeps_the_page_and_takes_only_what_it_knows(client: Client) -> None:
    answer = client.post("/display/", {"size": "huge", "theme": "light", "next": "/ledger/?q=1"})
    assert answer["Location"] == "/ledger/?q=1"
    assert "size" not in answer.cookies
    assert client.get("/display/").status_code == 405


@pytest.mark.django_db
def test_a_persons_language_outlives_the_browser(client: Client) -> None:
    person = User.objects.create_user("zhou", password="x", name="周岚")
    client.force_login(person)
    client.post("/display/", {"language": "en", "next": "/me/"})
    person.refresh_from_db()
    assert person.language == "en"
    client.post("/display/", {"language": "xx", "next": "/me/"})
    person.refresh_from_db()
    assert person.language == "en"


@pytest.mark.django_db
def test_the_unread_count_costs_one_query_and_only_when_it_is_read(
    django_assert_num_queries: Any,
) -> None:
    shell = _shell(Role.OFFICE)
    with django_assert_num_queries(0):
        assert shell.who == "周岚"
        assert shell.nav is not None
    with django_assert_num_queries(1):
        assert shell.unread == 0
        assert shell.unread == 0


def test_pages_have_no_inline_script_and_a_strict_policy(client: Client) -> None:
    answer = client.get("/dev/components/")
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert b"<script>" not in answer.content


def test_unit_and_post_say_a_word_once() -> None:
    assert beside_post("市领导", "分管领导") == "市"
    assert beside_post("青岭县工作专班", "经办人") == "青岭县工作专班"
    assert beside_post("市工信局", "局长") == "市工信局"


@pytest.mark.django_db
def test_a_failure_shows_the_bars_of_whoever_is_signed_in(client: Client) -> None:
    lost = client.get("/no/such/page/")
    assert lost.status_code == 404
    assert b"tabbar" not in lost.content
    client.force_login(User.objects.create_user("zhou", password="x", name="周岚"))
    for answer in (client.get("/no/such/page/"), client.get("/people/")):
        html = answer.content.decode()
        assert answer.status_code in (403, 404)
        assert "周岚" in html
        assert "tabbar" in html
        assert "<title>" in html
        # of a month or an import as well as of a firm
        assert "企业属于其他县区" not in html


@pytest.mark.django_db
def test_a_page_that_breaks_says_so_with_its_bars(client: Client, monkeypatch: Any) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("broken")

    client.raise_request_exception = False
    client.force_login(User.objects.create_user("zhou", password="x", name="周岚"))
    monkeypatch.setattr("organisations.views.profile.render", broken)
    answer = client.get("/me/")
    assert answer.status_code == 500
    assert "周岚" in answer.content.decode()
    monkeypatch.setattr("config.errors.render", broken)
    answer = client.get("/me/")
    assert answer.status_code == 500
    assert "系统" in answer.content.decode()


@pytest.mark.django_db
def test_who_has_nowhere_to_go_gets_no_bar_for_it(client: Client) -> None:
    """An empty band under the head, on the phone of a firm's clerk who opened the demo's tour."""
    client.force_login(User.objects.create_user("bai", password="x", name="柏诚"))
    html = client.get("/no/such/page/").content.decode()
    assert "topbar__who" in html
    assert "topbar__nav" not in html


def test_a_field_left_empty_is_told_in_our_words() -> None:
    """Django's own words for fields are another style: 这个字段是必填项."""
    wrong = {
        forms.DateField(): ("", "请填写此项。"),
        forms.ChoiceField(): ("x", "没有“x”选项，请重新选择。"),
        forms.CharField(max_length=2): ("三个字", "最多2个字，现有3个字。"),
    }
    with translation.override("zh-hans"):
        for field, (given, words) in wrong.items():
            with pytest.raises(ValidationError) as refused:
                field.clean(given)
            assert refused.value.messages == [words]
