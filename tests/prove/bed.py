"""Databases to be killed on: templates, and fresh copies of them in milliseconds."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.db import connection, connections

from tests import prepared

WORK = "work"


class Bed(Protocol):
    """``keep`` what stands now as a template, ``lay`` a fresh copy of one to work on."""

    vendor: str

    def keep(self, name: str) -> None: ...

    def lay(self, name: str) -> None: ...


class Files:
    """Uploads beside the database, as they stood."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.media = folder, Path(settings.MEDIA_ROOT)

    def keep(self, name: str) -> None:
        shutil.rmtree(self.folder / f"{name}.media", ignore_errors=True)
        if self.media.exists():
            shutil.copytree(self.media, self.folder / f"{name}.media")

    def lay(self, name: str) -> None:
        if self.media.exists():
            shutil.rmtree(self.media)
        if (self.folder / f"{name}.media").exists():
            shutil.copytree(self.folder / f"{name}.media", self.media)


class SqliteBed:
    vendor = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, Files(folder)
        self.path = Path(connection.settings_dict["NAME"])

    def keep(self, name: str) -> None:
        connections.close_all()  # the last one out writes the log into the file
        shutil.copyfile(self.path, self.folder / f"{name}.sqlite3")
        self.files.keep(name)

    def lay(self, name: str) -> None:
        connections.close_all()
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        shutil.copyfile(self.folder / f"{name}.sqlite3", self.path)
        self.files.lay(name)


class PostgresBed:
    vendor = "postgresql"

    def __init__(self, folder: Path) -> None:
        self.files = Files(folder)
        given = connection.settings_dict
        self.name = given["NAME"]
        self.admin = psycopg.connect(
            host=given["HOST"], port=given["PORT"], user=given["USER"], dbname="template1",
            autocommit=True,
        )  # fmt: skip

    def keep(self, name: str) -> None:
        self._copy(self.name, f"kept_{name}")
        self.files.keep(name)

    def lay(self, name: str) -> None:
        self._copy(f"kept_{name}", self.name)
        self.files.lay(name)

    def _copy(self, source: str, target: str) -> None:
        connections.close_all()
        self.admin.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)'.encode())
        self.admin.execute(
            f'CREATE DATABASE "{target}" TEMPLATE "{source}" STRATEGY FILE_COPY'.encode()
        )


@contextmanager
def bed() -> Iterator[Any]:
    """A migrated, otherwise empty database of this process's own, where the settings point."""
    memory = Path("/dev/shm")
    parent = memory if os.access(memory, os.W_OK) else None
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="xiaohao-prove-", dir=parent))
        )
        settings.VAR_DIR = folder
        settings.MEDIA_ROOT = str(folder / "media")
        database = settings.DATABASES["default"]
        if urlsplit(database["NAME"]).path and connection.vendor == "sqlite":
            database.setdefault("TEST", {})["NAME"] = str(folder / "work.sqlite3")
        prepared.prepare(WORK)
        made: Bed = SqliteBed(folder) if connection.vendor == "sqlite" else PostgresBed(folder)
        yield made
        connections.close_all()
