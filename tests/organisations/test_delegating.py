"""Stand-ins: from a day to a day, chains, circles refused, nothing that one has not oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from organisations.actions import delegating, handing
from organisations.errors import Refused
from organisations.models import AuditEvent, Delegation, Post, Region, Tenure, Unit, User
from organisations.roles import Act, Role
from organisations.scope import actor_of
from tests.organisations.conftest import AT, DAY, SYSTEM

WEEK = timedelta(days=7)
MakePost = Callable[..., Post]
MakeUser = Callable[..., User]


@pytest.fixture
def worker_post(county: Region, make_post: MakePost) -> Post:
    return make_post(county, Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER)


@pytest.fixture
def lead_post(county: Region, make_post: MakePost) -> Post:
    return make_post(county, Unit.Kind.TASK_FORCE, Role.COUNTY_LEAD)


def stand_in(post: Post, **values: Any) -> Delegation:
    base: dict[str, Any] = {"from_on": DAY, "until_on": DAY + WEEK, "reason": "培训"}
    return delegating.delegate(post, **(base | {"by": SYSTEM, "at": AT} | values))


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def test_a_stand_in_has_the_post_while_it_runs_and_no_longer(
    worker_post: Post, lead_post: Post, make_user: MakeUser
) -> None:
    make_user("away", worker_post)
    deputy = make_user("deputy")
    stand_in(worker_post, to_user=deputy, from_on=DAY + timedelta(days=2))
    days = {day: actor_of(deputy, DAY + timedelta(days=day)).post_ids for day in (1, 2, 6, 7)}
    assert days == {1: set(), 2: {worker_post.pk}, 6: {worker_post.pk}, 7: set()}
    [standing] = actor_of(deputy, DAY + timedelta(days=2)).standings
    assert standing.stands_in_for == "away"
    assert standing.last_on == DAY + timedelta(days=6)


def test_a_chain_of_posts_is_resolved_in_two_queries(
    county: Region, make_post: MakePost, make_user: MakeUser, django_assert_max_num_queries: Any
) -> None:
    chain = [make_post(county, "task_force", Role.COUNTY_WORKER, f"岗{n}") for n in range(6)]
    last = make_user("last", chain[-1])
    for post, other in pairwise(chain):
        stand_in(post, to_post=other)
    with django_assert_max_num_queries(2):
        actor = actor_of(last, DAY)
        assert actor.post_ids == {post.pk for post in chain}
    assert [s.delegation_id is None for s in actor.standings] == [True] + [False] * 5


def test_a_circle_is_refused_however_long(
    county: Region, make_post: MakePost, make_user: MakeUser
) -> None:
    chain = [make_post(county, "task_force", Role.COUNTY_WORKER, f"岗{n}") for n in range(3)]
    stand_in(chain[0], to_post=chain[1])
    stand_in(chain[1], to_post=chain[2])
    assert refusal(lambda: stand_in(chain[2], to_post=chain[0])) == "circle"
    # after both have ended nothing goes round any more
    later = DAY + WEEK
    stand_in(chain[2], to_post=chain[0], from_on=later, until_on=later + WEEK)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"until_on": DAY}, "ends_before_it_starts"),
        ({"from_on": DAY - WEEK}, "in_the_past"),
        ({"reason": "  "}, "no_reason"),
        ({"to_user": None}, "no_target"),
    ],
)
def test_what_makes_no_sense_is_refused(
    change: dict[str, Any], code: str, worker_post: Post, make_user: MakeUser
) -> None:
    values = {"to_user": make_user("deputy")} | change
    assert refusal(lambda: stand_in(worker_post, **values)) == code
    assert not Delegation.objects.exists()


def test_one_stand_in_at_a_time_and_never_the_holder_himself(
    worker_post: Post, make_user: MakeUser
) -> None:
    holder = make_user("holder", worker_post)
    assert refusal(lambda: stand_in(worker_post, to_user=holder)) == "holds_already"
    stand_in(worker_post, to_user=make_user("one"))
    with pytest.raises(Refused) as refused:
        stand_in(worker_post, to_user=make_user("two"))
    assert refused.value.code == "delegated_already"
    assert DAY.isoformat() not in refused.value.words  # a sentence says 2022年3月1日


def test_nobody_stands_in_for_an_administrator(
    city: Region, make_post: MakePost, make_user: MakeUser, worker_post: Post
) -> None:
    admin = make_post(city, Unit.Kind.OFFICE, Role.AUDIT_ADMIN)
    deputy = make_user("deputy")
    assert refusal(lambda: stand_in(admin, to_user=deputy)) == "administrators_post"
    assert refusal(lambda: stand_in(worker_post, to_post=admin)) == "administrators_post"
    keeper = make_user("keeper", admin)
    assert refusal(lambda: stand_in(worker_post, to_user=keeper)) == "separated"


def test_reading_only_sees_and_does_nothing(
    worker_post: Post, county: Region, make_user: MakeUser
) -> None:
    deputy = make_user("deputy")
    stand_in(worker_post, to_user=deputy, reads_only=True)
    actor = actor_of(deputy, DAY)
    assert actor.standings == ()
    assert [s.post_id for s in actor.reading] == [worker_post.pk]
    assert actor.may_in(Act.READ, county)
    assert not actor.may(Act.ADVANCE)
    assert actor.city_ids == {county.parent_id}


def test_a_stand_in_cannot_pass_on_what_is_not_his_own(
    lead_post: Post, worker_post: Post, make_user: MakeUser
) -> None:
    make_user("lead", lead_post)
    deputy = make_user("deputy")
    stand_in(lead_post, to_user=deputy)
    actor = actor_of(deputy, DAY)
    assert actor.may(Act.COUNTY_REVIEW)
    assert not actor.may(Act.DELEGATE)
    code = refusal(lambda: stand_in(worker_post, to_user=make_user("third"), by=actor))
    assert code == "not_your_unit"


def test_a_lead_decides_in_his_unit_and_townships_only(
    county: Region,
    city: Region,
    worker_post: Post,
    lead_post: Post,
    make_post: MakePost,
    make_user: MakeUser,
) -> None:
    lead = actor_of(make_user("lead", lead_post), DAY)
    elsewhere = make_post(
        Region.objects.get(key="洛阳市/老城区"), Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER
    )
    deputy = make_user("deputy")
    assert refusal(lambda: stand_in(elsewhere, to_user=deputy, by=lead)) == "not_your_unit"
    stand_in(worker_post, to_user=deputy, by=lead)
    worker = actor_of(make_user("worker", worker_post), DAY)
    code = refusal(lambda: stand_in(lead_post, to_user=deputy, by=worker))
    assert code == "not_your_unit"


def test_nobody_raises_himself_but_a_lead_stands_in_for_his_handler(
    worker_post: Post, lead_post: Post, county: Region, make_post: MakePost, make_user: MakeUser
) -> None:
    lead_user = make_user("lead", lead_post)
    lead = actor_of(lead_user, DAY)
    stand_in(worker_post, to_user=lead_user, by=lead)
    officer = make_post(county.parent, Unit.Kind.DEPARTMENT, Role.DEPARTMENT_OFFICER)
    head_post = make_post(county.parent, Unit.Kind.DEPARTMENT, Role.DEPARTMENT_LEAD)
    head = actor_of(make_user("head", head_post), DAY)
    stand_in(officer, to_post=head_post, by=head)


def test_revoking_ends_it_today_and_the_holder_may(
    worker_post: Post, lead_post: Post, make_user: MakeUser
) -> None:
    holder, deputy = make_user("holder", worker_post), make_user("deputy")
    row = stand_in(worker_post, to_user=deputy)
    stranger = actor_of(make_user("stranger"), DAY)
    assert refusal(lambda: delegating.revoke(row, by=stranger, at=AT)) == "not_your_unit"
    delegating.revoke(row, by=actor_of(holder, DAY), at=AT)
    assert actor_of(deputy, DAY).post_ids == set()
    assert refusal(lambda: delegating.revoke(row, by=SYSTEM, at=AT)) == "ended_already"
    told = AuditEvent.objects.filter(subject_key=f"post {worker_post.pk}").order_by("id")
    verbs = list(told.values_list("verb", flat=True))
    assert verbs[-2:] == ["delegate", "revoke_delegation"]


def test_a_post_that_changes_hands_takes_no_stand_in_along(
    worker_post: Post, make_user: MakeUser
) -> None:
    make_user("before", worker_post)
    deputy, after = make_user("deputy"), make_user("after")
    stand_in(worker_post, to_user=deputy)
    on = DAY + timedelta(days=3)
    handing.hand_over(worker_post, to=after, from_on=on, by=SYSTEM, at=AT)
    assert actor_of(deputy, on - timedelta(days=1)).post_ids == {worker_post.pk}
    assert actor_of(deputy, on).post_ids == set()
    assert actor_of(after, on).post_ids == {worker_post.pk}


def test_handing_over_ends_the_predecessors_right_that_day(
    worker_post: Post, lead_post: Post, make_user: MakeUser
) -> None:
    before, after = make_user("before", worker_post), make_user("after")
    lead = actor_of(make_user("lead", lead_post), DAY)
    on = DAY + timedelta(days=10)
    handed = handing.hand_over(worker_post, to=after, from_on=on, by=lead, at=AT)
    assert handed.predecessors == (before,)
    assert actor_of(before, on - timedelta(days=1)).post_ids == {worker_post.pk}
    assert actor_of(before, on).post_ids == set()
    assert AuditEvent.objects.get(verb="hand_over").data["predecessors"] == ["before"]


def test_a_post_may_stay_empty_but_not_twice(worker_post: Post, make_user: MakeUser) -> None:
    before = make_user("before", worker_post)
    handing.hand_over(worker_post, to=None, from_on=DAY, by=SYSTEM, at=AT)
    assert actor_of(before, DAY).post_ids == set()
    code = refusal(lambda: handing.hand_over(worker_post, to=None, from_on=DAY, by=SYSTEM, at=AT))
    assert code == "vacant"


def test_yesterday_cannot_be_handed_over(worker_post: Post, make_user: MakeUser) -> None:
    to = make_user("after")
    yesterday = date(2026, 3, 1)
    code = refusal(
        lambda: handing.hand_over(worker_post, to=to, from_on=yesterday, by=SYSTEM, at=AT)
    )
    assert code == "in_the_past"
    assert Tenure.objects.count() == 0
