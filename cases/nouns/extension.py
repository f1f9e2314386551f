"""延期: a request for more time, and what was decided; a row of the ledger of extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.nouns.case import Case
from cases.nouns.work_item import WorkItem
from organisations.lengths import LONGEST

GRANTED = Q(is_granted=True, new_due__isnull=False)


class Extension(models.Model):
    """One request about one step: asked, then granted or not. Of a step that has ended meanwhile
    nothing is decided any more (已失效); nothing is written for that.

    ``days``: working days from ``old_due`` to ``wished_on``; ``in_all``: with those granted before;
    ``to_office``: beyond what the county decides alone.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="extensions")
    item = models.ForeignKey(WorkItem, on_delete=models.PROTECT, related_name="extensions")
    old_due = models.DateField()
    wished_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    in_all = models.PositiveSmallIntegerField()
    to_office = models.BooleanField()
    reason = models.CharField(max_length=LONGEST)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    is_granted = models.BooleanField(null=True, blank=True)
    new_due = models.DateField(null=True, blank=True)
    # working days by which the date moved
    granted_days = models.PositiveSmallIntegerField(default=0)
    answer = models.CharField(max_length=LONGEST, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    if TYPE_CHECKING:
        case_id: int
        item_id: int
        asked_by_id: int
        decided_by_id: int | None

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=Q(decided_at=None), name="extension_asked_once"
            ),
            models.CheckConstraint(
                condition=(
                    Q(decided_at=None, decided_by=None, is_granted=None, new_due=None)
                    | Q(decided_at__isnull=False, decided_by__isnull=False)
                    & (
                        Q(is_granted=True, new_due__isnull=False)
                        | Q(is_granted=False, new_due=None)
                    )
                ),
                name="extension_decision_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=models.F("asked_by")), name="extension_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(wished_on__gt=models.F("old_due")), name="extension_is_later"
            ),
        ]
        indexes = [
            models.Index(fields=["case"], condition=Q(decided_at=None), name="extension_waiting")
        ]

    @property
    def is_waiting(self) -> bool:
        return self.decided_at is None
