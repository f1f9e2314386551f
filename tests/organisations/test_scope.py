"""Who opens which part of the map: every role at every level, and on which day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from organisations.actions import posts, regions
from organisations.errors import Refused
from organisations.models import AuditEvent, Post, Region, Tenure, Unit, User
from organisations.roles import POLICY, Act, Role
from organisations.scope import Actor, actor_of
from tests.organisations.conftest import AT, DAY, SYSTEM

LEVELS = ("province", "city", "county", "township")


@pytest.fixture
def tree(city: Region, county: Region) -> dict[str, Region]:
    """One branch of the map, and beside each of its nodes a stranger."""
    other = Region.objects.get(key="洛阳市/老城区")
    elsewhere = regions.create_city(
        name="晋城市", counties=[regions.CountySpec("城区")], by=SYSTEM, at=AT
    )
    return {
        "province": Region.objects.get(key="河南省"),
        "city": city,
        "county": county,
        "township": regions.create_township(county=county, name="城关镇", by=SYSTEM, at=AT),
        "other county": other,
        "other township": regions.create_township(county=other, name="东关", by=SYSTEM, at=AT),
        "other city": elsewhere,
        "other city's county": Region.objects.get(key="晋城市/城区"),
    }


# what a post at each level opens: its own region and everything below it, nothing beside
OPENED = {
    "province": {"province", "city", "county", "township", "other county", "other township"},
    "city": {"city", "county", "township", "other county", "other township"},
    "county": {"county", "township"},
    "township": {"township"},
}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("role", list(Role))
def test_every_role_at_every_level(
    role: Role,
    level: str,
    tree: dict[str, Region],
    make_post: Callable[..., Post],
    make_user: Callable[..., User],
) -> None:
    kind = Unit.Kind.OFFICE  # any kind but a liaison group: the subtree of the unit's region
    actor = actor_of(make_user("p", make_post(tree[level], kind, role)), DAY)
    for act in Act:
        opened = {name for name, region in tree.items() if actor.may_in(act, region)}
        assert opened == (OPENED[level] if act in POLICY[role] else set()), act


def test_a_liaison_group_opens_its_paired_counties_only(
    tree: dict[str, Region], make_post: Callable[..., Post], make_user: Callable[..., User]
) -> None:
    post = make_post(tree["city"], Unit.Kind.LIAISON_GROUP, Role.LIAISON_MEMBER)
    posts.pair(post.unit, counties=[tree["other county"]], by=SYSTEM, at=AT)
    actor = actor_of(make_user("p", post), DAY)
    opened = {name for name, region in tree.items() if actor.may_in(Act.READ, region)}
    assert opened == {"other county", "other township"}


def test_rights_of_two_posts_do_not_mix(
    tree: dict[str, Region], make_post: Callable[..., Post], make_user: Callable[..., User]
) -> None:
    lead = make_post(tree["county"], Unit.Kind.TASK_FORCE, Role.COUNTY_LEAD)
    worker = make_post(tree["other county"], Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER)
    actor = actor_of(make_user("p", lead, worker), DAY)
    assert actor.may_in(Act.COUNTY_REVIEW, tree["county"])
    assert not actor.may_in(Act.COUNTY_REVIEW, tree["other county"])
    assert actor.may_in(Act.ADVANCE, tree["other county"])
    assert actor.roles == {Role.COUNTY_LEAD, Role.COUNTY_WORKER}
    assert actor.post_ids == {lead.pk, worker.pk}
    assert actor.unit_ids == {lead.unit_id, worker.unit_id}
    assert actor.city_ids == {tree["city"].pk}


def test_the_system_may_everything_and_nobody_nothing(tree: dict[str, Region]) -> None:
    nobody = Actor.nobody(DAY)
    assert SYSTEM.is_system
    assert not nobody.is_system
    for act in Act:
        assert SYSTEM.may_in(act, tree["county"])
        assert not nobody.may(act)
        assert not nobody.may_in(act, tree["county"])


@pytest.mark.parametrize("held", [0, 1, 5])
def test_an_actor_costs_two_queries_at_most(
    held: int,
    county: Region,
    make_post: Callable[..., Post],
    make_user: Callable[..., User],
    django_assert_max_num_queries: Any,
) -> None:
    made = [make_post(county, "task_force", Role.COUNTY_WORKER, f"岗{n}") for n in range(held)]
    user = make_user("p", *made)
    with django_assert_max_num_queries(2):
        actor = actor_of(user, DAY)
        assert len(actor.standings) == held
        assert all(s.covers(county) for s in actor.standings)


# --- tenures by date -----------------------------------------------------------------------------


@pytest.fixture
def post(county: Region, make_post: Callable[..., Post]) -> Post:
    return make_post(county, Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER)


def _holds(user: User, day: date) -> bool:
    return actor_of(user, day).may(Act.ACKNOWLEDGE)


def test_a_successor_sees_at_once_and_the_predecessor_no_more(
    post: Post, make_user: Callable[..., User]
) -> None:
    old, new = make_user("old", post), make_user("new")
    before = DAY - timedelta(days=1)
    posts.appoint(post=post, user=new, from_on=DAY, replacing=True, by=SYSTEM, at=AT)
    assert (_holds(old, before), _holds(new, before)) == (True, False)
    assert (_holds(old, DAY), _holds(new, DAY)) == (False, True)


def test_without_replacing_two_people_hold_the_post(
    post: Post, make_user: Callable[..., User]
) -> None:
    first, second = make_user("first", post), make_user("second", post)
    assert _holds(first, DAY)
    assert _holds(second, DAY)


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2026, 2, 28), False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_a_tenure_runs_from_a_day_until_not_including_another(
    day: date, holds: bool, post: Post, make_user: Callable[..., User]
) -> None:
    user = make_user("p")
    posts.appoint(
        post=post,
        user=user,
        from_on=date(2026, 3, 1),
        until_on=date(2026, 4, 1),
        by=SYSTEM,
        at=AT,
    )
    assert _holds(user, day) is holds


def test_ending_today_takes_the_right_today(post: Post, make_user: Callable[..., User]) -> None:
    user = make_user("p", post)
    posts.end_tenure(Tenure.objects.get(user=user), on=DAY, by=SYSTEM, at=AT)
    assert not _holds(user, DAY)
    assert _holds(user, DAY - timedelta(days=1))


def test_one_that_never_ran_is_taken_back(post: Post, make_user: Callable[..., User]) -> None:
    user = make_user("p", post, from_on=DAY + timedelta(days=5))
    posts.end_tenure(Tenure.objects.get(user=user), on=DAY, by=SYSTEM, at=AT)
    assert not Tenure.objects.exists()
    assert AuditEvent.objects.filter(verb="end_tenure").count() == 1


@pytest.mark.parametrize(
    ("on", "code"),
    [(DAY - timedelta(days=1), "in_the_past"), (DAY + timedelta(days=40), "ended_already")],
)
def test_an_end_that_makes_no_sense_is_refused(
    on: date, code: str, post: Post, make_user: Callable[..., User]
) -> None:
    user = make_user("p", post)
    tenure = Tenure.objects.get(user=user)
    if code == "ended_already":
        posts.end_tenure(tenure, on=DAY + timedelta(days=30), by=SYSTEM, at=AT)
    with pytest.raises(Refused) as refusal:
        posts.end_tenure(tenure, on=on, by=SYSTEM, at=AT)
    assert refusal.value.code == code


def test_the_same_person_is_not_appointed_twice(post: Post, make_user: Callable[..., User]) -> None:
    user = make_user("p", post)
    with pytest.raises(Refused) as refusal:
        posts.appoint(post=post, user=user, from_on=DAY, by=SYSTEM, at=AT)
    assert refusal.value.code == "holds_already"
