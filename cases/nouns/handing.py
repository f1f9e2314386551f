"""The ledger of hand-overs (工作移交): who had a post, who has it, and what lay on the desk."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from organisations.models import Post
from organisations.scope import Actor
from organisations.sight import concerns


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def visible_to(self, actor: Actor) -> HandOverQuerySet:
        """Of posts in the actor's part of the map, and those in which he was on either side."""
        return self.filter(concerns(actor, "post", "successor", "by"))


class HandOver(models.Model):
    """One post that changes hands on a day (004-30).

    ``lines`` is the list of what was open (移交清单), frozen on the day; None until then, as the
    desk still changes. ``predecessors`` and ``lines`` are plain values: a reprint says the same.
    """

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="hand_overs")
    # None: nobody yet (空岗)
    successor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # [{"id": user, "name": …}]
    predecessors = models.JSONField(default=list)
    from_on = models.DateField()
    note = models.TextField(blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    lines = models.JSONField(null=True, blank=True)

    objects = HandOverQuerySet.as_manager()

    class Meta:
        ordering = ["-from_on", "-id"]
        indexes = [
            models.Index(
                fields=["from_on"], condition=models.Q(lines__isnull=True), name="hand_over_ahead"
            )
        ]

    def __str__(self) -> str:
        return f"{self.post} {self.from_on:%Y-%m-%d}"

    @property
    def is_ahead(self) -> bool:
        """Whether it has not taken effect."""
        return self.lines is None

    @property
    def from_whom(self) -> list[str]:
        return [str(one["name"]) for one in self.predecessors]
