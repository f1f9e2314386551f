"""Who holds which post on a day, and which clerks a firm has: two queries for a whole batch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q

from cases.models import Case
from enterprises.models import Clerk
from organisations.models import Tenure, User
from organisations.roles import Role


class Directory:
    """Holders of posts on ``day``: duty follows the post, so a successor is told, not whoever left.

    ``posts`` and ``units`` are ids, ``cities`` those whose offices are needed, ``firms`` those
    whose clerks are.
    """

    def __init__(
        self,
        day: date,
        *,
        posts: Collection[int],
        units: Collection[int],
        cities: Collection[int],
        firms: Collection[int],
    ) -> None:
        self._posts: dict[int, list[User]] = defaultdict(list)
        self._units: dict[int, list[Tenure]] = defaultdict(list)
        self._offices: dict[int, list[User]] = defaultdict(list)
        self._clerks: dict[int, list[User]] = defaultdict(list)
        for tenure in _tenures(day, posts, units, cities):
            self._posts[tenure.post_id].append(tenure.user)
            self._units[tenure.post.unit_id].append(tenure)
            if tenure.post.role == Role.OFFICE:
                self._offices[tenure.post.unit.region_id].append(tenure.user)
        clerks = Clerk.objects.filter(enterprise__in=firms, from_on__lte=day, user__is_active=True)
        for clerk in clerks.exclude(until_on__lte=day).select_related("user"):
            self._clerks[clerk.enterprise_id].append(clerk.user)

    def of_post(self, post_id: int | None) -> list[User]:
        return self._posts.get(post_id, []) if post_id is not None else []

    def in_unit(self, unit_id: int | None, *roles: str) -> list[User]:
        """Holders of a unit's posts with one of ``roles``; of all its posts without any."""
        held = self._units.get(unit_id, []) if unit_id is not None else []
        return [t.user for t in held if not roles or t.post.role in roles]

    def office(self, city_id: int) -> list[User]:
        return self._offices.get(city_id, [])

    def clerks(self, enterprise_id: int | None) -> list[User]:
        return self._clerks.get(enterprise_id, []) if enterprise_id is not None else []

    def handlers(self, post_id: int | None, case: Case) -> list[User]:
        """Who handles: the post's holders; while it is vacant, the county's reviewer."""
        return self.of_post(post_id) or self.in_unit(case.responsible_unit_id, Role.COUNTY_LEAD)

    def audience(self, name: str, case: Case, post_id: int | None) -> list[User]:
        """The people whom a rung's audience means for a case."""
        if name == "handler":
            return self.of_post(post_id)
        if name == "office":
            return self.office(case.programme.city_id)
        if name == "county_lead":
            return self.in_unit(case.responsible_unit_id, Role.COUNTY_LEAD)
        if name == "liaison_group":
            return self.in_unit(case.liaison_unit_id, Role.LIAISON_MEMBER)
        return self.in_unit(case.competent_unit_id, Role.DEPARTMENT_LEAD)


def _tenures(
    day: date, posts: Collection[int], units: Collection[int], cities: Collection[int]
) -> Iterable[Tenure]:
    wanted = Q(post__in=posts) | Q(post__unit__in=units)
    wanted |= Q(post__role=Role.OFFICE, post__unit__region__in=cities)
    return (
        Tenure.objects.on(day)
        .filter(wanted, user__is_active=True)
        .select_related("post__unit", "user")
        .order_by("post__position", "id")
    )
