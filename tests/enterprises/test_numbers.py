"""平台编号: one of a kind, changed in place, removed, imported; kept where the firm lies."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enterprises.actions.numbers import NumberWish, as_text, note_numbers, of_text, of_workbook
from enterprises.importing.number_sheet import SHEET, platform_of
from enterprises.models import Enterprise, PlatformNumber
from enterprises.views.numbers import template
from organisations.models import AuditEvent
from tests.cases.lists import sign_in
from tests.config.test_commands import as_json, refused
from tests.world import START, World, at

WORKER = "涧西区/county_worker"


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


@pytest.fixture
def firm(world: World) -> Enterprise:
    return world.firm("洛阳示例轴承有限公司")


def workbook(*rows: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(SHEET.title)
        for place, column in enumerate(SHEET.columns):
            sheet.write_string(0, place, column.header)
        for line, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, cell)
    return out.getvalue()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("省研发统计平台", ("rd_statistics", "")),
        ("河南省企业研发活动信息管理系统", ("rd_statistics", "")),
        ("国家科技型中小企业", ("sme", "")),
        ("high_tech", ("high_tech", "")),
        ("河南省“专精特新”中小企业".replace("“", "").replace("”", ""), ("specialised", "")),
        ("瞪羚企业库", ("other", "瞪羚企业库")),
    ],
)
def test_what_officials_call_a_platform(text: str, found: tuple[str, str]) -> None:
    assert platform_of(text) == found


def test_a_number_is_noted_changed_and_removed(world: World, firm: Enterprise) -> None:
    by = world.actor(WORKER)

    def note(number: str, since: date | None = None) -> tuple[int, int, int, int]:
        wish = NumberWish(1, firm.name, "科技型中小企业", number, since)
        done = note_numbers([wish], by=by, at=at(START))
        assert not done.refused
        return len(done.new), len(done.changed), len(done.removed), done.unchanged

    assert note("2022A1", date(2022, 1, 5)) == (1, 0, 0, 0)
    assert note("2022A1", date(2022, 1, 5)) == (0, 0, 0, 1)
    assert note("2022B2") == (0, 1, 0, 0)
    row = PlatformNumber.objects.get()
    assert (row.kind, row.number, row.since_on, row.by) == (
        "sme", "2022B2", None, world.people[WORKER],
    )  # fmt: skip
    assert (
        "2022A1" in AuditEvent.objects.filter(verb="note_numbers").latest("id").data["was"].values()
    )
    assert note("无") == (0, 0, 1, 0)
    assert not PlatformNumber.objects.exists()


def test_each_row_is_refused_for_itself(world: World, firm: Enterprise) -> None:
    far = world.firm("嵩县样本厂", "嵩县")
    rows = [("甲厂", "省系统", "1"), (firm.name, "", "1"), (far.name, "省系统", "1"),
            (firm.name, "省系统", "豫41")]  # fmt: skip
    wishes = [NumberWish(n, *row) for n, row in enumerate(rows, 2)]
    done = note_numbers(wishes, by=world.actor(WORKER), at=at(START))
    assert [number for number, _firm, _why in done.refused] == [2, 3, 4]
    assert [row.number for row in done.new] == ["豫41"]
    everything = note_numbers(wishes, by=world.office, at=at(START))
    assert [number for number, _firm, _why in everything.refused] == [2, 3]


def test_the_workbook_the_preview_and_the_template(
    world: World, firm: Enterprise, tmp_path: Path
) -> None:
    assert of_workbook(template()) == []
    content = workbook((firm.name, "", "省研发统计平台", "豫41", "2022-01-05", ""))
    wishes = of_workbook(content)
    assert of_text(as_text(wishes)) == wishes
    client = sign_in(world, "office/1")
    upload = SimpleUploadedFile("numbers.xlsx", content)
    page = client.post(reverse("numbers_import"), {"file": upload}).content.decode()
    assert "豫41" in page
    assert not PlatformNumber.objects.exists()
    client.post(reverse("numbers_import"), {"step": "confirm", "table": as_text(wishes)})
    assert PlatformNumber.objects.get().since_on == date(2022, 1, 5)
    answer = client.post(reverse("numbers_import"), {"step": "confirm", "table": "x"})
    assert answer.status_code == 422
    file = tmp_path / "numbers.xlsx"
    file.write_bytes(workbook((firm.name, "", "高新技术企业", "GR1", "", "2025-01-05")))
    assert as_json("firm", "numbers", str(file), "--dry-run")["new"] == 1
    assert as_json("firm", "numbers", str(file))["new"] == 1


def test_on_the_firms_page(world: World, firm: Enterprise) -> None:
    client = sign_in(world, WORKER)
    url = reverse("firm_numbers", args=[firm.pk])
    given = {"kind": "other", "name": "瞪羚企业库", "number": "D7", "since": "2022-01-09"}
    assert client.post(url, given | {"since": "x"}).status_code == 422
    assert client.post(url, given | {"name": ""}).status_code == 422
    assert client.post(url, given).status_code == 302
    page = client.get(reverse("firm", args=[firm.pk])).content.decode()
    assert "瞪羚企业库" in page
    assert "D7" in page
    assert sign_in(world, "leader").post(url, given).status_code == 403


def test_the_command_notes_one(world: World, firm: Enterprise) -> None:
    done = as_json(
        "firm", "number", firm.name, "sme", "2022A1", "--since", "2022-01-05",
        "--until", "2022-12-31", "--at", "2022-03-01",
    )  # fmt: skip
    assert done["new"] == 1
    told, _words = refused("firm", "number", "甲厂", "sme", "1", "--at", "2022-03-01")
    assert told["code"] == "wrong_input"
