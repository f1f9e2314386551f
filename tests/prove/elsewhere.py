"""Installations beside the one at work: empty, on the same kind of database, used by commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from tests.architecture import ROOT

LONGEST_SECONDS = 300


@dataclass(frozen=True)
class Installation:
    """A folder of its own (``var``) and its database (a DATABASE_URL)."""

    var: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        away = ("REDIS_URL", "XIAOHAO_DEMO", "XIAOHAO_DEBUG", "XIAOHAO_HTTPS")
        kept = {k: v for k, v in os.environ.items() if k not in away}
        return {**kept, "XIAOHAO_VAR": str(self.var), "DATABASE_URL": self.url}

    def manage(self, *arguments: str) -> dict[str, Any]:
        """A command's answer, read as JSON."""
        done = subprocess.run(
            self._command(arguments), cwd=ROOT, env=self.environment, capture_output=True,
            text=True, check=False, timeout=LONGEST_SECONDS,
        )  # fmt: skip
        try:
            found: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            return {"error": {"code": "crashed", "words": done.stderr[-800:]}}
        return found

    def killed(self, *arguments: str, when: Callable[[], bool]) -> bool:
        """The command is killed as soon as ``when`` says so; whether it came to that."""
        process = subprocess.Popen(
            self._command(arguments), cwd=ROOT, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + LONGEST_SECONDS
        while process.poll() is None and not when() and time.monotonic() < end:
            time.sleep(0.001)
        process.kill()
        return process.wait() == -signal.SIGKILL

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "manage.py", *arguments, "--json"]


def at_work() -> Installation:
    """The one of this process."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return Installation(Path(settings.VAR_DIR), f"sqlite:///{given['NAME']}")
    return Installation(Path(settings.VAR_DIR), _on_server(given["NAME"]))


def empty(name: str) -> Installation:
    var = Path(settings.VAR_DIR) / name
    var.mkdir()
    if connection.vendor == "sqlite":
        return Installation(var, f"sqlite:///{var / 'xiaohao.sqlite3'}")
    given = connection.settings_dict
    server = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"]}
    with closing(psycopg.connect(dbname="postgres", autocommit=True, **server)) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
    return Installation(var, _on_server(name))


def _on_server(name: str) -> str:
    given = connection.settings_dict
    return f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{name}"
