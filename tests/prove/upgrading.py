"""The database of the last release (tests/data/release-….sql.gz: SQLite, made by that release).

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

from django.conf import settings
from django.db import connection, connections

from cases import sealing
from cases.actions import stages
from cases.models import Case, PendingEvent
from config import prepare, ticking
from config.backing_up import back_up, tables_of_sqlite
from config.restoring import restore
from notifications import sending
from notifications.models import Delivery, Notice
from organisations import trail
from organisations.models import Tenure
from organisations.scope import actor_of
from tests.architecture import ROOT
from tests.prove.post import open_post
from tests.world import at

DAY = date(2022, 4, 12)
SECONDS = 60
Counts = dict[str, int]


def run() -> dict[str, Any]:
    [dump] = sorted((ROOT / "tests/data").glob("release-*.sql.gz"))[-1:]
    path = Path(connection.settings_dict["NAME"])
    settings.MEDIA_ROOT = str(path.parent / "media")
    before = _load(dump, path)
    kept, _manifest = back_up(path.parent / "backups", at(DAY), 0)
    connections.close_all()
    path.unlink()
    begun = time.monotonic()
    restore(kept)
    restored = time.monotonic() - begun
    prepare.migrate()
    settings.MAIL = open_post(path.parent / "post").server()
    wrong = [*_lost(before, _counts(path)), *_trail(), *_go_on()]
    return {
        "holds": not wrong and restored < SECONDS, "release": dump.name, "wrong": wrong,
        "rows": sum(before.values()), "restored": round(restored, 1),
    }  # fmt: skip


def _load(dump: Path, path: Path) -> Counts:
    connections.close_all()
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(gzip.decompress(dump.read_bytes()).decode())
    return _counts(path)


def _counts(path: Path) -> Counts:
    with closing(sqlite3.connect(path)) as database:
        return {
            name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in tables_of_sqlite(database)
        }


def _lost(before: Counts, after: Counts) -> list[str]:
    grown = ("django_migrations", "django_content_type", "auth_permission", "notifications_pulse")
    return [
        f"{name}: {n} rows, now {after.get(name)}"
        for name, n in before.items()
        if name not in grown and after.get(name) != n
    ]


def _trail() -> list[str]:
    wrong = [one.what for one in sealing.verify().breaks]
    wrong += [table for table in trail.TABLES if len(trail.guards(connection, table)) < 2]
    return wrong


def _go_on() -> list[str]:
    """What waited is told and sent; what was being transmitted is in doubt; a case is worked."""
    moment = at(DAY, 10)
    ticking.tick(moment)
    for minutes in (1, 5):
        sending.send(moment + timedelta(minutes=minutes))
    states = sorted(Delivery.objects.filter(kind="single").values_list("state", flat=True))
    wrong = [] if states == ["in_doubt", "sent", "sent"] else [f"letters: {states}"]
    if PendingEvent.objects.exists() or Notice.objects.filter(kind="urged").count() != 3:
        wrong.append("the reminder was not told")
    case = Case.objects.filter(stage="assigned").order_by("serial")[0]
    item = case.task_set.get(finished=None)
    holder = Tenure.objects.get(post=item.post_id).user
    done = stages.acknowledge(case.pk, by=actor_of(holder, DAY), at=moment, version=case.version)
    return wrong if done.stage != "assigned" else [*wrong, "the case stands still"]
