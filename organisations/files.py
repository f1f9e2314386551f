"""Files in the background: queued by a page, written by whoever comes first, kept for a day.

The row is the record; a worker that is woken and the page that waits may both try, and a
conditional update lets one of them. Only the asker sees the row and gets the file.
"""

from __future__ import annotations

import logging
import tempfile
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.core.files.base import File
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from organisations import journal
from organisations.errors import Refused
from organisations.file_job import FileJob
from organisations.models import AuditEvent
from organisations.scope import Actor
from organisations.wake import wake

log = logging.getLogger(__name__)

TASK = "config.tasks_files.write_file"
# more rows than this are written in the background
AT_ONCE = 5000
KEPT = timedelta(days=1)
# a writer that gave no sign for so long was killed (its task is stopped long before)
LOST = timedelta(minutes=12)
# of one person at once: a second click asks for the same again
AT_MOST = 5

State = FileJob.State
Tell = Callable[[int, int], None]
# (target, what was asked, who, day) and whom to tell how far it is; how many rows, if that counts
Writer = Callable[[BinaryIO, dict[str, Any], Actor, datetime, Tell], int | None]


class Cancelled(Exception):
    """The asker does not want it any more."""


def queue(
    what: str, name: str, asked: dict[str, Any], *, by: Actor, at: datetime, total: int = 0
) -> FileJob:
    """Puts it down and wakes the worker; the same question asked twice is one job."""
    assert by.user is not None
    mine = FileJob.objects.filter(by=by.user, state__in=[State.WAITING, State.RUNNING])
    if (same := mine.filter(what=what, asked=asked).first()) is not None:
        return same
    if mine.count() >= AT_MOST:
        words = _("%(n)d files of yours are being written. Wait for one of them, or cancel one.")
        raise Refused("too_many_files", words % {"n": AT_MOST})
    job = FileJob.objects.create(
        what=what,
        name=name.replace("/", "-")[:200],
        asked=asked,
        total=total,
        by=by.user,
        at=at,
        language=get_language() or "",
    )
    wake(TASK, job.pk)
    return job


def claim(pk: int, at: datetime) -> FileJob | None:
    """The job, for whoever is the first to begin it."""
    free = Q(state=State.WAITING) | Q(state=State.RUNNING, beat_at__lt=at - LOST)
    mine = FileJob.objects.filter(free, pk=pk).update(state=State.RUNNING, beat_at=at, done=0)
    return FileJob.objects.select_related("by").get(pk=pk) if mine else None


def write(job: FileJob, writer: Writer, *, by: Actor, at: datetime, now: Clock) -> None:
    """Runs the writer; whatever happens the row says so."""
    running = FileJob.objects.filter(pk=job.pk, state=State.RUNNING)

    def tell(done: int, total: int) -> None:
        if not running.update(done=done, total=total, beat_at=now()):
            raise Cancelled

    with tempfile.TemporaryFile() as target:
        try:
            rows = writer(target, job.asked, by, at, tell)
        except Cancelled:
            return
        except Refused as refusal:
            running.update(state=State.FAILED, words=refusal.words[:1000], finished_at=now())
            return
        except Exception:
            log.exception("file %s could not be written", job.pk)
            words = _("The file could not be written. Try again; tell the office if it stays so.")
            running.update(state=State.FAILED, words=words, finished_at=now())
            return
        _keep(job, target, rows, by=by, at=now())


Clock = Callable[[], datetime]


def _keep(job: FileJob, target: BinaryIO, rows: int | None, *, by: Actor, at: datetime) -> None:
    target.seek(0, 2)
    size = target.tell()
    target.seek(0)
    ending = job.name.rpartition(".")[2]
    job.file.save(f"{uuid.uuid4().hex}.{ending}", File(target), save=False)
    kept = FileJob.objects.filter(pk=job.pk, state=State.RUNNING).update(
        state=State.DONE, file=job.file.name, size=size, finished_at=at
    )
    if not kept:  # cancelled at the last moment
        job.file.delete(save=False)
        return
    told: dict[str, Any] = {} if rows is None else {"rows": rows}
    journal.record(
        AuditEvent.Kind.EXPORT, job.what, job, by=by, at=at, words=job.name, asked=job.asked, **told
    )


def cancel(job: FileJob, *, at: datetime) -> None:
    open_ = FileJob.objects.filter(pk=job.pk, state__in=[State.WAITING, State.RUNNING])
    if not open_.update(state=State.CANCELLED, finished_at=at):
        raise Refused("not_under_way", _("This file is not being written any more."))


def forget_old(at: datetime, *, dry: bool = False) -> int:
    """Files are kept for a day; how many went."""
    old = list(FileJob.objects.filter(at__lt=at - KEPT).exclude(file=""))
    for job in old if not dry else ():
        job.file.delete(save=False)
        FileJob.objects.filter(pk=job.pk).update(file="", state=State.GONE)
    return len(old)
