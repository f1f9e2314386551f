"""The database of a release, as that release made it on SQLite and on PostgreSQL
(tests/data/release-….sql.gz and release-….pgdump.gz; ``releasing``).

It is backed up as it is, restored into an empty installation of this version and migrated, as on
the day of an update. In it: six firms' cases with remedies, a letter that waits, one that was being
transmitted when everything was stopped, and a reminder that nobody has been told of.
"""

from __future__ import annotations

import gzip
import sqlite3
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections

from cases import chains
from cases.actions import stages
from cases.models import Case, PendingEvent
from config import morning, prepare, ticking
from config.backing_up import back_up, row_counts, run_postgres
from config.restoring import restore
from enterprises import paired
from enterprises.models import Enterprise, PairedName
from notifications.models import Delivery, Notice
from organisations import place_marks, trail
from organisations.models import Tenure
from organisations.scope import actor_of
from tests.architecture import ROOT
from tests.prove.post import open_post
from tests.world import at

DAY = date(2022, 4, 12)
SECONDS = 60
Counts = dict[str, int]


def run(release: str) -> dict[str, Any]:
    """On the database of the settings; ``release``: the file's name."""
    folder = Path(settings.VAR_DIR)
    settings.MEDIA_ROOT = str(folder / "media")
    dump = ROOT / "tests/data" / release
    _begin_with_nothing("old")
    _load(dump)
    before = _counts()
    kept, _manifest = back_up(folder / "backups", at(DAY), 0)
    _begin_with_nothing("anew")
    begun = time.monotonic()
    restore(kept)
    restored = time.monotonic() - begun
    prepare.migrate()
    settings.MAIL = open_post(folder / "post").server()
    wrong = [*_lost(before, _counts()), *_trail(), *_go_on()]
    return {
        "holds": not wrong and restored < SECONDS, "release": dump.name, "wrong": wrong,
        "rows": sum(before.values()), "restored": round(restored, 1),
    }  # fmt: skip


def _begin_with_nothing(name: str) -> None:
    """An empty database of this name, to which we are connected from now on."""
    given = connection.settings_dict
    connections.close_all()
    if connection.vendor == "sqlite":
        settings.DATABASES["default"]["NAME"] = given["NAME"] = str(
            Path(settings.VAR_DIR) / f"{name}.sqlite3"
        )
        return
    server = {"host": given["HOST"], "port": given["PORT"], "user": given["USER"]}
    with closing(psycopg.connect(dbname="template1", autocommit=True, **server)) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0".encode())
    settings.DATABASES["default"]["NAME"] = given["NAME"] = name


def _load(dump: Path) -> None:
    text = gzip.decompress(dump.read_bytes()).decode()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
            database.executescript(text)
        return
    path = Path(settings.VAR_DIR) / "old.sql"
    path.write_text(text, "utf-8")
    run_postgres("psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--file={path}",
                 "--output=/dev/null")  # fmt: skip


def _counts() -> Counts:
    return row_counts()


def _lost(before: Counts, after: Counts) -> list[str]:
    grown = ("django_migrations", "django_content_type", "auth_permission", "notifications_pulse")
    return [
        f"{name}: {n} rows, now {after.get(name)}"
        for name, n in before.items()
        if name not in grown and after.get(name) != n
    ]


def _trail() -> list[str]:
    wrong = [one.what for one in chains.verify().breaks]
    wrong += [table for table in trail.TABLES if len(trail.guards(connection, table)) < 2]
    wrong += [table for table in trail.KEPT if not trail.guards(connection, table)]
    wrong += sorted(place_marks.wanted(connection) - place_marks.watched(connection))
    if connection.vendor == "postgresql":
        wrong += sorted(paired.TRIGGERS.keys() - paired.kept(connection))
        firms = Enterprise.objects.order_by("pk").values_list("pk", "folded_name")
        if list(firms) != list(PairedName.objects.order_by("pk").values_list()):
            wrong.append(paired.TABLE)
    return wrong


def _go_on() -> list[str]:
    """What waited is told and sent; what was being transmitted is in doubt; a case is worked."""
    moment = at(DAY, 10)
    ticking.tick(moment)
    for minutes in (1, 5):
        morning.send(moment + timedelta(minutes=minutes))
    states = sorted(Delivery.objects.filter(kind="single").values_list("state", flat=True))
    wrong = [] if states == ["in_doubt", "sent", "sent"] else [f"letters: {states}"]
    if PendingEvent.objects.exists() or Notice.objects.filter(kind="urged").count() != 3:
        wrong.append("the reminder was not told")
    case = Case.objects.filter(stage="assigned").order_by("serial")[0]
    item = case.task_set.get(finished=None)
    holder = Tenure.objects.get(post=item.post_id).user
    done = stages.acknowledge(case.pk, by=actor_of(holder, DAY), at=moment, version=case.version)
    return wrong if done.stage != "assigned" else [*wrong, "the case stands still"]
