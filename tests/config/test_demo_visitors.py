"""A visitor signs in while another process builds the demo's history on the same SQLite file."""

import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.test import Client

from config.demo import courtesy, people, state
from config.demo.campaign import at_hour
from organisations.models import User
from tests import prepared

ROOT = Path(__file__).resolve().parents[2]
# the builder: one short transaction after the other, with no pause of its own
WRITER = """
import datetime, time, django
django.setup()
from django.db import transaction
from config.demo import courtesy
from organisations import clock
end = time.monotonic() + 60
with courtesy.giving_way():
    while time.monotonic() < end:
        with transaction.atomic():
            clock.travel_to(datetime.timedelta())
            time.sleep(0.15)
        print("written", flush=True)
"""
VISITOR = """
import django
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost")
for _ in range(3):
    print(client.post("/sign-in/demo/", {"username": "demo-office"}).status_code, flush=True)
print(*client.cookies, flush=True)
"""


def test_signing_in_is_answered_while_history_is_written(tmp_path: Path) -> None:
    settings = {"XIAOHAO_VAR": str(tmp_path), "XIAOHAO_DEMO": "1", "XIAOHAO_HOSTS": "localhost"}
    # a real file: the tests' own database lives in memory and knows no second writer
    base = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    environment = {**base, **settings, "DJANGO_SETTINGS_MODULE": "config.settings"}

    def python(*arguments: str) -> list[str]:
        return [sys.executable, *arguments]

    prepared.put_migrated(tmp_path / "demo" / "xiaohao.sqlite3")
    for command in (("migrate", "-v0"), ("demo", "--prepare")):
        subprocess.run(python("manage.py", *command), cwd=ROOT, env=environment, check=True)
    writer = subprocess.Popen(
        python("-c", WRITER), cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        assert _is_locked(tmp_path / "demo" / "xiaohao.sqlite3")
        answer = subprocess.run(
            python("-c", VISITOR), cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE
        )
        assert writer.poll() is None  # it wrote from before the first until after the last
    finally:
        writer.kill()
        written, _none = writer.communicate()
    # with cookies of its own: a real city, or another demo, on another port of the machine signs
    # nobody out
    own = f"demo-{crc32(str((tmp_path / 'demo').resolve()).encode()):08x}"
    cookies = [f"{own}-{name}".encode() for name in ("csrftoken", "sessionid")]
    assert answer.stdout.split() == [*[b"302"] * 3, *cookies]
    assert written.count("written") > 3


def _is_locked(database: Path) -> bool:
    """Whether somebody is found writing within a second."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as probe:
        end = time.monotonic() + 1
        while time.monotonic() < end:
            try:
                probe.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            probe.execute("ROLLBACK")
            time.sleep(0.01)
    return False


def test_the_builder_waits_for_a_raised_hand(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR = tmp_path
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(courtesy, "PATIENCE", 0.05)

    def begin() -> int:
        slept.clear()
        courtesy._wait_before_begin(lambda *a: None, "BEGIN IMMEDIATE", None, False, {})
        return len(slept)

    assert begin() == 0
    with courtesy.hand_raised():
        assert begin() > 0
    assert begin() == 0


@pytest.mark.django_db
def test_a_page_that_writes_raises_the_hand_too(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    """A session that is renewed on the way, and what an export leaves in the trail."""
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    people.prepare(at_hour(date(2026, 11, 20), 9))
    state.keep(date(2026, 11, 20), done=False)
    client.force_login(User.objects.get(username="demo-office"))
    mark = tmp_path / "demo" / "visitors"

    def raised(url: str) -> bool:
        mark.unlink(missing_ok=True)
        answer = client.get(url)
        assert answer.status_code == 200
        if answer.streaming:
            list(answer.streaming_content)  # type: ignore[attr-defined]
        return mark.exists()

    if connection.vendor != "sqlite":  # many writers: nobody has to give way
        assert not raised("/ledger/export/")
        return
    assert not raised("/ledger/")
    assert raised("/ledger/export/")
    minutes = timedelta(minutes=5)
    Session.objects.update(expire_date=F("expire_date") - minutes)
    assert raised("/ledger/")
    assert not raised("/ledger/")


@pytest.mark.django_db
def test_the_hand_is_up_for_writes_while_history_is_built(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.DEMO, settings.VAR_DIR = True, tmp_path
    mark = tmp_path / "demo" / "visitors"
    client.get("/sign-in/")
    assert not mark.exists()
    state.keep(date(2026, 11, 20), done=True)
    client.post("/sign-in/demo/", {"username": "demo-office"})
    assert not mark.exists()
    state.keep(date(2026, 11, 20), done=False)
    client.post("/sign-in/demo/", {"username": "demo-office"})
    assert mark.exists() == (connection.vendor == "sqlite")
