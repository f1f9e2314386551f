"""What leaves the house: one row for each notice × recipient × channel, and one a digest.

The row is the record. ``claim`` → ``transmitting`` (committed before the first byte of the body)
→ ``sent``. A row that was transmitting when its worker died is *in doubt*: nobody can know whether
the letter arrived (RFC 1047), so a person decides.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models import Case
from organisations.models import Region
from organisations.roles import Act
from organisations.scope import Actor

MORNING = time(8, 30)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, actor: Actor) -> DeliveryQuerySet:
        """Those of the cities whose post one looks after."""
        if actor.is_system:
            return self
        cities = {s.city_id for s in actor.standings_for(Act.MANAGE_DELIVERIES)}
        return self.filter(city__in=cities)

    def about(self, case: Case) -> DeliveryQuerySet:
        return self.filter(case=case)


class Delivery(models.Model):
    """One message to one address. ``key`` makes it once: ``notice:{id}:{channel}``,
    ``digest:{person}:{day}:{channel}``."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("Single notice")
        DIGEST = "digest", _("Daily digest")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being sent")
        TRANSMITTING = "transmitting", _("being transmitted")
        SENT = "sent", _("sent")
        IN_DOUBT = "in_doubt", _("in doubt")
        CONFIRMED = "confirmed", _("confirmed as received")
        FAILED = "failed", _("failed")
        # overtaken by a newer digest, or by a change of the preferences
        DROPPED = "dropped", _("not sent any more")
        # looked at in the morning, and there was nothing to say
        SILENT = "silent", _("nothing to say")

    HELD = (State.CLAIMED, State.TRANSMITTING)

    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    channel = models.CharField(max_length=20)
    city = models.ForeignKey(Region, null=True, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    notice = models.ForeignKey(
        "notifications.Notice", null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=120)
    body = models.TextField(blank=True, default="")
    # as it was when it was last tried
    address = models.CharField(max_length=254, blank=True, default="")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    token = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    # what the other side answered, or why it was not reached
    answer = models.CharField(max_length=300, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = DeliveryQuerySet.as_manager()

    if TYPE_CHECKING:
        case_id: int | None
        city_id: int | None
        recipient_id: int | None

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="delivery_held_has_token_and_lease",
                condition=~Q(state__in=["claimed", "transmitting"])
                | Q(token__isnull=False, leased_until__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_settled_has_a_moment",
                condition=~Q(state__in=["sent", "confirmed", "failed", "dropped", "silent"])
                | Q(settled_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_try_at", "id"],
                condition=Q(state="waiting"),
                name="delivery_waiting",
            ),
            models.Index(
                fields=["channel", "leased_until"],
                condition=Q(state__in=["claimed", "transmitting"]),
                name="delivery_held",
            ),
            models.Index(
                fields=["state", "settled_at"],
                condition=Q(state__in=["in_doubt", "failed"]),
                name="delivery_to_decide",
            ),
            models.Index(fields=["case"], name="delivery_case"),
            models.Index(fields=["made_at"], condition=Q(kind="digest"), name="delivery_digests"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    def is_overtaken(self, at: datetime) -> bool:
        """Whether a digest is of an earlier day than ``at``."""
        made, now = timezone.localdate(self.made_at), timezone.localdate(at)
        return self.kind == self.Kind.DIGEST and made < now


class Line(models.Model):
    """One row a channel: the lock of its claims, its cap per minute, its rest after an outage."""

    channel = models.CharField(max_length=20, primary_key=True)
    window_from = models.DateTimeField(null=True)
    in_window = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    resting_until = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.channel


class Preference(models.Model):
    """What a person wants to be sent, and when; without a row the defaults hold."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference"
    )
    by_mail = models.BooleanField(default=True)
    by_sms = models.BooleanField(default=False)
    digest = models.BooleanField(default=True)
    digest_at = models.TimeField(default=MORNING)
    singles = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.user)


class Pulse(models.Model):
    """When something that runs by itself ran last, and what it did."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    done = models.JSONField(default=dict)

    def __str__(self) -> str:
        return self.name
