"""常用筛选: a filter of the ledger under a name, one's own or shared with a unit or a city."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from organisations.models import Region, Unit
from organisations.scope import Actor


class SavedListQuerySet(models.QuerySet["SavedList"]):
    def visible_to(self, actor: Actor) -> Self:
        """One's own, those of one's units, those of one's cities. What a list shows is still what
        its reader may see: the filter is shared, not the rows."""
        if actor.is_system:
            return self.all()
        own = Q(owner=actor.user)
        shared = Q(unit__in=actor.unit_ids) | Q(city__in=actor.city_ids)
        return self.filter(own | shared)


class SavedList(models.Model):
    """``query`` as the address of the ledger holds it; shared with neither, a unit or a city."""

    class Audience(models.TextChoices):
        OWN = "own", pgettext_lazy("audience", "Only me")
        UNIT = "unit", pgettext_lazy("audience", "My unit")
        CITY = "city", pgettext_lazy("audience", "The whole task force")

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_lists"
    )
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=400)
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    city = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    made_at = models.DateTimeField()

    objects = SavedListQuerySet.as_manager()

    if TYPE_CHECKING:
        owner_id: int
        unit_id: int | None
        city_id: int | None

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_list_name_once"),
            models.CheckConstraint(
                condition=Q(unit=None) | Q(city=None), name="saved_list_one_audience"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audience(self) -> str:
        if self.city_id is not None:
            return self.Audience.CITY
        return self.Audience.UNIT if self.unit_id is not None else self.Audience.OWN
