"""Faults of workers: killed with a lease, called twice, out of order, with a wrong clock, junk."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta

import redis
from celery import current_app
from django.db import connections

from config import morning, tasks, ticking
from notifications import delivery, outbox
from organisations import clock, wake
from tests import servers
from tests.prove.children import in_child
from tests.prove.deeds import Scene
from tests.world import at

Flow = Callable[[], None]


@dataclass(frozen=True)
class Race:
    """``run`` has the deed and what the machine makes of it; answers how often it came about."""

    name: str
    run: Callable[[Scene, Flow, Flow], int]
    on: tuple[str, ...] = ("sqlite", "postgresql")
    visible: frozenset[str] = frozenset()


def _both(*works: Flow) -> int:
    """At the same moment, each in a process of its own; how many ended well."""
    connections.close_all()
    children = []
    for work in works:
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                work()
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    return sum(os.waitpid(pid, 0)[1] == 0 for pid in children)


def twice(scene: Scene, deed: Flow, flow: Flow) -> int:
    """One message of the broker delivered to two workers."""
    in_child(lambda _tell: deed())
    return int(_both(flow, flow) == 2)


def two_beats(scene: Scene, deed: Flow, flow: Flow) -> int:
    def beat() -> None:
        clock.now = lambda: at(scene.today)
        tasks.tick()
        tasks.send()

    in_child(lambda _tell: deed())
    return int(_both(beat, beat, beat) == 3)


def killed_with_a_lease(scene: Scene, deed: Flow, flow: Flow) -> int:
    """Dies between the claim and the first word to the mail server."""

    def work(_tell: int) -> None:
        claim = outbox.claim

        def claimed(*given: object, **named: object) -> object:
            answer = claim(*given, **named)  # type: ignore[arg-type]
            if answer:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        outbox.claim = claimed  # type: ignore[assignment]
        deed()
        flow()

    return int(in_child(work).is_killed)


def killed_transmitting(scene: Scene, deed: Flow, flow: Flow) -> int:
    def work(_tell: int) -> None:
        begin = outbox.begin_transmission

        def begun(*given: object, **named: object) -> None:
            begin(*given, **named)  # type: ignore[arg-type]
            os.kill(os.getpid(), signal.SIGKILL)

        outbox.begin_transmission = begun
        deed()
        flow()

    return int(in_child(work).is_killed)


def out_of_order(scene: Scene, deed: Flow, flow: Flow) -> int:
    """Letters before notices, notices before events, and all of it again."""

    def work(_tell: int) -> int:
        moment = at(scene.today)
        morning.send(moment)
        deed()
        morning.send(moment)
        delivery.deliver(moment)
        flow()
        return 1

    return int(in_child(work).answer or 0)


def clock_back(scene: Scene, deed: Flow, flow: Flow) -> int:
    """A machine whose clock stands a day behind ticks and sends, too."""

    def work(_tell: int) -> int:
        deed()
        flow()
        ticking.tick(at(scene.today) - timedelta(days=1))
        morning.send(at(scene.today) - timedelta(days=1))
        return 1

    return int(in_child(work).answer or 0)


def clock_ahead(scene: Scene, deed: Flow, flow: Flow) -> int:
    """A machine that is a day ahead says tomorrow's rungs today; tomorrow nobody does again."""

    def work(_tell: int) -> int:
        deed()
        flow()
        ticking.tick(at(scene.today) + timedelta(days=1))
        morning.send(at(scene.today) + timedelta(days=1))
        return 1

    return int(in_child(work).answer or 0)


def flushed(scene: Scene, deed: Flow, flow: Flow) -> int:
    """Redis takes the message that is to wake the worker, and then loses everything."""

    def work(_tell: int) -> int:
        conf = current_app.conf
        conf.broker_url = conf.broker_write_url = url
        deed()
        wake.wake("config.tasks.tick")
        with closing(redis.Redis.from_url(url)) as broker:
            waiting = int(broker.llen("celery"))
            broker.flushall()
        return waiting

    with servers.redis() as url:
        return int(in_child(work).answer or 0)


def junk(scene: Scene, deed: Flow, flow: Flow) -> int:
    """A message that nobody can read does nothing, and nothing behind it waits."""

    def work(_tell: int) -> int:
        refused = 0
        for arguments in (("%00",), ({"x": 1},), (1, 2, 3)):
            try:
                tasks.tick(*arguments)
            except TypeError:
                refused += 1
        deed()
        flow()
        return refused

    return int(in_child(work).answer == 3)


RACES: tuple[Race, ...] = (
    Race("delivered twice", twice),
    Race("three beats", two_beats),
    Race("killed with a lease", killed_with_a_lease),
    Race("killed transmitting", killed_transmitting, visible=frozenset({"in_doubt"})),
    Race("out of order", out_of_order),
    Race("clock a day behind", clock_back),
    Race("clock a day ahead", clock_ahead),
    Race("Redis flushed", flushed),
    Race("junk from the broker", junk),
)
