"""Putting a backup back: checked before anything is touched, counted when it is done."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from config.backing_up import (
    MEDIA,
    NAMES,
    Manifest,
    is_sound,
    opened,
    row_counts,
    row_counts_of_file,
    run_postgres,
)
from organisations.errors import Refused
from organisations.models import User

CHUNK = 1 << 20


@dataclass(frozen=True)
class Restored:
    """What was put back, or (``is_check``) could be."""

    made_at: str
    tables: int
    rows: int
    files: int
    is_check: bool = False


def check(path: Path) -> Restored:
    """Every file of a backup against its SHA-256; nothing is touched."""
    with opened(path) as (tar, manifest):
        for name, wanted in manifest.files.items():
            if _sha256_inside(tar, name) != wanted:
                words = _("“%(name)s” in the backup is damaged.")
                raise Refused("damaged", words % {"name": name})
        return _told(manifest, is_check=True)


def restore(path: Path, *, replace: bool = False) -> Restored:
    """Uploads first, which only adds; then the database in one step; then everything is counted.

    Killed in between it is called again. All other processes must be stopped.
    """
    check(path)
    with opened(path) as (tar, manifest):
        _refuse_what_does_not_fit(manifest, replace)
        _put_uploads(tar, manifest)
        with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as aside:
            name = NAMES[manifest.vendor]
            database = Path(aside) / name
            _copy_out(tar, name, database)
            _put_database(database, manifest)
        _compare(manifest)
        return _told(manifest)


def _refuse_what_does_not_fit(manifest: Manifest, replace: bool) -> None:
    if manifest.vendor != connection.vendor:
        words = _("This is a backup of %(theirs)s; this installation runs on %(ours)s.")
        raise Refused(
            "other_database", words % {"theirs": manifest.vendor, "ours": connection.vendor}
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    ours = {name.partition(".")[0] for name in known}
    later = [m for m in manifest.migrations if m.partition(".")[0] in ours and m not in known]
    if later:
        words = _("This backup was made by a later version (%(name)s). Install that one first.")
        raise Refused("later_backup", words % {"name": later[-1]})
    if not replace and _holds_people():
        words = _("The database is not empty. --replace puts the backup in its place.")
        raise Refused("not_empty", words)


def _holds_people() -> bool:
    known = connection.introspection.table_names()
    return User._meta.db_table in known and User.objects.exists()


def _put_uploads(tar: tarfile.TarFile, manifest: Manifest) -> None:
    root = Path(settings.MEDIA_ROOT).resolve()
    for name in manifest.files:
        if not name.startswith(MEDIA):
            continue
        target = (root / name.removeprefix(MEDIA)).resolve()
        if root not in target.parents:
            raise Refused("no_backup", _("“%(name)s” is no whole backup.") % {"name": name})
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy_out(tar, name, target)


def _copy_out(tar: tarfile.TarFile, name: str, target: Path) -> None:
    """Written aside and renamed: whole or not at all."""
    source = tar.extractfile(name)
    assert source is not None
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    with aside.open("wb") as file:
        os.fchmod(file.fileno(), 0o600)
        while piece := source.read(CHUNK):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(target)


def _put_database(database: Path, manifest: Manifest) -> None:
    if manifest.vendor == "postgresql":
        run_postgres("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges",
                     "--single-transaction", "--exit-on-error",
                     f"--dbname={connection.settings_dict['NAME']}", str(database))  # fmt: skip
        connection.close()
        return
    connections.close_all()
    target = Path(connection.settings_dict["NAME"])
    # a log of the old database would be played into the new one
    for rest in ("-wal", "-shm"):
        target.with_name(target.name + rest).unlink(missing_ok=True)
    database.replace(target)


def _compare(manifest: Manifest) -> None:
    """Rows by table as the backup counted them."""
    if manifest.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
            sound, found = is_sound(database), row_counts_of_file(database)
    else:
        sound, found = True, row_counts()
    torn = sorted(n for n in manifest.tables if found.get(n) != manifest.tables[n])
    if torn or not sound:
        words = _("The database does not hold what the backup counted: %(names)s")
        raise Refused("not_whole", words % {"names": ", ".join(torn) or "integrity_check"})


def _sha256_inside(tar: tarfile.TarFile, name: str) -> str:
    source = tar.extractfile(name)
    assert source is not None
    digest = hashlib.sha256()
    while piece := source.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()


def _told(manifest: Manifest, *, is_check: bool = False) -> Restored:
    uploads = sum(name.startswith(MEDIA) for name in manifest.files)
    rows = sum(manifest.tables.values())
    return Restored(manifest.made_at, len(manifest.tables), rows, uploads, is_check)
