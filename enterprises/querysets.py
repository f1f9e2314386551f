"""Questions about the register that read as a sentence; row scope starts here.

A firm is seen where its newest row of a city's register stands: a moved firm leaves the old
county's sight, one that left the register stays in sight where it last was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from enterprises.importing.folding import fold_name
from enterprises.searching import firms_like, of_words
from organisations.among import among_those
from organisations.models import Region, Tenure, Unit
from organisations.roles import Act
from organisations.scope import Actor, Standing

if TYPE_CHECKING:
    from enterprises.models import Enterprise, ImportBatch, Membership, Pairing  # noqa: F401


def on_register(day: date) -> Q:
    """``joined_on`` ≤ day < ``left_on``."""
    return (Q(left_on=None) | Q(left_on__gt=day)) & Q(joined_on__lte=day)


def is_newest() -> Q:
    """No row of the same firm and city began later."""
    later = _rows().filter(
        city=OuterRef("city"), enterprise=OuterRef("enterprise"), pk__gt=OuterRef("pk")
    )
    return Q(~Exists(later))


def _rows() -> MembershipQuerySet:
    # looked up when asked: the models stand on this module
    rows: MembershipQuerySet = apps.get_model("enterprises", "Membership")._default_manager.all()
    return rows


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Rows of registers; every page over them starts from ``visible_to``."""

    def on(self, day: date) -> Self:
        """The register of ``day``: ``joined_on`` ≤ day < ``left_on``."""
        return self.filter(on_register(day))

    def newest(self) -> Self:
        """One row for each firm and city: the last that began."""
        return self.filter(is_newest())

    def visible_to(self, actor: Actor) -> Self:
        """City, county or township of the posts held; a department sees its city's register."""
        if actor.is_system:
            return self.all()
        allowed = Q(pk__in=[])
        for standing in actor.standings_for(Act.READ):
            allowed |= _scope(standing)
        if actor.enterprise_ids:
            allowed |= Q(enterprise_id__in=list(actor.enterprise_ids))
        if actor.served_ids:
            allowed |= Q(enterprise_id__in=list(actor.served_ids))
        if (served := _served_here(actor)) is not None:
            # as keys: beside another part of the scope a subquery is entered by no index
            allowed |= among_those("enterprise", served)
        return self.filter(allowed)

    def found_by(self, text: str, *, phones: bool = False) -> Self:
        """Name or a part of it, credit code, pinyin, initials; several words, each found.

        ``phones``: by the last four digits of a contact's number too.
        """
        if not fold_name(text):
            return self.all()
        return self.filter(of_words(text, partial(firms_like, phones=phones)))


class EnterpriseQuerySet(models.QuerySet["Enterprise"]):
    def visible_to(self, actor: Actor) -> Self:
        """Firms whose newest register row the actor sees; a clerk's own ones always."""
        if actor.is_system:
            return self.all()
        seen = Q(pk__in=_rows().newest().visible_to(actor).values("enterprise"))
        return self.filter(seen | Q(pk__in=list(actor.enterprise_ids)))


class PairingQuerySet(models.QuerySet["Pairing"]):
    def on(self, day: date) -> Self:
        """Those in force: ``from_on`` ≤ day < ``until_on``."""
        return self.filter(Q(until_on=None) | Q(until_on__gt=day), from_on__lte=day)

    def visible_to(self, actor: Actor) -> Self:
        """Of the firms that the actor sees."""
        if actor.is_system:
            return self.all()
        seen = _rows().visible_to(actor).values("enterprise")
        return self.filter(Q(enterprise__in=seen) | Q(post__in=actor.post_ids))

    def served(self, user: int, day: date, own: Sequence[int], others: Sequence[int]) -> Self:
        """我包联的企业, by the keys of a user, of his own posts and of those that he stands in for:
        of one's posts where one is meant oneself, or where whoever was meant has left the post; all
        of a post that one stands in for."""
        holds = Tenure.objects.on(day).filter(post=OuterRef("post"), user=OuterRef("user"))
        mine = Q(post__in=own) & (Q(user=user) | Q(user=None) | ~Exists(holds))
        return self.on(day).filter(mine | Q(post__in=others))


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, actor: Actor) -> Self:
        """Imports of the cities whose office the actor belongs to."""
        if actor.is_system:
            return self.all()
        cities = [standing.city_id for standing in actor.standings_for(Act.IMPORT)]
        return self.filter(city_id__in=cities)


def posts_of(actor: Actor) -> tuple[list[int], list[int]]:
    """The posts that the actor holds, and those that he stands in for."""
    own = [s.post_id for s in actor.standings if s.delegation_id is None]
    return own, [s.post_id for s in (*actor.standings, *actor.reading) if s.delegation_id]


def sees_register(actor: Actor, city: int) -> bool:
    """Whether one of his posts opens every firm that ever stood on a city's register."""
    part = (Region.Level.TOWNSHIP, Region.Level.COUNTY)
    return actor.is_system or any(
        one.city_id == city
        and one.unit_kind != Unit.Kind.LIAISON_GROUP
        and one.region_level not in part
        for one in actor.standings_for(Act.READ)
    )


def _served_here(actor: Actor) -> models.QuerySet[Pairing] | None:
    """Firms that the actor's county serves, wherever the register counts them (服务县区)."""
    level = Region.Level.COUNTY
    counties = [s.region_id for s in actor.standings_for(Act.READ) if s.region_level == level]
    if not counties or actor.day is None:
        return None
    rows: PairingQuerySet = apps.get_model("enterprises", "Pairing")._default_manager.all()
    return rows.on(actor.day).filter(county__in=counties).values("enterprise")  # type: ignore[return-value]


def _scope(standing: Standing) -> Q:
    if standing.unit_kind == Unit.Kind.LIAISON_GROUP:
        return Q(county_id__in=list(standing.paired_county_ids))
    if standing.region_level == Region.Level.TOWNSHIP:
        return Q(township_id=standing.region_id)
    if standing.region_level == Region.Level.COUNTY:
        return Q(county_id=standing.region_id)
    return Q(city_id=standing.region_id)
