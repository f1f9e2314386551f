"""The people screens: what the office does in them, and that nobody else gets in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from organisations import clock
from organisations.actions import posts, regions
from organisations.models import Post, Region, Tenure, Unit, User
from organisations.roles import Role
from tests.organisations.conftest import AT, SYSTEM

MakePost = Callable[..., Post]
MakeUser = Callable[..., User]
OUTSIDERS = [r for r in Role if r not in {Role.OFFICE, Role.SYSTEM_ADMIN}]


@pytest.fixture
def worker_post(county: Region, make_post: MakePost) -> Post:
    return make_post(county, Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER, "经办人")


@pytest.fixture
def worker(worker_post: Post, make_user: MakeUser) -> User:
    return make_user("worker", worker_post)


@pytest.fixture
def office(city: Region, make_post: MakePost, make_user: MakeUser, client: Client) -> Client:
    client.force_login(make_user("office", make_post(city, Unit.Kind.OFFICE, Role.OFFICE)))
    return client


def _addresses(worker: User) -> list[tuple[str, str]]:
    """(method, address) of every page and act of the people screens."""
    tenure = Tenure.objects.get(user=worker)
    unit = tenure.post.unit_id
    return [
        ("get", reverse("people")),
        ("get", reverse("unit", args=[unit])),
        ("post", reverse("join", args=[unit])),
        ("post", reverse("post_create", args=[unit])),
        ("post", reverse("tenure_end", args=[tenure.pk])),
        ("get", reverse("unit_create")),
        ("post", reverse("unit_create")),
        ("post", reverse("pair", args=[unit])),
        ("get", reverse("accounts")),
        ("get", reverse("account", args=[worker.pk])),
        ("post", reverse("account", args=[worker.pk])),
        ("post", reverse("account_password", args=[worker.pk])),
        ("post", reverse("account_switch", args=[worker.pk])),
        ("get", reverse("people_import")),
        ("post", reverse("people_import")),
        ("get", reverse("people_template")),
        ("post", reverse("people_import_confirm")),
    ]


# --- Charlie -------------------------------------------------------------------------------------


def test_nobody_is_sent_to_the_door(client: Client, worker: User) -> None:
    for method, address in _addresses(worker):
        answer = getattr(client, method)(address)
        assert answer.status_code == 302, address
        assert answer["Location"].startswith(reverse("login")), address


@pytest.mark.parametrize("role", OUTSIDERS)
def test_whoever_does_not_manage_people_is_told_so(
    role: Role, client: Client, city: Region, worker: User, make_post: MakePost, make_user: MakeUser
) -> None:
    client.force_login(make_user("charlie", make_post(city, Unit.Kind.SUPERVISION, role)))
    before = (Tenure.objects.count(), User.objects.count(), Post.objects.count())
    for method, address in _addresses(worker):
        assert getattr(client, method)(address).status_code == 403, address
    assert (Tenure.objects.count(), User.objects.count(), Post.objects.count()) == before


def test_another_citys_office_finds_nothing(
    client: Client, worker: User, make_post: MakePost, make_user: MakeUser
) -> None:
    elsewhere = regions.create_city(
        name="晋城市", counties=[regions.CountySpec("城区")], by=SYSTEM, at=AT
    )
    client.force_login(make_user("charlie", make_post(elsewhere, Unit.Kind.OFFICE, Role.OFFICE)))
    own = ("people", "unit_create", "accounts", "people_import", "people_template")
    general = {reverse(name) for name in (*own, "people_import_confirm")}
    for method, address in _addresses(worker):
        answer = getattr(client, method)(address)
        if address not in general:
            assert answer.status_code == 404, address
    page = client.get(reverse("people")).content.decode()
    assert "嵩县" not in page
    assert ">worker" not in page


@pytest.mark.parametrize("role", OUTSIDERS)
def test_everybody_has_a_page_of_his_own(
    role: Role, client: Client, city: Region, make_post: MakePost, make_user: MakeUser
) -> None:
    client.force_login(make_user("charlie", make_post(city, Unit.Kind.SUPERVISION, role)))
    answer = client.get(reverse("profile"))
    assert answer.status_code == 200
    assert len(answer.context["present"]) == 1


def test_a_page_of_ones_own_without_any_post(client: Client, make_user: MakeUser) -> None:
    client.force_login(make_user("charlie"))
    answer = client.get(reverse("profile"))
    assert answer.context["present"] == []


# --- the roster ----------------------------------------------------------------------------------


def test_a_unit_without_a_holder_is_flagged(
    office: Client, worker: User, county: Region, make_post: MakePost
) -> None:
    other = Region.objects.get(key="洛阳市/老城区")
    empty = make_post(other, Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER).unit
    lines = {line.unit: line for line in office.get(reverse("people")).context["lines"]}
    assert lines[empty].is_vacant
    assert not lines[Tenure.objects.get(user=worker).post.unit].is_vacant
    shown = office.get(reverse("people"), {"kind": "vacant"}).context["lines"]
    assert [line.unit for line in shown] == [empty]


def test_administrators_do_not_fill_a_unit(
    office: Client, city: Region, make_post: MakePost, make_user: MakeUser
) -> None:
    admins = posts.create_unit(region=city, name="信息中心", kind="office", by=SYSTEM, at=AT)
    post = posts.create_post(unit=admins, name="管", role=Role.SYSTEM_ADMIN, by=SYSTEM, at=AT)
    make_user("admin", post)
    lines = {line.unit: line for line in office.get(reverse("people")).context["lines"]}
    assert lines[admins].is_vacant


def test_work_that_nobody_receives_is_flagged(
    office: Client, worker: User, worker_post: Post
) -> None:
    posts.create_post(
        unit=worker_post.unit,
        name="收件",
        role=Role.COUNTY_WORKER,
        receives_work=True,
        by=SYSTEM,
        at=AT,
    )
    (line,) = office.get(reverse("people"), {"kind": "task_force"}).context["lines"]
    assert line.lets_work_lie
    assert not line.is_vacant


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "worker"}, 1),
        ({"q": "嵩 县"}, 1),
        ({"q": "nobody here"}, 0),
        ({"kind": "office"}, 1),
        # left out, and said: an empty list would be taken for the answer
        ({"kind": "nonsense"}, 2),
        ({"county": "999999"}, 2),
        ({}, 2),
    ],
)
def test_filters(office: Client, worker: User, query: dict[str, str], found: int) -> None:
    page = office.get(reverse("people"), query)
    assert len(page.context["lines"]) == found
    assert ("无法识别" in page.content.decode()) == bool(found == 2 and query)


@pytest.mark.parametrize("many", [1, 40])
def test_the_roster_costs_the_same_for_any_number(
    many: int,
    office: Client,
    county: Region,
    make_user: MakeUser,
    django_assert_max_num_queries: Any,
) -> None:
    for n in range(many):
        unit = posts.create_unit(
            region=county, name=f"组{n}", kind="liaison_group", by=SYSTEM, at=AT
        )
        post = posts.create_post(unit=unit, name="员", role=Role.LIAISON_MEMBER, by=SYSTEM, at=AT)
        make_user(f"u{n}", post)
    office.get(reverse("profile"))  # the first page of a session renews it
    with django_assert_max_num_queries(12):
        assert office.get(reverse("people")).status_code == 200


def test_the_pages_of_one_unit_and_account_are_cheap(
    office: Client, worker: User, django_assert_max_num_queries: Any
) -> None:
    unit = Tenure.objects.get(user=worker).post.unit_id
    office.get(reverse("profile"))  # the first page of a session renews it
    for address in (reverse("unit", args=[unit]), reverse("account", args=[worker.pk])):
        with django_assert_max_num_queries(15):
            assert office.get(address).status_code == 200


# --- appointing ----------------------------------------------------------------------------------


def test_a_successor_with_a_new_account(office: Client, worker: User, worker_post: Post) -> None:
    today = clock.today()
    form = {
        "post": worker_post.pk,
        "username": "13900000000",
        "name": "王五",
        "from_on": today.isoformat(),
        "replacing": "on",
    }
    answer = office.post(reverse("join", args=[worker_post.unit_id]), form)
    ((username, name, password),) = answer.context["accounts"]
    assert (username, name) == ("13900000000", "王五")
    assert password in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert User.objects.get(username=username).check_password(password)
    assert [t.user.name for t in worker_post.tenures.on(today)] == ["王五"]
    page = office.get(reverse("unit", args=[worker_post.unit_id]))
    assert [t.user for t in page.context["past"]] == [worker]
    assert password not in page.content.decode()


def test_a_known_account_under_another_name_is_refused(
    office: Client, worker: User, worker_post: Post
) -> None:
    lead = posts.create_post(
        unit=worker_post.unit, name="审核人", role=Role.COUNTY_LEAD, by=SYSTEM, at=AT
    )
    form = {"post": lead.pk, "username": "worker", "name": "别人", "from_on": "2026-03-02"}
    answer = office.post(reverse("join", args=[lead.unit_id]), form)
    assert answer.status_code == 422
    assert answer.context["join_form"].non_field_errors()
    assert not lead.tenures.exists()


def test_another_units_post_is_not_offered(
    office: Client, city: Region, worker_post: Post, make_post: MakePost
) -> None:
    foreign = make_post(city, Unit.Kind.DEPARTMENT, Role.DEPARTMENT_LEAD)
    form = {"post": foreign.pk, "username": "x1", "name": "x", "from_on": "2026-03-02"}
    answer = office.post(reverse("join", args=[worker_post.unit_id]), form)
    assert answer.status_code == 422
    assert not foreign.tenures.exists()


def test_ending_a_tenure(office: Client, worker: User) -> None:
    tenure = Tenure.objects.get(user=worker)
    today = clock.today()
    address = reverse("tenure_end", args=[tenure.pk])
    office.post(address, {"on": (today - timedelta(days=1)).isoformat()})
    tenure.refresh_from_db()
    assert tenure.until_on is None
    office.post(address, {"on": today.isoformat()})
    tenure.refresh_from_db()
    assert tenure.until_on == today


def test_a_grave_act_is_asked_first(office: Client, worker: User) -> None:
    tenure = Tenure.objects.get(user=worker)
    before = worker.password
    for name, pk, words in (
        ("tenure_end", tenure.pk, "结束任职"),
        ("account_password", worker.pk, "重置密码"),
        ("account_switch", worker.pk, "停用"),
    ):
        html = office.get(reverse(name, args=[pk])).content.decode()
        assert words in html
        assert str(worker) in html
    worker.refresh_from_db()
    tenure.refresh_from_db()
    assert (worker.password, worker.is_active, tenure.until_on) == (before, True, None)
    for page in (reverse("unit", args=[tenure.post.unit_id]), reverse("account", args=[worker.pk])):
        html = office.get(page).content.decode()
        assert not re.search(r"<form[^>]+action=\"[^\"]*/(end|password|switch)/", html)


def test_a_new_post(office: Client, worker_post: Post) -> None:
    address = reverse("post_create", args=[worker_post.unit_id])
    form = {"name": "审核人", "role": Role.COUNTY_LEAD.value}
    assert office.post(address, form).status_code == 302
    assert office.post(address, form).status_code == 422  # once a unit
    assert office.post(address, {"name": "企", "role": "enterprise_clerk"}).status_code == 422
    assert worker_post.unit.posts.count() == 2


def test_resetting_shutting_and_opening_an_account(office: Client, worker: User) -> None:
    answer = office.post(reverse("account_password", args=[worker.pk]))
    ((_username, _name, password),) = answer.context["accounts"]
    worker.refresh_from_db()
    assert worker.check_password(password)
    office.post(reverse("account_switch", args=[worker.pk]), {"to": "shut"})
    worker.refresh_from_db()
    assert not worker.is_active
    assert office.get(reverse("accounts")).context["idle"].get() == worker
    office.post(reverse("account_switch", args=[worker.pk]), {"to": "open"})
    worker.refresh_from_db()
    assert worker.is_active
    nonsense = office.post(reverse("account_switch", args=[worker.pk]), {"to": "x"})
    assert nonsense.status_code == 404


def test_correcting_name_and_phone(office: Client, worker: User) -> None:
    address = reverse("account", args=[worker.pk])
    assert office.post(address, {"name": "", "phone": ""}).status_code == 422
    assert office.post(address, {"name": "张三", "phone": "63900000"}).status_code == 302
    worker.refresh_from_db()
    assert (worker.name, worker.phone) == ("张三", "63900000")


def test_a_new_unit_comes_with_its_posts(office: Client, city: Region, county: Region) -> None:
    address = reverse("unit_create")
    form = {"name": "市应急局", "kind": "department", "region": city.pk}
    answer = office.post(address, form)
    made = Unit.objects.get(name="市应急局")
    assert answer["Location"] == reverse("unit", args=[made.pk])
    assert made.posts.count() == 2
    assert office.post(address, form).status_code == 422  # once a region
    astray = {"name": "某专班", "kind": "task_force", "region": city.pk}
    assert office.post(address, astray).context["form"].errors["region"]
    assert office.post(address, {**astray, "region": county.pk}).status_code == 302


def test_a_new_unit_stays_in_the_city(office: Client, city: Region) -> None:
    elsewhere = regions.create_city(
        name="晋城市", counties=[regions.CountySpec("城区")], by=SYSTEM, at=AT
    )
    form = {"name": "外地局", "kind": "department", "region": elsewhere.pk}
    assert office.post(reverse("unit_create"), form).status_code == 422
    assert not Unit.objects.filter(name="外地局").exists()


def test_pairing_a_group(office: Client, city: Region, county: Region) -> None:
    elsewhere = regions.create_city(
        name="晋城市", counties=[regions.CountySpec("城区")], by=SYSTEM, at=AT
    )
    group = posts.create_unit(region=city, name="一组", kind="liaison_group", by=SYSTEM, at=AT)
    address = reverse("pair", args=[group.pk])
    office.post(address, {"counties": [county.pk]})
    assert list(group.paired_counties.all()) == [county]
    office.post(address, {"counties": [Region.objects.get(parent=elsewhere).pk]})
    assert list(group.paired_counties.all()) == [county]
    assert office.get(reverse("unit", args=[group.pk])).context["pair_form"]


# --- import --------------------------------------------------------------------------------------
