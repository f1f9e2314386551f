"""The open step of a case: who owes it, by when, and when to look at it again."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from viewflow.workflow.models import AbstractTask

from cases.nouns.case import Case
from organisations.lengths import LONGEST
from organisations.models import Post, Unit

# the clock runs against whoever owes the step (``querysets.runs``)
CHASED = {"is_chased": True, "is_suspended": False, "is_declined": False}


def _unindexed(name: str) -> Any:
    """viewflow's own field, without the index that only its own front end reads (ADR 36)."""
    field = copy.deepcopy(AbstractTask._meta.get_field(name))
    field.db_index = False
    return field


class WorkItem(AbstractTask):  # type: ignore[misc]
    """viewflow's task: at most one unfinished human item per case, by a partial unique constraint.

    ``due_on`` is the end of that day in the city's time zone, ``budget`` the working days it came
    from, ``next_check_at`` the moment of the next rung (indexed, open items only).
    """

    # no foreign key of the database: none of these rows is ever removed (docs/adr/0061)
    process = models.ForeignKey(
        Case, on_delete=models.CASCADE, related_name="task_set", db_constraint=False
    )
    # who acted, never a right; viewflow's own CASCADE would delete history with a user
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    status, created, scheduled = map(_unindexed, ("status", "created", "scheduled"))
    external_task_id = _unindexed("external_task_id")
    owner_permission_content_type = _unindexed("owner_permission_content_type")
    # nothing here writes it, and yet each new step would ask at COMMIT whether it is empty
    owner_permission_content_type.db_constraint = False
    stage = models.CharField(max_length=30)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    post = models.ForeignKey(
        Post, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    started_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    budget = models.PositiveSmallIntegerField(null=True, blank=True)
    phrase = models.CharField(max_length=120, blank=True, default="")
    provisional = models.BooleanField(default=False)
    deadline_version = models.PositiveSmallIntegerField(default=1)
    # rungs whose moment lies before this day cannot fire (set when the deadline changes)
    rungs_from = models.DateField()
    next_check_at = models.DateTimeField(null=True, blank=True)
    # ◇ waits for a higher level: not counted against the lower one
    waits_higher = models.BooleanField(default=False)
    # class D is watched, not chased: its date is a review's, never late (practice: four stages)
    is_chased = models.BooleanField(default=True)
    # working days late when the step was left; stays when the next step starts afresh
    days_late = models.PositiveSmallIntegerField(default=0)
    # 退回补正: this item exists because something was sent back
    is_correction = models.BooleanField(default=False)
    return_reason = models.CharField(max_length=LONGEST, blank=True, default="")
    # 申请改派: waits for the office to reassign
    is_declined = models.BooleanField(default=False)
    # ○ the clock stands still (the open row of the suspension ledger says why)
    is_suspended = models.BooleanField(default=False)

    if TYPE_CHECKING:
        process_id: int
        unit_id: int
        post_id: int
        finished: datetime | None

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["process"],
                condition=Q(finished=None, flow_task_type="HUMAN"),
                name="work_item_open_once_a_case",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"],
                condition=Q(finished=None, next_check_at__isnull=False),
                name="work_item_next_check",
            ),
            models.Index(
                fields=["unit", "due_on"], condition=Q(finished=None), name="work_item_unit_due"
            ),
            # a ledger is walked by date, class by class (docs/adr/0033)
            models.Index(
                fields=["waits_higher", "due_on", "process"],
                condition=Q(finished=None, **CHASED),
                name="work_item_chased",
            ),
            models.Index(
                fields=["due_on", "process"],
                condition=Q(finished=None)
                & (Q(is_suspended=True) | Q(is_declined=True) | Q(is_chased=False)),
                name="work_item_resting",
            ),
            models.Index(fields=["post"], condition=Q(finished=None), name="work_item_of_post"),
        ]

    @property
    def is_open(self) -> bool:
        return self.finished is None
