"""Notices to people: one row each, made once from one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Case, CaseEvent
from notifications.deliveries import Delivery, Line, Preference, Pulse
from organisations.models import Post
from organisations.scope import Actor

__all__ = ["Delivery", "Line", "Notice", "NoticeQuerySet", "Preference", "Pulse"]


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, actor: Actor) -> NoticeQuerySet:
        """One's own, and what was kept for a vacant post that one holds now (004-30)."""
        if actor.user is None:
            return self.none()
        kept = Q(recipient=None, post__in=actor.post_ids)
        return self.filter(Q(recipient=actor.user) | kept)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(models.Model):
    """An in-app notice. ``key`` makes it once: ``event:{id}:{recipient}:{channel}``."""

    key = models.CharField(max_length=120, unique=True)
    # nobody held the post when the notice was made: it waits for whoever holds it next
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="notices"
    )
    post = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    event = models.ForeignKey(CaseEvent, null=True, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="notices"
    )
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=60)
    body = models.CharField(max_length=500)
    # where it leads, of what is about no case: a path of ours
    link = models.CharField(max_length=200, blank=True, default="")
    # the same in the interface's other languages: {"en": [title, body]}
    other = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    if TYPE_CHECKING:
        case_id: int | None

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient__isnull=False) | Q(post__isnull=False),
                name="notice_is_for_somebody",
            )
        ]
        indexes = [
            models.Index(fields=["recipient"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(
                fields=["post"], condition=Q(read_at=None, recipient=None), name="notice_kept"
            ),
        ]

    def said_in(self, language: str) -> tuple[str, str]:
        """Title and body in a language; as it was written where it was written in that alone."""
        title, body = self.other.get(language) or (self.title, self.body)
        return title, body
