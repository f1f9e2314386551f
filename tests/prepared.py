"""A migrated database, made once and copied for every worker of every run.

It is kept outside of the checkout under a fingerprint of everything that migrations are made of: a
stale one is never found again. ``--create-db`` makes it anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from config.prepare import migrate
from tests.architecture import FLOORS, ROOT

IMPORTED = re.compile(r"^\s*(?:from|import) ([\w.]+)", re.MULTILINE)
A_WEEK = 7 * 24 * 3600


def prepare(suffix: str, *, anew: bool = False) -> None:
    """Have the default connection on a migrated, otherwise empty database of its own."""
    if connection.vendor == "sqlite":
        _copy_file(anew)
    else:
        _copy_on_server(suffix, anew)


def fingerprint() -> str:
    """A hash of our migrations, of what they import, and of everybody else's (the versions)."""
    found = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for path in sorted(_sources()):
        found.update(path.read_bytes())
    return found.hexdigest()[:20]


def _sources() -> set[Path]:
    todo = [path for app in FLOORS for path in (ROOT / app / "migrations").glob("*.py")]
    found = {ROOT / "config/settings.py", *todo}
    while todo:
        for name in IMPORTED.findall(todo.pop().read_text("utf-8")):
            path = ROOT / f"{name.replace('.', '/')}.py"
            if path not in found and path.is_file():
                found.add(path)
                todo.append(path)
    return found


# --- SQLite: a file ------------------------------------------------------------------------------
def _copy_file(anew: bool) -> None:
    database = settings.DATABASES["default"]
    # a worker's name may have been added to it
    target = Path(str(database["TEST"]["NAME"]))
    made = _file()
    with _one_at_a_time():
        if anew or not made.exists():
            aside = made.with_suffix(".half")
            aside.unlink(missing_ok=True)
            _migrate(str(aside))
            aside.replace(made)
            _tidy()
        shutil.copyfile(made, target)
    _use(str(target))


def put_migrated(target: Path) -> None:
    """A migrated SQLite file where another process will look for its database, if one is at hand;
    otherwise that process migrates for itself."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if _file().exists():
        shutil.copyfile(_file(), target)


def _file() -> Path:
    return _shelf() / f"{fingerprint()}.sqlite3"


def _shelf() -> Path:
    """A folder of this account's own that outlives a run."""
    folder = Path(tempfile.gettempdir()) / f"xiaohao-test-databases-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    return folder


def _tidy() -> None:
    for old in _shelf().glob("*.sqlite3"):
        if time.time() - old.stat().st_mtime > A_WEEK:
            old.unlink(missing_ok=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    # the passes on SQLite and on PostgreSQL do not wait for each other
    with (_shelf() / f"lock-{connection.vendor}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- PostgreSQL: a template on the same server ---------------------------------------------------
def _copy_on_server(suffix: str, anew: bool) -> None:
    target = f"test_{settings.DATABASES['default']['NAME']}_{suffix}"
    make_template(anew=anew)
    with _one_at_a_time(), _server() as run:
        run(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        run(f'CREATE DATABASE "{target}" TEMPLATE "{_template()}"')
    _use(target)


def make_template(*, anew: bool = False) -> None:
    """What every copy is made of, if the server does not have it yet."""
    own, made = settings.DATABASES["default"]["NAME"], _template()
    with _one_at_a_time():
        with _server() as run:
            if not anew and (made,) in run("SELECT datname FROM pg_database"):
                return
            run(f'DROP DATABASE IF EXISTS "{made}"')
            run(f'DROP DATABASE IF EXISTS "{made}_half"')
            run(f'CREATE DATABASE "{made}_half"')
        _migrate(f"{made}_half")
        _use(own)
        with _server() as run:
            run(f'ALTER DATABASE "{made}_half" RENAME TO "{made}"')


def _template() -> str:
    return f"xiaohao_{fingerprint()}"


def copy_beside(name: str) -> str:
    """The URL of one more database like the one that ``prepare`` made, on the same server."""
    own = settings.DATABASES["default"]
    target = f"{own['NAME']}_{name}"
    with _one_at_a_time(), _server() as run:
        run(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        run(f'CREATE DATABASE "{target}" TEMPLATE "{_template()}"')
    secret = f":{own['PASSWORD']}" if own["PASSWORD"] else ""
    return f"postgres://{own['USER']}{secret}@{own['HOST']}:{own['PORT']}/{target}"


@contextmanager
def _server() -> Iterator[Any]:
    """Statements beside any transaction, in the server's own database."""
    with connection._nodb_cursor() as cursor:

        def run(statement: str) -> list[Any]:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

        yield run


# --- both ----------------------------------------------------------------------------------------
def _migrate(name: str) -> None:
    """As the product does at its first start, from nothing."""
    _use(name)
    migrate()


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name
