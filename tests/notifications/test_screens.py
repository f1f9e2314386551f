"""消息: one's own notices, and nobody else's."""

from __future__ import annotations

from typing import Any

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
        client.post("/notices/read/", {"notice": [notice.pk, "9" * 25]})
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


@pytest.mark.parametrize("number", [1, 2000])
def test_statements_of_the_list(
    told: World, number: int, django_assert_max_num_queries: Any
) -> None:
    user = told.people[WORKER]
    event = Notice.objects.filter(recipient=user).latest("id").event
    Notice.objects.bulk_create(
        Notice(
            key=f"test:{n}",
            recipient=user,
            kind="urged",
            title="催办",
            body="…",
            at=at(START),
            event=event,
            case=told.case(),
        )
        for n in range(number)
    )
    client = client_of(user)
    for address in ("/notices/", "/notices/?last=1", "/notices/?only=unread", "/notices/box/"):
        with django_assert_max_num_queries(12):
            assert client.get(address).status_code == 200


def test_two_thousand_notices_in_pages_and_read_at_once(told: World) -> None:
    user, case = told.people[WORKER], told.case()
    Notice.objects.all().delete()
    Notice.objects.bulk_create(
        Notice(key=f"t:{n}", recipient=user, kind="urged", title="催办", body=f"第{n}件",
               at=at(START), case=case)
        for n in range(2000)
    )  # fmt: skip
    client = client_of(user)
    first = client.get("/notices/")
    assert [row["body"] for row in first.context["rows"]][:2] == ["第1999件", "第1998件"]
    last = client.get("/notices/?last=1")
    assert [row["body"] for row in last.context["rows"]][-1] == "第0件"
    unread = client.get("/notices/?only=unread&last=1").content.decode()
    assert "only=unread&amp;before=" in unread
    one = Notice.objects.get(body="第7件")
    assert client.get(f"/notices/{one.pk}/").headers["Location"] == f"/cases/{case.pk}/"
    assert "1999条未读" in client.get("/notices/").content.decode()
    client.post("/notices/read/")
    assert "0条未读" in client.get("/notices/").content.decode()
