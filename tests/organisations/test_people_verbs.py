"""Accounts, units and posts: who may set them up, what is refused, what the trail keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.hashers import check_password

from organisations.actions import posts, regions, users
from organisations.errors import Refused
from organisations.models import AuditEvent, Post, Region, Tenure, Unit, User
from organisations.roles import Role
from organisations.scope import Actor, actor_of
from tests.organisations.conftest import AT, DAY, SYSTEM

MakePost = Callable[..., Post]
MakeUser = Callable[..., User]
OFFICIALS = [r for r in Role if r not in {Role.OFFICE, Role.SYSTEM_ADMIN}]


def _refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    assert refusal.value.words
    return refusal.value.code


@pytest.fixture
def office(city: Region, make_post: MakePost, make_user: MakeUser) -> Actor:
    post = make_post(city, Unit.Kind.OFFICE, Role.OFFICE)
    return actor_of(make_user("office", post), DAY)


@pytest.fixture
def system_admin(city: Region, make_post: MakePost, make_user: MakeUser) -> Actor:
    post = make_post(city, Unit.Kind.OFFICE, Role.SYSTEM_ADMIN)
    return actor_of(make_user("admin", post), DAY)


@pytest.fixture
def worker_post(county: Region, make_post: MakePost) -> Post:
    return make_post(county, Unit.Kind.TASK_FORCE, Role.COUNTY_WORKER)


# --- accounts ------------------------------------------------------------------------------------


def test_a_new_account_has_a_one_time_password(office: Actor) -> None:
    user, password = users.create_user(username="13800000001", name="李四", by=office, at=AT)
    assert len(password) == 12
    assert check_password(password, User.objects.get(pk=user.pk).password)
    assert user.must_change_password
    event = AuditEvent.objects.get(verb="create_user", subject="李四")
    assert event.by == office.user
    assert password not in str(event.data)


def test_two_one_time_passwords_differ() -> None:
    assert users.one_time_password() != users.one_time_password()


def test_an_account_without_a_password(db: None) -> None:
    user, password = users.create_user(
        username="demo-x", name="演示", with_password=False, by=SYSTEM, at=AT
    )
    assert password == ""
    assert not user.must_change_password
    assert not user.check_password("")
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    ("username", "name", "code"),
    [
        ("", "李四", "username_wrong"),
        ("a b", "李四", "username_wrong"),
        ("x" * 151, "李四", "username_wrong"),
        ("OFFICE", "李四", "username_taken"),
        ("lisi", "  ", "no_name"),
    ],
)
def test_a_wrong_account_is_refused(office: Actor, username: str, name: str, code: str) -> None:
    assert (
        _refusal(lambda: users.create_user(username=username, name=name, by=office, at=AT)) == code
    )


def test_words_are_no_phone(office: Actor, worker_post: Post, make_user: MakeUser) -> None:
    user = make_user("target", worker_post)
    for act in (
        lambda: users.update_user(user, name="n", phone="abc", by=office, at=AT),
        lambda: users.create_user(username="n", name="n", phone="abc", by=office, at=AT),
    ):
        assert _refusal(act) == "phone_wrong"
    assert not User.objects.filter(name="n").exists()
    assert users.update_user(user, name="n", phone=" 0379-63900000转8 ", by=office, at=AT)
    assert user.phone == "0379-63900000转8"
    User.objects.filter(pk=user.pk).update(phone="old words")
    user.refresh_from_db()
    assert users.update_user(user, name="m", phone=user.phone, by=office, at=AT)


@pytest.mark.parametrize("role", OFFICIALS)
def test_only_office_and_system_administrator_manage_accounts(
    role: Role, city: Region, worker_post: Post, make_post: MakePost, make_user: MakeUser
) -> None:
    by = actor_of(make_user("p", make_post(city, Unit.Kind.SUPERVISION, role)), DAY)
    target = make_user("target", worker_post)
    acts: list[Callable[[], object]] = [
        lambda: users.create_user(username="n", name="n", by=by, at=AT),
        lambda: users.reset_password(target, by=by, at=AT),
        lambda: users.deactivate(target, by=by, at=AT),
        lambda: users.update_user(target, name="n", phone="1", by=by, at=AT),
        lambda: posts.create_unit(region=city, name="n", kind="office", by=by, at=AT),
        lambda: posts.create_post(unit=worker_post.unit, name="n", role=role, by=by, at=AT),
        lambda: posts.appoint(post=worker_post, user=target, from_on=DAY, by=by, at=AT),
        lambda: posts.end_tenure(Tenure.objects.get(user=target), on=DAY, by=by, at=AT),
    ]
    assert {_refusal(act) for act in acts} <= {"may_not", "not_yours"}


def test_a_new_password_of_ones_own(worker_post: Post, make_user: MakeUser) -> None:
    user = make_user("p", worker_post)
    user.set_password("old-password-1")
    user.must_change_password = True
    user.save()
    by = actor_of(user, DAY)

    def change(password: str) -> Callable[[], object]:
        return lambda: users.set_password(user, password=password, by=by, at=AT)

    assert _refusal(change("old-password-1")) == "password_same"
    assert _refusal(change("kurz")) == "password_weak"
    assert _refusal(change("12345678901234")) == "password_weak"
    users.set_password(user, password="another-password-2", by=by, at=AT)
    user.refresh_from_db()
    assert user.check_password("another-password-2")
    assert not user.must_change_password


def test_a_reset_makes_the_old_password_worthless(
    office: Actor, worker_post: Post, make_user: MakeUser
) -> None:
    user = make_user("p", worker_post)
    user.set_password("old-password-1")
    user.save()
    password = users.reset_password(user, by=office, at=AT)
    user.refresh_from_db()
    assert not user.check_password("old-password-1")
    assert user.check_password(password)
    assert user.must_change_password


def test_a_shut_account_loses_its_posts_from_today(
    office: Actor, worker_post: Post, make_user: MakeUser
) -> None:
    user = make_user("p", worker_post)
    users.deactivate(user, by=office, at=AT)
    assert not User.objects.get(pk=user.pk).is_active
    assert actor_of(user, DAY).standings == ()
    assert _refusal(
        lambda: posts.appoint(post=worker_post, user=user, from_on=DAY, by=office, at=AT)
    ) == ("account_shut")
    users.activate(user, by=office, at=AT)
    posts.appoint(post=worker_post, user=user, from_on=DAY, by=office, at=AT)
    assert len(actor_of(user, DAY).standings) == 1


def test_nobody_shuts_his_own_account(office: Actor) -> None:
    assert office.user is not None
    user = office.user
    assert _refusal(lambda: users.deactivate(user, by=office, at=AT)) == "own_account"


# --- another city, another role ------------------------------------------------------------------


def test_another_citys_people_are_out_of_reach(
    office: Actor, make_post: MakePost, make_user: MakeUser
) -> None:
    elsewhere = regions.create_city(
        name="晋城市", counties=[regions.CountySpec("城区")], by=SYSTEM, at=AT
    )
    post = make_post(elsewhere, Unit.Kind.OFFICE, Role.OFFICE)
    stranger, mine = make_user("stranger", post), make_user("mine")
    acts: list[Callable[[], object]] = [
        lambda: users.reset_password(stranger, by=office, at=AT),
        lambda: users.deactivate(stranger, by=office, at=AT),
        lambda: posts.appoint(post=post, user=mine, from_on=DAY, by=office, at=AT),
        lambda: posts.create_unit(region=elsewhere, name="n", kind="office", by=office, at=AT),
        lambda: posts.end_tenure(Tenure.objects.get(user=stranger), on=DAY, by=office, at=AT),
    ]
    assert {_refusal(act) for act in acts} == {"not_yours"}


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
def test_administrators_posts_are_not_the_offices_to_give(
    role: Role,
    city: Region,
    office: Actor,
    system_admin: Actor,
    make_post: MakePost,
    make_user: MakeUser,
) -> None:
    post = make_post(city, Unit.Kind.OFFICE, role, f"post of {role}")
    user = make_user("p")

    def appoint(by: Actor) -> Tenure:
        return posts.appoint(post=post, user=user, from_on=DAY, by=by, at=AT)

    assert _refusal(lambda: appoint(office)) == "administrators_post"
    appoint(system_admin)
    assert _refusal(lambda: users.reset_password(user, by=office, at=AT)) == "administrators_post"
    assert users.reset_password(user, by=system_admin, at=AT)


@pytest.mark.parametrize("first", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN])
@pytest.mark.parametrize("second", list(Role))
def test_administrators_do_nothing_else(
    first: Role, second: Role, city: Region, make_post: MakePost, make_user: MakeUser
) -> None:
    user = make_user("p", make_post(city, Unit.Kind.OFFICE, first, "first"))
    post = make_post(city, Unit.Kind.OFFICE, second, "second")

    def appoint() -> Tenure:
        return posts.appoint(post=post, user=user, from_on=DAY, by=SYSTEM, at=AT)

    if first == second:
        assert appoint().pk
    else:
        assert _refusal(appoint) == "separated"


def test_nobody_gives_himself_another_role(office: Actor, worker_post: Post) -> None:
    assert office.user is not None
    user = office.user
    assert (
        _refusal(lambda: posts.appoint(post=worker_post, user=user, from_on=DAY, by=office, at=AT))
        == "own_post"
    )


# --- units and posts -----------------------------------------------------------------------------


def test_a_second_unit_or_post_of_the_name_is_refused(office: Actor, worker_post: Post) -> None:
    unit = worker_post.unit
    acts: list[Callable[[], object]] = [
        lambda: posts.create_unit(
            region=unit.region, name=unit.name, kind=unit.kind, by=office, at=AT
        ),
        lambda: posts.create_post(
            unit=unit, name=worker_post.name, role=Role.COUNTY_LEAD, by=office, at=AT
        ),
    ]
    assert [_refusal(act) for act in acts] == ["unit_exists", "post_exists"]


def test_only_groups_have_paired_counties(office: Actor, worker_post: Post, county: Region) -> None:
    """001-22, 004-12: 包联 by county."""
    assert (
        _refusal(lambda: posts.pair(worker_post.unit, counties=[county], by=office, at=AT))
        == "not_a_group"
    )


def test_every_verb_leaves_one_line(office: Actor, city: Region, county: Region) -> None:
    before = AuditEvent.objects.count()
    unit = posts.create_unit(region=city, name="一组", kind="liaison_group", by=office, at=AT)
    posts.pair(unit, counties=[county], by=office, at=AT)
    posts.pair(unit, counties=[county], by=office, at=AT)  # nothing changed, nothing noted
    posts.update_unit(unit, short_name="一", phone="", by=office, at=AT)
    post = posts.create_post(unit=unit, name="组员", role=Role.LIAISON_MEMBER, by=office, at=AT)
    posts.receive_work(post, receives=True, by=office, at=AT)
    user, _password = users.create_user(username="u", name="u", by=office, at=AT)
    posts.appoint(post=post, user=user, from_on=DAY, by=office, at=AT)
    users.update_user(user, name="u", phone="63900000", by=office, at=AT)
    users.reset_password(user, by=office, at=AT)
    users.deactivate(user, by=office, at=AT)
    users.activate(user, by=office, at=AT)
    lines = list(AuditEvent.objects.order_by("id")[before:])
    assert [line.verb for line in lines] == [
        "create_unit",
        "pair",
        "update_unit",
        "create_post",
        "receive_work",
        "create_user",
        "appoint",
        "update_user",
        "reset_password",
        "deactivate",
        "activate",
    ]
    assert {line.by for line in lines} == {office.user}
    assert {line.at for line in lines} == {AT}


def test_the_trail_is_not_rewritten(office: Actor) -> None:
    line = AuditEvent.objects.earliest("id")
    line.verb = "nothing"
    with pytest.raises(RuntimeError):
        line.save()
    with pytest.raises(RuntimeError):
        line.delete()
