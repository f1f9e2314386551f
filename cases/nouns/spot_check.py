"""材料复核: closings drawn at random to be looked at again, and what became of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.nouns.case import Case
from organisations.lengths import LONGEST
from workflows.models import Programme

USER = settings.AUTH_USER_MODEL


class SpotDraw(models.Model):
    """One draw: whoever has the seed and the population draws the same (``workflows.sampling``).

    ``population``: case numbers by county, sorted; ``drawn``: those that were drawn, sorted.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="spot_draws")
    closed_from = models.DateField()
    closed_until = models.DateField()
    percent = models.PositiveSmallIntegerField()
    at_least = models.PositiveSmallIntegerField(default=1)
    seed = models.CharField(max_length=64)
    population = models.JSONField(default=dict)
    drawn = models.JSONField(default=list)
    drawn_by = models.ForeignKey(USER, null=True, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="spot_draw_percent"
            ),
            models.CheckConstraint(
                condition=Q(closed_until__gte=models.F("closed_from")),
                name="spot_draw_runs_forward",
            ),
        ]

    if TYPE_CHECKING:
        programme_id: int


class SpotCheck(models.Model):
    """One closing of a draw: looked at again by somebody who did not grant it."""

    class State(models.TextChoices):
        OPEN = "open", _("to be rechecked")
        PASSED = "passed", _("Recheck passed")
        FAILED = "failed", _("Recheck failed, the county may explain")
        EXPLAINED = "explained", _("Explained, to be decided")
        LET_STAND = "let_stand", _("Explanation accepted, stands")
        STRUCK = "struck", _("Closing revoked")

    DONE = (State.PASSED, State.LET_STAND, State.STRUCK)

    draw = models.ForeignKey(SpotDraw, on_delete=models.PROTECT, related_name="checks")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="spot_checks")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    checked_by = models.ForeignKey(
        USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True)
    # why it failed, and the criteria that do not hold
    reason = models.CharField(max_length=LONGEST, blank=True, default="")
    criteria = models.JSONField(default=list, blank=True)
    # the county's answer: by when, and what it said
    explain_by = models.DateField(null=True, blank=True)
    explanation = models.CharField(max_length=LONGEST, blank=True, default="")
    explained_by = models.ForeignKey(
        USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    explained_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        USER, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=LONGEST, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "case"], name="spot_check_once_a_draw"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "passed"])
                | (~Q(reason="") & Q(explain_by__isnull=False)),
                name="spot_check_fails_with_a_reason",
            ),
        ]

    if TYPE_CHECKING:
        draw_id: int
        case_id: int
        checked_by_id: int | None
