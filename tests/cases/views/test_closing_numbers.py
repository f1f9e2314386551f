"""The series of closing numbers has no gap that the page and the workbook do not explain."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from cases.actions import endings, evidence, stages
from cases.closing_register import SERIES
from cases.models import Case, Counter
from tests.cases.lists import sign_in
from tests.world import START, World, at, closing_form
from workflows.models import load_calendar

URL = "/closings/numbers/"
HAVES = ("institution", "staff", "spending", "cooperation")


def close(world: World, case: Case, day: Any = START) -> Case:
    worker, lead = (world.actor(f"涧西区/county_{who}", day) for who in ("worker", "lead"))
    stages.apply_for_closure(case.pk, by=worker, at=at(day, 13), form=closing_form(day))
    stages.advance(case.pk, by=lead, at=at(day, 14))
    return stages.close(case.pk, by=world.office, at=at(day, 15))


@pytest.fixture
def series(world: World, today: Any) -> World:
    """Three firms struck off; the second one reopened and struck off again: 1, 2 revoked, 3, 4."""
    firms = [world.firm(f"涧西区示例{n}号有限公司") for n in range(3)]
    world.firm("嵩县示例有限公司", "嵩县")
    world.open()
    cases = []
    for firm in firms:
        case = world.survey(world.case(firm), "A")
        for have in HAVES:
            world.prove(case, have)
        cases.append(close(world, case))
    second, later = cases[1], load_calendar().add(START, 3)
    endings.reopen(
        second.pk, by=world.office, at=at(later, 9), reason="回头看未通过", criteria=["staff"]
    )
    world.in_province(second, "staff")
    lead = world.actor("涧西区/county_lead", later)
    evidence.waive(second.pk, criterion="staff", reason="省系统已有", by=lead, at=at(later, 10))
    close(world, second, later)
    today(later)
    return world


def rows_of(content: bytes) -> list[tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    assert sheet is not None
    return list(sheet.iter_rows(min_row=5, values_only=True))


def test_a_revoked_number_stays_with_its_reason_and_its_successor(series: World) -> None:
    client = sign_in(series, "office/1")
    html = client.get(URL).content.decode()
    assert '<s class="quiet">2022-0002</s>' in html
    assert "回头看未通过；重新确认销号，现编号2022-0004。" in html
    assert "已编4个，有效3个，撤销或未使用1个" in html
    only = client.get(f"{URL}?state=revoked").content.decode()
    assert "2022-0002" in only
    assert "2022-0001" not in only


def test_the_workbook_has_every_number(series: World) -> None:
    answer = sign_in(series, "office/1").get(f"{URL}export/")
    rows = rows_of(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert [(row[1], row[2]) for row in rows] == [
        ("2022-0001", "有效"),
        ("2022-0002", "撤销"),
        ("2022-0003", "有效"),
        ("2022-0004", "有效"),
    ]
    assert rows[1][3] == rows[3][3]


def test_the_case_keeps_the_number_that_it_lost(series: World) -> None:
    case = Case.objects.get(closing_serial=4)
    html = sign_in(series, "office/1").get(f"/cases/{case.pk}/").content.decode()
    assert "2022-0004" in html
    assert "<s>2022-0002</s> 撤销" in html


def test_who_sees_one_county_sees_its_numbers_and_no_gaps(series: World) -> None:
    own = sign_in(series, "涧西区/county_lead").get(URL).content.decode()
    assert "2022-0004" in own
    other = sign_in(series, "嵩县/county_lead").get(URL).content.decode()
    assert "2022-000" not in other
    assert "未使用" not in other


def test_numbers_of_an_import_that_was_undone_are_explained(series: World) -> None:
    Counter.objects.filter(name=SERIES).update(value=5)
    rows = rows_of(
        b"".join(sign_in(series, "office/1").get(f"{URL}export/").streaming_content)  # type: ignore[attr-defined]
    )
    assert rows[4][1:3] == ("2022-0005", "未使用")
    assert "导入" in rows[4][7]
    county = sign_in(series, "涧西区/county_lead").get(URL).content.decode()
    assert "2022-0005" not in county
