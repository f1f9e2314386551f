"""What a supervision order came of: a letter that went out, or a leader's word on a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from cases.nouns.case import Case
from cases.nouns.escalation import EscalationDraft
from cases.nouns.history import CaseEvent


class OrderOrigin(models.Model):
    """Written once, with the order: its letter (督办函), or the case that it is about and the
    comment (批示) that asked for it.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="origin")
    letter = models.OneToOneField(
        EscalationDraft, null=True, blank=True, on_delete=models.PROTECT, related_name="opened"
    )
    about = models.ForeignKey(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    instruction = models.ForeignKey(
        CaseEvent, null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )

    if TYPE_CHECKING:
        case_id: int
        letter_id: int | None
        about_id: int | None
        instruction_id: int | None

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(letter__isnull=False, about=None, instruction=None)
                | Q(letter=None, about__isnull=False),
                name="order_origin_is_one",
            )
        ]
