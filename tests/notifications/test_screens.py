"""消息: one's own notices, and nobody else's."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from notifications.delivery import deliver
from notifications.models import Notice
from organisations.models import User
from tests.world import START, World, at, person

WORKER = "涧西区/county_worker"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def told(world: World) -> World:
    world.firm("洛阳示例耐材有限公司")
    world.open()
    deliver(at(START))
    return world


def test_the_list_says_what_was_said(told: World) -> None:
    page = client_of(told.people[WORKER]).get("/notices/").content.decode()
    notice = Notice.objects.get(recipient=told.people[WORKER])
    assert "任务交办" in page
    assert escape(notice.body) in page
    assert "1条未读" in page


def test_an_outsider_sees_nothing_of_it(told: World) -> None:
    notice = Notice.objects.get(recipient=told.people[WORKER])
    for key in ("嵩县/county_worker", "office/1", "leader"):
        client = client_of(told.people[key])
        assert "任务交办" not in client.get("/notices/").content.decode()
        assert "任务交办" not in client.get("/notices/box/").content.decode()
        assert client.get(f"/notices/{notice.pk}/").status_code == 404
        client.post("/notices/read/", {"notice": [notice.pk]})
    charlie = client_of(person("charlie", "外人"))
    assert "任务交办" not in charlie.get("/notices/").content.decode()
    assert charlie.get(f"/notices/{notice.pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None
    assert Client().get("/notices/").status_code == 302  # sign in first


def test_opening_a_notice_marks_it_and_leads_to_its_list(told: World) -> None:
    client = client_of(told.people[WORKER])
    notice = Notice.objects.get(recipient=told.people[WORKER])
    answer = client.get(f"/notices/{notice.pk}/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/ledger/?chip=sign")
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "没有未读消息" in client.get("/notices/box/").content.decode()


def test_mark_all_as_read_marks_one_s_own(told: World) -> None:
    client = client_of(told.people[WORKER])
    assert client.get("/notices/read/").status_code == 405
    client.post("/notices/read/")
    assert not Notice.objects.filter(recipient=told.people[WORKER], read_at=None).exists()
    assert Notice.objects.filter(read_at=None).count() == 1  # the reviewer's
    assert "0条未读" in client.get("/notices/?only=unread").content.decode()


@pytest.mark.parametrize("number", [1, 60])
def test_statements_of_the_list(
    told: World, number: int, django_assert_max_num_queries: object
) -> None:
    user = told.people[WORKER]
    Notice.objects.bulk_create(
        Notice(key=f"test:{n}", recipient=user, kind="urged", title="催办", body="…", at=at(START))
        for n in range(number)
    )
    client = client_of(user)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert client.get("/notices/").status_code == 200
