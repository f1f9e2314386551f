"""Beat's task, cron's command, a loop and a worker, at the same moment, again and again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, connections

from cases.models import CaseEvent, PendingEvent, RungFired
from config import tasks, ticking
from notifications.models import Notice
from organisations import clock
from organisations.models import Tenure
from tests.architecture import ROOT
from tests.prove.bed import bed
from tests.prove.children import in_child
from tests.prove.deeds import Scene, warm
from tests.world import World, at, build

DEADLINES = 300
OPENED, DUE = date(2022, 4, 11), date(2022, 4, 12)


def run(rounds: int) -> dict[str, Any]:
    with bed() as ground:
        world = _city()
        warm(Scene(world, None, settings.VAR_DIR))  # type: ignore[arg-type]
        ground.keep("due")
        found, begun = [], time.monotonic()
        for _round in range(rounds):
            ground.lay("due")
            _four_at_once()
            found.append(in_child(lambda _tell: _look()).answer)
    wrong = [one for one in found if one != {"notices": DEADLINES, "rungs": DEADLINES,
             "events": DEADLINES, "doubled": 0, "pending": 0}]  # fmt: skip
    return {
        "holds": not wrong and bool(found), "schedulers": 4, "deadlines": DEADLINES,
        "rounds": rounds, "notices": [one["notices"] for one in found], "wrong": wrong,
        "seconds": round(time.monotonic() - begun, 1),
    }  # fmt: skip


def _city() -> World:
    """300 firms to be signed for on one day, by one person; nobody else is told of it."""
    world = build()
    for number in range(DEADLINES):
        world.firm(f"洛阳示例{number}有限公司")
    world.open(OPENED)
    ticking.tick(at(OPENED))
    Notice.objects.all().delete()
    Tenure.objects.filter(user=world.people["涧西区/county_lead"]).delete()
    return world


def _four_at_once() -> None:
    """Each waits for the word and then ticks several times over."""
    connections.close_all()
    reading, writing = os.pipe()
    children = [_start(way, reading, writing) for way in (_beat, _cron, _loop, _worker)]
    os.close(reading)
    time.sleep(0.2)
    os.close(writing)  # the word
    for pid in children:
        _pid, status = os.waitpid(pid, 0)
        if status:
            raise RuntimeError(f"a scheduler ended with {status}")


def _start(way: Callable[[], None], reading: int, writing: int) -> int:
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        os.read(reading, 1)
        code = 1
        try:
            way()
            code = 0
        finally:
            os._exit(code)
    return pid


def _beat() -> None:
    clock.now = lambda: at(DUE)
    for _turn in range(3):
        tasks.tick()


def _cron() -> None:
    given = connection.settings_dict
    url = f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    environment = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "manage.py", "tick", "--at", f"{DUE}", "--json"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def _loop() -> None:
    for _turn in range(5):
        ticking.tick(at(DUE))


_worker = _loop


def _look() -> dict[str, int]:
    told = Counter(Notice.objects.values_list("event", "recipient"))
    return {
        "notices": Notice.objects.count(),
        "rungs": RungFired.objects.count(),
        "events": CaseEvent.objects.filter(verb="rung").count(),
        "doubled": sum(n - 1 for n in told.values()),
        "pending": PendingEvent.objects.count(),
    }
