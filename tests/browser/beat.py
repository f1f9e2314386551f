"""The tick of the stories: as beat sends it where Redis is, and done by a real Celery worker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue
from typing import Any

from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun

from config.celery import app
from config.tasks import tick

PATIENCE = 60  # seconds on a busy machine


def queue() -> str:
    """Parallel test workers share one Redis."""
    return f"stories-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


class Beat:
    """Sends the tick through the broker and waits until the worker has done it."""

    def __init__(self) -> None:
        self.done: Queue[str] = Queue()

    def heard(self, *, task_id: str, state: str, **_others: Any) -> None:
        self.done.put(f"{task_id} {state}")

    def tick(self) -> None:
        sent = tick.apply_async(queue=queue())
        assert self.done.get(timeout=PATIENCE) == f"{sent.id} SUCCESS"


@contextmanager
def worker(redis_url: str) -> Iterator[Beat]:
    """A worker on ``redis_url``, as a thread: the story's clock is its clock too."""
    before = {"broker_url": app.conf.broker_url, "broker_transport": app.conf.broker_transport}
    app.conf.update(broker_url=redis_url, broker_transport=None)
    beat = Beat()
    task_postrun.connect(beat.heard)
    try:
        with start_worker(
            app, pool="solo", queues=[queue()], perform_ping_check=False, shutdown_timeout=PATIENCE
        ):
            yield beat
    finally:
        task_postrun.disconnect(beat.heard)
        app.conf.update(before)
