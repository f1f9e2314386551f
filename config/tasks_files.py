"""The worker's door to files that take long to write."""

from __future__ import annotations

from celery import shared_task

from config.files.writing import write_now
from organisations import clock


@shared_task(name="config.tasks_files.write_file")  # type: ignore[untyped-decorator]
def write_file(job_id: int) -> None:
    """Writes it unless somebody else did."""
    write_now(job_id, at=clock.now())
