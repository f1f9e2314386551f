"""The import wizard as the office clicks through it; nobody else gets in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from cases.models import Case, ProgrammeFirm
from config.imports import reading
from config.tasks_imports import read_import
from enterprises.importing import undo, uploads
from enterprises.importing.guards import check_waits
from enterprises.importing.refusal import ImportRefused
from enterprises.models import Enterprise, ImportBatch, Membership
from organisations.models import AuditEvent
from tests.cases.lists import sign_in
from tests.config.test_commands import refused
from tests.enterprises.sheets import code_of, firm, write
from tests.enterprises.test_firms import sign_in_as_stranger
from tests.enterprises.test_rules import WRONG_CODE
from tests.rules.test_bad_workbooks import other_zip
from tests.wizard import NOW, State, page, post, rows, upload
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


def test_from_upload_to_undo(world: World, office: Client, tmp_path: Path) -> None:
    batch = upload(office, tmp_path, [*rows(20), firm(21, county="无此区"), firm(22, revenue=1)])
    assert (batch.state, batch.file_name) == (State.PREVIEWED, "名单 <b>.xlsx")
    path = Path(batch.file.path)
    assert path.exists()
    assert path.name != "名单 <b>.xlsx"
    text = page(office, batch)
    assert "22行" in text
    assert "名录!C24" in text
    assert "无此区" in text
    assert "<b>.xlsx" not in text
    assert "市工信局" in page(office, batch, "tab=new")
    assert "名录!G25" in page(office, batch, "tab=warnings")
    assert Membership.objects.count() == 0

    assert post(sign_in(world, "office/2"), batch, "confirm")
    batch.refresh_from_db()
    assert (batch.state, batch.by) == (State.APPLIED, world.people["office/1"])
    assert f'<span class="sep">·</span>{world.people["office/2"]}</b>' in page(office, batch)
    assert Membership.objects.count() == 21
    assert not path.exists()
    assert batch.file.name == ""
    assert AuditEvent.objects.filter(verb="import_register", subject_key__endswith=str(batch.pk))
    # a second click changes nothing and is told
    assert post(office, batch, "confirm")
    assert ImportBatch.objects.filter(state=State.APPLIED).count() == 1
    assert reverse("import_undo", args=[batch.pk]) in page(office, batch)
    asked = office.get(f"/imports/{batch.pk}/undo/").content.decode()
    assert "撤出名录" in asked
    assert "21家" in asked
    assert Enterprise.objects.count() == 21
    assert post(office, batch, "undo")
    assert Enterprise.objects.count() == 0
    after = page(office, batch)
    assert reverse("import_undo", args=[batch.pk]) not in after
    assert "24小时内可撤销" not in after


def test_many_leaving_are_typed_and_cases_follow(
    world: World, office: Client, tmp_path: Path
) -> None:
    post(office, upload(office, tmp_path, rows(20)), "confirm")
    world.open()
    batch = upload(office, tmp_path, rows(16), "2022-02-28")
    assert 'id="confirm-leaving"' in page(office, batch)
    assert "在办1件" in page(office, batch, "tab=leaving")
    for wrong in ("", "3", "x", "４"):
        assert "4" in post(office, batch, "confirm", leaving=wrong)
        assert Case.objects.filter(stage="delisted").count() == 0
    post(office, batch, "confirm", leaving="4")
    assert Case.objects.filter(stage="delisted").count() == 4
    # a day before it is told beside the day, and nothing of it is kept
    with (tmp_path / "名单.xlsx").open("rb") as file:
        given = {"programme": "luoyang-2022", "file": file, "as_of": "2022-01-31"}
        early = office.post("/imports/new/register/", given)
    assert (early.status_code, set(early.context["form"].errors)) == (422, {"as_of", "file"})
    assert "表单退回后，浏览器不保留已选的文件" in early.content.decode()
    assert ImportBatch.objects.latest("id") == batch
    post(office, batch, "undo")
    assert Case.objects.filter(stage="delisted").count() == 0


def test_undoing_says_by_name_what_stands_in_the_way(
    world: World, office: Client, tmp_path: Path
) -> None:
    batch = upload(office, tmp_path, rows(7))
    post(office, batch, "confirm")
    world.open()
    asked = office.get(f"/imports/{batch.pk}/undo/").content.decode()
    told = post(office, batch, "undo")
    for words in (asked, told):
        assert "7家" in words
        assert firm(1)[0] in words
        assert "已建档" in words or "已列入方案" in words
        assert "object (" not in words
    assert 'aria-disabled="true"' in asked
    assert Membership.objects.count() == 7


def test_a_code_is_accepted_with_a_reason(world: World, office: Client, tmp_path: Path) -> None:
    batch = upload(office, tmp_path, [*rows(3), firm(9, code=WRONG_CODE)])
    assert 'id="accept-7"' in page(office, batch)
    where = {"sheet": "名录", "row": "7"}
    assert post(office, batch, "accept", **where, reason=" ")
    post(office, batch, "accept", **where, reason="已核对营业执照")
    batch.refresh_from_db()
    assert batch.report["counts"]["refused"] == 0
    post(office, batch, "confirm")
    assert Enterprise.objects.get(credit_code=WRONG_CODE).code_note == "已核对营业执照"


def test_what_a_colleague_confirms_meanwhile_stays_confirmed(
    world: World, office: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the write of whoever accepts a code or drops the import."""
    batch = upload(office, tmp_path, rows(3))
    passed = check_waits

    def confirmed_then(seen: ImportBatch) -> None:
        passed(seen)
        monkeypatch.setattr(uploads, "check_waits", passed)
        post(office, seen, "confirm")

    monkeypatch.setattr(uploads, "check_waits", confirmed_then)
    stale = ImportBatch.objects.get(pk=batch.pk)
    with pytest.raises(ImportRefused, match="没有再作改动"):
        uploads.accept_code(stale, sheet="名录", row=4, reason="执照核对", by=world.office)
    assert "没有再作改动" in post(office, batch, "drop")
    batch.refresh_from_db()
    assert batch.state == State.APPLIED
    assert not batch.options["accept"]


def test_an_import_dropped_while_it_is_read_stays_dropped(
    world: World, office: Client, tmp_path: Path
) -> None:
    batch = upload(office, tmp_path, rows(2))
    ImportBatch.objects.filter(pk=batch.pk).update(state=State.WAITING)

    def reader(seen: ImportBatch, _at: datetime) -> tuple[dict[str, Any], str]:
        post(office, seen, "drop")
        return {"rows": 2}, "0"

    assert uploads.read(batch.pk, at=NOW, reader=reader)
    batch.refresh_from_db()
    assert (batch.state, batch.file.name) == (State.DROPPED, "")


def test_what_changed_since_the_preview_is_not_written(
    world: World, office: Client, tmp_path: Path
) -> None:
    first = upload(office, tmp_path, rows(3))
    second = upload(office, tmp_path, rows(4))
    post(office, second, "confirm")
    assert post(office, first, "confirm")
    first.refresh_from_db()
    assert first.state == State.PREVIEWED
    assert first.report["counts"] != {}
    assert first.report["counts"]["unchanged"] == 3
    assert Membership.objects.count() == 4


@pytest.mark.parametrize("polled", [True, False], ids=["script", "no script"])
def test_the_page_reads_by_itself_when_no_worker_comes(
    world: World,
    office: Client,
    clock: time_machine.Traveller,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    polled: bool,
) -> None:
    monkeypatch.setattr(reading, "READ_AT_ONCE", 0)
    content = write(tmp_path / "list.xlsx", rows(3)).read_bytes()
    said = {"programme": "luoyang-2022", "as_of": "2022-01-31"}
    office.post("/imports/new/register/", {**said, "file": SimpleUploadedFile("a.xlsx", content)})
    batch = ImportBatch.objects.get()
    waits = reverse("import_progress", args=[batch.pk])
    assert f'hx-get="{waits}"' in page(office, batch)
    assert office.get(waits).status_code == 200
    batch.refresh_from_db()
    assert batch.state == State.WAITING
    clock.move_to(NOW + timedelta(seconds=6))
    if polled:
        answer = office.get(waits)
        assert (answer.status_code, answer["HX-Refresh"]) == (204, "true")
    else:
        assert "新增" in page(office, batch)
    batch.refresh_from_db()
    assert batch.state == State.PREVIEWED
    # a worker that comes late finds nothing to do
    before = batch.report
    read_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.report) == (State.PREVIEWED, before)


def test_one_reader_and_a_killed_one_is_followed(
    world: World, office: Client, tmp_path: Path
) -> None:
    batch = upload(office, tmp_path, rows(2))
    ImportBatch.objects.update(state=State.READING, read_at=NOW)
    assert not uploads.read(batch.pk, at=NOW + timedelta(seconds=100))
    assert uploads.read(batch.pk, at=NOW + timedelta(seconds=121))
    batch.refresh_from_db()
    assert batch.state == State.PREVIEWED


def test_a_file_that_is_no_list(world: World, office: Client, tmp_path: Path) -> None:
    said = {"as_of": "2022-01-31"}  # nobody is asked for the only programme
    assert 'name="programme"' not in office.get("/imports/new/register/").content.decode()
    # by its first bytes, at once and beside the field, whatever the file is called
    for content in (b"%PDF-1.7\n", b"hello", "企业名称".encode("gbk"), b"\xd0\xcf\x11\xe0"):
        file = SimpleUploadedFile("名单.xlsx", content)
        answer = office.post("/imports/new/register/", {**said, "file": file})
        assert answer.status_code == 422
        assert "不是 .xlsx" in answer.content.decode().replace("不是.xlsx", "不是 .xlsx")
        assert ImportBatch.objects.count() == 0
    # what only the reader finds out takes no row either: a letter renamed, no entries, cut short
    blank = write(tmp_path / "a.xlsx", [], header=[], title="")
    unread = {
        other_zip(tmp_path / "b.xlsx").read_bytes(): "不是.xlsx",
        blank.read_bytes(): "没有内容",
        b"PK\x03\x04" + b"\0" * 99: "已损坏",
    }
    for content, words in unread.items():
        file = SimpleUploadedFile("名单.xlsx", content)
        answer = office.post("/imports/new/register/", {**said, "file": file})
        assert answer.status_code == 422
        assert words in answer.content.decode().replace(" ", "")
        assert ImportBatch.objects.count() == 0
    # a workbook that is no list is kept with what is wrong
    no_list = write(tmp_path / "c.xlsx", [["通知"]], header=["甲"]).read_bytes()
    file = SimpleUploadedFile("a.xlsx", no_list)
    office.post("/imports/new/register/", {**said, "file": file})
    batch = ImportBatch.objects.get()
    assert batch.state == State.FAILED
    assert batch.report["error"]["words"] in page(office, batch)
    assert not batch.file
    assert post(office, batch, "confirm")
    wrong = (
        {**said, "file": SimpleUploadedFile("a.xlsx", b"")},
        {**said, "as_of": "tomorrow", "file": SimpleUploadedFile("a.xlsx", b"x")},
        {**said, "as_of": "2022-03-02", "file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")},
        {**said, "programme": "other", "file": SimpleUploadedFile("a.xlsx", b"x")},
        {**said, "file": SimpleUploadedFile("a.xlsx", b"x" * ((10 << 20) + 1))},
        said,
    )
    count = ImportBatch.objects.count()
    answers = [office.post("/imports/new/register/", data) for data in wrong]
    assert {answer.status_code for answer in answers} == {422}
    assert ImportBatch.objects.count() == count
    # a file that was lost with another field's fault is asked for anew
    again = ["请重新选择文件" in answer.content.decode() for answer in answers]
    assert again == [False, True, True, False, False, False]


def test_an_undo_that_meets_somebody_who_begins_to_use_a_firm(
    world: World, office: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = upload(office, tmp_path, rows(2))
    post(office, batch, "confirm")
    stay, unit = Membership.objects.earliest("pk"), world.units["市专班办"]
    place = {"programme": world.programme, "county": stay.county, "enterprise": stay.enterprise}

    def looked(_batch: ImportBatch) -> None:
        """Nothing stood on them; then a case is opened."""
        owed = {"responsible_unit": unit, "competent_unit": unit, "covered": False}
        ProgrammeFirm.objects.get_or_create(**place, defaults=owed)

    def undone(*given: Any, **named: Any) -> Any:
        found = undo.undo_import(*given, **named)
        connection.check_constraints()  # as the end of the transaction does
        return found

    monkeypatch.setattr(undo, "_check_nothing_stands_on", looked)
    monkeypatch.setattr("config.importing.undo_import", undone)
    assert "未撤销" in post(office, batch, "undo")
    error, _words = refused("undo_import", str(batch.pk))
    assert error["code"] == "used_meanwhile"
    batch.refresh_from_db()
    assert (batch.state, Enterprise.objects.count()) == (State.APPLIED, 2)


def test_dropping_and_forgetting(
    world: World, office: Client, clock: time_machine.Traveller, tmp_path: Path
) -> None:
    dropped = upload(office, tmp_path, rows(2))
    kept = Path(dropped.file.path)
    post(office, dropped, "drop")
    dropped.refresh_from_db()
    assert (dropped.state, kept.exists()) == (State.DROPPED, False)
    assert post(office, dropped, "confirm")
    assert Membership.objects.count() == 0
    old = upload(office, tmp_path, rows(2))
    left = Path(old.file.path)
    clock.move_to(NOW + timedelta(days=3))
    client = sign_in(world, "office/1")
    upload(client, tmp_path, rows(3))
    old.refresh_from_db()
    assert (old.state, left.exists()) == (State.DROPPED, False)


def test_nobody_else_gets_in(world: World, office: Client, tmp_path: Path) -> None:
    batch = upload(office, tmp_path, rows(2))
    pages = ["/imports/", "/imports/new/register/", f"/imports/{batch.pk}/"]
    pages += [f"/imports/{batch.pk}/progress/", f"/imports/{batch.pk}/report/"]
    posts = [f"/imports/{batch.pk}/{act}/" for act in ("confirm", "accept", "drop", "undo")]
    for key in ("涧西区/county_lead", "leader", "市工信局/department_lead", "liaison_member"):
        client = sign_in(world, key)
        assert {client.get(address).status_code for address in pages} == {403}
        assert {client.post(address).status_code for address in posts} == {403}
    stranger = sign_in_as_stranger(world)
    assert stranger.get("/imports/").status_code == 200
    assert batch.file_name not in stranger.get("/imports/").content.decode()
    assert {stranger.get(address).status_code for address in pages[2:]} == {404}
    assert {stranger.post(address).status_code for address in posts} == {404}
    assert [office.get(address).status_code for address in posts] == [405, 405, 405, 302]
    assert Client().get("/imports/").status_code == 302
    assert office.get("/imports/new/other/").status_code == 404
    batch.refresh_from_db()
    assert batch.state == State.PREVIEWED


def test_statements_and_pages_of_a_long_report(
    world: World, office: Client, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    batch = upload(office, tmp_path, rows(120))
    with django_assert_max_num_queries(12):
        text = page(office, batch, "tab=new")
    assert text.count('<span class="cell">') == 50
    assert page(office, batch, "tab=new&page=3").count('<span class="cell">') == 20
    with django_assert_max_num_queries(12):
        office.get("/imports/")
    assert code_of(1) not in page(office, batch, "tab=refused")


def test_who_was_never_on_the_register_is_said_and_does_not_come_back(
    world: World, office: Client, tmp_path: Path
) -> None:
    """A list into an empty city with two bankrupt firms; the next month they are normal."""
    first = upload(office, tmp_path, [*rows(5), *(firm(n, condition="破产") for n in (6, 7))])
    assert first.report["counts"]["leaving"] == 2
    assert "其中名录外2家，不影响基数" in page(office, first)
    post(office, first, "confirm")
    second = upload(office, tmp_path, rows(7), "2022-02-28")
    assert second.report["counts"]["new"] == 2
    assert [row["returning"] for row in second.report["new"]] == [False, False]
    post(office, second, "confirm")
    assert Membership.objects.filter(left_on=None).count() == 7
    third = upload(office, tmp_path, [*rows(6), firm(7, condition="破产")], "2022-03-01")
    assert "名录外" not in page(office, third)
    post(office, third, "confirm", leaving="1")
    fourth = upload(office, tmp_path, rows(7), "2022-03-01")
    assert [row["returning"] for row in fourth.report["new"]] == [True]


def test_the_page_says_why_an_import_stays(
    world: World, office: Client, tmp_path: Path, clock: time_machine.Traveller
) -> None:
    batch = upload(office, tmp_path, rows(4))
    post(office, batch, "confirm")
    assert "不能撤销" not in page(office, batch)
    later = upload(office, tmp_path, [*rows(3), firm(4, contact="李示例")], "2022-02-28")
    post(office, later, "confirm")
    undo = reverse("import_undo", args=[batch.pk])
    assert undo not in page(office, batch)
    assert f"不能撤销：之后的第{later.pk}号导入" in page(office, batch)
    clock.shift(timedelta(hours=25))
    assert "不能撤销" in page(sign_in(world, "office/1"), later)
