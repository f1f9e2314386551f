"""方案管理: a pack is checked, drawn and issued in the browser; another city's is refused."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.world import World
from workflows.models import ProgrammeVersion
from workflows.packs import shipped_text

PACK = shipped_text("luoyang-2022")


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


def enter(world: World, key: str) -> Client:
    client = Client()
    client.force_login(world.people[key], backend="django.contrib.auth.backends.ModelBackend")
    return client


def check(client: Client, text: str | bytes, name: str = "pack.yaml") -> HttpResponse:
    content = text.encode() if isinstance(text, str) else text
    return client.post(reverse("pack_upload"), {"file": SimpleUploadedFile(name, content)})  # type: ignore[return-value]


def test_faults_come_with_their_lines(world: World) -> None:
    wrong = PACK.replace("root_procedure: assistance", "root_procedure: nothing")
    assert wrong != PACK
    line = next(n for n, words in enumerate(wrong.splitlines(), 1) if "nothing" in words)
    answer = check(enter(world, "office/1"), wrong)
    assert answer.status_code == 422
    assert f'scope="row">{line}</th>' in answer.content.decode()
    assert ProgrammeVersion.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00PK", b"- a\n- b"])
def test_what_is_no_pack_is_refused_in_words(world: World, content: bytes) -> None:
    assert check(enter(world, "office/1"), content).status_code == 422


def test_a_checked_pack_is_drawn_and_then_issued(world: World) -> None:
    office = enter(world, "office/1")
    text = PACK.replace("\n", "\n# 第二版\n", 1)
    page = check(office, text).content.decode()
    assert "<svg" in page
    assert "待签收" in page
    assert ProgrammeVersion.objects.count() == 1
    # a browser sends a textarea's lines with CRLF
    posted = {"text": text.replace("\n", "\r\n"), "name": "pack.yaml"}
    assert office.post(reverse("pack_issue"), posted).status_code == 302
    newest = ProgrammeVersion.objects.order_by("-number")[0]
    assert (newest.number, newest.source) == (2, text)
    shown = office.get(reverse("pack_version", args=["luoyang-2022", 2]))
    assert shown.status_code == 200
    file = office.get(reverse("pack_text", args=["luoyang-2022", 2]))
    assert file.content.decode() == text


def test_the_same_text_again_offers_nothing_to_issue(world: World) -> None:
    assert reverse("pack_issue") not in check(enter(world, "office/1"), PACK).content.decode()


def test_another_citys_pack_is_refused(world: World) -> None:
    office = enter(world, "office/1")
    text = shipped_text("demo")
    assert check(office, text).status_code == 422
    assert office.post(reverse("pack_issue"), {"text": text}).status_code == 422
    assert ProgrammeVersion.objects.count() == 1


@pytest.mark.parametrize("who", ["涧西区/county_lead", "leader", "市住建局/department_lead"])
def test_outsiders_do_not_come_in(world: World, who: str) -> None:
    client = enter(world, who)
    assert check(client, PACK).status_code == 403
    assert client.post(reverse("pack_issue"), {"text": PACK}).status_code == 403
    for name in ("pack_version", "pack_text"):
        assert client.get(reverse(name, args=["luoyang-2022", 1])).status_code == 403


def test_a_version_that_is_not_there(world: World) -> None:
    office = enter(world, "office/1")
    assert office.get(reverse("pack_version", args=["luoyang-2022", 9])).status_code == 404
    assert office.get(reverse("pack_text", args=["jincheng-2020", 1])).status_code == 404
