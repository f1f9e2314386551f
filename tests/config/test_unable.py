"""A full disk and a database that is away are said as what they are, and nobody's fault."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.test import Client
from django.urls import reverse
from kombu.exceptions import ChannelError

from config import broker
from config.errors import reason_of
from tests.world import World

BACKEND = "django.contrib.auth.backends.ModelBackend"


def caused(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OperationalError("database or disk is full"), 503, "磁盘已满"),
        (OSError(errno.ENOSPC, "No space left on device"), 503, "磁盘已满"),
        (OperationalError("connection refused"), 503, "数据库没有应答"),
        (OperationalError("no such table: x"), 500, "系统在这一步出错了"),
        (IntegrityError("FOREIGN KEY constraint failed"), 409, "刚被他人撤回"),
        (IntegrityError("UNIQUE constraint failed: a.b"), 500, "系统在这一步出错了"),
        (RuntimeError("x"), 500, "系统在这一步出错了"),
    ],
)
def test_the_page_says_what_it_is(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, words: str
) -> None:
    def fail(_at: Any) -> None:
        raise error

    monkeypatch.setattr("config.health.vitals", fail)
    client = Client(raise_request_exception=False)
    client.force_login(world.people["office/1"], backend=BACKEND)
    answer = client.get(reverse("status"))
    page = answer.content.decode()
    assert (answer.status_code, words in page) == (status, True)
    assert "市专班办" in page  # with the bars of whoever is signed in


def test_what_only_a_form_sends_is_told_so_when_opened(world: World) -> None:
    client = Client()
    client.force_login(world.people["office/1"], backend=BACKEND)
    answer = client.get(reverse("audit_verify"))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    page = answer.content.decode()
    assert "没有可打开的页面" in page
    assert "市专班办" in page


def test_what_lies_behind_an_error() -> None:
    full = OSError(errno.ENOSPC, "x")
    assert reason_of(caused(ValueError("a page"), full)) == "full"
    assert reason_of(None) == reason_of(ValueError("x")) == ""


def test_a_message_that_finds_no_room_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *_arguments: Any, **_more: Any) -> None:
        self.touch()
        raise OSError(errno.ENOSPC, "x")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ChannelError):
        broker._write(tmp_path / "message", "{}")
    assert list(tmp_path.iterdir()) == []
