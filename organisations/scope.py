"""What a person is on a day: posts, units, roles, and the part of the map they open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import prefetch_related_objects

from organisations.models import Region, Tenure, Unit, User
from organisations.roles import POLICY, Act, Role


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
        return frozenset(s.city_id for s in self.standings if s.city_id is not None)

    def has_role(self, *roles: Role) -> bool:
        return any(role in self.roles for role in roles)

    def may(self, act: Act) -> bool:
        """Whether any role allows it somewhere; where, is for ``cases.permissions`` to say."""
        return self.is_system or any(act in POLICY[role] for role in self.roles)

    def may_in(self, act: Act, region: Region) -> bool:
        """Whether a post that allows ``act`` opens ``region``."""
        return self.is_system or any(s.covers(region) for s in self.standings_for(act))

    def standings_for(self, act: Act) -> tuple[Standing, ...]:
        return tuple(s for s in self.standings if act in POLICY[s.role])


def actor_of(user: User, on: date, enterprise_ids: frozenset[int] = frozenset()) -> Actor:
    """The actor for a user on a day; one query, two for a member of a liaison group."""
    tenures = list(
        Tenure.objects.on(on)
        .filter(user=user)
        .select_related("post__unit__region__parent")
        .order_by("post__position", "id")
    )
    groups = [t.post.unit for t in tenures if t.post.unit.kind == Unit.Kind.LIAISON_GROUP]
    if groups:
        prefetch_related_objects(groups, "paired_counties")
    return Actor(user, on, tuple(_standing(t) for t in tenures), enterprise_ids)


def _standing(tenure: Tenure) -> Standing:
    unit: Unit = tenure.post.unit
    region = unit.region
    # only a liaison group is paired with counties (``actor_of`` has read them)
    paired = unit.paired_counties.all() if unit.kind == Unit.Kind.LIAISON_GROUP else ()
    return Standing(
        post_id=tenure.post_id,
        unit_id=unit.pk,
        unit_name=unit.short_name or unit.name,
        role=tenure.post.role,
        unit_kind=unit.kind,
        region_id=region.pk,
        region_level=region.level,
        region_path=region.path,
        city_id=_city_id(region),
        paired_county_ids=frozenset(r.pk for r in paired),
        post_name=tenure.post.name,
    )


def _city_id(region: Region) -> int | None:
    if region.level == Region.Level.CITY:
        return region.pk
    if region.level == Region.Level.COUNTY:
        return region.parent_id
    if region.level == Region.Level.TOWNSHIP and region.parent:
        return region.parent.parent_id
    return None
