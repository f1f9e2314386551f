"""The chain of seals: each line of the trail bound to all before it; one chain a city."""

from __future__ import annotations

from django.db import models


class SealHead(models.Model):
    """The end of a chain, and its lock. ``chain``: a city's id; 0 for what concerns no city."""

    chain = models.PositiveBigIntegerField(primary_key=True)
    position = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.chain}: {self.position} {self.digest[:12]}"


class SealedEvent(models.Model):
    """One event in its place: ``digest`` = SHA-256 over the digest before it and the event."""

    class Trail(models.TextChoices):
        CASE = "case", "case"
        AUDIT = "audit", "audit"

    chain = models.PositiveBigIntegerField()
    position = models.PositiveBigIntegerField()
    trail = models.CharField(max_length=5, choices=Trail.choices)
    # no foreign key: a seal outlives whatever somebody does to the event
    event = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["chain", "position"]
        constraints = [
            models.UniqueConstraint(fields=["chain", "position"], name="seal_place_once"),
            models.UniqueConstraint(fields=["trail", "event"], name="seal_event_once"),
        ]

    def __str__(self) -> str:
        return f"{self.chain}/{self.position}"
