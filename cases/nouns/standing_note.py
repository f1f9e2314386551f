"""What the handler last wrote of a case into the county's sheet, and the sheets handed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.nouns.case import Case

USER = settings.AUTH_USER_MODEL


class StandingNote(models.Model):
    """进展, 问题 and 预计完成 as they stand; each change is an event ``note`` of the case's trail.

    ``expected_on`` is the handler's own expectation: the deadline is the work item's and stays.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="standing_note")
    progress = models.TextField(blank=True, default="")
    problem = models.TextField(blank=True, default="")
    expected_on = models.DateField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    if TYPE_CHECKING:
        case_id: int


class NoteSheet(models.Model):
    """A workbook that a county filled in and handed back: its cells, until they are taken.

    ``rows``: what was typed, each a stored ``FilledRow``. The file itself is not kept.
    """

    class State(models.TextChoices):
        PREVIEWED = "previewed", _("to be confirmed")
        TAKEN = "taken", _("taken")
        DROPPED = "dropped", _("dropped")
        UNDONE = "undone", _("undone")

    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEWED)
    rows = models.JSONField(default=list)
    # new, changed, unchanged, stale, refused when it was taken
    counts = models.JSONField(default=dict)
    by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["previewed", "dropped"], taken_at=None)
                | Q(state__in=["taken", "undone"], taken_at__isnull=False),
                name="note_sheet_taken_has_a_moment",
            )
        ]

    def __str__(self) -> str:
        return self.file_name
