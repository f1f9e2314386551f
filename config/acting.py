"""Who acts: a user's actor with the firms of a clerk, which live a floor above the actor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import repeat

from django.db.models import BigIntegerField, QuerySet, Value

from enterprises.models import Clerk, Pairing
from enterprises.querysets import posts_of
from organisations.compiled import Compiled
from organisations.models import User
from organisations.scope import Actor, actor_of
from resources.models import Expert


def actor_for(user: User, day: date) -> Actor:
    """The actor of a user on a day, whichever door he came through; three queries for anybody.

    A fourth for whoever has neither post nor firm: he may be an outside expert.
    """
    actor = actor_of(user, day)
    clerks, served = _firms(actor)
    actor = replace(actor, enterprise_ids=clerks, served_ids=served)
    if actor.standings or actor.enterprise_ids:
        return actor
    rows = Expert.objects.on(day).filter(user=user)
    return replace(actor, expert_ids=frozenset(rows.values_list("pk", flat=True)))


def clerks_on(day: date) -> QuerySet[Clerk, int]:
    """Users who are some firm's clerk on a day."""
    rows = Clerk.objects.filter(from_on__lte=day).exclude(until_on__lte=day)
    return rows.values_list("user_id", flat=True)


def experts_on(day: date) -> QuerySet[Expert, int | None]:
    """Users who are an outside expert of some city's directory on a day."""
    return Expert.objects.on(day).exclude(user=None).values_list("user_id", flat=True)


def _firms(actor: Actor) -> tuple[frozenset[int], frozenset[int]]:
    """A clerk's firms and those that one's posts serve; one statement for both."""
    assert actor.user is not None
    assert actor.day is not None
    own, others = posts_of(actor)
    rows = _firms_of(len(own), len(others))(actor.user.pk, actor.day, *own, *others)
    clerks = frozenset(firm for firm, user in rows if user is not None)
    return clerks, frozenset(firm for firm, user in rows if user is None)


@cache
def _firms_of(own: int, others: int) -> Compiled[tuple[int, int | None]]:
    """For a user, a day, so many posts of his own and so many that he stands in for."""

    def build(user: int, day: date, *posts: int) -> QuerySet[Clerk, tuple[int, int | None]]:
        clerk = Clerk.objects.filter(user=user, from_on__lte=day).order_by()
        clerk = clerk.exclude(until_on__lte=day)
        rows = clerk.values_list("enterprise_id", "user_id")
        if not posts:
            return rows
        nobody = Value(None, output_field=BigIntegerField())
        served = Pairing.objects.served(user, day, posts[:own], posts[own:]).order_by()
        return rows.union(served.annotate(clerk=nobody).values_list("enterprise_id", "clerk"))

    return Compiled(build, int, date, *repeat(int, own + others))
