"""The ladder at work: rungs that fired, phone reminders, drafts that a person releases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.nouns.work_item import WorkItem
from organisations.lengths import LONGEST
from organisations.models import Region, Unit
from workflows.models import Programme


class RungFired(models.Model):
    """A rung that fired, once per deadline; ``spoke`` is false for those passed over in silence."""

    # under lock while its rungs are written, and never deleted (docs/adr/0032); the unique key
    # begins with it
    item = models.ForeignKey(
        WorkItem,
        on_delete=models.CASCADE,
        related_name="rungs",
        db_constraint=False,
        db_index=False,
    )
    deadline_version = models.PositiveSmallIntegerField()
    rung = models.CharField(max_length=30)
    at = models.DateTimeField()
    spoke = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "deadline_version", "rung"], name="rung_fires_once"
            )
        ]


class PhoneReminder(models.Model):
    """A line of the office's call list (电话提醒), once per deadline; the result is recorded."""

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="phone_reminders")
    deadline_version = models.PositiveSmallIntegerField(default=1)
    listed_on = models.DateField()
    result = models.CharField(max_length=LONGEST, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    called_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "deadline_version"], name="phone_reminder_once_a_deadline"
            )
        ]


class EscalationDraft(models.Model):
    """A letter that the ladder drafted and a person releases; no machine writes to a leader."""

    class Kind(models.TextChoices):
        WORK_NOTE = "work_note", _("Work note")
        REMINDER_LETTER = "reminder_letter", _("Reminder letter")
        SUPERVISION_LETTER = "supervision_letter", _("Supervision letter")
        COORDINATION_LETTER = "coordination_letter", _("Coordination letter")
        TALK = "talk", _("Talk or transfer proposed")

    class State(models.TextChoices):
        DRAFTED = "drafted", _("To be decided")
        RELEASED = "released", _("Released")
        DROPPED = "dropped", _("Not sent")
        MERGED = "merged", _("Taken up in a higher letter")

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="drafts")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    county = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # who the rung says it goes to, and the unit that reads it here: a county's government has no
    # desk of its own, so its task force does; the words are in ``addressing``
    addressee = models.CharField(max_length=20, blank=True, default="")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    month = models.DateField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFTED)
    body = models.TextField(blank=True, default="")
    number = models.CharField(max_length=40, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=LONGEST, blank=True, default="")
    # what a frozen month said of the county as a whole; empty for what the ladder drafted
    cause = models.JSONField(default=dict, blank=True)
    # the higher letter that took its list over
    into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="took_up"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "kind", "county", "unit"],
                condition=Q(state="drafted"),
                name="draft_open_once_a_county",
            ),
            # NULLs are distinct: letters to departments have no county
            models.UniqueConstraint(
                fields=["programme", "kind", "unit"],
                condition=Q(state="drafted", county=None),
                name="draft_open_once_a_department",
            ),
            models.UniqueConstraint(
                fields=["programme", "kind", "number"],
                condition=~Q(number=""),
                name="letter_number_once",
            ),
        ]


class DraftLine(models.Model):
    """One overdue item in a draft's annex.

    ``sent``: the line as it stood when the letter was decided (phase, lacking, due_on, late,
    reminded), empty before; ``gone``: why it had fallen out by then.
    """

    draft = models.ForeignKey(EscalationDraft, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="draft_lines")
    rung = models.CharField(max_length=30)
    sent = models.JSONField(default=dict, blank=True)
    gone = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "item"], name="draft_line_once")]
