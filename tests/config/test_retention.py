"""What is over its time goes, by whose rule, and never a line of the record."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import CaseEvent, NoteSheet
from config import tasks
from config.retention import delete_old
from config.trail.values import in_words
from notifications.models import Delivery, Notice
from organisations.file_job import FileJob
from organisations.keeping import days_kept
from organisations.models import AuditEvent
from organisations.roles import Role
from tests.config.test_commands import as_json, refused, run
from tests.outsiders.cast import _sit
from tests.world import World

BACKEND = "django.contrib.auth.backends.ModelBackend"
OLD = timedelta(days=800)


@pytest.fixture
def full(world: World, settings: Any, tmp_path: Path) -> World:
    """Something of each kind, once of today and once long over its time."""
    settings.MEDIA_ROOT = str(tmp_path)  # tests before this one leave files behind
    world.firm("洛阳示例轴承有限公司")
    world.open()
    person, now = world.people["office/1"], timezone.now()
    for n, moment in enumerate((now, now - OLD)):
        post = {"recipient": person, "kind": "rung", "title": "提醒", "body": "一件", "at": moment}
        notice = Notice.objects.create(key=f"a{n}", read_at=moment, **post)
        told = Notice.objects.create(key=f"b{n}", read_at=moment, **post)
        Notice.objects.create(key=f"c{n}", **post)
        Delivery.objects.create(
            key=f"d{n}", kind="single", channel="smtp", notice=told, made_at=moment, state="sent",
            next_try_at=moment, settled_at=moment, body="某企业逾期", address="a@example.gov.cn",
        )  # fmt: skip
        assert notice.pk
        tried = AccessAttempt.objects.create(
            username=f"u{n}", ip_address="10.0.0.1", failures_since_start=1
        )
        AccessAttempt.objects.filter(pk=tried.pk).update(attempt_time=moment)
        FileJob.objects.create(what="ledger", name="台账.xlsx", by=person, at=moment, state="gone")
        NoteSheet.objects.create(file_name="表.xlsx", sha256="", rows=[{"a": 1}], at=moment)
        Session.objects.create(session_key=f"s{n}", session_data="", expire_date=moment + OLD / 2)
        lost = Path(settings.MEDIA_ROOT) / "sheets/2022/01" / f"{n}.pdf"
        lost.parent.mkdir(parents=True, exist_ok=True)
        lost.write_bytes(b"scan")
        os.utime(lost, (moment.timestamp(), moment.timestamp()))
    return world


GONE = {
    "sign_in_tries": 1, "letters": 1, "notices": 1, "drafts": 0, "file_jobs": 1, "sessions": 1,
    "files": 0, "previews": 1, "uploads": 1,
}  # fmt: skip


def test_the_nightly_run_deletes_what_is_over_its_time_and_no_more(full: World) -> None:
    record = CaseEvent.objects.count()
    assert as_json("retention", "run", "--dry-run") == GONE
    assert Notice.objects.filter(key__in=["a1", "b1", "c1"]).count() == 3
    tasks.sweep_up()
    # read and sent by mail, or unread: it stays; of the letter the line stays
    assert set(Notice.objects.values_list("key", flat=True)) >= {"a0", "b0", "c0", "b1", "c1"}
    assert not Notice.objects.filter(key="a1").exists()
    assert Delivery.objects.get(key="d0").body
    old = Delivery.objects.get(key="d1")
    assert (old.body, old.address, old.state) == ("", "", "sent")
    assert AccessAttempt.objects.get().username == "u0"
    assert FileJob.objects.count() == 1
    assert NoteSheet.objects.get(state="dropped").rows == []
    assert CaseEvent.objects.count() == record
    done = AuditEvent.objects.get(verb="delete_old")
    assert "notices 1" in done.data["deleted"]
    assert "notices" not in in_words("deleted", done.data["deleted"])
    # once: nothing is left, and nothing more is said
    assert not any(delete_old(timezone.now()).values())
    assert AuditEvent.objects.filter(verb="delete_old").count() == 1
    assert not any(as_json("retention", "run").values())


def test_the_system_administrator_sets_the_days_within_the_law(world: World) -> None:
    _sit(world, "admin", world.units["市专班办"], Role.SYSTEM_ADMIN)
    client, office = Client(), Client()
    client.force_login(world.people["admin"], backend=BACKEND)
    office.force_login(world.people["office/1"], backend=BACKEND)
    address = reverse("keeping")
    assert "网络安全法" in client.get(address).content.decode()
    assert client.post(address, {"notices": "100", "letters": "365"}).status_code == 302
    assert days_kept()["notices"] == 100
    kept = AuditEvent.objects.get(verb="keep_for")
    assert (kept.data["before"], kept.data["after"]) == ({"days": 730}, {"days": 100})
    short = client.post(address, {"letters": "30"})
    assert (short.status_code, days_kept()["letters"]) == (422, 365)
    assert client.post(address, {"letters": "x"}).status_code == 422
    assert "保存期限由系统管理员设置" in office.get(address).content.decode()
    assert office.post(address, {"notices": "300"}).status_code == 403
    assert as_json("retention", "set", "notices", "400")["notices"] == 400
    assert "400" in run("retention", "show")
    assert as_json("retention", "show")["files"] == 1
    assert refused("retention", "set", "letters", "9")[0]["code"] == "wrong_days"
    by = ("--by", world.people["office/1"].username)
    assert refused("retention", "run", *by)[0]["code"] == "may_not"
