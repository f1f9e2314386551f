"""Other services through the real package apprise, spoken to at a real address of this machine."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from cases.actions import remarks
from config import mail
from notifications.channels import others
from notifications.channels.configured import channels
from notifications.channels.line import Envelope, Never, NotNow, Unclear
from notifications.channels.others import Other
from notifications.deliveries import Delivery, Line, Preference
from notifications.delivery import deliver
from notifications.sending import send
from organisations.models import User
from tests.notifications.test_channels import Gate, standing
from tests.world import World, at

# a plug-in of the package asks for a module that Python 3.13 has no more
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
MONDAY, DUE = date(2022, 4, 11), date(2022, 4, 12)
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
State = Delivery.State


@pytest.fixture
def gate() -> Iterator[Gate]:
    with standing() as found:
        yield found


def say(address: str, body: str = "甲县 逾期 1") -> str:
    channel = Other(address, "apprise-1", 10)
    begun: list[int] = []
    envelope = Envelope((1,), "t", "apprise-1", "z", "今日待办", body, at(MONDAY))
    try:
        return channel.send(envelope, lambda: begun.append(1))
    finally:
        # the fence comes before the first byte, but an address that is none sends none
        assert begun == [1] or address.startswith("nosuch")


def test_title_and_text_arrive_and_nothing_else(gate: Gate) -> None:
    assert say(f"json://127.0.0.1:{gate.port}/in", "甲县 <b> 1") == "taken"
    [(path, _headers, body)] = gate.posts
    said = json.loads(body)
    assert (path, said["title"], said["message"]) == ("/in", "今日待办", "甲县 <b> 1")
    assert said["attachments"] == []
    assert "http" not in body.decode()  # no picture of somebody else's
    assert not logging.getLogger("apprise").propagate  # nor a line with the message in our log


@pytest.mark.parametrize(
    ("status", "failure"),
    [(302, Never), (404, Never), (429, NotNow), (503, NotNow), (500, Unclear)],
)
def test_what_an_answer_means(gate: Gate, status: int, failure: type[Exception]) -> None:
    gate.status = status
    with pytest.raises(failure, match=f"error={status}"):
        say(f"json://127.0.0.1:{gate.port}/in/a-key?redirect=yes&retry=3&optional=yes")
    assert len(gate.posts) == 1  # a redirect is not followed, whatever the address says


def test_nobody_there_an_unknown_address_and_two_receivers(gate: Gate) -> None:
    with pytest.raises(NotNow) as why:
        say("json://127.0.0.1:1/a-key")
    assert "a-key" not in str(why.value)
    with pytest.raises(Never):
        say("nosuch://127.0.0.1/")
    # of two one may have it
    gate.status = 404
    with pytest.raises(Unclear):
        say(f"ntfy://127.0.0.1:{gate.port}/one,two")


def test_a_service_that_never_ends_is_left(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.channels.others.LONGEST", 0.1)
    gate.pause = 0.5
    with pytest.raises(Unclear, match="no answer"):
        say(f"json://127.0.0.1:{gate.port}/in")
    # while it still talks, what is heard may be its own: in doubt, not to be sent again
    gate.pause = 0.0
    with pytest.raises(Unclear):
        say("json://127.0.0.1:1/a-key")
    for left in others._LEFT:
        left.join()
    with pytest.raises(NotNow):
        say("json://127.0.0.1:1/a-key")


def test_off_by_default_and_said_where_the_package_lacks(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert settings.APPRISE == []
    assert mail.others(" ") == []
    assert mail.others("ntfys://a.cn/x  slack://b") == ["ntfys://a.cn/x", "slack://b"]
    with pytest.raises(ImproperlyConfigured, match="SERVICE"):
        mail.others("ntfys.cn/x")
    monkeypatch.setattr(mail, "find_spec", lambda name: None)
    assert mail.others("") == []
    with pytest.raises(ImproperlyConfigured, match="bin/set-up apprise"):
        mail.others("ntfys://a.cn/x")


def test_the_same_outbox_for_a_group_and_for_whoever_chose_it(
    world: World, gate: Gate, settings: Any, client: Any
) -> None:
    """No firm's name in either; singles, digest, hours, claim and fence as of every channel."""
    where = f"json://127.0.0.1:{gate.port}"
    settings.APPRISE = [f"{where}/group", f"{where}/to/{{account}}"]
    user = world.people[WORKER]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert "本市消息服务" in client.get(reverse("message_settings")).content.decode()
    Preference.objects.create(user=user, by_sms=True)
    world.firm("洛阳示例耐材有限公司")
    world.open(MONDAY)
    remarks.urge(world.case().pk, by=world.actor(LEAD, MONDAY), at=at(DUE, 8), text="请抓紧")
    deliver(at(DUE, 8))
    assert send(at(DUE, 7)) == dict.fromkeys(("sent", "in_doubt", "failed", "postponed"), 0)
    gate.status = 503
    assert send(at(DUE, 8))["postponed"] == 1
    gate.status = 200
    gate.posts.clear()
    send(at(DUE, 8) + timedelta(minutes=2))
    send(at(DUE, 9))
    said = [(path, json.loads(body)["message"]) for path, _headers, body in gate.posts]
    mine = f"/to/{user.username}"
    assert [path for path, _text in said] == [mine, "/group", mine]
    assert said[0][1] == "【研发专班】您有1条新消息，请登录办理。"
    assert "涧西区：逾期 0 · 临期 1" in said[1][1]
    assert not any("示例" in text for _path, text in said)
    rows = Delivery.objects.exclude(state=State.SILENT)
    assert {(row.channel, row.state) for row in rows} == {
        ("apprise-1", State.SENT), ("apprise-2", State.SENT),
    }  # fmt: skip
    assert Line.objects.get(channel="apprise-2").in_window == 1
    # whoever has not chosen it has none of it, and no row either but the morning's silent one
    assert not rows.exclude(recipient=user).filter(channel="apprise-2").exists()


def test_a_phone_in_the_address(world: World, settings: Any) -> None:
    settings.APPRISE = ["d7sms://token@{phone}"]
    [channel] = channels()
    user = User.objects.get(pk=world.people[WORKER].pk)
    user.phone = "13800000000"
    user.preference = Preference(user=user, by_sms=True)
    assert (channel.address_of(user), channel.is_short) == ("13800000000", True)
    user.preference.by_sms = False
    assert channel.address_of(user) == ""
