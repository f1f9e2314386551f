"""A small directory in the small city, and workbooks that people fill in."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pytest
import xlsxwriter

from organisations.people_sheets import SheetSpec
from resources.actions import directory
from resources.importing.sheets import EXPERTS, MEMBERS, RESOURCES, WORDS
from resources.models import Expert, Resource
from tests.cases.conftest import _fresh_caches
from tests.world import START, SYSTEM, World, at

__all__ = ["_fresh_caches"]
SPECS = {spec.title: spec for spec in (RESOURCES, EXPERTS, MEMBERS, WORDS)}
PHONE = "13812345678"


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


def resource(world: World, name: str = "示例理工学院", **values: Any) -> Resource:
    base = {
        "name": name,
        "kind": Resource.Kind.INSTITUTE,
        "place": "省会",
        "fields": ["轴承", "热处理"],
        "industries": ["34"],
        "offers": "滚动轴承寿命试验",
        "contact": "王示例",
        "phone": PHONE,
        "source": "资源摸底表",
        "valid_from": date(2022, 1, 1),
    }
    return directory.save_resource(None, base | values, city=world.city, by=SYSTEM, at=at(START))


def expert(world: World, name: str = "陈示例", **values: Any) -> Expert:
    base = {
        "name": name,
        "kind": Expert.Kind.ENVOY,
        "level": "province",
        "institute_name": "示例理工学院",
        "title": "教授",
        "region": world.counties["涧西区"],
        "fields": ["轴承"],
        "industries": ["345"],
        "phone": PHONE,
        "source": "特派员名单",
        "valid_from": date(2022, 1, 1),
    }
    return directory.save_expert(None, base | values, city=world.city, by=SYSTEM, at=at(START))


def workbook(sheets: Mapping[str, Iterable[Mapping[str, str]]], *, title: str = "") -> bytes:
    """An .xlsx with our headers, below a title row if one is given."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            _sheet(book.add_worksheet(name), SPECS[name], rows, title)
    return out.getvalue()


def _sheet(page: Any, spec: SheetSpec, rows: Iterable[Mapping[str, str]], title: str) -> None:
    first = 0
    if title:
        page.write(0, 0, title)
        first = 2
    for place, column in enumerate(spec.columns):
        page.write(first, place, column.header + "*" * column.required)
        for number, row in enumerate(rows, first + 1):
            page.write(number, place, row.get(column.name, ""))


def line(**values: str) -> dict[str, str]:
    """A good row of the sheet of resources."""
    base = {
        "name": "示例大学",
        "kind": "高校院所",
        "fields": "铸造、耐火材料",
        "source": "资源摸底表",
    }
    return base | values


def expert_line(**values: str) -> dict[str, str]:
    base = {
        "name": "孙示例",
        "kind": "科技特派员",
        "level": "省级",
        "institute_name": "示例大学",
        "fields": "铸造",
        "source": "特派员名单",
    }
    return base | values
