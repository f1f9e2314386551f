"""Questions about cases that read as a sentence; row scope starts here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db.models import Q
from viewflow.workflow.managers import ProcessQuerySet

from cases.stages import TERMINAL
from organisations.models import Region, Unit
from organisations.roles import Act, Role
from organisations.scope import Actor, Standing


class CaseQuerySet(ProcessQuerySet):  # type: ignore[misc]
    """Cases; every view starts from ``visible_to``."""

    if TYPE_CHECKING:

        def filter(self, *args: Any, **kwargs: Any) -> Self: ...
        def exclude(self, *args: Any, **kwargs: Any) -> Self: ...

    def visible_to(self, actor: Actor) -> Self:
        """Row scope: the region subtree × unit of every post held, and a clerk's own firms."""
        if actor.is_system:
            return self.filter()
        return self.filter(scope_of(actor))

    def open(self) -> Self:
        return self.exclude(stage__in=TERMINAL)

    def roots(self) -> Self:
        return self.filter(parent=None)


def scope_of(actor: Actor, prefix: str = "") -> Q:
    """What ``visible_to`` applies; ``prefix`` leads from another model to the case."""
    allowed = Q(pk__in=[])
    for standing in actor.standings_for(Act.READ):
        allowed |= _standing_scope(standing, prefix)
    if actor.enterprise_ids:
        allowed |= Q(**{f"{prefix}enterprise_id__in": list(actor.enterprise_ids)})
    return allowed


def _standing_scope(standing: Standing, prefix: str) -> Q:
    if standing.role in (Role.DEPARTMENT_OFFICER, Role.DEPARTMENT_LEAD):
        return Q(**{f"{prefix}competent_unit_id": standing.unit_id})
    if standing.unit_kind == Unit.Kind.LIAISON_GROUP:
        return Q(**{f"{prefix}county_id__in": list(standing.paired_county_ids)})
    if standing.region_level == Region.Level.TOWNSHIP:
        return Q(**{f"{prefix}township_id": standing.region_id})
    if standing.region_level == Region.Level.COUNTY:
        return Q(**{f"{prefix}county_id": standing.region_id})
    return Q(**{f"{prefix}programme__city_id": standing.region_id})
