"""Luoyang's sixteen counties, an office actor, and the sample workbooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from enterprises.importing.register_apply import RegisterOutcome, register_batch
from enterprises.importing.register_plan import RegisterPlan, preview_register, read_register
from enterprises.models import Contact, Enterprise, Membership, MoneyFigure
from organisations.models import Post, Region, Tenure, Unit, User
from organisations.roles import Role
from organisations.scope import Actor, actor_of
from tests.enterprises.sheets import HEADER, firm, write

DATA = Path(__file__).resolve().parent.parent / "data"
AT = datetime(2022, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))

COUNTIES: dict[str, list[str]] = {
    "老城区": [],
    "西工区": [],
    "瀍河区": ["瀍河回族区"],
    "涧西区": [],
    "洛龙区": [],
    "偃师区": ["偃师市"],
    "孟津区": ["孟津县"],
    "新安县": [],
    "栾川县": [],
    "嵩县": [],
    "汝阳县": [],
    "宜阳县": [],
    "洛宁县": [],
    "伊川县": [],
    "高新区": [],
    "伊滨区": [],
}


def make_region(parent: Region | None, name: str, level: str, aliases: list[str]) -> Region:
    key = f"{parent.key}/{name}" if parent else name
    region = Region.objects.create(key=key, name=name, level=level, parent=parent, aliases=aliases)
    region.path = f"{parent.path if parent else '/'}{region.pk}/"
    region.save()
    return region


def make_city(name: str, counties: dict[str, list[str]]) -> Region:
    city = make_region(None, name, Region.Level.CITY, [])
    for county, aliases in counties.items():
        make_region(city, county, Region.Level.COUNTY, aliases)
    return city


@pytest.fixture
def luoyang(db: None) -> Region:
    return make_city("洛阳市", COUNTIES)


@pytest.fixture
def jincheng(db: None) -> Region:
    names = ["城区", "沁水县", "阳城县", "陵川县", "泽州县", "高平市", "开发区"]
    return make_city("晋城市", {name: [] for name in names})


def actor_in(region: Region, role: Role, kind: str, username: str) -> Actor:
    unit = Unit.objects.create(region=region, name=f"unit of {username}", kind=kind)
    post = Post.objects.create(unit=unit, name="post", role=role)
    user = User.objects.create(username=username, name=username)
    Tenure.objects.create(post=post, user=user, from_on=date(2020, 1, 1))
    return actor_of(user, date(2022, 3, 1))


@pytest.fixture
def office(luoyang: Region) -> Actor:
    return actor_in(luoyang, Role.OFFICE, Unit.Kind.OFFICE, "office")


JAN, FEB, MAR = date(2022, 1, 31), date(2022, 2, 28), date(2022, 3, 31)

Rows = Sequence[Sequence[Any]]
Preview = Callable[..., RegisterPlan]
Load = Callable[..., RegisterOutcome]


@pytest.fixture
def preview(luoyang: Region, tmp_path: Path) -> Preview:
    def look(
        rows: Rows, as_of: date = JAN, header: Sequence[str] = HEADER, **more: Any
    ) -> RegisterPlan:
        path = write(tmp_path / "list.xlsx", rows, header=header)
        return preview_register(luoyang, read_register(path), as_of=as_of, **more)

    return look


@pytest.fixture
def load(preview: Preview) -> Load:
    def apply(
        rows: Rows, as_of: date = JAN, confirm: int | None = None, **more: Any
    ) -> RegisterOutcome:
        plan = preview(rows, as_of, **more)
        return register_batch(plan, by=Actor.system(), at=AT, confirm_leaving=confirm)

    return apply


def many(count: int, start: int = 100) -> list[list[Any]]:
    """So many different firms."""
    return [firm(n) for n in range(start, start + count)]


def snapshot() -> list[object]:
    """Every row that a register import can write."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (Enterprise, Membership, Contact, MoneyFigure)
    ]
