"""Linking a user to a firm: who may, whom, and from when to when."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from config.acting import actor_for
from enterprises.actions import inviting
from enterprises.actions.clerks import link_clerk, unlink_clerk
from enterprises.models import Clerk, Enterprise
from organisations.actions import posts, users
from organisations.actions.delegating import delegate
from organisations.errors import Refused
from organisations.models import AuditEvent, Tenure, User
from organisations.scope import Actor
from tests.cases.at_once import together
from tests.world import START, World, at, build, person

LATER = date(2022, 6, 1)
PHONE = "0999-5550199"


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


@pytest.fixture
def firm(world: World) -> Enterprise:
    return world.firm("样本厂", "涧西区")


def sees(world: World, on: date) -> frozenset[int]:
    return actor_for(person("firm1", "张示例"), on).enterprise_ids


def test_linked_ended_and_opened_anew(world: World, firm: Enterprise) -> None:
    user = person("firm1", "张示例")
    lead = world.actor("涧西区/county_lead")
    clerk = link_clerk(user, firm, from_on=START, by=lead, at=at(START))
    assert sees(world, START) == {firm.pk}
    assert sees(world, date(2022, 2, 1)) == frozenset()
    unlink_clerk(clerk, until_on=LATER, by=world.office, at=at(LATER))
    assert sees(world, date(2022, 5, 31)) == {firm.pk}
    assert sees(world, LATER) == frozenset()
    link_clerk(user, firm, from_on=date(2022, 7, 1), by=lead, at=at(date(2022, 7, 1)))
    assert sees(world, date(2022, 7, 1)) == {firm.pk}
    assert Clerk.objects.count() == 1
    verbs = AuditEvent.objects.filter(kind="user").order_by("id").values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["link_clerk", "unlink_clerk", "link_clerk"]


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("leader", "may_not"),
        ("liaison_member", "may_not"),
        ("市工信局/department_lead", "may_not"),
        ("嵩县/county_lead", "no_firm"),
    ],
)
def test_who_may_not(world: World, firm: Enterprise, key: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        link_clerk(
            person("firm1", "张示例"), firm, from_on=START, by=world.actor(key), at=at(START)
        )
    assert refused.value.code == code
    assert Clerk.objects.count() == 0


def test_an_official_is_nobodys_clerk(world: World, firm: Enterprise) -> None:
    official = world.people["涧西区/county_worker"]
    with pytest.raises(Refused) as refused:
        link_clerk(official, firm, from_on=START, by=Actor.system(), at=at(START))
    assert refused.value.code == "official"


def test_a_stand_in_of_some_weeks_is_nobodys_clerk(world: World, firm: Enterprise) -> None:
    """A post with a last day is a post, by the office's door and by the invitation's."""
    official = world.people["涧西区/county_worker"]
    Tenure.objects.filter(user=official).update(until_on=LATER)
    User.objects.filter(pk=official.pk).update(phone=PHONE)
    with pytest.raises(Refused) as refused:
        link_clerk(official, firm, from_on=START, by=world.office, at=at(START))
    assert refused.value.code == "official"
    made, _code = inviting.invite(firm, by=world.office, at=at(START))
    for how in ({"name": "甲", "phone": PHONE}, {"user": User.objects.get(pk=official.pk)}):
        with pytest.raises(Refused) as refused:
            inviting.enter(made.pk, at=at(START, 10), **how)
        assert refused.value.code == "official"
    assert link_clerk(official, firm, from_on=LATER, by=world.office, at=at(LATER))


def test_a_clerk_takes_no_post_and_stands_in_for_nobody(world: World, firm: Enterprise) -> None:
    clerk = person("firm1", "张示例")
    link = link_clerk(clerk, firm, from_on=START, by=world.office, at=at(START))
    post = Tenure.objects.get(user=world.people["涧西区/county_lead"]).post

    def appoint() -> object:
        return posts.appoint(post=post, user=clerk, from_on=START, by=Actor.system(), at=at(START))

    def entrust() -> object:
        return delegate(
            post, to_user=clerk, from_on=START, until_on=LATER, reason="出差",
            by=world.actor("涧西区/county_lead"), at=at(START),
        )  # fmt: skip

    for deed in (appoint, entrust):
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.code == "clerk"
    unlink_clerk(link, until_on=START, by=world.office, at=at(START))
    assert appoint()


def test_a_firms_clerk_is_no_idle_account(world: World, firm: Enterprise, client: Client) -> None:
    user = person("firm1", "张示例")
    assert world.office.user is not None
    client.force_login(world.office.user)

    def is_idle() -> bool:
        return user in client.get(reverse("accounts")).context["idle"]

    assert is_idle()
    clerk = link_clerk(user, firm, from_on=START, by=world.office, at=at(START))
    assert not is_idle()
    users.deactivate(user, by=world.office, at=at(START))
    assert is_idle()  # shut: to be found and opened again
    users.activate(user, by=world.office, at=at(START))
    unlink_clerk(clerk, until_on=LATER, by=world.office, at=at(LATER))
    assert is_idle()


def test_invitations_end_with_a_clerk_by_whatever_door(world: World, firm: Enterprise) -> None:
    made, _code = inviting.invite(firm, by=world.office, at=at(START))
    clerk = inviting.enter(made.pk, at=at(START, 10), name="甲", phone=PHONE)
    unlink_clerk(clerk, until_on=START, by=world.office, at=at(START, 11))
    made.refresh_from_db()
    assert made.revoked_by == world.office.user
    with pytest.raises(Refused) as refused:
        inviting.enter(made.pk, at=at(START, 12), name="乙", phone=PHONE)
    assert refused.value.code == "revoked"


def test_invitations_of_one_firm_are_told_apart(
    world: World, firm: Enterprise, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number, by who entered; what becomes of them is said before one is taken back."""
    made = [inviting.invite(firm, by=world.office, at=at(START))[0] for _n in range(2)]
    inviting.enter(made[0].pk, at=at(START, 10), name="甲示例", phone=PHONE)
    monkeypatch.setattr("organisations.clock.today", lambda: START)
    assert world.office.user is not None
    client.force_login(world.office.user)
    page = client.get(reverse("firm_clerks", args=[firm.pk])).content.decode()
    assert all(f"第{one.pk}号" in page for one in made)
    assert page.count("由此进入：甲示例") == 1
    assert page.count("甲示例已进入，仍可使用") == 1
    assert page.count("确认作废") == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_invitations_used_at_once_count_their_people_one_by_one(transactional_db: None) -> None:
    """Neither an eleventh person nor two accounts of one name."""
    world = build()
    firm = world.firm("样本厂", "涧西区")
    first, *rest = [inviting.invite(firm, by=world.office, at=at(START))[0].pk for _n in range(4)]
    for n in range(inviting.MOST_CLERKS - 2):
        inviting.enter(first, at=at(START), name=f"甲{n}", phone=PHONE)
    found = together(
        *[partial(inviting.enter, pk, at=at(START), name=f"乙{pk}", phone=PHONE) for pk in rest]
    )
    assert sorted(getattr(one, "code", "entered") for one in found) == ["entered"] * 2 + ["full"]
    assert Clerk.objects.count() == inviting.MOST_CLERKS
