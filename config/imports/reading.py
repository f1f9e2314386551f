"""Reading an upload in the language of whoever sent it, by a worker or by the waiting page."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import translation

from enterprises.importing import uploads
from enterprises.models import ImportBatch

# the page waits this long for a worker, then reads by itself
PATIENCE = timedelta(seconds=5)


def read_now(batch_id: int, *, at: datetime) -> bool:
    """True when this call did the reading."""
    language = (
        ImportBatch.objects.filter(pk=batch_id).values_list("by__language", flat=True).first()
    )
    with translation.override(language or settings.LANGUAGE_CODE):
        return uploads.read(batch_id, at=at)


def read_if_nobody_does(batch: ImportBatch, *, at: datetime) -> bool:
    """Called by each poll of the page: reads inline once the worker's time is up."""
    if batch.state not in (ImportBatch.State.WAITING, ImportBatch.State.READING):
        return False
    if batch.state == ImportBatch.State.WAITING and at - (batch.read_at or batch.at) < PATIENCE:
        return False
    return read_now(batch.pk, at=at)
