"""What is over its time goes, once a day: by the rules of ``organisations.keeping``.

Never a line of the trail, a seal, a case, a paper or a document: the database refuses the first,
and nothing here names the others. Batches are short, so nobody waits for a lock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django.utils import timezone

from cases.actions import note_sheets, paper_files
from cases.models import FormRecord
from enterprises.importing import uploads
from enterprises.models import ImportBatch
from notifications.models import Delivery, Notice
from organisations import files
from organisations.file_job import FileJob
from organisations.journal import record
from organisations.keeping import days_kept
from organisations.models import AuditEvent
from organisations.scope import Actor
from reports.documents.nouns import SigningSheet

BATCH = 500
State = Delivery.State
# what failed or is in doubt may still be sent again by hand
SETTLED = (State.SENT, State.CONFIRMED, State.DROPPED, State.SILENT)
# where files lie that are no papers, and which rows name them
BESIDE_PAPERS = (("imports", ImportBatch), ("files", FileJob), ("sheets", SigningSheet))
# how many are over their time at a moment, given until when they are; deleted unless dry
Rule = Callable[[datetime, bool], int]


def delete_old(at: datetime, *, dry: bool = False) -> dict[str, int]:
    """What went (``dry``: would go) by kind. Idempotent; several at once do no harm."""
    done = {
        kind: RULES[kind](at - timedelta(days=days), dry)
        for kind, days in days_kept().items()
        if kind in RULES
    }
    done |= _by_themselves(at, dry)
    if not dry and any(done.values()):
        gone = [f"{kind} {count}" for kind, count in done.items() if count]
        record(AuditEvent.Kind.SETTING, "delete_old", None, by=Actor.system(), at=at, deleted=gone)
    return done


def _by_themselves(at: datetime, dry: bool) -> dict[str, int]:
    """What has its own fixed day, written where it is made."""
    # files are as old as the machine's own clock says, whatever day the demo has
    now = timezone.now()
    waste = [
        *paper_files.sweep_up(now, dry=dry),
        *paper_files.remove_lost(now, BESIDE_PAPERS, dry=dry),
    ]
    return {
        "files": files.forget_old(at, dry=dry),
        "previews": uploads.forget_old(at, dry=dry) + note_sheets.forget_old(at, dry=dry),
        "uploads": len(waste),
    }


def _delete(rows: QuerySet[Any, Any], dry: bool) -> int:
    """Rows in short batches; how many."""
    if dry:
        return rows.count()
    gone = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        gone += len(ids)
    return gone


def _tries(until: datetime, dry: bool) -> int:
    return _delete(AccessAttempt.objects.filter(attempt_time__lt=until), dry)


def _letters(until: datetime, dry: bool) -> int:
    """The line stays, so that nothing is sent again and a case can say what was sent; whoever
    reads it later needs neither the text nor the address."""
    rows = Delivery.objects.filter(state__in=SETTLED, settled_at__lt=until)
    rows = rows.exclude(Q(body="") & Q(address=""))
    if dry:
        return rows.count()
    gone = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        gone += Delivery.objects.filter(pk__in=ids).update(body="", address="")
    return gone


def _notices(until: datetime, dry: bool) -> int:
    """Read ones of which nothing left the house; the record of what left stays with its notice."""
    return _delete(Notice.objects.filter(read_at__lt=until, deliveries=None), dry)


def _drafts(until: datetime, dry: bool) -> int:
    """Half-filled forms that nobody can finish any more."""
    rows = FormRecord.objects.filter(is_draft=True, at__lt=until, case__finished__lt=until)
    return _delete(rows, dry)


def _jobs(until: datetime, dry: bool) -> int:
    return _delete(FileJob.objects.filter(at__lt=until, file=""), dry)


def _sessions(until: datetime, dry: bool) -> int:
    """Sessions keep the machine's own time."""
    return _delete(Session.objects.filter(expire_date__lt=timezone.now()), dry)


RULES: dict[str, Rule] = {
    "sign_in_tries": _tries,
    "letters": _letters,
    "notices": _notices,
    "drafts": _drafts,
    "file_jobs": _jobs,
    "sessions": _sessions,
}
