"""A small city, its units and people, made by the same verbs as a real one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from organisations.actions import posts, regions, users
from organisations.actions.regions import CountySpec
from organisations.models import Post, Region, Unit, User
from organisations.scope import Actor

AT = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY = AT.date()
SYSTEM = Actor.system()

COUNTIES = (
    CountySpec("老城区", code="410302"),
    CountySpec("瀍河区", aliases=("瀍河回族区",), code="410304"),
    CountySpec("嵩县", code="410325"),
    CountySpec("偃师区", aliases=("偃师市",), code="410307"),
    CountySpec("开发区"),
)


@pytest.fixture
def city(db: None) -> Region:
    return regions.create_city(
        name="洛阳市", province="河南省", code="410300", counties=COUNTIES, by=SYSTEM, at=AT
    )


@pytest.fixture
def county(city: Region) -> Region:
    return Region.objects.get(key="洛阳市/嵩县")


@pytest.fixture
def make_post() -> Callable[..., Post]:
    def make(region: Region, kind: str, role: str, name: str = "") -> Post:
        unit = Unit.objects.filter(region=region, kind=kind).first() or posts.create_unit(
            region=region, name=f"{region.name}{kind}", kind=kind, by=SYSTEM, at=AT
        )
        return posts.create_post(unit=unit, name=name or role, role=role, by=SYSTEM, at=AT)

    return make


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(username: str, *held: Post, from_on: date = date(2026, 1, 1)) -> User:
        user, _password = users.create_user(username=username, name=username, by=SYSTEM, at=AT)
        user.must_change_password = False
        user.save()
        for post in held:
            posts.appoint(post=post, user=user, from_on=from_on, by=SYSTEM, at=AT)
        return user

    return make
