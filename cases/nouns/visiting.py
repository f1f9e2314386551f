"""走访: who called at a firm, whom they met, what they found; one call, several programmes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.nouns.case import Case
from enterprises.models import Enterprise
from organisations.models import Region, Unit
from workflows.models import ProgrammeVersion


class Visit(models.Model):
    """One call at a firm (000-34): it belongs to the firm, and serves the cases that it names.

    A visit entered by mistake stays on record with whoever took it back; it is not counted.
    """

    city = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey(Enterprise, on_delete=models.PROTECT, related_name="visits")
    cases = models.ManyToManyField(Case, blank=True, related_name="visits")
    visited_on = models.DateField()
    # what the product reads of the record, by the roles of its form (workflows/form_visit.py):
    # the kind by its key there, who went, whom they met at the firm, what was found
    way = models.CharField(max_length=40, blank=True, default="on_site")
    people = models.CharField(max_length=200)
    met = models.CharField(max_length=200, blank=True, default="")
    found = models.CharField(max_length=1000, blank=True)
    # 约定下次联系
    next_on = models.DateField(null=True, blank=True)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    # the other answers by field, and the version of the plan that asked; none: the product's own
    answers = models.JSONField(default=dict, blank=True)
    pack_version = models.ForeignKey(
        ProgrammeVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # made where it was written: a phone that sends the same visit again finds it on record
    sent_as = models.UUIDField(null=True, blank=True, unique=True)
    # where it was written, in degrees, if the visitor wanted to say so
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True, blank=True)
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_why = models.CharField(max_length=200, blank=True, default="")

    if TYPE_CHECKING:
        enterprise_id: int
        by_id: int | None
        pack_version_id: int | None

    class Meta:
        ordering = ["-visited_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_back_at=None) | ~Q(taken_back_why=""),
                name="visit_taken_back_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="visit_place_is_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "visited_on"]),
            models.Index(fields=["next_on"], condition=~Q(next_on=None), name="visit_next_on"),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.visited_on}"


class VisitPhoto(models.Model):
    """A picture taken on a visit: drawn anew, so that it holds no place and no telephone."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="photos")
    file = models.FileField(upload_to="visits/%Y/")
    file_name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "sha256"], name="visit_photo_once"),
        ]
