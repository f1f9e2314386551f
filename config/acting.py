"""Who acts: a user's actor with the firms of a clerk, which live a floor above the actor."""

from __future__ import annotations

from datetime import date

from enterprises.models import Clerk
from organisations.models import User
from organisations.scope import Actor, actor_of


def actor_for(user: User, day: date) -> Actor:
    """The actor of a user on a day, whichever door he came through; three queries for anybody."""
    firms = Clerk.objects.filter(user=user, from_on__lte=day).exclude(until_on__lte=day)
    return actor_of(user, day, frozenset(firms.values_list("enterprise_id", flat=True)))
