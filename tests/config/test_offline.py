"""The service worker: at the root, never stale, the shell whole and light, nobody's name in it."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.finders import find
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from config import offline
from config.tls import certificate
from tests.cases.lists import sign_in
from tests.world import START, World

WORKER = "涧西区/county_worker"


def given(text: str) -> dict[str, Any]:
    """What the server put above the worker's source."""
    found: dict[str, Any] = json.loads(text.partition("\n")[0].removeprefix("const SET = ")[:-1])
    return found


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_worker_is_asked_for_anew_and_serves_the_whole_site(
    client: Client, language: str
) -> None:
    answer = client.get(f"/sw.js?lang={language}")
    assert answer["Content-Type"].startswith("text/javascript")
    assert (answer["Cache-Control"], answer["Service-Worker-Allowed"]) == ("no-cache", "/")
    assert "unsafe" not in answer["Content-Security-Policy"]
    told = given(answer.content.decode())
    assert told["offline"] == f"/offline/?lang={language}"
    assert told["leave"] == reverse("logout")
    words = client.get(told["offline"]).content.decode()
    assert ("没有网络" in words) is (language == "zh-hans")
    assert "csrfmiddlewaretoken" not in words


def test_a_changed_script_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = given(offline._made("zh-hans"))["version"]
    assert before == given(offline._made("zh-hans"))["version"]
    read = Path.read_bytes
    changed = Path(find("js/field.js") or "")
    monkeypatch.setattr(
        Path, "read_bytes", lambda path: b"//" + read(path) if path == changed else read(path)
    )
    assert given(offline._made("zh-hans"))["version"] != before


@pytest.mark.django_db
def test_the_shell_is_what_the_pages_are_made_of_and_light(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("organisations.clock.today", lambda: START)
    firm = world.firm("洛阳示例轴承有限公司")
    world.open()
    pages = {
        path: sign_in(world, WORKER).get(path).content.decode()
        for path in (
            reverse("route"),
            reverse("visit_new", args=[firm.pk]),
            reverse("call_new", args=[firm.pk]),
        )
    }
    pages["offline"] = client.get("/offline/").content.decode()
    assets = given(client.get("/sw.js").content.decode())["assets"]
    for path, page in pages.items():
        asked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
        assert asked <= set(assets), path
        assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=", page), path
    # ≤ 60 KB of our own for everything that works in the field, compressed as it is sent, a page
    # included (htmx, another 16 KB, is the library's)
    own = [name for name in (*offline.SHELL, offline.SOURCE) if "htmx" not in name]
    parts = [Path(find(name) or "").read_bytes() for name in own]
    whole = [*parts, pages[reverse("route")].encode()]
    assert sum(len(gzip.compress(part)) for part in whole) < 60_000


@pytest.mark.django_db
def test_who_is_there_is_told_to_whoever_is_signed_in(world: World, client: Client) -> None:
    answer = sign_in(world, WORKER).get("/field/hello/")
    assert answer.json()["person"] == world.people[WORKER].pk
    assert answer.json()["token"]
    assert answer["Cache-Control"] == "no-store"
    assert client.get("/field/hello/").status_code == 302


@pytest.mark.parametrize(
    ("crt", "key", "wrong"),
    [("a.crt", "", "XIAOHAO_KEY"), ("", "a.key", "XIAOHAO_CERTIFICATE"), ("a", "b", "a")],
)
def test_half_a_certificate_is_said_in_words(crt: str, key: str, wrong: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=wrong):
        certificate(crt, key)
