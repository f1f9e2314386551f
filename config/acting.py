"""Who acts: a user's actor with the firms of a clerk, which live a floor above the actor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from enterprises.models import Clerk
from organisations.models import User
from organisations.scope import Actor, actor_of
from resources.models import Expert


def actor_for(user: User, day: date) -> Actor:
    """The actor of a user on a day, whichever door he came through; three queries for anybody.

    A fourth for whoever has neither post nor firm: he may be an outside expert.
    """
    firms = Clerk.objects.filter(user=user, from_on__lte=day).exclude(until_on__lte=day)
    actor = actor_of(user, day, frozenset(firms.values_list("enterprise_id", flat=True)))
    if actor.standings or actor.enterprise_ids:
        return actor
    rows = Expert.objects.on(day).filter(user=user)
    return replace(actor, expert_ids=frozenset(rows.values_list("pk", flat=True)))
