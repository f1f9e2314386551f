"""A backup while people work, put back elsewhere: same rows, same files; damage is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections

from cases.actions import evidence, remarks, stages
from cases.models import CaseEvent, Evidence
from config.backing_up import opened
from notifications.models import Pulse
from tests.config.test_commands import as_json, refused, run
from tests.world import START, World, at, build, paper, survey_form

ROOT = Path(__file__).resolve().parents[2]
WORKER = "涧西区/county_worker"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def city() -> World:
    """A case with a paper, committed."""
    world = build(counties=("涧西区",))
    world.firm("洛阳示例耐材有限公司")
    world.open()
    case, by = world.case(), world.actor(WORKER)
    stages.acknowledge(case.pk, by=by, at=at(START))
    stages.advance(case.pk, by=by, at=at(START, 10), form=survey_form("A"))
    evidence.submit(case.pk, criterion="institution", papers=[paper()], by=by, at=at(START))
    return world


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an empty installation on the same kind of database."""
    folder = tmp_path / "other"
    folder.mkdir()
    environment = {**os.environ, "XIAOHAO_VAR": str(folder)}
    environment.pop("REDIS_URL", None)
    if connection.vendor == "sqlite":
        environment.pop("DATABASE_URL", None)
        yield environment
        return
    given, name = connection.settings_dict, f"restored_{os.getpid()}"
    server = {k: given[k.upper()] for k in ("host", "port", "user", "password") if given[k.upper()]}
    with closing(psycopg.connect(dbname="postgres", autocommit=True, **server)) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        url = f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{name}"
        yield {**environment, "DATABASE_URL": url}
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def manage(environment: dict[str, str], *arguments: str) -> Any:
    command = [sys.executable, "manage.py", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    return json.loads(done.stdout)


def test_there_and_back(city: World, elsewhere: dict[str, str], tmp_path: Path) -> None:
    """Somebody goes on working while the backup is made: it holds one moment, whole."""
    case, stop = city.case(), threading.Event()
    written: list[int] = []

    def work() -> None:
        while not stop.is_set():
            by = city.actor(WORKER)
            remarks.comment(case.pk, by=by, at=at(START), text="进展")
            written.append(1)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        while not written:
            pass
        done = as_json("backup", str(tmp_path / "kept"))
    finally:
        stop.set()
        thread.join()
    assert Pulse.objects.get(name="backup").done["rows"] == done["rows"]
    with opened(Path(done["file"])) as (_tar, manifest):
        assert 0 < manifest.tables["cases_caseevent"] <= CaseEvent.objects.count()
        events = manifest.tables["cases_caseevent"]
    assert as_json("restore", done["file"], "--check")["is_check"] is True

    found = manage(elsewhere, "restore", done["file"])
    assert (found["rows"], found["files"]) == (done["rows"], done["files"])
    row = Evidence.objects.get()
    name = row.file.name or ""
    kept = Path(elsewhere["XIAOHAO_VAR"]) / "media" / name
    assert kept.read_bytes() == Path(settings.MEDIA_ROOT, name).read_bytes()
    log = manage(elsewhere, "delivery", "list")
    assert log == []  # the restored database answers
    assert events > 3
    again = manage(elsewhere, "restore", done["file"])
    assert again["error"]["code"] == "not_empty"
    assert manage(elsewhere, "restore", done["file"], "--replace")["rows"] == done["rows"]


def test_what_is_damaged_cut_off_or_foreign_is_refused(city: World, tmp_path: Path) -> None:
    assert "行" in run("backup", str(tmp_path))
    [path] = tmp_path.glob("xiaohao-*.tar")
    assert path.stat().st_mode & 0o077 == 0
    whole = path.read_bytes()
    with tarfile.open(path) as tar:
        place = tar.getmembers()[0].offset_data + 100
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    assert refused("restore", str(damaged), "--check")[0]["code"] == "damaged"
    damaged.write_bytes(whole[: len(whole) // 2])
    assert refused("restore", str(damaged))[0]["code"] == "no_backup"
    damaged.write_bytes(b"no archive")
    assert refused("restore", str(damaged))[0]["code"] == "no_backup"
    assert refused("restore", str(tmp_path / "absent.tar"))[0]["code"] == "file"
    assert refused("restore", str(path))[0]["code"] == "not_empty"


def test_only_the_newest_stay(city: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for hour in ("09", "10", "11"):
        (tmp_path / f"xiaohao-20220301-{hour}0000.tar").touch()
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(START, 12))
    run("backup", str(tmp_path), "--keep", "2")
    assert [path.name[8:] for path in sorted(tmp_path.iterdir())] == [
        "20220301-110000.tar",
        "20220301-120000.tar",
    ]
    assert Path(settings.MEDIA_ROOT).is_dir()
