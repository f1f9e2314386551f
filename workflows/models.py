"""Issued programme packs and the working-day table."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Programme(models.Model):
    """A city's campaign for a statistical year; its rules live in versions."""

    key = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    city = models.ForeignKey(
        "organisations.Region", on_delete=models.PROTECT, related_name="programmes"
    )
    statistical_year = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["-statistical_year", "key"]

    def __str__(self) -> str:
        return self.title


class ProgrammeVersion(models.Model):
    """One issued text of a pack: immutable, named by its hash; cases pin it."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    source = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="issued_versions",
    )

    class Meta:
        ordering = ["programme", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="version_number_once"),
            models.UniqueConstraint(fields=["programme", "sha256"], name="version_text_once"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} v{self.number}"


class CalendarDay(models.Model):
    """What the State Council made of a day; Monday to Friday is not enough (调休)."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    name = models.CharField(max_length=40, blank=True, default="")
