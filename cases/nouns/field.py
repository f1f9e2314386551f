"""外勤: the firms that somebody calls at today, and what came of a telephone call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from cases.nouns.case import Case
from enterprises.models import Enterprise
from organisations.models import Region, Unit


class RouteStop(models.Model):
    """A firm on somebody's route of a day, in the order that he chose."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()

    if TYPE_CHECKING:
        enterprise_id: int

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "on", "enterprise"], name="route_stop_once_a_day"
            ),
        ]


class CallNote(models.Model):
    """通话小结: whom one spoke to, what came of it, what is next. No visit, and not counted as one.

    Belongs to the firm and serves the open cases that it names, like a visit.
    """

    class Result(models.TextChoices):
        REACHED = "reached", pgettext_lazy("call", "Reached, told")
        PROMISED = "promised", pgettext_lazy("call", "Will do it")
        DIFFICULT = "difficult", pgettext_lazy("call", "Has difficulties")
        NO_ANSWER = "no_answer", pgettext_lazy("call", "No answer")
        WRONG_NUMBER = "wrong_number", pgettext_lazy("call", "Wrong number")

    class Next(models.TextChoices):
        PAPERS = "papers", pgettext_lazy("after a call", "The firm sends papers")
        VISIT = "visit", pgettext_lazy("after a call", "Visit the firm")
        CALL = "call", pgettext_lazy("after a call", "Call again")
        HELP = "help", pgettext_lazy("after a call", "Needs coordination")
        NOTHING = "nothing", pgettext_lazy("after a call", "Nothing more")

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="calls")
    cases = models.ManyToManyField(Case, blank=True, related_name="call_notes")
    called_on = models.DateField()
    spoke_to = models.CharField(max_length=80, blank=True, default="")
    result = models.CharField(max_length=15, choices=Result.choices)
    next_step = models.CharField(max_length=10, choices=Next.choices)
    # by when the next step, if a day was named
    next_on = models.DateField(null=True, blank=True)
    said = models.CharField(max_length=500, blank=True, default="")
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    sent_as = models.UUIDField(null=True, blank=True, unique=True)

    if TYPE_CHECKING:
        enterprise_id: int

    class Meta:
        ordering = ["-called_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(next_on=None) | ~Q(next_step="nothing"),
                name="call_note_day_has_a_step",
            ),
        ]
        indexes = [models.Index(fields=["enterprise", "called_on"])]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.called_on}"
