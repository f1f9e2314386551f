"""Gateways and robots: one signed POST to a public address; text messages without firms."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from cases.actions import remarks
from config.mail import gateway, robots
from notifications import short
from notifications.channels import web
from notifications.channels.line import Down, Envelope, Never, NotNow, Unclear
from notifications.channels.robots import Robot
from notifications.deliveries import Delivery, Preference
from notifications.delivery import deliver
from notifications.sending import send
from organisations.models import User
from tests.world import World, at

MONDAY, DUE = date(2022, 4, 11), date(2022, 4, 12)
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
SECRET = "a secret of the gateway"
FIRM = "洛阳示例耐材有限公司"


class Gate:
    """A web server that keeps what is posted and answers as it is told."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.text, self.pause = 200, "{}", 0.0
        self.port = 0


class Posted(http.server.BaseHTTPRequestHandler):
    gate: Gate

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.gate.posts.append((self.path, dict(self.headers), body))
        time.sleep(self.gate.pause)
        self.send_response(self.gate.status)
        self.send_header("Location", "https://elsewhere.example.cn/")
        self.end_headers()
        self.wfile.write(self.gate.text.encode())

    def log_message(self, *_words: Any) -> None:
        """Quiet."""


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_request: Any) -> None:
        """Whom we post to may hang up."""


@contextmanager
def standing() -> Iterator[Gate]:
    found = Gate()
    handler = type("PostedTo", (Posted,), {"gate": found})
    with Quiet(("127.0.0.1", 0), handler) as server:
        found.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield found
        server.shutdown()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The gate stands on this machine and speaks plainly: the two checks of ``web`` are its own
    tests' matter."""
    monkeypatch.setattr(web, "_is_public", lambda address: True)
    monkeypatch.setattr(web, "_encrypted", lambda raw, host: raw)
    with standing() as found:
        yield found


def post(gate: Gate, **more: str) -> web.Answer:
    return web.post(f"https://127.0.0.1:{gate.port}/in", {"a": "甲"}, lambda: None, **more)


def test_signed_over_moment_and_body(gate: Gate) -> None:
    assert post(gate, secret=SECRET, moment="17", key="x-1").status == 200
    [(path, headers, body)] = gate.posts
    assert path == "/in"
    assert json.loads(body) == {"a": "甲"}
    assert headers["X-Xiaohao-Signature"] == web.signature(SECRET, "17", body)
    assert headers["Idempotency-Key"] == "x-1"


@pytest.mark.parametrize(
    ("status", "failure"),
    [(302, Never), (400, Never), (404, Never), (429, NotNow), (503, NotNow), (500, Unclear)],
)
def test_what_an_answer_means(gate: Gate, status: int, failure: type[Exception]) -> None:
    gate.status = status
    with pytest.raises(failure):
        post(gate)
    assert len(gate.posts) == 1  # a redirect is not followed


def test_a_slow_gateway_is_left_after_its_time(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.2)
    gate.pause = 1.0
    begun = time.monotonic()
    with pytest.raises(Unclear):
        post(gate)
    assert time.monotonic() - begun < 0.9


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.1.1", "0.0.0.0", "::1", "fd00::1",
     "::ffff:10.0.0.1", "224.0.0.1", "100.64.0.1"],
)  # fmt: skip
def test_an_address_inside_is_never_reached(address: str) -> None:
    begun: list[int] = []
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Never):
        web.post(f"https://{host}/", {}, lambda: begun.append(1))
    assert not begun


def test_only_https_and_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Never):
        web.post("http://gateway.example.cn/", {}, lambda: None)
    monkeypatch.setattr(web, "_is_public", lambda address: True)
    with pytest.raises(Down):
        web.post("https://127.0.0.1:1/", {}, lambda: None)


@pytest.mark.parametrize(
    ("url", "secret"), [("http://a.cn", SECRET), ("https://a.cn", "short"), ("a.cn", SECRET)]
)
def test_a_gateway_that_cannot_be_meant_is_refused(url: str, secret: str) -> None:
    with pytest.raises(Exception, match="gateway"):
        gateway(url, secret)
    with pytest.raises(Exception, match="XIAOHAO_ROBOTS"):
        robots([url])


def envelope(body: str) -> Envelope:
    return Envelope((1,), "t", "x", "group", "今日待办", body, at(MONDAY))


@pytest.mark.parametrize(
    ("host", "taken", "refused", "content"),
    [
        ("qyapi.weixin.qq.com", {"errcode": 0}, {"errcode": 93000}, ("text", "content")),
        ("oapi.dingtalk.com", {"errcode": 0}, {"errcode": 310000}, ("text", "content")),
        ("open.feishu.cn", {"code": 0}, {"code": 19001}, ("content", "text")),
    ],
)
def test_three_robots(
    gate: Gate, host: str, taken: Any, refused: Any, content: tuple[str, str]
) -> None:
    robot = Robot(f"https://{host}/hook?key=1#secret", "robot-1")
    robot.url = f"https://127.0.0.1:{gate.port}/hook?key=1"
    gate.text = json.dumps(taken)
    robot.send(envelope("甲县 逾期 1"), lambda: None)
    path, _headers, body = gate.posts[0]
    assert json.loads(body)[content[0]][content[1]] == "今日待办\n甲县 逾期 1"
    assert ("sign=" in path) is (host == "oapi.dingtalk.com")
    assert ("sign" in json.loads(body)) is (host == "open.feishu.cn")
    gate.text = json.dumps(refused)
    with pytest.raises(Never):
        robot.send(envelope("甲县 逾期 1"), lambda: None)


def test_text_messages_fit_and_name_no_firm(settings: Any) -> None:
    settings.CONTACT = "李示例 0379-00000000"
    figures = {"next": 2, "today": 1, "overdue": 1, "returned": 0, "review": 0}
    words = short.of_counts(figures)
    assert words == (
        "【研发专班】3家企业3个工作日内到期、1家已逾期，请登录办理。联系人李示例 0379-00000000"
    )
    many = dict.fromkeys(figures, 9999)
    assert len(short.of_counts(many)) <= 70
    with override("en"):
        assert len(short.of_counts(many)) <= 70
        assert short.of_singles(1) == "[R&D task force] 1 new message for you. Please sign in."[:70]


def test_each_channel_has_its_own_words(
    world: World, gate: Gate, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One reminder and one morning: whole by webhook, short by phone, totals for the group."""
    settings.WEBHOOK = (f"https://127.0.0.1:{gate.port}/web", SECRET)
    settings.SMS = (f"https://127.0.0.1:{gate.port}/sms", SECRET)
    settings.ROBOTS = ["https://open.feishu.cn/hook"]
    monkeypatch.setattr(
        "notifications.channels.robots.urldefrag",
        lambda address: (f"https://127.0.0.1:{gate.port}/group", ""),
    )
    user = world.people[WORKER]
    User.objects.filter(pk=user.pk).update(phone="13800000000")
    Preference.objects.create(user=user, by_sms=True)
    world.firm(FIRM)
    world.open(MONDAY)
    remarks.urge(world.case().pk, by=world.actor(LEAD, MONDAY), at=at(DUE, 8), text="请抓紧")
    deliver(at(DUE, 8))
    send(at(DUE, 8))
    send(at(DUE, 9))
    send(at(DUE, 9) + timedelta(minutes=5))
    said: dict[str, list[dict[str, Any]]] = {}
    for path, _headers, body in gate.posts:
        said.setdefault(path, []).append(json.loads(body))
    mine = [one for one in said["/web"] if one["account"] == user.username]
    assert [one["subject"] for one in mine] == ["催办", "今日待办"]
    assert FIRM[:6] in mine[1]["body"]
    assert [one["text"] for one in said["/sms"]] == [
        "【研发专班】您有1条新消息，请登录办理。",
        "【研发专班】1家企业3个工作日内到期，请登录办理。",
    ]
    [group] = said["/group"]
    assert "涧西区：逾期 0 · 临期 1" in group["content"]["text"]
    assert "合计：已销号 0/1" in group["content"]["text"]
    assert "示例" not in group["content"]["text"]
    assert set(Delivery.objects.exclude(state="silent").values_list("state", flat=True)) == {"sent"}
