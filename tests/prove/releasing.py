"""Makes what ``upgrade`` begins with: the database of a release, written by that release itself.

With the release's sources in a folder, this file put beside its own proofs, and its packages:

    python -m tests.prove.lanes releasing.run "" '{"target": "/tmp/release-2026-11-22.sql.gz"}'
    python -m tests.servers sh -c 'python -m tests.prove.lanes releasing.run "$DATABASE_URL" \\
        "{\\"target\\": \\"/tmp/release-2026-11-22.pgdump.gz\\"}"'

In it: six firms' cases, one of them with remedies, a letter that waits, one that was being
transmitted when everything was stopped, and a reminder that nobody has been told of.
"""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections

from cases.actions import remarks, stages
from cases.models import Case, PendingEvent
from config import ticking
from config.backing_up import _program
from notifications import delivery, outbox, sending
from notifications.models import Delivery
from organisations.models import User
from tests.prove.bed import bed
from tests.prove.children import in_child
from tests.prove.post import open_post
from tests.world import World, at, build, matching_form

OPENED, DAY = date(2022, 4, 11), date(2022, 4, 12)
WORKER = "涧西区/county_worker"


def run(target: str) -> dict[str, Any]:
    """Plain SQL, without what only a newer server or client would understand."""
    with bed():
        settings.MAIL = open_post(settings.VAR_DIR / "post").server()
        world = build()
        worker = world.people[WORKER]
        User.objects.filter(pk=worker.pk).update(email=f"{worker.username}@example.gov.cn")
        for number in range(6):
            world.firm(f"洛阳旧版{number}有限公司")
        world.open(OPENED)
        _in_remedies(world)
        ticking.tick(at(OPENED, 17))
        _urge(world, 4, 8)
        delivery.deliver(at(DAY, 8))
        killed = in_child(lambda _tell: _killed_transmitting())
        _urge(world, 2, 9)
        delivery.deliver(at(DAY, 9))
        _urge(world, 3, 10)
        connections.close_all()
        lines = _of_sqlite() if connection.vendor == "sqlite" else _of_postgres()
        Path(target).write_bytes(gzip.compress("\n".join(lines).encode() + b"\n", mtime=0))
        letters = Delivery.objects.filter(kind="single")
        states = sorted(letters.values_list("state", flat=True))
        waiting = PendingEvent.objects.count()
        holds = killed.is_killed and states == ["transmitting", "waiting"] and waiting == 1
        return {"holds": holds, "states": states, "pending": waiting, "error": killed.error}


def _in_remedies(world: World) -> None:
    case = world.survey(Case.objects.main().order_by("serial")[0], on=OPENED)
    by = world.actor(WORKER, OPENED)
    stages.advance(case.pk, by=by, at=at(OPENED, 11), form=matching_form(OPENED))


def _urge(world: World, n: int, hour: int) -> None:
    case = Case.objects.main().order_by("serial")[n]
    by = world.actor("office/1", DAY)
    remarks.urge(case.pk, by=by, at=at(DAY, hour), text="请抓紧")


def _killed_transmitting() -> None:
    begin = outbox.begin_transmission

    def begun(*given: Any, **named: Any) -> None:
        begin(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    outbox.begin_transmission = begun
    sending.send(at(DAY, 8) + timedelta(minutes=31))


def _of_sqlite() -> list[str]:
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as database:
        return list(database.iterdump())


def _of_postgres() -> list[str]:
    given = connection.settings_dict
    done = subprocess.run(
        [_program("pg_dump"), "--no-owner", "--no-privileges", "-h", given["HOST"],
         "-p", str(given["PORT"]), "-U", given["USER"], given["NAME"]],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    strange = ("\\restrict", "\\unrestrict", "SET transaction_timeout")
    return [line for line in done.stdout.splitlines() if not line.startswith(strange)]
