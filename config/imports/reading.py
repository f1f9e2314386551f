"""Reading an upload in the language of whoever sent it, by a worker or by the waiting page."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation

from config.imports.ledgers import read_ledger_upload
from enterprises.importing import uploads
from enterprises.models import ImportBatch
from organisations.wake import wake

# the page waits this long for a worker, then reads by itself
PATIENCE = timedelta(seconds=2)
# a register of 2,000 firms has 0.2 MB and takes a second or two: nobody need wait for a worker
READ_AT_ONCE = 2 << 20
READER = "config.tasks_imports.read_import"


def begin(batch: ImportBatch, *, at: datetime) -> None:
    """What is small is read at once, the rest by the worker (or the page, if there is none)."""
    if batch.file.size <= READ_AT_ONCE:
        read_now(batch.pk, at=at)
    else:
        wake(READER, batch.pk)


def read_now(batch_id: int, *, at: datetime) -> bool:
    """True when this call did the reading."""
    found = ImportBatch.objects.filter(pk=batch_id).values_list("by__language", "kind").first()
    if found is None:
        return False
    language, kind = found
    reader = read_ledger_upload if kind == ImportBatch.Kind.LEDGER else uploads.read_list
    with translation.override(language or settings.LANGUAGE_CODE):
        return uploads.read(batch_id, at=at, reader=reader)


def read_if_nobody_does(batch: ImportBatch, *, at: datetime) -> bool:
    """Called by each poll of the page: reads inline once the worker's time is up."""
    if batch.state not in (ImportBatch.State.WAITING, ImportBatch.State.READING):
        return False
    if batch.state == ImportBatch.State.WAITING and at - (batch.read_at or batch.at) < PATIENCE:
        return False
    return read_now(batch.pk, at=at)
