"""Who holds which post on a day, who stands in, and which clerks a firm has: three queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from django.db.models import Q

from cases.models import Case
from enterprises.models import Clerk
from organisations.models import Delegation, Post, Tenure, User
from organisations.roles import POLICY, Act, Role

READERS = frozenset(role for role, acts in POLICY.items() if Act.READ in acts)


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
        self._units: dict[int, list[tuple[Post, User]]] = defaultdict(list)
        self._offices: dict[int, list[User]] = defaultdict(list)
        self._clerks: dict[int, list[User]] = defaultdict(list)
        # who only reads for a post is not asked to do its work, nor is it any less vacant (004-30)
        acting = Delegation.objects.on(day).filter(reads_only=False)
        delegations = list(acting.select_related("post__unit", "to_user"))
        tenures = list(_tenures(day, posts, units, cities, delegations))
        for post, user in [(t.post, t.user) for t in tenures] + _stand_ins(delegations, tenures):
            self._posts[post.pk].append(user)
            self._units[post.unit_id].append((post, user))
            if post.role == Role.OFFICE:
                self._offices[post.unit.region_id].append(user)
        clerks = Clerk.objects.filter(enterprise__in=firms, from_on__lte=day, user__is_active=True)
        for clerk in clerks.exclude(until_on__lte=day).select_related("user"):
            self._clerks[clerk.enterprise_id].append(clerk.user)

    def of_post(self, post_id: int | None) -> list[User]:
        return self._posts.get(post_id, []) if post_id is not None else []

    def in_unit(self, unit_id: int | None, *roles: str) -> list[User]:
        """Holders of a unit's posts with one of ``roles``; without any, of all that do case work:
        the separated administrators of an office read no case, so no notice names one to them.
        """
        held = self._units.get(unit_id, []) if unit_id is not None else []
        return [user for post, user in held if post.role in (roles or READERS)]

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


def _stand_ins(
    delegations: Sequence[Delegation], tenures: Sequence[Tenure]
) -> list[tuple[Post, User]]:
    """(post, who stands in for it), chains resolved; beside the holders, who are told as well."""
    onward: dict[int, list[Delegation]] = defaultdict(list)
    for row in delegations:
        onward[row.post_id].append(row)
    holders: dict[int, list[User]] = defaultdict(list)
    for tenure in tenures:
        holders[tenure.post_id].append(tenure.user)
    found: list[tuple[Post, User]] = []
    for post in {row.post_id: row.post for row in delegations}.values():
        met, ahead = {post.pk}, [post.pk]
        while ahead:
            for row in onward[ahead.pop()]:
                if row.to_user is not None and row.to_user.is_active:
                    found.append((post, row.to_user))
                elif row.to_post_id is not None and row.to_post_id not in met:
                    met.add(row.to_post_id)
                    ahead.append(row.to_post_id)
                    found += [(post, user) for user in holders[row.to_post_id]]
    return found


def _tenures(
    day: date,
    posts: Collection[int],
    units: Collection[int],
    cities: Collection[int],
    delegations: Sequence[Delegation],
) -> Iterable[Tenure]:
    wanted = Q(post__in=posts) | Q(post__unit__in=units)
    wanted |= Q(post__role=Role.OFFICE, post__unit__region__in=cities)
    stand_ins = {row.to_post_id for row in delegations if row.to_post_id}
    if stand_ins:
        wanted |= Q(post__in=stand_ins)
    return (
        Tenure.objects.on(day)
        .filter(wanted, user__is_active=True)
        .select_related("post__unit", "user")
        .order_by("post__position", "id")
    )
