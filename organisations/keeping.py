"""How long what is kept, where the law and the office leave it open: a row where the days differ
from the plain ones. What is in the trail, in cases, papers and documents is never deleted by age.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class KeepingRule(models.Model):
    """The days that the system administrator chose for a kind."""

    kind = models.CharField(max_length=20, primary_key=True)
    days = models.PositiveIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True)
class Kept:
    """A kind: what it is, whose rule it follows, the plain days and the bounds of a choice.

    ``least`` = ``most``: nobody chooses.
    """

    key: str
    label: str | Promise
    rule: str | Promise
    days: int
    least: int
    most: int

    @property
    def is_open(self) -> bool:
        return self.least < self.most


HALF_A_YEAR, YEAR, LONGEST = 180, 365, 3650
_LAW = _("Cybersecurity Law, article 21: logs at least six months")
_OFFICE = _("the office's choice")
_HOUSE = _("fixed: nobody needs it any longer")
KINDS = {
    one.key: one
    for one in (
        Kept("sign_in_tries", _("Counters of failed sign-ins"), _LAW, YEAR, HALF_A_YEAR, LONGEST),
        Kept("letters", _("Text and address of what was sent"), _LAW, YEAR, HALF_A_YEAR, LONGEST),
        Kept("notices", _("Read messages in the product"), _OFFICE, 2 * YEAR, 90, LONGEST),
        Kept("drafts", _("Form drafts of finished cases"), _OFFICE, HALF_A_YEAR, 30, LONGEST),
        Kept("file_jobs", _("List of files written for people"), _OFFICE, HALF_A_YEAR, 30, LONGEST),
        Kept("files", _("Files written for people"), _HOUSE, 1, 1, 1),
        Kept("previews", _("Read-in files that nobody confirmed"), _HOUSE, 2, 2, 2),
        Kept("uploads", _("Uploaded files that no row names"), _HOUSE, 1, 1, 1),
        Kept("sessions", _("Ended sessions"), _HOUSE, 0, 0, 0),
    )
}


def days_kept() -> dict[str, int]:
    """Days by kind, as chosen or plain; one statement."""
    chosen = dict(KeepingRule.objects.values_list("kind", "days"))
    return {
        key: chosen.get(key, kind.days) if kind.is_open else kind.days
        for key, kind in KINDS.items()
    }
