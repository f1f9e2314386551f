"""Which units and posts a person sees, as a question; rows of people's changes start here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from organisations.scope import Actor, Standing

# these see their own unit, whatever region they sit in; the others see all units of their region
OWN_UNIT_ONLY = frozenset({"department", "liaison_group", "township"})


def in_view(actor: Actor, prefix: str = "") -> Q:
    """Units that the actor sees; ``prefix`` leads from another model to the unit."""
    if actor.is_system:
        return Q()
    seen = Q(pk__in=[])
    for standing in (*actor.standings, *actor.reading):
        seen |= _seen(standing, prefix)
    return seen


def concerns(actor: Actor, post: str, *people: str) -> Q:
    """Rows about a post that the actor sees or holds, or that name him; paths from the model."""
    if actor.is_system:
        return Q()
    found = in_view(actor, f"{post}__unit__") | Q(**{f"{post}__in": list(actor.post_ids)})
    for person in people if actor.user is not None else ():
        found |= Q(**{person: actor.user})
    return found


def _seen(standing: Standing, prefix: str) -> Q:
    if standing.unit_kind in OWN_UNIT_ONLY:
        return Q(**{f"{prefix}pk": standing.unit_id})
    return Q(**{f"{prefix}region__path__startswith": standing.region_path})
