"""Who owes each listed firm in a programme, and the numbers that were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from enterprises.models import Enterprise
from organisations.models import Region, Unit
from workflows.models import Programme


class ProgrammeFirm(models.Model):
    """Who owes a listed firm in a programme, and which rule said so; covered firms too (004-04)."""

    # asked for by programme and by firm only: what else names it is indexed nowhere (ADR 36);
    # an import that is undone removes firms, and nothing removes the others (ADR 61)
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        related_name="firms",
        db_index=False,
        db_constraint=False,
    )
    enterprise = models.ForeignKey(
        Enterprise, on_delete=models.PROTECT, related_name="programme_firms"
    )
    county = models.ForeignKey(
        Region, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    township = models.ForeignKey(
        Region,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    responsible_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    competent_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    liaison_unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    # 001-25: a firm that already does R&D is guided by the science bureau
    guide_unit = models.ForeignKey(
        Unit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    rule = models.CharField(max_length=100)
    covered = models.BooleanField()

    if TYPE_CHECKING:
        enterprise_id: int
        county_id: int
        liaison_unit_id: int | None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "enterprise"], name="programme_firm_once")
        ]


class Counter(models.Model):
    """The last number given in a series of a programme (case numbers, closing numbers)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=20)
    value = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "name"], name="counter_once_a_series")
        ]
