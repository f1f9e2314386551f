"""What a person is on a day: posts, units, roles, and the part of the map they open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)

from organisations.compiled import Compiled
from organisations.delegations import Link, held_by
from organisations.models import Delegation, Region, Tenure, Unit, User
from organisations.roles import OF_ONES_OWN, POLICY, Act, Role


@dataclass(frozen=True)
class Standing:
    """One post held on the day, with what is needed to judge it without another query."""

    post_id: int
    unit_id: int
    unit_name: str
    role: str
    unit_kind: str
    region_id: int
    region_level: str
    region_path: str
    city_id: int | None
    paired_county_ids: frozenset[int] = frozenset()
    post_name: str = ""
    # 代办: the delegation by which the post came, whose it is, and its last day
    delegation_id: int | None = None
    stands_in_for: str = ""
    last_on: date | None = None

    @property
    def acts(self) -> frozenset[Act]:
        """What the post allows; a stand-in cannot pass on what is not his own."""
        allowed = POLICY[self.role]
        return allowed if self.delegation_id is None else allowed - OF_ONES_OWN

    def covers(self, region: Region) -> bool:
        """Whether ``region`` lies in the part of the map that this post opens.

        A liaison group opens the counties paired with it and what lies below them, every other
        unit the subtree of its own region (engine: scope always applies).
        """
        if self.unit_kind == Unit.Kind.LIAISON_GROUP:
            return any(f"/{pk}/" in region.path for pk in self.paired_county_ids)
        return region.path.startswith(self.region_path)


@dataclass(frozen=True)
class Actor:
    """Somebody who acts on ``day``: a user with standings, the system, or nobody."""

    user: User | None
    day: date | None
    standings: tuple[Standing, ...] = ()
    # a clerk's firms: filled by the door, as the link lives one floor up (enterprises)
    enterprise_ids: frozenset[int] = frozenset()
    # an outside expert's own rows in the directories (resources, one floor up): no post, no role
    expert_ids: frozenset[int] = frozenset()
    # firms that one's posts serve (结对, enterprises): filled by the door as well
    served_ids: frozenset[int] = frozenset()
    # posts that one may read for, and no more (委托: 仅查看)
    reading: tuple[Standing, ...] = ()

    @classmethod
    def system(cls) -> Actor:
        return cls(user=None, day=None)

    @classmethod
    def nobody(cls, day: date) -> Actor:
        """A visitor who has not signed in: no standing, may nothing."""
        return cls(user=None, day=day)

    @property
    def is_system(self) -> bool:
        """The tick, a command without ``--by``: no user and no day (a visitor has a day)."""
        return self.user is None and self.day is None

    @cached_property
    def roles(self) -> frozenset[str]:
        """Of the posts held, and a clerk's, who has a firm instead of a post."""
        held = frozenset(s.role for s in self.standings)
        return held | {Role.ENTERPRISE_CLERK} if self.enterprise_ids else held

    @cached_property
    def post_ids(self) -> frozenset[int]:
        return frozenset(s.post_id for s in self.standings)

    @cached_property
    def unit_ids(self) -> frozenset[int]:
        return frozenset(s.unit_id for s in self.standings)

    @cached_property
    def city_ids(self) -> frozenset[int]:
        every = (*self.standings, *self.reading)
        return frozenset(s.city_id for s in every if s.city_id is not None)

    @property
    def stand_ins(self) -> tuple[Standing, ...]:
        """Posts of others, for the day: those acted in, then those only read for."""
        return (*(s for s in self.standings if s.delegation_id is not None), *self.reading)

    def has_role(self, *roles: Role) -> bool:
        return any(role in self.roles for role in roles)

    def may(self, act: Act) -> bool:
        """Whether any role allows it somewhere; where, is for ``cases.permissions`` to say."""
        if self.is_system or self.standings_for(act):
            return True
        return bool(self.enterprise_ids) and act in POLICY[Role.ENTERPRISE_CLERK]

    def may_in(self, act: Act, region: Region) -> bool:
        """Whether a post that allows ``act`` opens ``region``."""
        return self.is_system or any(s.covers(region) for s in self.standings_for(act))

    def standings_for(self, act: Act) -> tuple[Standing, ...]:
        """The posts that allow ``act``; reading also those that one only reads for."""
        found = tuple(s for s in self.standings if act in s.acts)
        if act == Act.READ:
            found += tuple(s for s in self.reading if act in s.acts)
        return found


# what the query of ``_rows`` reads of a post
POST = (
    "id",
    "post_id",
    "post__name",
    "post__role",
    "post__position",
    "post__unit_id",
    "post__unit__name",
    "post__unit__short_name",
    "post__unit__kind",
    "post__unit__region_id",
    "post__unit__region__level",
    "post__unit__region__path",
    "post__unit__region__parent_id",
    "post__unit__region__parent__parent_id",
    "until_on",
)
ANSWER = ("holder", "to_user", "to_post", "reads")


def actor_of(user: User, on: date, enterprise_ids: frozenset[int] = frozenset()) -> Actor:
    """The actor for a user on a day; one query, two for a member of a liaison group.

    Delegations that run on the day, few in a city, come with the tenures in one statement, so that
    a chain of any length is resolved without another one.
    """
    rows = _rows(user, on)
    by_link = {_link(row): row for row in rows}
    held = held_by(user.pk, by_link)
    chosen = [by_link[one.link] for one in held.values()]
    chosen.sort(key=lambda row: (row["reads"] is not None, row["post__position"], row["id"]))
    paired = _paired(chosen)
    standings = [(held[row["post_id"]], _standing(row, paired)) for row in chosen]
    return Actor(
        user,
        on,
        tuple(s for one, s in standings if not one.reads_only),
        enterprise_ids,
        reading=tuple(s for one, s in standings if one.reads_only),
    )


def _rows(user: User, on: date) -> list[dict[str, Any]]:
    """The user's tenures and every delegation of the day, as one statement.

    ``reads`` is None for a tenure.
    """
    names = (*POST, *ANSWER)
    return [dict(zip(names, row, strict=True)) for row in HELD(user.pk, on)]


def _held(user: int, on: date) -> QuerySet[Any, tuple[Any, ...]]:
    """Values without a parameter of their own: the types of both halves agree on every database."""
    nothing = Value(None, output_field=BigIntegerField())
    tenures = (
        Tenure.objects.on(on)
        .filter(user=user)
        .annotate(
            holder=Value(None, output_field=CharField()),
            to_user=F("user_id"),
            to_post_id_=nothing,
            reads=Value(None, output_field=BooleanField()),
        )
    )
    first = Tenure.objects.on(on).filter(post=OuterRef("post_id")).order_by("id")
    delegations = (
        Delegation.objects.on(on)
        .order_by()
        .annotate(
            holder=Subquery(first.values("user__name")[:1]),
            to_user_id_=F("to_user_id"),
            to_post_id_=F("to_post_id"),
            reads=F("reads_only"),
        )
    )
    return tenures.values_list(*POST, "holder", "to_user", "to_post_id_", "reads").union(
        delegations.values_list(*POST, "holder", "to_user_id_", "to_post_id_", "reads"), all=True
    )


HELD = Compiled(_held, int, date)


def _link(row: dict[str, Any]) -> Link:
    is_tenure = row["reads"] is None
    return Link(
        post=row["post_id"],
        user=row["to_user"],
        to_post=row["to_post"],
        delegation=None if is_tenure else row["id"],
        reads_only=bool(row["reads"]),
    )


def _paired(rows: Iterable[dict[str, Any]]) -> dict[int, frozenset[int]]:
    """The counties paired with each liaison group; one query, none where there is no group."""
    groups = {r["post__unit_id"] for r in rows if r["post__unit__kind"] == Unit.Kind.LIAISON_GROUP}
    found: dict[int, set[int]] = {unit: set() for unit in groups}
    if groups:
        pairs = Unit.paired_counties.through.objects.filter(unit__in=groups)
        for unit, region in pairs.values_list("unit_id", "region_id"):
            found[unit].add(region)
    return {unit: frozenset(regions) for unit, regions in found.items()}


def _standing(row: dict[str, Any], paired: dict[int, frozenset[int]]) -> Standing:
    region_id, level = row["post__unit__region_id"], row["post__unit__region__level"]
    parent = row["post__unit__region__parent_id"]
    city = {
        Region.Level.CITY: region_id,
        Region.Level.COUNTY: parent,
        Region.Level.TOWNSHIP: row["post__unit__region__parent__parent_id"],
    }
    is_tenure = row["reads"] is None
    return Standing(
        post_id=row["post_id"],
        unit_id=row["post__unit_id"],
        unit_name=row["post__unit__short_name"] or row["post__unit__name"],
        role=row["post__role"],
        unit_kind=row["post__unit__kind"],
        region_id=region_id,
        region_level=level,
        region_path=row["post__unit__region__path"],
        city_id=city.get(level),
        paired_county_ids=paired.get(row["post__unit_id"], frozenset()),
        post_name=row["post__name"],
        delegation_id=None if is_tenure else row["id"],
        stands_in_for="" if is_tenure else row["holder"] or row["post__name"],
        last_on=None if is_tenure else row["until_on"] - timedelta(days=1),
    )
