"""What an import tells: its report on the page and as a workbook, effects, lists, statements."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from cases.actions import remarks
from cases.models import Case
from config.imports.reading import read_now
from enterprises.models import ImportBatch, Membership, MonthlyFact
from tests.cases.lists import sign_in
from tests.enterprises.sheets import code_of, firm, write
from tests.enterprises.test_filing import HEADER as FILING
from tests.enterprises.test_filing import answer
from tests.enterprises.test_register import expected_rows
from tests.taken import taken
from tests.wizard import DATA, NOW, State, page, post, rows, upload
from tests.world import World


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def office(world: World, clock: object) -> Client:
    return sign_in(world, "office/1")


def test_a_running_ledger_is_undone_until_somebody_has_gone_on(
    world: World, office: Client, tmp_path: Path
) -> None:
    post(office, upload(office, tmp_path, rows(5)), "confirm")
    lines = [
        [firm(1)[0], None, "已销号", "B", "2022-02-10", None, "", "卷3号"],
        [firm(2)[0], None, "整改", "B", None, "2022-04-30", "只差产学研"],
    ]
    file = write(tmp_path / "台账.xlsx", lines, LEDGER).read_bytes()
    said = {"programme": "luoyang-2022", "as_of": "2022-03-01"}
    other = sign_in(world, "office/2")

    def take() -> ImportBatch:
        upload_ = {**said, "file": SimpleUploadedFile("台账.xlsx", file)}
        office.post("/imports/new/ledger/", upload_)
        made = ImportBatch.objects.latest("id")
        assert "24小时内可整批撤销" in page(office, made)
        post(other, made, "confirm")  # not by whoever uploaded it
        return made

    batch = take()
    there = reverse("import_undo", args=[batch.pk])
    assert there in page(office, batch)
    answer = office.get(there)
    assert [fact["value"] for fact in answer.context["effects"]] == ["2件", "1件", "2家"]
    assert not answer.context["obstacle"]
    assert "已撤销" in post(office, batch, "undo")
    batch.refresh_from_db()
    assert batch.state == State.UNDONE
    assert set(Case.objects.values_list("stage", flat=True)) == {"withdrawn"}
    number = Case.objects.get(enterprise__name=firm(2)[0], parent=None).number
    batch = take()
    again = Case.objects.get(enterprise__name=firm(2)[0], parent=None)
    assert (again.number, again.stage) == (number, "rectification")
    remarks.comment(again.pk, by=world.actor("office/2"), at=NOW, text="已联系")
    answer = office.get(reverse("import_undo", args=[batch.pk]))
    assert firm(2)[0] in answer.context["obstacle"]["words"]
    assert firm(1)[0] not in answer.context["obstacle"]["words"]
    assert firm(2)[0] in post(office, batch, "undo")
    batch.refresh_from_db()
    assert batch.state == State.APPLIED
    assert Case.objects.filter(stage="closed").count() == 1


def test_what_confirming_does_is_said_before(world: World, office: Client, tmp_path: Path) -> None:
    post(office, upload(office, tmp_path, rows(40)), "confirm")
    world.open()
    moved = firm(1, county="涧西区" if rows(1)[0][2] == "嵩县" else "嵩县")
    batch = upload(office, tmp_path, [moved, *rows(38)[1:], firm(41)], "2022-02-28")
    effects = office.get(f"/imports/{batch.pk}/").context["effects"]
    assert [fact["value"] for fact in effects] == ["1家", "2件", "0件", "1件"]
    post(office, batch, "confirm")
    assert Case.objects.filter(stage="delisted").count() == 2
    assert "effects" not in page(office, batch) or "确认后的影响" not in page(office, batch)


def test_the_list_of_another_city_is_one_line(world: World, office: Client, tmp_path: Path) -> None:
    cells = [firm(n, county="城区") for n in range(30)]
    batch = upload(office, tmp_path, cells)
    text = page(office, batch)
    assert "本表30行均不在本市（所填县区如：城区）" in text
    assert text.count('<span class="cell">') == 1
    assert 'aria-disabled="true"' in text
    assert "30行" in post(office, batch, "confirm")
    assert ImportBatch.objects.get().state == State.PREVIEWED


def test_the_dirty_list_says_exactly_what_is_expected(
    world: World, office: Client, tmp_path: Path
) -> None:
    refused, warned, _first, leaving, _folded = expected_rows()
    content = (DATA / "luoyang-register-dirty.xlsx").read_bytes()
    said = {"programme": "luoyang-2022", "as_of": "2022-01-31"}
    file = SimpleUploadedFile("dirty.xlsx", content)
    office.post("/imports/new/register/", {**said, "file": file})
    batch = ImportBatch.objects.get()
    for tab, expected in (("refused", refused), ("warnings", warned)):
        shown = office.get(f"/imports/{batch.pk}/?tab={tab}").context["rows"]
        assert [row["row"] for row in shown] == sorted(expected)
        assert all(row["firm"] or expected[row["row"]] == "missing_name" for row in shown)
    shown = office.get(f"/imports/{batch.pk}/?tab=leaving").context["rows"]
    assert {int(row["cell"][1:]) for row in shown} == set(leaving)


def test_imports_are_paged_and_say_who(
    world: World, office: Client, django_assert_max_num_queries: Any
) -> None:
    kept = [
        ImportBatch(
            kind="register",
            city=world.city,
            file_name=f"名单{n}.xlsx",
            by=world.people["office/1"],
            at=NOW,
            as_of=date(2022, 1, 31),
            report={"counts": {"new": 1912, "refused": n}},
        )
        for n in range(40)
    ]
    ImportBatch.objects.bulk_create(kept)
    with django_assert_max_num_queries(12):
        text = office.get("/imports/").content.decode()
    assert "名单39.xlsx" in text
    assert "名单0.xlsx" not in text
    assert "1912" in text
    assert world.people["office/1"].name in text
    assert "名单0.xlsx" in office.get("/imports/?last=1").content.decode()


@pytest.mark.parametrize("count", [10, 2000])
def test_statements_of_the_pages(
    world: World,
    office: Client,
    tmp_path: Path,
    django_assert_max_num_queries: Any,
    count: int,
) -> None:
    batch = upload(office, tmp_path, rows(count))
    for tab in ("refused", "leaving", "changed", "new", "warnings"):
        with django_assert_max_num_queries(12):
            page(office, batch, f"tab={tab}")
    post(office, batch, "confirm")
    with django_assert_max_num_queries(12):
        office.get(f"/imports/{batch.pk}/undo/")


def test_a_filing_list(world: World, office: Client, tmp_path: Path) -> None:
    post(office, upload(office, tmp_path, rows(3)), "confirm")
    content = write(tmp_path / "f.xlsx", [answer(1), answer(2), answer(9)], FILING).read_bytes()
    data = {
        "programme": "luoyang-2022",
        "month": "2022-02",
        "file": SimpleUploadedFile("f.xlsx", content),
    }
    for month in ("2022-13", "2022-04"):
        assert office.post("/imports/new/filing/", {**data, "month": month}).status_code == 422
    data["file"] = SimpleUploadedFile("f.xlsx", content)
    office.post("/imports/new/filing/", data)
    batch = ImportBatch.objects.latest("id")
    read_now(batch.pk, at=NOW)
    batch.refresh_from_db()
    text = page(office, batch, "tab=new")
    assert "有：研发机构" in text
    assert "退库" not in text
    assert "比此前掌握的增加2家" in text
    post(office, batch, "confirm")
    assert MonthlyFact.objects.filter(known_on=date(2022, 2, 28)).count() == 2
    # an earlier day than that of a list that is in: a correction of the past, and says why
    for why, state in (("", State.FAILED), ("省系统误报", State.PREVIEWED)):
        data["file"] = SimpleUploadedFile("f.xlsx", content)
        office.post("/imports/new/filing/", data | {"known_on": "2022-02-15", "correction": why})
        late = ImportBatch.objects.latest("id")
        read_now(late.pk, at=NOW)
        late.refresh_from_db()
        assert late.state == state
        assert ("更正说明" in page(office, late)) is (state == State.FAILED)
    post(office, late, "confirm")
    late.refresh_from_db()
    assert (late.state, late.options["correction"]) == (State.APPLIED, "省系统误报")
    post(office, late, "undo")
    post(office, batch, "undo")
    assert MonthlyFact.objects.count() == 0


def test_the_report_as_a_workbook(world: World, office: Client, tmp_path: Path) -> None:
    post(office, upload(office, tmp_path, rows(4)), "confirm")
    odd = firm(9, name="@HYPERLINK(1)", county="嵩县")
    cells = [firm(1, ownership="国有独资公司", county="嵩县"), odd, firm(8, county="@SUM(1)")]
    batch = upload(office, tmp_path, cells, "2022-02-28")
    answer = office.get(f"/imports/{batch.pk}/report/")
    assert answer["Content-Disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    text = {page.title: [[str(c) for c in r] for r in page.values] for page in book}
    refused, leaving, _remarks, changed, new = text.values()
    assert refused[1][0] == "名录!C6"
    assert refused[1][1:3] == [firm(8)[0], code_of(8)]
    assert refused[1][4] == "'@SUM(1)"
    assert len(leaving) == 1 + 3
    assert [row[1:4] for row in changed[1:]] == [
        ["登记注册类型", "私营有限责任公司", "国有独资公司"]
    ]
    assert new[1][0] == "'@HYPERLINK(1)"
    assert [what for what, _who in taken()] == ["import_report"]


LEDGER = ("企业名称", "统一社会信用代码", "当前环节", "分类", "销号时间", "完成时限", "备注",
          "材料索引")  # fmt: skip


def test_a_running_ledger_through_the_wizard(world: World, office: Client, tmp_path: Path) -> None:
    post(office, upload(office, tmp_path, rows(5)), "confirm")
    lines = [
        [firm(1)[0], None, "已销号", "B", "2022-02-10", None, "", "卷3号"],
        [firm(2)[0], None, "整改", "B", None, "2022-04-30", "只差产学研"],
        [firm(3)[0], None, "不知何处", "A", None, None, ""],
        [firm(4)[0], None, "暂缓", "B", None, None, "厂房搬迁"],
        [firm(5)[0], None, "已撤销", "", None, None, "重复建档"],
    ]
    file = write(tmp_path / "台账.xlsx", lines, LEDGER).read_bytes()
    said = {"programme": "luoyang-2022", "as_of": "2022-03-01"}
    start = "/imports/new/ledger/"
    assert "24小时" in office.get(start).content.decode()
    ahead = {**said, "as_of": "2022-03-02", "file": SimpleUploadedFile("台账.xlsx", file)}
    assert office.post(start, ahead).status_code == 422
    office.post(start, {**said, "file": SimpleUploadedFile("台账.xlsx", file)})
    batch = ImportBatch.objects.latest("id")
    assert "不知何处" in page(office, batch)
    told = page(office, batch, "tab=new")
    assert "2022年2月10日" in told
    assert "24小时内可整批撤销" in told
    shown = office.get(f"/imports/{batch.pk}/?tab=new").context["rows"]
    assert [row["stage"] for row in shown] == ["已销号", "整改", "暂缓办理", "已撤销"]
    assert Case.objects.count() == 0
    path = Path(batch.file.path)
    assert "由上传人以外的人员确认导入" in told
    other = sign_in(world, "office/2")
    for _twice in range(2):
        post(other, batch, "confirm")
        assert Case.objects.filter(parent=None).count() == 4
    assert Case.objects.filter(stage="closed").count() == 1
    assert "暂缓办理" in page(office, batch, "tab=new")
    batch.refresh_from_db()
    assert (batch.state, path.exists()) == (State.APPLIED, False)
    assert ImportBatch.objects.filter(kind="ledger").count() == 1
    assert office.get(f"/imports/{batch.pk}/report/").status_code == 200
    office.post(start, {**said, "file": SimpleUploadedFile("台账.xlsx", file)})
    again = ImportBatch.objects.latest("id")
    assert again.report["counts"]["skipped"] == 4
    assert firm(1)[0] in page(office, again, "tab=skipped")


@pytest.mark.parametrize("known", [0, 9], ids=["another city", "mostly another city"])
def test_by_a_list_that_is_refused_as_a_whole_nobody_leaves(
    world: World, office: Client, tmp_path: Path, known: int
) -> None:
    """No number of leaving firms, no button and no dialog; the dry run says the same."""
    post(office, upload(office, tmp_path, rows(40)), "confirm")
    strange = [*rows(known), *(firm(n, county="金水区") for n in range(100, 130))]
    batch = upload(office, tmp_path, strange, "2022-02-28")
    text = page(office, batch)
    assert ("其他城市的名单" in text) is (known == 0)
    assert "confirm-leaving" not in text
    assert f"/imports/{batch.pk}/confirm/" not in text
    assert "退库" not in text
    assert "导入后" not in text
    post(office, batch, "confirm", leaving=str(40 - known))
    assert Membership.objects.filter(left_on=None).count() == 40

    path = write(tmp_path / "别市.xlsx", strange)
    said = StringIO()
    where = ("--programme", "luoyang-2022", "--as-of", "2022-02-28", "--dry-run")
    call_command("register", str(path), *where, stdout=said)
    assert ("其他城市的名单" if known == 0 else "不像本市名单") in said.getvalue()
    assert "退库" not in said.getvalue()
    assert "当期在库" not in said.getvalue()


def test_a_short_list_of_which_no_row_fits_takes_nobody_off(
    world: World, office: Client, tmp_path: Path
) -> None:
    post(office, upload(office, tmp_path, rows(40)), "confirm")
    wrong = [firm(n, code="91410300MA0000000X") for n in range(3)]
    batch = upload(office, tmp_path, wrong, "2022-02-28")
    text = page(office, batch)
    assert "没有可读入的行" in text
    assert "confirm-leaving" not in text
    assert f"/imports/{batch.pk}/confirm/" not in text
    post(office, batch, "confirm", leaving="37")
    assert Membership.objects.filter(left_on=None).count() == 40
