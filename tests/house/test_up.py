"""``manage.py up`` on an empty folder: page, worker and beat, and nothing left afterwards."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from config.demo.people import KEY
from tests.architecture import ROOT
from tests.prepared import put_migrated
from tests.servers import free_port


@contextmanager
def up(folder: Path, *start: str, **environment: str) -> Iterator[str]:
    """Runs ``manage.py up``, or what else ``start`` says, on the port of the environment; yields
    its address when the sign-in page answers.
    """
    port = free_port()
    environment |= {"PORT": str(port), "XIAOHAO_LOG_LEVEL": "DEBUG"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            start or [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=_environment(folder, **environment),
            stderr=log,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _answer(process, f"{address}/sign-in/")
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    assert "Traceback" not in _said(folder), _said(folder)
    assert _left_behind(str(port), str(folder)) == []


def _environment(folder: Path, **more: str) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("XIAOHAO_")}
    for name in ("DATABASE_URL", "REDIS_URL"):
        clean.pop(name, None)
    return {**clean, "XIAOHAO_VAR": str(folder), **more}


def _said(folder: Path) -> str:
    return (folder / "log").read_text(errors="replace")


def _answer(process: subprocess.Popen[bytes], address: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


def _left_behind(*marks: str) -> list[str]:
    """Command lines of processes whose arguments or environment name one of ``marks``."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes().decode(errors="replace")
            environment = (process / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"XIAOHAO_VAR={marks[1]}" in environment or f"127.0.0.1:{marks[0]}" in arguments:
            found.append(arguments)
    return found


def _page(address: str) -> tuple[str, dict[str, str]]:
    with urllib.request.urlopen(f"{address}/sign-in/", timeout=5) as answer:
        return answer.read().decode(), {k.lower(): v for k, v in answer.headers.items()}


def checkout(folder: Path) -> Path:
    """``bin/run`` of a checkout on which nothing is left to be installed; the rest are links."""
    (folder / "bin").mkdir(parents=True)
    for entry in ROOT.iterdir():
        if entry.name not in ("bin", ".venv"):
            (folder / entry.name).symlink_to(entry)
    (folder / ".venv").symlink_to(sys.prefix)
    run, set_up = folder / "bin" / "run", folder / "bin" / "set-up"
    run.write_bytes((ROOT / "bin" / "run").read_bytes())
    set_up.write_text('#!/bin/sh\n[ "$*" = run ]\n')
    for script in (run, set_up):
        script.chmod(0o755)
    return run


def test_a_real_city_starts_on_files_alone(tmp_path: Path, django_db_setup: None) -> None:
    """By ``bin/run`` itself, which answers on ``PORT``; the one on servers finds no table there."""
    put_migrated(tmp_path / "xiaohao.sqlite3")
    with up(tmp_path, str(checkout(tmp_path / "checkout")), "--no-demo") as address:
        html, headers = _page(address)
        assert '<html lang="zh-hans"' in html
        # the demo's one-click roles are not for a real city
        assert 'name="username" value="demo-' not in html
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert (tmp_path / "xiaohao.sqlite3").exists()
        assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
        _wait_for_the_beat(tmp_path)
        _worker_works(tmp_path)
        _taken_port_is_said_at_once(address.rpartition(":")[2], tmp_path)


WAKE = """
import django
django.setup()
from organisations.wake import wake
wake("config.tasks.tick")
"""


def _worker_works(folder: Path, **environment: str) -> None:
    """A wake-up from another process reaches the worker, which then does the work."""
    subprocess.run(
        [sys.executable, "-c", WAKE],
        cwd=ROOT,
        env=_environment(folder, DJANGO_SETTINGS_MODULE="config.settings", **environment),
        check=True,
    )
    end = time.monotonic() + 30
    while "tick: {'rungs': 0, 'notices': 0}" not in _said(folder):
        assert time.monotonic() < end, _said(folder)
        time.sleep(0.2)


def _taken_port_is_said_at_once(port: str, folder: Path) -> None:
    second = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", port],
        cwd=ROOT,
        env={**os.environ, "XIAOHAO_VAR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert f"端口{port}" in second.stderr


def _wait_for_the_beat(folder: Path, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not list(folder.glob("beat-schedule*")):
        assert time.monotonic() < end, "no beat"
        time.sleep(0.2)


@pytest.mark.postgres
@pytest.mark.redis
def test_a_real_city_starts_on_postgresql_and_redis(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    servers = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_url}
    with up(tmp_path, **servers) as address:
        html, _headers = _page(address)
        assert '<html lang="zh-hans"' in html
        _worker_works(tmp_path, **servers)
    assert not (tmp_path / "xiaohao.sqlite3").exists()
    assert not (tmp_path / "queue").exists()


def test_a_real_city_has_no_time_travel(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "up", "--travel", "7d"],
        cwd=ROOT,
        env={**os.environ, "XIAOHAO_VAR": str(tmp_path), "XIAOHAO_DEMO": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "--travel" in done.stderr


CITY = (
    "INSERT INTO organisations_region VALUES (1, 'demo', '示例市', 'city', '[]', '', '', 0, NULL)"
)
PROGRAMME = "INSERT INTO workflows_programme VALUES (1, ?, '示例', 2026, 1)"


def _hold_the_demo(database: Path) -> None:
    """By what ``demo`` itself knows its city again (tests/config/test_demo prepares it)."""
    if not database.exists():
        there = _environment(database.parent, DATABASE_URL=f"sqlite:///{database}")
        subprocess.run([sys.executable, "manage.py", "migrate"], cwd=ROOT, env=there, check=True)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(CITY)
        connection.execute(PROGRAMME, [KEY])


def test_a_real_city_does_not_move_into_the_demos_database(
    tmp_path: Path, django_db_setup: None
) -> None:
    shared = {"DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}"}
    put_migrated(tmp_path / "shared.sqlite3")
    _hold_the_demo(tmp_path / "shared.sqlite3")
    done = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", str(free_port())],
        cwd=ROOT,
        env=_environment(tmp_path, **shared),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "operations.md" in done.stderr


def test_a_database_that_does_not_answer_is_said_in_words(tmp_path: Path) -> None:
    nobody = f"postgres://nobody@127.0.0.1:{free_port()}/none"
    done = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", str(free_port())],
        cwd=ROOT,
        env=_environment(tmp_path, DATABASE_URL=nobody),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "数据库没有应答" in done.stderr
    assert "Traceback" not in done.stderr
