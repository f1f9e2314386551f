"""Verb: what a person has read."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from notifications.models import Notice
from organisations.scope import Actor


@transaction.atomic
def mark_read(*, by: Actor, at: datetime, ids: list[int] | None = None) -> int:
    """Mark one's own notices as read, all of them without ``ids``; the number that were not."""
    mine = Notice.objects.visible_to(by).unread()
    if ids is not None:
        mine = mine.filter(pk__in=ids)
    return mine.update(read_at=at)
