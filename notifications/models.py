"""Notices to people: one row each, made once from one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Case, CaseEvent
from organisations.scope import Actor


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> NoticeQuerySet:
        """One's own and nobody else's, whatever the post; a command sees none."""
        return self.filter(recipient=actor.user) if actor.user is not None else self.none()

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(models.Model):
    """An in-app notice. ``key`` makes it once: ``event:{id}:{recipient}:{channel}``."""

    key = models.CharField(max_length=120, unique=True)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    event = models.ForeignKey(CaseEvent, null=True, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=60)
    body = models.CharField(max_length=500)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    if TYPE_CHECKING:
        case_id: int | None

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread")
        ]
