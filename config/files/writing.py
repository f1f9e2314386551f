"""Which writer writes what, in the language and with the rights of whoever asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation

from cases.ledger_export import write_ledger_file
from config.acting import actor_for
from notifications.files_ready import tell_asker
from organisations import clock, files
from organisations.days import day_of
from organisations.file_job import FileJob
from organisations.files import Writer
from reports.meeting_file import write_meeting
from reports.paper_file import write_list_paper
from reports.stack_file import write_stack

WRITERS: dict[str, Writer] = {
    "ledger": write_ledger_file,
    "list_paper": write_list_paper,
    "document_stack": write_stack,
    "meeting": write_meeting,
}
# the page waits this long for a worker, then writes by itself
PATIENCE = timedelta(seconds=10)


def write_now(pk: int, *, at: datetime) -> bool:
    """True when this call did it; what it became is told to the asker."""
    job = files.claim(pk, at)
    if job is None:
        return False
    with translation.override(job.language or settings.LANGUAGE_CODE):
        by = actor_for(job.by, day_of(at))
        files.write(job, WRITERS[job.what], by=by, at=at, now=clock.now)
    job.refresh_from_db()
    tell_asker(job)
    return True


def write_if_nobody_does(job: FileJob, *, at: datetime) -> bool:
    """Called by each poll of the page: a machine without a worker writes all the same."""
    if not job.is_under_way or at - (job.beat_at or job.at) < PATIENCE:
        return False
    return write_now(job.pk, at=at)
