"""调度会材料 as handed out: a row for each time that the papers of a meeting said something new."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cases.models import Case
from reports.documents.content import Content


class MeetingPapers(models.Model):
    """What was made before the meeting's day ended stays as it was: figures of later days do not
    rewrite what people held in their hands. ``content`` is a ``Content``; PDF, Word and workbook
    are printed from nothing else."""

    meeting = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meeting_papers")
    number = models.PositiveSmallIntegerField()
    # the day of the figures
    as_of = models.DateField()
    content = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["meeting", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="meeting_papers_once"),
        ]

    @property
    def said(self) -> Content:
        return Content.model_validate(self.content)
