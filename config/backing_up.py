"""A backup is one file: the database as of one moment, the uploads, and a list to check them by.

The database is taken first. Uploads are only ever added and never changed, so every file that the
snapshot names is there when the files are copied behind it, however busy the installation is.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.paper_files import FOLDER as PICTURES
from organisations.errors import Refused

FORMAT = 1
MANIFEST, MEDIA = "manifest.json", "media/"
NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
PREFIX, SUFFIX = "xiaohao-", ".tar"


@dataclass
class Manifest:
    """What a backup holds: rows by table, files by name with size and SHA-256."""

    made_at: str
    vendor: str
    migrations: list[str]
    tables: dict[str, int]
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


def back_up(folder: Path, at: datetime, keep: int = 0) -> tuple[Path, Manifest]:
    """Write ``folder/xiaohao-….tar`` (whole or not at all); with ``keep`` only the newest stay."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{PREFIX}{timezone.localtime(at):%Y%m%d-%H%M%S}{SUFFIX}"
    with tempfile.TemporaryDirectory(prefix=".xiaohao-", dir=folder) as aside:
        database = Path(aside) / NAMES[connection.vendor]
        migrations, tables = _snapshot(database)
        manifest = Manifest(at.isoformat(), connection.vendor, migrations, tables)
        whole = Path(aside) / "whole"
        _pack(whole, database, manifest)
        os.chmod(whole, 0o600)  # people, telephone numbers, papers
        whole.replace(target)
    _sync(folder)
    if keep:
        for old in sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))[:-keep]:
            old.unlink()
    return target, manifest


def _snapshot(target: Path) -> tuple[list[str], dict[str, int]]:
    """The database in ``target``, its migrations and its rows by table, all of one moment."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)
            # one file, without a log beside it
            copy.execute("PRAGMA journal_mode=DELETE")
            counts = row_counts_of_file(copy)
            applied = copy.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
        return [f"{app}.{name}" for app, name in applied], counts
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        run_postgres("pg_dump", "--format=custom", "--no-owner", "--no-privileges",
                     f"--snapshot={snapshot}", f"--file={target}")  # fmt: skip
        applied_rows = MigrationRecorder(connection).applied_migrations()
        return [f"{app}.{name}" for app, name in applied_rows], row_counts()


def row_counts_of_file(database: sqlite3.Connection) -> dict[str, int]:
    """Rows by table of a file of SQLite."""
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
    )
    names = sorted(name for (name,) in found)
    return {n: database.execute(f'SELECT count(*) FROM "{n}"').fetchone()[0] for n in names}


def is_sound(database: sqlite3.Connection) -> bool:
    """Whether a file of SQLite is whole, as it finds itself."""
    return bool(database.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


def row_counts() -> dict[str, int]:
    """Rows by table of the database that we are connected to."""
    counts = {}
    with connection.cursor() as cursor:
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")
            counts[name] = int(cursor.fetchone()[0])
    return counts


def run_postgres(program: str, *arguments: str) -> None:
    """pg_dump or pg_restore on our database; the password goes by the environment."""
    given = connection.settings_dict
    environment = {
        **os.environ,
        "PGHOST": given["HOST"] or "",
        "PGPORT": str(given["PORT"] or ""),
        "PGUSER": given["USER"] or "",
        "PGPASSWORD": given["PASSWORD"] or "",
        "PGDATABASE": given["NAME"] or "",
    }
    environment = {k: v for k, v in environment.items() if v or not k.startswith("PG")}
    done = subprocess.run(
        [_program(program), *arguments], env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        words = _("%(program)s failed: %(words)s")
        detail = " ".join(done.stderr.split())[:500]
        raise Refused("postgres", words % {"program": program, "words": detail})


def _program(name: str) -> str:
    """The newest of the machine; an older pg_dump refuses a newer server."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        words = _("%(program)s is not installed: apt-get install -y postgresql-client")
        raise Refused("not_installed", words % {"program": name})
    return found


# --- the file ------------------------------------------------------------------------------------
def _pack(target: Path, database: Path, manifest: Manifest) -> None:
    with tarfile.open(target, "w") as tar:
        _add(tar, database, database.name, manifest)
        for path, name in _uploads():
            _add(tar, path, name, manifest)
        text = json.dumps(asdict(manifest), ensure_ascii=False).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, path: Path, name: str, manifest: Manifest) -> None:
    try:
        manifest.files[name] = sha256_of(path)
        tar.add(path, name, recursive=False)
    except FileNotFoundError:
        # a half-finished upload that its request has taken back meanwhile
        manifest.files.pop(name, None)


def _uploads() -> Iterator[tuple[Path, str]]:
    """What people sent; pictures of its pages are drawn again (``cases.paper_files``)."""
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")):
        if (root / PICTURES) in path.parents:
            continue
        if path.is_file() and not path.is_symlink():
            yield path, MEDIA + path.relative_to(root).as_posix()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """A backup with its list; refused where it is none, is cut off, or is of a later version."""
    try:
        with tarfile.open(path, "r:") as tar:
            text = tar.extractfile(MANIFEST)
            assert text is not None
            found = json.load(text)
            if found.get("format") != FORMAT:
                raise Refused("later_backup", _("This backup was made by a later version."))
            yield tar, Manifest(**found)
    except (tarfile.TarError, KeyError, ValueError, TypeError, AssertionError) as wrong:
        words = _("“%(name)s” is no whole backup.")
        raise Refused("no_backup", words % {"name": path.name}) from wrong
