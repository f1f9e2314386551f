"""A frozen month, what the province published beside it. What was frozen is never changed."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from organisations.models import Region
from organisations.scope import Actor
from reports.figures.reading import Names
from reports.figures.rows import FirmRow, unpacked
from workflows.models import Programme, ProgrammeVersion

RATES = ("filing_rate", "coverage_rate", "four_haves_rate")


class FreezeQuerySet(models.QuerySet["Freeze"]):
    """Totals of every county are open to every official of the city; firms' rows are not."""

    def visible_to(self, actor: Actor) -> Self:
        return self.all() if actor.is_system else self.filter(programme__city__in=actor.city_ids)

    def frozen(self) -> Self:
        return self.filter(state=Freeze.State.FROZEN)

    def update(self, **kwargs: Any) -> NoReturn:
        raise Frozen

    def delete(self) -> NoReturn:
        raise Frozen


class Frozen(RuntimeError):
    """A frozen month stays as it is; a correction is a new version."""


class Freeze(models.Model):
    """A month (or a day) of a programme as the office froze it; a correction is a new version.

    ``as_of``: register and ledger at its end. ``known_until``: facts about months up to that one,
    known by then. ``names`` are those of that day. ``seal``: the hash of everything that is kept.
    A proposal holds nothing yet.
    """

    class Edition(models.TextChoices):
        MONTH = "month", pgettext_lazy("edition", "Month")
        YEAR_END = "year_end", _("31 December edition")
        ANNUAL_REPORT = "annual_report", _("Edition of the annual report")
        CUT = "cut", _("Cut of a day")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("To be frozen")
        FROZEN = "frozen", _("Frozen")

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="freezes")
    edition = models.CharField(max_length=15, choices=Edition.choices)
    as_of = models.DateField()
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    pack_version = models.ForeignKey(
        ProgrammeVersion, null=True, on_delete=models.PROTECT, related_name="+"
    )
    known_until = models.DateField(null=True)
    names = models.JSONField(default=dict)
    # reopened since the month before, and the like: sums that no row of a firm can say
    more = models.JSONField(default=dict)
    seal = models.CharField(max_length=64, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(null=True)

    objects = FreezeQuerySet.as_manager()

    if TYPE_CHECKING:
        pack_version_id: int | None

    class Meta:
        ordering = ["-as_of", "edition", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "edition", "as_of", "number"], name="freeze_once_a_version"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", seal="", at=None)
                | Q(state="frozen", at__isnull=False, known_until__isnull=False) & ~Q(seal=""),
                name="freeze_is_sealed",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="freeze_correction_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.as_of} {self.get_edition_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and self.was_frozen:
            raise Frozen
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Frozen

    @property
    def is_frozen(self) -> bool:
        return self.state == self.State.FROZEN

    @property
    def called(self) -> Names:
        return Names.of_json(self.names)

    @property
    def was_frozen(self) -> bool:
        """How the row stands in the database, whatever this instance says."""
        return type(self).objects.frozen().filter(pk=self.pk).exists()


class FrozenRows(models.Model):
    """The firms of a freeze in one piece: written once, read whole, never searched."""

    freeze = models.OneToOneField(Freeze, on_delete=models.PROTECT, related_name="kept")
    rows = models.JSONField()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise Frozen
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Frozen

    @property
    def firms(self) -> tuple[FirmRow, ...]:
        return unpacked(self.rows)


class PublishedRate(models.Model):
    """省通报口径: a month's figures as the province published them, beside ours; ``county`` None is
    the city. Rates in per cent, as printed there."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="published")
    month = models.DateField()
    county = models.ForeignKey(Region, null=True, on_delete=models.PROTECT, related_name="+")
    base = models.PositiveIntegerField(null=True)
    filing_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    coverage_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    four_haves_rate = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    cut_off = models.DateField()
    source = models.CharField(max_length=120)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        ordering = ["county_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "month", "county"], name="published_once_a_county_and_month"
            ),
            models.UniqueConstraint(
                fields=["programme", "month"],
                condition=Q(county=None),
                name="published_once_a_month_for_the_city",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="published_has_a_source"),
        ]


def seal_of(*parts: Any) -> str:
    """Of what is kept, whatever order a database keeps its keys in."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return sha256(text.encode()).hexdigest()
