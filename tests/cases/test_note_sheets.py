"""进展填报: a county fills three columns in a workbook; nothing else changes; it can be undone."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from openpyxl import Workbook, load_workbook

from cases.actions import endings
from cases.actions import note_sheets as verbs
from cases.importing.expected_day import DayRefused, expected_day
from cases.importing.note_plan import NotePlan
from cases.importing.note_rows import read_filled
from cases.models import Case, CaseEvent, NoteSheet, StandingNote, WorkItem
from organisations.errors import Refused
from tests.cases.lists import many, sign_in
from tests.world import START, World, at

WORKER = "涧西区/county_worker"
NEXT = START + timedelta(days=1)


@pytest.fixture
def world(shared_city: World) -> World:
    many(shared_city, 3)
    shared_city.firm("嵩县示例矿业有限公司", "嵩县")
    shared_city.open()
    return shared_city


def fetched(world: World, key: str = WORKER) -> Any:
    answer = cast(Any, sign_in(world, key).get("/ledger/notes/sheet.xlsx"))
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


def heads(sheet: Any) -> dict[str, int]:
    return {cell.value: n for n, cell in enumerate(sheet[4], start=1)}


def fill(sheet: Any, row: int, **values: Any) -> None:
    names = {"progress": "进展", "problem": "问题", "expected": "预计完成"}
    for name, value in values.items():
        sheet.cell(row, heads(sheet)[names[name]]).value = value


def data(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def handed(world: World, book: Any, tmp_path: Path, key: str = WORKER) -> NoteSheet:
    path = tmp_path / "filled.xlsx"
    path.write_bytes(data(book))
    filled = read_filled(path, "filled.xlsx")
    return verbs.hand_in_sheet(filled, "filled.xlsx", by=world.actor(key), at=at(START))


def look(world: World, sheet: NoteSheet, key: str = WORKER, on: date = START) -> NotePlan:
    return verbs.plan_for(sheet, world.actor(key), on)


def test_only_three_columns_are_open_and_the_key_is_hidden(world: World, today: Any) -> None:
    sheet = fetched(world).active
    names = heads(sheet)
    assert sheet.protection.sheet
    free = {n for n, cell in enumerate(sheet[5], start=1) if not cell.protection.locked}
    assert free == {names["进展"], names["问题"], names["预计完成"]}
    [key] = [n for name, n in names.items() if str(name).startswith("行标识")]
    assert sheet.column_dimensions[sheet.cell(4, key).column_letter].hidden
    assert {rule.type for rule in sheet.data_validations.dataValidation} == {"date", "textLength"}
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A5", "$4:$4")
    assert sheet.max_row == 4 + 3  # not the other county's


def test_a_filled_sheet_is_shown_taken_once_and_undone(
    world: World, today: Any, tmp_path: Path
) -> None:
    client = sign_in(world, WORKER)
    book = fetched(world)
    fill(book.active, 5, progress="已签订协议", problem="缺少研发场地", expected="2022.11.5")
    dues = list(WorkItem.objects.order_by("pk").values_list("due_on", flat=True))
    upload = SimpleUploadedFile("进展.xlsx", data(book))
    answer = client.post("/ledger/notes/", {"file": upload}, follow=True)
    page = answer.content.decode()
    assert "已签订协议" in page
    assert "2022-11-05" in page
    assert not StandingNote.objects.exists()
    sheet = NoteSheet.objects.get()
    client.post(f"/ledger/notes/{sheet.pk}/take/")
    note = StandingNote.objects.get()
    assert (note.progress, note.problem) == ("已签订协议", "缺少研发场地")
    assert note.expected_on == date(2022, 11, 5)
    assert list(WorkItem.objects.order_by("pk").values_list("due_on", flat=True)) == dues
    event = CaseEvent.objects.get(verb="note")
    assert event.by == world.people[WORKER]
    trail = client.get(f"/cases/{note.case_id}/").content.decode()
    assert "经办人预计11月5日完成" in trail
    assert "填报：进展：已签订协议；问题：缺少研发场地；预计11月5日完成" in trail
    # the same file again changes nothing
    counts = look(world, handed(world, book, tmp_path)).counts()
    assert counts == {"new": 0, "changed": 0, "unchanged": 3, "stale": 0, "refused": 0}
    client.post(f"/ledger/notes/{sheet.pk}/undo/")
    back = StandingNote.objects.get()
    assert (back.progress, back.problem, back.expected_on) == ("", "", None)
    assert CaseEvent.objects.filter(verb="note_undone").count() == 1


def test_what_somebody_wrote_since_the_download_waits_for_a_word(
    world: World, today: Any, tmp_path: Path
) -> None:
    mine, other = fetched(world), fetched(world)
    fill(other.active, 5, progress="同事所写")
    fill(mine.active, 5, progress="我的进展", problem="场地")
    fill(mine.active, 6, progress="第二家")
    verbs.take_sheet(handed(world, other, tmp_path), by=world.actor(WORKER), at=at(START, 10))
    sheet = handed(world, mine, tmp_path)
    plan = look(world, sheet)
    assert plan.counts() == {"new": 1, "changed": 0, "unchanged": 1, "stale": 1, "refused": 0}
    [stale] = plan.of("stale")
    assert stale.as_json()["row"] == 5
    assert str(world.people[WORKER]) in stale.reason
    verbs.take_sheet(sheet, by=world.actor(WORKER), at=at(START, 11))
    case = stale.case
    assert case is not None
    assert StandingNote.objects.get(case=case).progress == "同事所写"
    again = handed(world, mine, tmp_path)
    verbs.take_sheet(again, by=world.actor(WORKER), at=at(START, 12), knowing=True)
    assert StandingNote.objects.get(case=case).progress == "我的进展"


def test_untouched_cells_are_no_change_though_others_wrote_meanwhile(
    world: World, today: Any, tmp_path: Path
) -> None:
    mine, other = fetched(world), fetched(world)
    fill(other.active, 5, progress="同事所写", expected=date(2022, 5, 1))
    fill(mine.active, 5, problem="场地")
    verbs.take_sheet(handed(world, other, tmp_path), by=world.actor(WORKER), at=at(START, 10))
    verbs.take_sheet(handed(world, mine, tmp_path), by=world.actor(WORKER), at=at(START, 11))
    note = StandingNote.objects.get()
    assert (note.progress, note.problem) == ("同事所写", "场地")
    assert note.expected_on == date(2022, 5, 1)


def test_undoing_leaves_what_was_written_since(world: World, today: Any, tmp_path: Path) -> None:
    book = fetched(world)
    fill(book.active, 5, progress="一")
    fill(book.active, 6, progress="二")
    first = handed(world, book, tmp_path)
    verbs.take_sheet(first, by=world.actor(WORKER), at=at(START, 10))
    later = fetched(world)
    fill(later.active, 5, progress="三")
    verbs.take_sheet(handed(world, later, tmp_path), by=world.actor(WORKER), at=at(START, 11))
    undone = verbs.undo_sheet(first, by=world.actor(WORKER), at=at(START, 12))
    assert (len(undone.cases), len(undone.stays)) == (1, 1)
    assert sorted(n.progress for n in StandingNote.objects.all()) == ["", "三"]
    with pytest.raises(Refused, match="已撤销"):
        verbs.undo_sheet(first, by=world.actor(WORKER), at=at(START, 13))


def test_undoing_puts_the_ledgers_own_line_back(world: World, today: Any, tmp_path: Path) -> None:
    """进展 of the ledger and 30天无进展 as before; what somebody did since stays."""
    book, moved = fetched(world), at(START, 8)
    Case.objects.update(progress="电话联系过一次", progress_at=moved)
    for row, words in ((5, "串行的进展"), (6, "也是")):
        fill(book.active, row, progress=words)
    sheet = handed(world, book, tmp_path)
    verbs.take_sheet(sheet, by=world.actor(WORKER), at=at(START, 10))
    first, second = (event.case for event in CaseEvent.objects.filter(verb="note").order_by("pk"))
    assert {first.progress, second.progress} == {"串行的进展", "也是"}
    Case.objects.filter(pk=second.pk).update(progress="之后所写", progress_at=at(START, 11))
    verbs.undo_sheet(sheet, by=world.actor(WORKER), at=at(START, 12))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.progress, first.progress_at) == ("电话联系过一次", moved)
    assert (second.progress, second.progress_at) == ("之后所写", at(START, 11))


def move_columns(book: Any) -> Any:
    """Pasted into a new workbook in WPS: other order, a title above, hidden rows, no protection."""
    sheet, made = book.active, Workbook()
    out: Any = made.active
    out.title = "Sheet1"
    out.append(["涧西区进展"])
    order = list(range(sheet.max_column, 0, -1))
    for row in range(4, sheet.max_row + 1):
        out.append([sheet.cell(row, n).value for n in order])
    out.row_dimensions[3].hidden = True
    return made


def without_key(book: Any) -> Any:
    sheet = book.active
    for row in range(4, sheet.max_row + 1):
        sheet.cell(row, sheet.max_column).value = None
    return book


def test_pasted_in_another_order_it_reads_the_same(
    world: World, today: Any, tmp_path: Path
) -> None:
    book = fetched(world)
    fill(book.active, 5, progress="已对接", expected="11月底")
    for changed in (move_columns(book), without_key(book)):
        [new] = look(world, handed(world, changed, tmp_path)).of("new")
        assert [(c.name, c.new) for c in sorted(new.changes, key=lambda c: c.name)] == [
            ("expected", "2022-11-30"),
            ("progress", "已对接"),
        ]


def swap_firms(world: World, sheet: Any) -> None:
    first, second = sheet.cell(5, 2).value, sheet.cell(5, 3).value
    for n in (2, 3):
        sheet.cell(5, n).value = sheet.cell(6, n).value
    sheet.cell(6, 2).value, sheet.cell(6, 3).value = first, second


def another_countys(world: World, sheet: Any) -> None:
    theirs = fetched(world, "嵩县/county_worker").active
    for n in range(1, sheet.max_column + 1):
        sheet.cell(5, n).value = theirs.cell(5, n).value


def closed_meanwhile(world: World, sheet: Any) -> None:
    number = sheet.cell(5, heads(sheet)["编号"]).value
    case = Case.objects.get(serial=int(number.split("-")[1]))
    endings.withdraw(case.pk, by=world.actor("office/1"), at=at(START, 10), reason="误建")


def twice(world: World, sheet: Any) -> None:
    for n in range(1, sheet.max_column + 1):
        sheet.cell(8, n).value = sheet.cell(5, n).value
    fill(sheet, 8, progress="另一说法")


BAD: list[tuple[Callable[[World, Any], None], str, str]] = [
    (another_countys, "not_yours", "B5"),
    (swap_firms, "mixed_rows", "B5"),
    (closed_meanwhile, "ended", ""),
    (twice, "twice", ""),
    (lambda w, s: fill(s, 5, expected="下周五"), "not_a_day", ""),
    (lambda w, s: fill(s, 5, expected="2021年11月5日"), "day_passed", ""),
    (lambda w, s: fill(s, 5, progress="长" * 501), "too_long", ""),
    (lambda w, s: fill(s, 5, expected="=TODAY()"), "formula", "L5"),
]


@pytest.mark.parametrize(("spoil", "code", "cell"), BAD)
def test_a_row_that_is_not_taken_says_where_and_why(
    world: World, today: Any, tmp_path: Path, spoil: Any, code: str, cell: str
) -> None:
    book = fetched(world)
    fill(book.active, 5, progress="进展")
    spoil(world, book.active)
    refused = look(world, handed(world, book, tmp_path)).of("refused")
    told = refused[0].as_json()
    assert told["code"] == code
    assert told["sheet"] == "进展"
    assert told["row"] in (5, 8)
    assert told["reason"]
    assert not cell or told["column"] == cell
    assert "嵩县示例" not in told["reason"]


def test_a_day_after_the_deadline_is_taken_with_a_word(
    world: World, today: Any, tmp_path: Path
) -> None:
    book = fetched(world)
    fill(book.active, 5, expected="2022-12-30")
    [new] = look(world, handed(world, book, tmp_path)).of("new")
    assert "办理时限" in new.remark


def test_one_hands_in_only_as_a_handler_and_sees_only_ones_own(
    world: World, today: Any, tmp_path: Path
) -> None:
    sheet = handed(world, fetched(world), tmp_path)
    assert sign_in(world, "嵩县/county_worker").get(f"/ledger/notes/{sheet.pk}/").status_code == 404
    assert sign_in(world, "leader").get("/ledger/notes/").status_code == 403
    assert sign_in(world, WORKER).get(f"/ledger/notes/{sheet.pk}/").status_code == 200


def test_another_workbook_is_refused_in_words(world: World, today: Any) -> None:
    book = Workbook()
    cast(Any, book.active).append(["企业名称", "统一社会信用代码"])
    cast(Any, book.active).append(["示例", "1"])
    answer = sign_in(world, WORKER).post(
        "/ledger/notes/", {"file": SimpleUploadedFile("x.xlsx", data(book))}
    )
    assert answer.status_code == 422
    assert "请重新下载" in answer.content.decode()


def test_what_is_dropped_changes_nothing(world: World, today: Any, tmp_path: Path) -> None:
    sheet = handed(world, fetched(world), tmp_path)
    verbs.drop_sheet(sheet, by=world.actor(WORKER))
    with pytest.raises(Refused, match="已放弃"):
        verbs.take_sheet(sheet, by=world.actor(WORKER), at=at(START))


def test_the_whole_sheet_takes_a_fixed_number_of_statements(
    world: World, today: Any, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    book = fetched(world)
    for row in (5, 6, 7):
        fill(book.active, row, progress=f"进展{row}")
    sheet = handed(world, book, tmp_path)
    with django_assert_max_num_queries(24):
        verbs.take_sheet(sheet, by=world.actor(WORKER), at=at(START))


def test_the_command_does_the_same(world: World, today: Any, tmp_path: Path) -> None:
    def run(*words: str) -> Any:
        out = io.StringIO()
        call_command("note_sheet", *words, "--json", stdout=out)
        return json.loads(out.getvalue())

    path, by = str(tmp_path / "sheet.xlsx"), ("--by", world.people[WORKER].username)
    some = ("--county", "涧西区", "--chip", "sign")
    assert run("write", "luoyang-2022", "--out", path, *some, *by)["rows"] == 3
    book = load_workbook(path)
    fill(book.active, 5, progress="已走访", expected="下周")
    fill(book.active, 6, progress="已对接")
    book.save(path)
    dry = run("take", path, "--dry-run", *by)
    assert (dry["new"], dry["unchanged"], dry["refused"]) == (1, 1, 1)
    [refused] = dry["refused_rows"]
    assert (refused["sheet"], refused["row"], refused["code"]) == ("进展", 5, "not_a_day")
    assert re.fullmatch(r"[A-Z]+5", refused["column"])
    assert not NoteSheet.objects.exists()
    number = run("take", path, "--over-newer", *by)["sheet"]
    assert StandingNote.objects.get().progress == "已对接"
    assert run("undo", str(number), *by) == {"undone": 1, "stays": []}


TODAY = date(2022, 9, 20)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2022.11.5", "2022-11-05"),
        ("2022年11月5日前", "2022-11-05"),
        ("2022/11/05", "2022-11-05"),
        ("20221105", "2022-11-05"),
        ("11月5日", "2022-11-05"),
        ("11 月 5 号", "2022-11-05"),
        ("11-5", "2022-11-05"),
        ("1月5日", "2023-01-05"),
        ("11月底", "2022-11-30"),
        ("2023年2月底", "2023-02-28"),
        ("44870", "2022-11-05"),
        ("44870.0", "2022-11-05"),
        ("2022-09-20", "2022-09-20"),
        ("", None),
        (" ", None),
    ],
)
def test_days_as_officials_type_them(text: str, day: str | None) -> None:
    assert expected_day(text, TODAY) == (date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("月底", "not_a_day"),
        ("11.5", "not_a_day"),
        ("尽快", "not_a_day"),
        ("2022.2.30", "not_a_day"),
        ("13月5日", "not_a_day"),
        ("22.11.5", "not_a_day"),
        ("9月19日", "day_passed"),
        ("2022-09-19", "day_passed"),
        ("2032-11-05", "day_far"),
    ],
)
def test_days_that_nobody_can_read(text: str, code: str) -> None:
    with pytest.raises(DayRefused) as refusal:
        expected_day(text, TODAY)
    assert refusal.value.code == code
    assert refusal.value.words
