"""A file that takes long to write: asked for, written by a worker, kept a day for the asker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from organisations.lengths import LONGEST


class FileJob(models.Model):
    """One file. ``what`` names its writer, ``asked`` says which rows; ``done`` of ``total`` is
    what the writer told last (0 of 0: not known).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waits for its turn")
        RUNNING = "running", _("is being written")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        GONE = "gone", _("no longer kept")

    what = models.CharField(max_length=30)
    asked = models.JSONField(default=dict)
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    file = models.FileField(upload_to="files/%Y/", blank=True)
    size = models.PositiveBigIntegerField(default=0)
    # why it failed, in the asker's words
    words = models.CharField(max_length=LONGEST, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="file_jobs"
    )
    language = models.CharField(max_length=10, blank=True, default="")
    at = models.DateTimeField()
    # the writer's last sign of life
    beat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["by", "-id"], name="file_job_of")]

    if TYPE_CHECKING:
        by_id: int

    def __str__(self) -> str:
        return self.name

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)
