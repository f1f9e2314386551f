"""The worker's door to a waiting import; the page reads by itself when no worker comes."""

from __future__ import annotations

from celery import shared_task

from config.imports.reading import read_now
from organisations import clock


@shared_task(name="config.tasks_imports.read_import")  # type: ignore[untyped-decorator]
def read_import(batch_id: int) -> None:
    """Reads the upload unless somebody else did."""
    read_now(batch_id, at=clock.now())
