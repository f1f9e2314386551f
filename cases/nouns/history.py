"""What happened: the append-only trail, its outbox, the suspension ledger."""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from cases.nouns.case import Case
from cases.nouns.work_item import WorkItem
from organisations.lengths import LONGEST
from organisations.models import Post

# what takes a closing number back (``closing_register``)
TAKES_BACK = ("reopen", "undo_import")


class CaseEvent(models.Model):
    """One line of the trail: who did what, from which stage to which, and why. Never changed.

    ``at`` is given (virtual time), ``recorded_at`` is the database's own clock. ``data`` holds what
    the verb adds: old and new date, old and new unit, evidence id, reasons of return.
    """

    # both are under lock, or there for good, when the event is written, and the database lets
    # neither go: two look-ups less a line (docs/adr/0042); so it is of who acted (docs/adr/0061)
    case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
        db_constraint=False,
    )
    item = models.ForeignKey(
        WorkItem,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="events",
        # asked for with its case, by which the trail is read
        db_index=False,
        db_constraint=False,
    )
    verb = models.CharField(max_length=30)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    by_post = models.ForeignKey(
        Post,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    from_stage = models.CharField(max_length=30, blank=True, default="")
    to_stage = models.CharField(max_length=30, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["case", "id"]),
            # of a person; what the clock does is nobody's (docs/adr/0057)
            models.Index(fields=["by"], condition=Q(by__isnull=False), name="event_by_somebody"),
            # the register of closing numbers: who lost one
            models.Index(
                fields=["case"], condition=Q(verb__in=TAKES_BACK), name="event_takes_back"
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            self._refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise RuntimeError("CaseEvent is append-only")


class PendingEvent(models.Model):
    """The outbox: an event that floor 4 has not yet turned into notices."""

    # written by the transaction that writes the event, whose trigger never lets it go: nothing is
    # left for the database to check row by row (docs/adr/0032)
    event = models.OneToOneField(
        CaseEvent, on_delete=models.CASCADE, related_name="pending", db_constraint=False
    )


class Suspension(models.Model):
    """A row of the suspension ledger: while one is open, the clock of the case stands still."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="suspensions")
    from_on = models.DateField()
    until_on = models.DateField()
    reason = models.CharField(max_length=LONGEST)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    resumed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(resumed_on=None), name="suspension_open_once"
            )
        ]
