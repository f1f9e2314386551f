"""列对应: the office says what a city's own columns are; the next list is read without asking."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from config.trail.words import details
from enterprises.importing.column_maps import save_map
from enterprises.models import ColumnMap, ImportBatch, MonthlyFact
from organisations.models import AuditEvent
from tests.cases.lists import sign_in
from tests.wizard import NOW
from tests.world import START, World, at

HEAD = [
    "单位详情",
    "信用号",
    "系统开户",
    "报表报送",
    "技术中心",
    "科研人员",
    "科研投入",
    "院校协作",
]
# what a person says of them, in their order
SAID = ["name", "credit_code", "registered", "filed", "has_institution", "has_staff",
        "has_spending", "has_cooperation"]  # fmt: skip
START_PAGE = "/imports/new/filing/"


@pytest.fixture
def world(shared_city: World) -> Iterator[World]:
    shared_city.firm("洛阳示例轴承有限公司")
    with time_machine.travel(NOW, tick=False):
        yield shared_city


@pytest.fixture
def office(world: World) -> Client:
    return sign_in(world, "office/1")


def sheet(*rows: list[Any], head: list[str] = HEAD) -> bytes:
    book = openpyxl.Workbook()
    page: Any = book.active
    page.append(["示例市研发统计情况"])
    page.append(head)
    for row in rows:
        page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def firm(*answers: str) -> list[Any]:
    return ["洛阳示例轴承有限公司", "", *answers, *["是"] * (6 - len(answers))]


def upload(office: Client, data: bytes, **more: str) -> Any:
    said = {"programme": "luoyang-2022", "month": "2022-02", "known_on": "2022-02-28", **more}
    return office.post(START_PAGE, said | {"file": SimpleUploadedFile("清单.xlsx", data)})


def test_a_list_with_other_headings_is_named_once(world: World, office: Client) -> None:
    answer = upload(office, sheet(firm("是", "否")), known_on="2022-02-25")
    batch = ImportBatch.objects.get()
    page = office.get(answer["Location"]).content.decode()
    assert "没有" in page
    address = f"/imports/{batch.pk}/columns/"
    assert address in page  # what was not understood can be said
    found = {one["header"]: one for one in office.get(address).context["columns"]}
    assert found["系统开户"]["value"] == "registered"  # offered by its name
    assert found["系统开户"]["is_guess"]
    assert found["报表报送"]["values"] == ["否"]
    said = {f"column-{n}": key for n, key in enumerate(SAID)}
    lacking = office.post(address, said | {"column-5": ""})
    assert lacking.status_code == 422
    assert "还没有选定对应的列：有研发人员" in lacking.content.decode()
    twice = office.post(address, said | {"column-5": "filed"})
    assert "有两列都对应“已填报”" in twice.content.decode()
    assert not ColumnMap.objects.exists()
    checked = office.post(address, said, follow=True)
    batch.refresh_from_db()
    assert batch.state == "previewed", checked.content.decode()
    assert batch.report["counts"]["new"] == 1
    office.post(f"/imports/{batch.pk}/confirm/")
    fact = MonthlyFact.objects.get(known_on="2022-02-25")
    assert (fact.registered, fact.filed, fact.has_staff) == (True, False, True)
    # the next list is read without asking, in whatever order its columns stand
    turned = [HEAD[::-1], firm("是", "是")[::-1]]
    upload(office, sheet(turned[1], head=turned[0]))
    later = ImportBatch.objects.latest("pk")
    assert (later.state, later.report["counts"]["new"]) == ("previewed", 1)


def test_what_the_office_says_goes_before_the_usual_words(world: World, office: Client) -> None:
    """The list holds a column that everybody would read, and the office means another."""
    head = ["企业名称", "是否注册", "是否填报", "月报上报", *["有研发机构", "有研发人员"]]
    head += ["有研发经费", "有产学研合作"]
    row = ["洛阳示例轴承有限公司", "是", "否", "是", "是", "是", "是", "是"]
    address = upload(office, sheet(row, head=head), columns="1")["Location"]
    assert address.endswith("/columns/")
    said = {f"column-{n}": key for n, key in enumerate(
        ["name", "registered", "", "filed", *SAID[4:]])}  # fmt: skip
    office.post(address, said)
    batch = ImportBatch.objects.get()
    office.post(f"/imports/{batch.pk}/confirm/")
    assert MonthlyFact.objects.get(about_month="2022-02-01").filed
    kept = ColumnMap.objects.get()
    assert kept.columns[""] == ["是否填报"]
    meant = {**kept.columns, "": [], "filed": ["是否填报"]}
    save_map(kept.city, kept.programme_key, meant, by=world.office, at=at(START))
    told = details(AuditEvent.objects.filter(verb="column_map").latest("pk"))
    assert set(told) == {"已填报：月报上报→是否填报", "不读取：是否填报→—"}


def test_the_command_names_columns_too(world: World, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(sheet(firm("是", "否")))
    line = ("filing", str(path), "--programme", "luoyang-2022", "--month", "2022-02")

    def run(*more: str) -> Any:
        out = io.StringIO()
        call_command(*line, *more, "--json", stdout=out)
        return json.loads(out.getvalue())

    shown = run("--columns")["columns"]
    assert [one["column"] for one in shown] == list("ABCDEFGH")
    assert shown[2]["field"] == "registered"
    assert shown[2]["suggested"]
    pairs = [f"--map={key}={name}" for key, name in zip(SAID, HEAD, strict=True)]
    assert run(*pairs, "--dry-run")["new"] == 1
    assert not ColumnMap.objects.exists()
    with pytest.raises(CommandError):
        run("--map", "nonsense=系统开户")
    with pytest.raises(CommandError):
        run(*pairs[:3])
    assert run(*pairs)["new"] == 1
    assert ColumnMap.objects.get().columns["filed"] == ["报表报送"]
    assert run()["unchanged"] == 1  # kept: nothing need be said again
