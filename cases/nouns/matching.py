"""对接记录: who met whom, when, how, and what came of it.

The form of the case is the record of what was filled in; its rows with a partner are kept here
too, tied to the directory, so that they can be asked about across cases (003-07).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.nouns.case import Case
from cases.querysets import scope_of
from enterprises.models import Enterprise
from organisations.scope import Actor
from resources.models import Expert, Resource


class MatchRecordQuerySet(models.QuerySet["MatchRecord"]):
    def visible_to(self, actor: Actor) -> Self:
        """Records of the cases in sight; an outside expert's own, never a rival's."""
        if actor.is_system:
            return self.all()
        own = Q(expert_id__in=list(actor.expert_ids))
        return self.filter(scope_of(actor, "case__") | own)

    def sealed(self) -> Self:
        """Those that count: the form was complete, the case is no mistake."""
        return self.filter(is_draft=False).exclude(case__stage="withdrawn")


class MatchRecord(models.Model):
    """One row of a case's matching form; ``amount`` in 10,000 yuan.

    ``actions.matching`` alone writes it, right after the form is saved, and replaces all rows of
    the form at once. ``is_draft``: the stage has not been left yet.
    """

    class Result(models.TextChoices):
        """What the packs' forms call these keys; another key speaks for itself."""

        SIGNED = "signed", _("Agreement signed")
        INTENTION = "intention", _("Intention reached")
        TALKING = "talking", _("Still talking")
        NO_MATCH = "no_match", _("No match")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="matches")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="matches")
    form = models.CharField(max_length=40)
    line = models.PositiveSmallIntegerField()
    is_draft = models.BooleanField()
    resource = models.ForeignKey(
        Resource, null=True, blank=True, on_delete=models.PROTECT, related_name="matches"
    )
    expert = models.ForeignKey(
        Expert, null=True, blank=True, on_delete=models.PROTECT, related_name="matches"
    )
    partner = models.CharField(max_length=200)
    folded_partner = models.CharField(max_length=200)
    expert_name = models.CharField(max_length=200, blank=True, default="")
    kind = models.CharField(max_length=40, blank=True, default="")
    # 高校院所: counted apart ("与346家高校院所合作")
    is_institute = models.BooleanField(default=False)
    need = models.CharField(max_length=300, blank=True, default="")
    met_on = models.DateField()
    way = models.CharField(max_length=40, blank=True, default="")
    people = models.CharField(max_length=200, blank=True, default="")
    result = models.CharField(max_length=40)
    agreement = models.CharField(max_length=200, blank=True, default="")
    signed_on = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    next_step = models.CharField(max_length=200, blank=True, default="")
    next_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    objects = MatchRecordQuerySet.as_manager()

    if TYPE_CHECKING:
        case_id: int
        enterprise_id: int
        resource_id: int | None
        expert_id: int | None

    class Meta:
        ordering = ["-met_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "form", "line"], name="match_once_a_line")
        ]
        indexes = [
            models.Index(fields=["resource", "met_on"]),
            models.Index(fields=["expert", "met_on"]),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} – {self.partner}"
