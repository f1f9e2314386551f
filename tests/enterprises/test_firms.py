"""企业档案: who sees which firm, in the list, the search and the page."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from enterprises.models import Contact, Enterprise, Membership
from organisations.models import Region, Tenure
from organisations.phones import masked
from tests.cases.lists import many, sign_in
from tests.world import World, person

EVERYBODY = (
    "office/1",
    "leader",
    "supervisor",
    "涧西区/county_worker",
    "涧西区/county_lead",
    "嵩县/county_worker",
    "市工信局/department_officer",
    "liaison_member",
)


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


@pytest.fixture
def firms(world: World) -> dict[str, Enterprise]:
    """One firm in each of three counties; the liaison group is paired with 涧西区."""
    found = {
        county: world.firm(f"{county}样本厂", county) for county in ("涧西区", "嵩县", "新安县")
    }
    for firm in found.values():
        Contact.objects.create(enterprise=firm, name="王示例", phone="13812345678")
    return found


def shown(client: Client, query: str = "") -> set[str]:
    answer = client.get(f"/firms/?{query}")
    assert answer.status_code == 200
    found = re.findall(r'<a class="firm" href="/firms/\d+/">([^<]+)</a>', answer.content.decode())
    return set(found)


def seen_by(key: str) -> set[str]:
    if key.startswith(("涧西区", "liaison")):
        return {"涧西区"}
    if key.startswith("嵩县"):
        return {"嵩县"}
    return {"涧西区", "嵩县", "新安县"}


@pytest.mark.parametrize("key", EVERYBODY)
def test_list_search_and_page_show_the_same_firms(
    world: World, firms: dict[str, Enterprise], key: str
) -> None:
    client = sign_in(world, key)
    names = {firms[county].name for county in seen_by(key)}
    assert shown(client) == names
    assert shown(client, "q=样本厂") == names
    for county, firm in firms.items():
        expected = 200 if county in seen_by(key) else 404
        assert client.get(f"/firms/{firm.pk}/").status_code == expected
    counted = re.search(
        r'aria-current="true"[^>]*>[^<]*<b>([\d,]+)', client.get("/firms/").content.decode()
    )
    assert counted is None or int(counted[1]) == len(names)


def test_outsiders(world: World, firms: dict[str, Enterprise]) -> None:
    firm = firms["涧西区"]
    other = sign_in_as_stranger(world)
    assert shown(other) == set()
    assert other.get(f"/firms/{firm.pk}/").status_code == 404
    world.clerk(firm)
    clerk = sign_in(world, f"clerk/{firm.pk}")
    assert clerk.get("/firms/").status_code == 403
    assert clerk.get(f"/firms/{firm.pk}/").status_code == 404
    for address in ("/firms/", f"/firms/{firm.pk}/"):
        assert Client().get(address).status_code == 302
        assert sign_in(world, "office/1").post(address).status_code == 405
    assert sign_in(world, "office/1").get("/firms/999999/").status_code == 404


def sign_in_as_stranger(world: World) -> Client:
    """The office of another city."""
    city = Region.objects.create(key="别市", name="别市", level=Region.Level.CITY)
    unit = world.units[next(iter(world.units))]
    office = type(unit).objects.create(region=city, name="别市专班办", kind="office")
    user = person("stranger", "别市经办人")
    post = office.posts.create(name="经办人", role="office")
    Tenure.objects.create(post=post, user=user, from_on=date(2022, 1, 1))
    world.people["stranger"] = user
    return sign_in(world, "stranger")


def test_a_moved_firm_changes_hands_and_one_that_left_stays_in_sight(
    world: World, firms: dict[str, Enterprise]
) -> None:
    moved, left = firms["涧西区"], firms["嵩县"]
    moved.memberships.update(left_on=date(2022, 2, 1), left_reason="moved")
    Membership.objects.create(
        city=world.city,
        enterprise=moved,
        county=world.counties["嵩县"],
        joined_on=date(2022, 2, 1),
    )
    left.memberships.update(left_on=date(2022, 2, 1), left_reason="absent")
    before, after = sign_in(world, "涧西区/county_lead"), sign_in(world, "嵩县/county_lead")
    assert before.get(f"/firms/{moved.pk}/").status_code == 404
    assert (shown(before), shown(before, "of=left")) == (set(), set())
    assert shown(after) == {moved.name}
    assert shown(after, "of=left") == {left.name}
    page = after.get(f"/firms/{left.pk}/")
    assert "2022年2月1日" in page.content.decode()


def test_search_and_filters(world: World, firms: dict[str, Enterprise]) -> None:
    first, second, third = firms.values()
    Enterprise.objects.filter(pk=first.pk).update(pinyin="luoyangtianyi", initials="lyty")
    world.fact(second, date(2022, 2, 1), has_spending=True, has_staff=True)
    world.fact(third, date(2022, 2, 1), registered=False, filed=False)
    client = sign_in(world, "office/1")
    for query, names in {
        "q=涧西区样": {first.name},
        f"q={first.credit_code}": {first.name},
        f"q={str(first.credit_code).lower()[4:]}": {first.name},
        "q=tianyi": {first.name},
        "q=LYTY": {first.name},
        "q=样本+涧西": {first.name},
        "q=样本+涧西+嵩县": set(),
        "q=没有这家": set(),
        "q=%00": {first.name, second.name, third.name},
        "state=unregistered": {third.name},
        "state=filed": {first.name, second.name},
        "state=unknown": set(),
        "spending=yes": {second.name},
        "spending=no": {first.name, third.name},
        "spending=no&state=filed": {first.name},
        f"county={world.counties['嵩县'].pk}": {second.name},
        "state=x&division=34": {first.name, second.name, third.name},
        "division=06": set(),
        "page=99": {first.name, second.name, third.name},
    }.items():
        assert shown(client, query) == names, query


@pytest.mark.parametrize("query", ["", "spending=no&q=示例"])
def test_statements_do_not_follow_the_rows(
    world: World, django_assert_max_num_queries: Any, query: str
) -> None:
    client = sign_in(world, "office/1")
    many(world, 10)
    with django_assert_max_num_queries(12) as few:
        client.get(f"/firms/?{query}")
    many(world, 1990)
    with django_assert_max_num_queries(12) as lots:
        client.get(f"/firms/?{query}")
    assert len(lots) == len(few)


def test_the_page_of_a_firm(
    world: World, firms: dict[str, Enterprise], django_assert_max_num_queries: Any
) -> None:
    firm = firms["涧西区"]
    client = sign_in(world, "涧西区/county_worker")
    with django_assert_max_num_queries(12):
        page = client.get(f"/firms/{firm.pk}/").content.decode()
    assert firm.name in page
    assert "tel:13812345678" in page
    assert f'hx-get="/firms/{firm.pk}/cases/"' in page
    assert "2022-01" in page
    leader = sign_in(world, "leader").get(f"/firms/{firm.pk}/").content.decode()
    assert "138****5678" in leader
    assert "13812345678" not in leader


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("000-83729684", "000-****9684"),
        ("0379-5557901", "0379-***7901"),
        ("010-65557901", "010-****7901"),
        ("1234", "**34"),
        ("", ""),
    ],
)
def test_masked(phone: str, shown: str) -> None:
    assert masked(phone) == shown


def test_nobody_has_left_yet(world: World, firms: dict[str, Enterprise]) -> None:
    client = sign_in(world, "office/1")
    page = client.get("/firms/?of=left").content.decode()
    assert "目前没有退库企业" in page
    assert "还没有导入名录" not in page
