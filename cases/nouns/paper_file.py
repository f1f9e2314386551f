"""What is known of an uploaded file, once for all papers that hold it; who looked at a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.nouns.evidence import Evidence


class PaperFile(models.Model):
    """The bytes behind papers, by their SHA-256: what the scanner said, how many pages there are.

    A file that nobody scans has no state of its own; one that waits is neither shown nor accepted.
    """

    class Scan(models.TextChoices):
        NONE = "", _("not scanned")
        WAITING = "waiting", _("waits for the virus scanner")
        CLEAN = "clean", _("no virus found")
        INFECTED = "infected", _("holds a virus, put away")

    sha256 = models.CharField(max_length=64, unique=True)
    scan = models.CharField(max_length=10, choices=Scan.choices, blank=True, default=Scan.NONE)
    # what the scanner calls it
    finding = models.CharField(max_length=200, blank=True, default="")
    scanned_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # None: nobody has drawn it yet; 0: it cannot be drawn
    pages = models.PositiveIntegerField(null=True, blank=True)
    # pages that there are pictures of
    shown = models.PositiveSmallIntegerField(default=0)
    # how often somebody began to draw it, and when last by the machine's clock: his for a while
    draws = models.PositiveSmallIntegerField(default=0)
    drawing_at = models.DateTimeField(null=True, blank=True)
    # somebody looked and found no picture: it is drawn before the others
    wanted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(scan="waiting"), name="paper_file_waits"),
            models.Index(fields=["id"], condition=Q(pages=None), name="paper_file_not_drawn"),
        ]

    @property
    def is_held_back(self) -> bool:
        """Whether nobody gets it, but the scanner; with that switched off nothing waits for it."""
        waits = self.scan == self.Scan.WAITING and bool(settings.CLAMD)
        return waits or self.scan == self.Scan.INFECTED


class PaperSight(models.Model):
    """Who opened or fetched a paper on a day, and how often; personal papers have readers."""

    class How(models.TextChoices):
        OPENED = "opened", _("looked at")
        FETCHED = "fetched", _("downloaded")

    paper = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="sights")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=10, choices=How.choices)
    on = models.DateField()
    at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["paper", "by", "how", "on"], name="paper_sight_once_a_day"
            )
        ]

    if TYPE_CHECKING:
        paper_id: int
        by_id: int
