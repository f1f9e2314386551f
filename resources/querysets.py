"""Questions about the directory that read as a sentence; row scope starts here."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from organisations.regions import fold
from organisations.roles import Act
from organisations.scope import Actor

if TYPE_CHECKING:
    from resources.models import Expert, Resource  # noqa: F401


def visible(actor: Actor) -> Q:
    """The directories of the cities in which a post lets its holder read cases.

    Firms' contacts and outside experts have no post, so they see no directory.
    """
    return Q(city_id__in={s.city_id for s in actor.standings_for(Act.READ) if s.city_id})


def valid(on: date) -> Q:
    return Q(valid_from__lte=on) & (Q(valid_until=None) | Q(valid_until__gt=on))


class ResourceQuerySet(models.QuerySet["Resource"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.all() if actor.is_system else self.filter(visible(actor))

    def on(self, day: date) -> Self:
        return self.filter(valid(day))

    def of_industry(self, prefix: str) -> Self:
        return self.filter(searched__contains=f"#{prefix}")

    def found_by(self, text: str) -> Self:
        """A part of the name, of what it offers, or a field."""
        return self.filter(searched__contains=fold(text)) if fold(text) else self.all()


class ExpertQuerySet(models.QuerySet["Expert"]):
    def visible_to(self, actor: Actor) -> Self:
        """Besides the directory a row that is oneself."""
        if actor.is_system:
            return self.all()
        return self.filter(visible(actor) | Q(pk__in=list(actor.expert_ids)))

    def on(self, day: date) -> Self:
        return self.filter(valid(day))

    def of_industry(self, prefix: str) -> Self:
        return self.filter(searched__contains=f"#{prefix}")

    def found_by(self, text: str) -> Self:
        """A part of the name, the institute, the team, or a field."""
        return self.filter(searched__contains=fold(text)) if fold(text) else self.all()
