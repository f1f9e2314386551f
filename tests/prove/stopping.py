"""Work that goes on however often the database goes away: two leaders speak, two others tick.

A deed is *acknowledged* when its verb has returned. Whoever was not answered looks whether the deed
is there, as a person does, and does it again if not.
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, connections

from cases.actions import remarks
from cases.models import Case, CaseEvent, PendingEvent
from config import ticking
from notifications.models import Notice
from tests.prove.bed import bed
from tests.prove.deeds import Scene, warm
from tests.world import World, at, build

DAY = date(2022, 4, 11)
# a leader's word is read by the handler and both posts of the office
READERS = 3
_told_to_end = False


def run() -> dict[str, Any]:
    with bed():
        world = build()
        for number in range(4):
            world.firm(f"洛阳示例{number}有限公司")
        world.open(DAY)
        ticking.tick(at(DAY))
        Notice.objects.all().delete()
        warm(Scene(world, None, settings.VAR_DIR))  # type: ignore[arg-type]
        cases = list(Case.objects.main().values_list("pk", flat=True))
        signal.signal(signal.SIGTERM, _end)
        children = [_fork(partial(_speak, world, n, cases[n])) for n in (0, 1)]
        children += [_fork(_tick) for _n in (0, 1)]
        print("begun", flush=True)
        while not _told_to_end:
            time.sleep(0.05)
        for pid in children:
            os.kill(pid, signal.SIGTERM)
        codes = [os.waitpid(pid, 0)[1] for pid in children]
        ticking.tick(at(DAY))
        return _look() | {"workers": codes}


def _end(number: int, frame: object) -> None:
    global _told_to_end
    _told_to_end = True


def _fork(work: Callable[[], None]) -> int:
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def _log(name: object) -> Path:
    return Path(settings.VAR_DIR) / f"acknowledged-{name}"


def _speak(world: World, name: int, case: int) -> None:
    n = 0
    with _log(name).open("a") as log:
        while not _told_to_end:
            n += 1
            text = f"{name}-{n}."
            _until_done(partial(_say, world, case, text))
            log.write(f"{text}\n")
            log.flush()


def _say(world: World, case: int, text: str) -> None:
    if not CaseEvent.objects.filter(reason=text).exists():
        remarks.comment(case, by=world.actor("leader", DAY), at=at(DAY), text=text)


def _tick() -> None:
    while not _told_to_end:
        _until_done(lambda: ticking.tick(at(DAY)) and None)


def _until_done(work: Callable[[], object]) -> None:
    while True:
        try:
            work()
            return
        except (DatabaseError, OSError):
            with _log("failures").open("a") as log:
                log.write("1\n")
            connection.close()
            time.sleep(0.05)


def _look() -> dict[str, Any]:
    said = [line for n in (0, 1) for line in _log(n).read_text().splitlines()]
    there = Counter(CaseEvent.objects.filter(verb="comment").values_list("reason", flat=True))
    told = Counter(Notice.objects.filter(kind="instruction").values_list("event", flat=True))
    events = set(CaseEvent.objects.filter(verb="comment").values_list("pk", flat=True))
    lost = [text for text in said if not there[text]]
    doubled = [text for text, n in there.items() if n > 1]
    failures = _log("failures")
    noticed = len(failures.read_text().splitlines()) if failures.exists() else 0
    wrong_notices = [pk for pk in events if told[pk] != READERS]
    pending = PendingEvent.objects.count()
    return {
        "holds": not (lost or doubled or wrong_notices or pending) and noticed > 0,
        "deeds": len(said), "lost": len(lost), "doubled": len(doubled),
        "notices": sum(told.values()), "wrong_notices": len(wrong_notices),
        "failures_met": noticed, "pending": pending,
    }  # fmt: skip
