"""A city whose machine stood still for nine days, and is switched on by four schedulers at once.

What each person then reads must be what one scheduler alone would have said: one notice of all
that fell due, under the heading of the gravest. The sweep goes in small batches, so that the four
are in the midst of each other's work.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connections

from cases import sweeps
from cases.actions import stages
from cases.models import Case, CaseEvent, PendingEvent, RungFired
from config import morning, ticking
from notifications import delivery
from notifications.models import Notice
from organisations.models import User
from tests.prove.bed import bed
from tests.prove.children import in_child
from tests.prove.deeds import Scene, warm
from tests.prove.post import Post, open_post
from tests.world import World, at, build

FIRMS, SCHEDULERS, BATCH, TURNS = 120, 4, 7, 3
OPENED = (date(2022, 4, 11), date(2022, 5, 7))
SIGNED = date(2022, 4, 12)
OFF_FROM, ON_AGAIN = OPENED[-1], OPENED[-1] + timedelta(days=9)
Facts = dict[str, Any]


def run(rounds: int) -> dict[str, Any]:
    with bed() as ground:
        settings.MAIL_PER_MINUTE = 10_000
        sweeps.BATCH = sweeps.MANY = delivery.BATCH = BATCH
        post = open_post(settings.VAR_DIR / "post")
        settings.MAIL = post.server(5.0)
        world = _city()
        warm(Scene(world, post, settings.VAR_DIR))
        ground.keep("off")
        alone = _switched_on(post, 1)
        wrong = _against_the_rule(alone)
        begun = time.monotonic()
        for number in range(rounds):
            ground.lay("off")
            post.empty()
            together = _switched_on(post, SCHEDULERS)
            wrong += [
                f"round {number + 1}, {key}: {together[key]!r} instead of {alone[key]!r}"[:1500]
                for key in alone
                if together[key] != alone[key]
            ]
        return {
            "holds": not wrong and rounds > 0, "days_off": (ON_AGAIN - OFF_FROM).days,
            "schedulers": SCHEDULERS, "rounds": rounds, "deadlines_missed": alone["late"],
            "people": len(alone["notices"]), "notices_each": 1,
            "headings": sorted({said[0][0] for said in alone["notices"].values()}),
            "letters": sum(alone["letters"].values()), "wrong": wrong[:8],
            "seconds": round(time.monotonic() - begun, 1),
        }  # fmt: skip


def _city() -> World:
    """Half of the firms owe a survey, the others a signature for longer: two rungs on one day."""
    world = build()
    for user in world.people.values():
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.gov.cn")
    for day in OPENED:
        for number in range(FIRMS // len(OPENED)):
            world.firm(f"洛阳示例{day.day}-{number}有限公司", "涧西区" if number % 2 else "嵩县")
        world.open(day)
        if day < SIGNED:
            _sign(world)
    ticking.tick(at(OFF_FROM))
    morning.send(at(OFF_FROM))
    Notice.objects.all().delete()
    return world


def _sign(world: World) -> None:
    for county in ("涧西区", "嵩县"):
        mine = Case.objects.main().filter(county__name=county)
        by = world.actor(f"{county}/county_worker", SIGNED)
        stages.acknowledge_many(list(mine.values_list("pk", flat=True)), by=by, at=at(SIGNED))


def _switched_on(post: Post, schedulers: int) -> Facts:
    """What stands there when all of them have ticked and sent several times."""
    post.empty()
    _at_once(schedulers, lambda: ticking.tick(at(ON_AGAIN)))
    _at_once(schedulers, lambda: morning.send(at(ON_AGAIN)))
    done = in_child(lambda _tell: _look(post))
    if done.error:
        raise RuntimeError(done.error)
    found: Facts = done.answer
    return found


def _at_once(schedulers: int, work: Callable[[], object]) -> None:
    connections.close_all()
    children = [_fork(partial(_turns, work)) for _scheduler in range(schedulers)]
    for pid in children:
        if os.waitpid(pid, 0)[1]:
            raise RuntimeError("a scheduler failed")


def _turns(work: Callable[[], object]) -> None:
    for _turn in range(TURNS):
        work()


def _fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return pid


def _look(post: Post) -> Facts:
    notices: dict[str, list[tuple[str, str]]] = {}
    for who, desk, title, body in Notice.objects.values_list("recipient", "post", "title", "body"):
        notices.setdefault(f"{who or f'post {desk}'}", []).append((title, body))
    return {
        "notices": {who: sorted(said) for who, said in sorted(notices.items())},
        "rungs": RungFired.objects.count(),
        "late": CaseEvent.objects.filter(data__caught_up=True).count(),
        "pending": PendingEvent.objects.count(),
        "letters": dict(sorted(Counter(post.mails()).items())),
    }


def _against_the_rule(alone: Facts) -> list[str]:
    several = [said for said in alone["notices"].values() if len(said) != 1]
    wrong = [f"several notices for one person: {said}" for said in several]
    if not alone["notices"] or alone["pending"] or alone["late"] < FIRMS:
        wrong.append(f"nothing was late: {alone['late']}, {alone['pending']} wait")
    return wrong + [f"{n} letters: {about}" for about, n in alone["letters"].items() if n > 1]
