"""Which unit and post owes a stage: looked up once for a set of cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases.errors import Refused
from cases.models import Case
from organisations.compiled import CompiledFor
from organisations.models import Post, Unit
from organisations.reading import again
from organisations.roles import Role

# the role of the post that owes a stage, best first
ROLES: dict[str, tuple[str, ...]] = {
    "county": (Role.COUNTY_WORKER, Role.COUNTY_LEAD),
    "county_lead": (Role.COUNTY_LEAD,),
    "township": (Role.TOWNSHIP_WORKER,),
    # what the pack gives to a department is a review: its head decides (``Act.DEPARTMENT_REVIEW``)
    "department": (Role.DEPARTMENT_LEAD,),
    "liaison_group": (Role.LIAISON_MEMBER,),
    "office": (Role.OFFICE,),
    # whoever must do, or leads, a case that is not about a firm: any working post of the unit
    "responsible": (
        Role.COUNTY_WORKER,
        Role.DEPARTMENT_OFFICER,
        Role.LIAISON_MEMBER,
        Role.TOWNSHIP_WORKER,
        Role.OFFICE,
        Role.COUNTY_LEAD,
        Role.DEPARTMENT_LEAD,
    ),
    "responsible_lead": (Role.COUNTY_LEAD, Role.DEPARTMENT_LEAD, Role.OFFICE, Role.LIAISON_MEMBER),
    "lead": (
        Role.DEPARTMENT_OFFICER,
        Role.OFFICE,
        Role.COUNTY_WORKER,
        Role.DEPARTMENT_LEAD,
        Role.COUNTY_LEAD,
    ),
}
OF_COUNTY = ("county", "county_lead")
# administrators and watchers do no case work, whatever unit they sit in
WORKING = frozenset(role for roles in ROLES.values() for role in roles)


def fits(post: Post, owner: str) -> bool:
    """Whether a post can take on a stage of this owner; a county's work may go to a township."""
    if owner == "county" and post.role == Role.TOWNSHIP_WORKER:
        return True
    return post.role in ROLES[owner]


class Places(NamedTuple):
    """Keys of units, cities, counties and townships."""

    units: tuple[int, ...]
    cities: tuple[int, ...]
    counties: tuple[int, ...]
    townships: tuple[int, ...]


class Desks:
    """Posts by unit, those that receive work first; one query however many cases."""

    def __init__(self, posts: Iterable[Post]) -> None:
        self._posts: dict[int, list[Post]] = defaultdict(list)
        self._offices: dict[int, int] = {}
        self._forces: dict[int, int] = {}
        for post in posts:
            if post.role not in WORKING:
                continue
            self._posts[post.unit_id].append(post)
            if post.unit.kind == Unit.Kind.OFFICE:
                self._offices.setdefault(post.unit.region_id, post.unit_id)
            if post.unit.kind == Unit.Kind.TASK_FORCE:
                self._forces.setdefault(post.unit.region_id, post.unit_id)

    @classmethod
    def for_cases(cls, cases: Sequence[Case], more_units: Iterable[int] = ()) -> Desks:
        return cls(POSTS(*places_of(cases, more_units)))

    @classmethod
    def for_units(cls, units: Iterable[int], city_id: int) -> Desks:
        return cls(POSTS(tuple(units), (city_id,), (), ()))

    def posts(self) -> Iterator[Post]:
        """All that work on cases."""
        return chain.from_iterable(self._posts.values())

    def unit(self, unit_id: int) -> Unit | None:
        """The unit itself, where it has a post that works on cases."""
        posts = self._posts.get(unit_id)
        return again(posts[0].unit) if posts else None

    def office(self, city_id: int) -> int:
        """The city's office; without one nothing can be confirmed."""
        if city_id not in self._offices:
            raise Refused(
                "no_office",
                _("The city has no office with a post yet. Set up units and posts first."),
            )
        return self._offices[city_id]

    def has(self, unit_id: int) -> bool:
        """Whether the unit has a post that works on cases."""
        return bool(self._posts.get(unit_id))

    def post_in(self, unit_id: int, owner: str) -> Post:
        """The post of a unit that takes a stage of this owner; any working one as a last resort."""
        posts = self._posts.get(unit_id, [])
        for role in ROLES[owner]:
            for post in posts:
                if post.role == role:
                    return _lent(post)
        if posts:
            return _lent(posts[0])
        raise Refused(
            "no_post", _("The unit has no post that could take this on. Add a post to it first.")
        )

    def place(self, case: Case, owner: str) -> Post:
        """The post that owes a stage of this case."""
        unit = self._unit(case, owner)
        if owner in OF_COUNTY and unit in self._offices.values():
            return self.post_in(unit, "office")
        return self.post_in(unit, owner)

    def _unit(self, case: Case, owner: str) -> int:
        if owner == "office":
            return self.office(case.programme.city_id)
        if owner in ("department", "lead"):
            return case.competent_unit_id
        if owner == "liaison_group" and case.liaison_unit_id:
            return case.liaison_unit_id
        if owner == "township" and case.township_id:
            for unit_id, posts in self._posts.items():
                if posts[0].unit.region_id == case.township_id:
                    return unit_id
        if owner in OF_COUNTY and case.responsible_unit_id in self._offices.values():
            # 不满意: what a firm complains of is not closed by the county that it is about
            return case.responsible_unit_id
        if owner in OF_COUNTY and not self._is_force(case.responsible_unit_id):
            # a firm's matter that a department handles: what is the county's is the county's
            return self._forces.get(case.county_id, case.responsible_unit_id)
        return case.responsible_unit_id

    def _is_force(self, unit_id: int) -> bool:
        return unit_id in self._forces.values()


def _lent(post: Post) -> Post:
    """The post and its unit as instances of the asker's own: others may have the same desks."""
    mine = again(post)
    mine._state.fields_cache["unit"] = again(post.unit)
    return mine


def places_of(cases: Sequence[Case], more_units: Iterable[int] = ()) -> Places:
    """Where the posts are that may owe these cases: their units and ``more_units``, their cities'
    offices, and of a firm's matter that somebody else handles the county's part; townships."""
    units, cities = set(more_units), set()
    counties, townships = set(), set()
    for case in cases:
        units |= {case.responsible_unit_id, case.competent_unit_id}
        if case.liaison_unit_id:
            units.add(case.liaison_unit_id)
        cities.add(case.programme.city_id)
        if case.enterprise_id and case.is_matter:
            counties.add(case.county_id)
        if case.township_id:
            townships.add(case.township_id)
    return Places(*(tuple(sorted(ids)) for ids in (units, cities, counties, townships)))


def posts_at(
    units: Sequence[int],
    cities: Sequence[int],
    counties: Sequence[int] = (),
    townships: Sequence[int] = (),
) -> list[QuerySet[Post, Post]]:
    """Posts of units, of cities' offices, of counties' task forces and of townships: one way each,
    as an index leads."""
    ways = [
        (units, Q(unit__in=units)),
        (cities, Q(unit__kind=Unit.Kind.OFFICE, unit__region__in=cities)),
        (counties, Q(unit__kind=Unit.Kind.TASK_FORCE, unit__region__in=counties)),
        (townships, Q(unit__kind=Unit.Kind.TOWNSHIP, unit__region__in=townships)),
    ]
    return [Post.objects.filter(wanted) for keys, wanted in ways if keys]


def _in_order(*places: Sequence[int]) -> QuerySet[Post, Post]:
    first, *more = (posts.order_by().values("pk") for posts in posts_at(*places))
    posts = Post.objects.filter(pk__in=first.union(*more) if more else first).select_related("unit")
    return posts.order_by("unit_id", "-receives_work", "position", "id")


POSTS = CompiledFor(_in_order)
