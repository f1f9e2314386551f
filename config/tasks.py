"""Doors for the worker: parse, call one verb, nothing else. Arguments are row ids."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from cases import sealing
from cases.actions import paper_files
from config import morning, retention, ticking
from config.demo import state
from config.trail import verdict
from notifications import pulse
from organisations import clock, pace

log = logging.getLogger(__name__)


@shared_task(name="config.tasks.tick")  # type: ignore[untyped-decorator]
def tick() -> None:
    """Once a minute from beat; calling it more often, or from elsewhere too, does no harm."""
    if settings.DEMO and state.is_building():
        return  # the builder's virtual mornings tick by themselves
    with pace.giving_way(settings.BACKGROUND_SHARE):
        done = ticking.tick(clock.now())
    pulse.beat("tick", clock.of_the_machine(), **done)
    log.log(logging.INFO if any(done.values()) else logging.DEBUG, "tick: %s", done)


@shared_task(name="config.tasks.send")  # type: ignore[untyped-decorator]
def send() -> None:
    """Once a minute from beat, apart from the tick: a mail server may be slow."""
    done = morning.send(clock.now())
    pulse.beat("send", clock.of_the_machine(), **done)
    log.log(logging.INFO if any(done.values()) else logging.DEBUG, "send: %s", done)


@shared_task(name="config.tasks.papers")  # type: ignore[untyped-decorator]
def papers() -> None:
    """Once a minute from beat: scan what waits, draw what came."""
    if settings.DEMO and state.is_building():
        return
    scanned = paper_files.scan_due(clock.now())
    pulse.beat(
        "papers", clock.of_the_machine(), **scanned, drawn=paper_files.draw_due(timezone.now)
    )


@shared_task(name="config.tasks.draw")  # type: ignore[untyped-decorator]
def draw() -> None:
    """Woken by whoever looks at a paper that is not drawn yet; lost, ``papers`` draws it."""
    if settings.DEMO and state.is_building():
        return
    paper_files.draw_due(timezone.now)


@shared_task(name="config.tasks.sweep_up")  # type: ignore[untyped-decorator]
def sweep_up() -> None:
    """Once a day: whatever is over its time, uploads that a killed process left without a row."""
    if settings.DEMO and state.is_building():
        return
    done = retention.delete_old(clock.now())
    pulse.beat("sweep_up", clock.of_the_machine(), **done)


@shared_task(name="config.tasks.verify")  # type: ignore[untyped-decorator]
def verify() -> None:
    """Each night, and when somebody asks: is the trail as it was written?"""
    if settings.DEMO and state.is_building():
        return
    found = verdict.look(clock.of_the_machine())
    if found.breaks:
        log.error("the trail is broken: %s", found.breaks)


@shared_task(name="config.tasks.seal")  # type: ignore[untyped-decorator]
def seal() -> None:
    """Binds what was done since to the chain of the trail."""
    if settings.DEMO and state.is_building():
        return
    pulse.beat("seal", clock.of_the_machine(), sealed=sealing.seal())
