"""Alive, ready, well: what a balancer, the office and Prometheus are told."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, CaseEvent, PendingEvent
from config import tasks
from config.health import lines_of
from config.vitals import exposition, vitals
from notifications import delivery, texts
from notifications.models import Delivery, Notice, Pulse
from organisations import clock, wake
from tests.world import START, World, at

BACKEND = "django.contrib.auth.backends.ModelBackend"


def test_alive_asks_nobody(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True  # the machine asks itself without TLS
    assert client.get("/healthz").content == b"ok\n"

    def away(*_arguments: object) -> None:
        raise OperationalError("no server")

    monkeypatch.setattr(connection, "cursor", away)
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.content) == (503, b"database\n")


@pytest.mark.django_db
def test_ready_when_the_database_answers_and_uploads_can_be_kept(
    client: Client, settings: Any, tmp_path: Any
) -> None:
    assert client.get("/readyz").status_code == 200
    settings.VAR_DIR = tmp_path / "gone"
    assert client.get("/readyz").content == b"disk\n"


@pytest.mark.django_db
def test_metrics_for_whoever_brings_the_token(client: Client, settings: Any) -> None:
    token = {"Authorization": "Bearer a token"}
    assert client.get("/metrics", headers=token).status_code == 404
    settings.METRICS_TOKEN = "a token"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer é"}).status_code == 404
    tasks.tick()
    text = client.get("/metrics", headers=token).content.decode()
    assert 'xiaohao_last_run_age_seconds{job="tick"} ' in text
    assert 'xiaohao_deliveries{list="in_doubt"} 0\n' in text
    assert f"xiaohao_wake_failures_total {wake.failures}\n" in text


def test_the_office_reads_how_it_is(world: World) -> None:
    client = Client()
    client.force_login(world.people["office/1"], backend=BACKEND)
    page = client.get(reverse("status")).content.decode()
    assert "停止运行时不再提醒" in page  # nobody has ticked yet
    tasks.tick()
    tasks.send()
    page = client.get(reverse("status")).content.decode()
    # neither good nor bad before its first night
    assert re.search(r'#s-ring"/></svg> 审计日志校验</th><td>尚未运行<', page)
    assert re.search(r'#s-tick"/></svg> 时限与提醒</th>', page)
    assert "请设每晚备份" in client.get(reverse("status")).content.decode()
    Pulse.objects.create(name="backup", at=timezone.now())
    assert "运行正常" in client.get(reverse("status")).content.decode()
    Delivery.objects.create(
        key="x", kind="single", channel="smtp", made_at=at(START), next_try_at=at(START),
        state="failed", settled_at=at(START),
    )  # fmt: skip
    assert "有事项需要处理" in client.get(reverse("status")).content.decode()
    lead = Client()
    lead.force_login(world.people["涧西区/county_lead"], backend=BACKEND)
    assert lead.get(reverse("status")).status_code == 403


def test_a_part_of_the_tick_that_breaks_holds_up_no_deadline(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others go on, and the tick does not count as done: the page says so."""

    def breaks(_at: object) -> None:
        raise ValueError("odd")

    world.firm("洛阳示例耐材有限公司")
    world.open()
    monkeypatch.setattr("reports.reconciled.settle", breaks)
    with pytest.raises(ValueError, match="odd"):
        tasks.tick()
    assert Notice.objects.exists()
    assert not Pulse.objects.filter(name="tick").exists()


def test_an_event_of_which_nothing_can_be_said_holds_up_no_notice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for county in ("涧西区", "嵩县"):
        world.firm(f"{county}示例有限公司", county)
    world.open()
    odd = CaseEvent.objects.filter(pending__isnull=False).order_by("pk")[0]
    real = texts.compose

    def breaks(text: str, case: Case, parts: Any) -> tuple[str, str]:
        if case.pk == odd.case_id:
            raise KeyError("odd")
        return real(text, case, parts)

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "compose", breaks)
        with pytest.raises(KeyError):
            delivery.deliver(at(START))
    made = Notice.objects.count()
    assert made
    assert [row.event_id for row in PendingEvent.objects.all()] == [odd.pk]
    assert delivery.deliver(at(START)) > 0
    assert Notice.objects.count() > made
    assert not PendingEvent.objects.exists()


@pytest.mark.django_db
def test_what_stands_and_what_is_full_is_bad() -> None:
    now = timezone.now()
    assert vitals(now).is_stale
    Pulse.objects.create(name="tick", at=now - timedelta(minutes=6))
    assert vitals(now).is_stale
    Pulse.objects.update(at=now)
    assert vitals(now).lacks_backup
    night = Pulse.objects.create(name="backup", at=now - timedelta(hours=49))
    assert vitals(now).lacks_backup
    Pulse.objects.filter(pk=night.pk).update(at=now)
    Pulse.objects.create(name="send", at=now)
    found = vitals(now)
    assert (found.is_stale, found.lacks_backup) == (False, False)
    assert found.is_well is not found.is_full
    assert exposition(found).endswith("\n")


@pytest.mark.django_db
def test_what_runs_at_night_and_a_clock_that_was_set_back() -> None:
    now = timezone.now()
    for name in ("tick", "send", "seal", "backup", "verify", "sweep_up"):
        Pulse.objects.create(name=name, at=now - timedelta(seconds=30))
    assert vitals(now).is_well is not vitals(now).is_full
    Pulse.objects.filter(name="verify").update(at=now - timedelta(days=14))
    found = vitals(now)
    assert (found.is_late("verify"), found.is_late("sweep_up"), found.is_well) == (
        True, False, False,
    )  # fmt: skip
    # the machine's clock was a day ahead: what is said to run tomorrow does not run
    Pulse.objects.update(at=now + timedelta(days=1))
    found = vitals(now)
    assert (found.is_stale, found.is_behind) == (True, True)
    assert "clock" in [line["key"] for line in lines_of(found) if line["bad"]]


@pytest.mark.django_db
def test_the_machine_s_own_jobs_keep_the_machine_s_time_in_a_travelled_demo(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = True
    monkeypatch.setattr("config.demo.state.is_building", lambda: False)
    try:
        clock.travel(14)
        tasks.tick()
        found = vitals(clock.of_the_machine())
        assert (found.is_stale, found.is_behind) == (False, False)
        clock.travel(-28)
        assert not vitals(clock.of_the_machine()).is_stale
    finally:
        clock.forget()


@pytest.mark.django_db
def test_the_same_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("status")
    assert ended.value.code == 1
    assert "!\t时限与提醒" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("status", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["is_well"] is False
    assert {"key": "failed", "words": "0", "bad": False}.items() <= said["lines"][9].items()
    assert said["lines"][0]["at"] is None
    assert said["lines"][0]["words"] == "尚未运行"
    tasks.tick()
    with pytest.raises(SystemExit):
        call_command("status", "--json")
    ticked = json.loads(capsys.readouterr().out)["lines"][0]
    # a moment, and no words that say otherwise
    assert ticked["key"] == "tick"
    assert ticked["at"]
    assert "words" not in ticked
