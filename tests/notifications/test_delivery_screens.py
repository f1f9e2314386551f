"""消息设置, 短信与消息, the log of a case: in the browser and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import remarks
from config.mail import mail_server, sending_hours
from notifications.deliveries import Delivery, Preference
from notifications.delivery import deliver
from organisations.models import AuditEvent, User
from tests.config.test_commands import as_json, refused, run
from tests.mailbox import mailbox
from tests.world import START, World, at

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
BACKEND = "django.contrib.auth.backends.ModelBackend"
FIRM = "洛阳示例耐材有限公司"


def enter(world: World, who: str) -> Client:
    client = Client()
    client.force_login(world.people[who], backend=BACKEND)
    return client


@pytest.fixture
def row(world: World, settings: Any, today: Callable[[date], None]) -> Delivery:
    settings.MAIL = mail_server("smtp://127.0.0.1:1", "office@example.gov.cn")
    User.objects.filter(pk=world.people[WORKER].pk).update(email="worker@example.gov.cn")
    world.firm(FIRM)
    world.open()
    remarks.urge(world.case().pk, by=world.actor(LEAD), at=at(START), text="请抓紧")
    deliver(at(START))
    found = Delivery.objects.get()
    Delivery.objects.update(state="in_doubt", settled_at=at(START), address="worker@example.gov.cn")
    return found


def test_one_chooses_for_oneself(world: World, today: Callable[[date], None]) -> None:
    client, url = enter(world, WORKER), reverse("message_settings")
    given = {"email": "w@example.gov.cn", "by_mail": "on", "digest": "on", "digest_at": "14:00"}
    page = client.post(url, {**given, "email": "nobody at home"})
    assert page.status_code == 422
    assert "邮箱地址有误" in page.content.decode()
    assert client.post(url, given).status_code == 302
    kept = Preference.objects.get(user=world.people[WORKER])
    assert (kept.digest_at, kept.singles) == (time(14), False)
    assert User.objects.get(pk=kept.user.pk).email == "w@example.gov.cn"
    assert AuditEvent.objects.filter(verb="message_settings", by=kept.user).exists()
    assert 'value="w@example.gov.cn"' in client.get(url).content.decode()


def test_the_office_sees_what_is_in_doubt_and_decides(world: World, row: Delivery) -> None:
    client = enter(world, "office/1")
    page = client.get(reverse("deliveries")).content.decode()
    assert "wo****@example.gov.cn" in page
    assert FIRM[:6] not in page  # what it says is for its reader
    url = reverse("delivery_decide", args=[row.pk])
    assert client.post(url, {"to": "confirm"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "confirmed"
    answer = client.post(url, {"to": "resend"}, follow=True).content.decode()
    assert "可以重新发送" in answer
    assert enter(world, LEAD).post(url, {"to": "resend"}).status_code == 403


def test_the_case_has_a_log(world: World, row: Delivery) -> None:
    case = row.case
    assert case is not None
    url = reverse("case_deliveries", args=[case.pk])
    page = enter(world, WORKER).get(url).content.decode()
    assert "送达情况不明" in page
    assert "wo****@example.gov.cn" in page
    assert enter(world, "嵩县/county_worker").get(url).status_code == 404


def test_the_command_line_does_the_same(world: World, row: Delivery, settings: Any) -> None:
    [line] = as_json("delivery", "list", "--list", "in_doubt", "--most", "5")
    assert (line["id"], line["state"], line["address"]) == (
        row.pk,
        "in_doubt",
        "wo****@example.gov.cn",
    )
    assert refused("delivery", "resend", str(row.pk), "--by", world.people[LEAD].username)[0][
        "code"
    ] == ("no_delivery")
    office = world.people["office/1"].username
    [again] = as_json("delivery", "resend", str(row.pk), "--by", office, "--at", "2022-03-01")
    assert again["state"] == "waiting"
    with mailbox() as box:
        settings.MAIL = box.server()
        assert as_json("delivery", "send", "--at", "2022-03-01T08:00")["sent"] == 0
        assert "已发送2条" in run("delivery", "send", "--at", "2022-03-01T09:05")
    Delivery.objects.update(state="in_doubt")
    [done] = as_json(
        "delivery",
        "confirm",
        str(row.pk),
        "--by",
        world.people["office/1"].username,
        "--at",
        "2022-03-01",
    )
    assert done["state"] == "confirmed"


def test_preferences_by_command(world: World) -> None:
    name = world.people[WORKER].username
    changed = as_json(
        "preferences", name, "--email", "w@example.cn", "--digest-at", "09:30", "--digest", "on",
        "--singles", "off", "--by-sms", "off", "--by-mail", "on",
    )  # fmt: skip
    assert (changed["email"], changed["digest_at"], changed["singles"]) == (
        "w@example.cn",
        "09:30",
        False,
    )
    assert as_json("preferences", name) == changed
    assert json.loads(run("preferences", name, "--json"))["email"] == "w@example.cn"
    assert as_json("preferences", name, "--phone", "000-12345678")["phone"] == "000-12345678"
    assert refused("preferences", name, "--phone", "call me")[0]["code"] == "phone_wrong"
    other = world.people[LEAD].username
    assert refused("preferences", name, "--phone", "", "--by", other)[0]["code"] == "not_yours"
    assert refused("preferences", name, "--digest", "off", "--by", other)[0]["code"] == "not_yours"
    assert refused("preferences", name, "--digest-at", "noon")[0]["code"] == "wrong_input"
    assert refused("preferences", name, "--digest-at", "03:00")[0]["code"] == "wrong_hour"


@pytest.mark.parametrize(
    ("address", "sender"),
    [
        ("mail.example.cn", "a@b.cn"),
        ("smtp://", "a@b.cn"),
        ("smtp://host", ""),
        ("smtp://h:x", "a@b"),
    ],
)
def test_a_mail_server_that_cannot_be_meant_is_refused(address: str, sender: str) -> None:
    with pytest.raises(Exception, match="XIAOHAO_MAIL"):
        mail_server(address, sender)


def test_the_ways_to_reach_a_mail_server() -> None:
    found = mail_server("smtp+tls://me%40x:p%2Fw@mail.example.cn", "专班办 <a@b.cn>")
    assert found is not None
    assert (found.port, found.user, found.password, found.tls) == (587, "me@x", "p/w", "starttls")
    assert mail_server("", "") is None
    assert sending_hours("08:00-20:00") == (time(8), time(20))
    for wrong in ("20:00-08:00", "8-20", ""):
        with pytest.raises(Exception, match="XIAOHAO_SENDING_HOURS"):
            sending_hours(wrong)
