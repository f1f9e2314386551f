"""Doors for the worker: parse, call one verb, nothing else. Arguments are row ids."""

from celery import shared_task

from config import ticking
from organisations import clock


@shared_task(name="config.tasks.tick")  # type: ignore[untyped-decorator]
def tick() -> None:
    """Once a minute from beat; calling it more often, or from elsewhere too, does no harm."""
    ticking.tick(clock.now())
