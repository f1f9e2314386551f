"""存量台账: cases of a campaign that has run without us, taken over once, at their stage."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from cases.actions import pauses, stages
from cases.errors import Refused
from cases.importing.ledger_rows import StageWords
from cases.models import Case, CaseEvent, Evidence, Suspension, WorkItem
from enterprises.models import Enterprise, ImportBatch
from organisations.days import day_of
from organisations.models import User
from tests.world import World, at, closing_form
from workflows.packs import parse_pack, shipped_text

AS_OF = date(2022, 6, 30)
HEAD = ("序号", "企业名称", "统一社会信用代码", "县（市、区）", "当前环节", "分类", "销号时间",
        "完成时限", "备注", "材料日期", "印证材料索引")  # fmt: skip


@pytest.fixture
def ledger(world: World, tmp_path: Path) -> Any:
    """Writes a workbook of (firm, stage, class, closed on, due on, remark, papers of)."""

    def write(*lines: tuple[Any, ...], papers: str = "销号卷〔2022〕3号") -> str:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(["洛阳市研发活动全覆盖工作台账"])
        sheet.append(HEAD)
        for number, (name, *rest) in enumerate(lines, 1):
            cells: list[Any] = [number, name, None, "涧西区", *rest]
            cells += [None] * (len(HEAD) - 1 - len(cells)) + [papers]
            sheet.append(cells)
        path = tmp_path / "台账.xlsx"
        book.save(path)
        return str(path)

    return write


def take(path: str, *more: str, two: bool = True) -> Any:
    """Imported by one of the office, answered for by another."""
    out = StringIO()
    options = ("--programme", "luoyang-2022", "--as-of", AS_OF.isoformat(), "--json")
    if two and "--by" not in more:
        names = User.objects.filter(tenures__post__role="office").order_by("pk")
        one, other = names.values_list("username", flat=True)[:2]
        more = (*more, "--by", one, "--second", other)
    call_command("ledger", path, *options, *more, stdout=out)
    return json.loads(out.getvalue())


def case(name: str) -> Case:
    found: Case = Case.objects.get(enterprise__name=name, parent=None)
    return found


def test_cases_stand_where_the_ledger_says(world: World, ledger: Any) -> None:
    for name in ("甲有限公司", "乙有限公司", "丙有限公司", "丁有限公司"):
        world.firm(name)
    path = ledger(
        (
            "甲有限公司",
            "已销号",
            "A 应统未统",
            date(2022, 6, 10),
            None,
            "协议已履行",
            "2022年6月1日",
        ),
        ("乙有限公司", "整改中", "基础较好", None, date(2022, 8, 31), "等校方盖章"),
        ("丙有限公司", "摸底"),
        ("丁有限公司", "已销号", "B", "2022年5月31日"),
    )
    found = take(path)
    assert (found["new"], found["closed"], found["refused"]) == (4, 2, [])
    first, second = case("丁有限公司"), case("甲有限公司")
    assert (first.stage, first.closed_on, first.closing_serial) == ("closed", date(2022, 5, 31), 1)
    assert (second.closed_on, second.closing_serial, second.grade) == (date(2022, 6, 10), 2, "A")
    assert second.progress == "协议已履行"
    papers = Evidence.objects.filter(case=second)
    assert {row.criterion for row in papers} == {"institution", "staff", "spending", "cooperation"}
    assert {row.state for row in papers} == {"verified_offline"}
    assert {row.offline_number for row in papers} == {"销号卷〔2022〕3号"}
    assert {row.offline_dated for row in papers} == {date(2022, 6, 1)}
    assert all(row.offline_witness not in ("", str(row.reviewed_by)) for row in papers)
    assert not second.task_set.exists()
    worked = case("乙有限公司")
    assert (worked.stage, worked.grade, world.item(worked).due_on) == (
        "rectification",
        "B",
        date(2022, 8, 31),
    )
    assert worked.lacking == ["institution", "staff", "spending", "cooperation"]
    surveyed = world.item(case("丙有限公司"))
    assert (surveyed.stage, surveyed.due_on) == ("survey", date(2022, 7, 21))
    assert set(CaseEvent.objects.values_list("verb", flat=True)) == {"import", "spawn"}
    assert ImportBatch.objects.get().kind == ImportBatch.Kind.LEDGER


@pytest.mark.parametrize("missing", ["papers", "second"])
def test_a_closing_that_one_person_tells_alone_waits_like_any_other(
    world: World, ledger: Any, missing: str
) -> None:
    world.firm("甲有限公司")
    office = world.people["office/1"].username
    line = ("甲有限公司", "已销号", "A", date(2022, 6, 10))
    if missing == "papers":
        found = take(ledger(line, papers=""))
        assert [one["code"] for one in found["warnings"]] == ["closed_without_papers"]
    else:
        path = ledger(line)
        assert take(path, "--by", office, "--dry-run")["closed"] == 0
        assert take(path, "--dry-run")["closed"] == 1
        found = take(path, "--by", office, "--second", office)
    assert (found["new"], found["closed"], found["refused"]) == (1, 0, [])
    taken = case("甲有限公司")
    assert (taken.stage, taken.closed_on, taken.closing_serial) == ("confirmation", None, None)
    with pytest.raises(Refused) as refusal:
        stages.close(taken.pk, by=world.actor("office/2", AS_OF), at=at(AS_OF, 15))
    assert refusal.value.code == "criteria_unmet"


def test_what_rests_or_has_ended_otherwise_stays_so(world: World, ledger: Any) -> None:
    names = ("甲有限公司", "乙有限公司", "丙有限公司", "丁有限公司")
    for name in names:
        world.firm(name)
    found = take(
        ledger(
            ("甲有限公司", "暂缓", "A", None, date(2022, 7, 15), "设备检修"),
            ("乙有限公司", "暂缓办理"),
            ("丙有限公司", "已退库", None, date(2022, 5, 6)),
            ("丁有限公司", "已撤销"),
        )
    )
    assert (found["new"], found["closed"], found["refused"]) == (4, 0, [])
    rests = case("甲有限公司")
    row = Suspension.objects.get(case=rests)
    assert (rests.stage, row.until_on, row.reason) == (
        "rectification",
        date(2022, 7, 15),
        "设备检修",
    )
    items = WorkItem.objects.filter(process__enterprise=rests.enterprise)
    assert set(items.values_list("is_suspended", "next_check_at")) == {(True, None)}
    assert items.count() == 5
    assert pauses.resume_due(at=at(date(2022, 7, 15))) == 6
    assert case("乙有限公司").stage == "survey"
    left, taken_back = case("丙有限公司"), case("丁有限公司")
    assert (left.stage, left.status, left.closing_serial) == ("delisted", "DONE", None)
    assert left.finished is not None
    assert day_of(left.finished) == date(2022, 5, 6)
    assert (taken_back.stage, taken_back.status) == ("withdrawn", "CANCELED")


def test_what_stands_in_rectification_has_its_remedies(world: World, ledger: Any) -> None:
    world.firm("乙有限公司")
    world.firm("丙有限公司")
    due = date(2022, 8, 31)
    take(
        ledger(("乙有限公司", "整改中", "B", None, due, "等校方盖章"), ("丙有限公司", "整改", "A"))
    )
    root, other = case("乙有限公司"), case("丙有限公司")
    children = Case.objects.filter(parent=root)
    assert {c.criterion for c in children} == set(root.lacking)
    assert {world.item(c).due_on for c in children} == {due}
    assert {c.forms.get().data["measure"] for c in children} == {"等校方盖章"}
    dues = [world.item(c).due_on for c in Case.objects.filter(parent=other)]
    assert len(dues) == 4
    assert world.item(other).due_on == max(due for due in dues if due)


def test_what_was_taken_over_goes_on(world: World, ledger: Any) -> None:
    world.firm("乙有限公司")
    take(ledger(("乙有限公司", "整改", "B")))
    taken = case("乙有限公司")
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(taken, have, AS_OF)
    worker = world.actor("涧西区/county_worker", AS_OF)
    form = closing_form(AS_OF)
    moved = stages.apply_for_closure(taken.pk, by=worker, at=at(AS_OF, 15), form=form)
    assert moved.stage == "county_review"


def test_again_takes_nothing_and_says_so(world: World, ledger: Any) -> None:
    world.firm("甲有限公司")
    path = ledger(("甲有限公司", "摸底中"))
    take(path)
    again = take(path)
    assert (again["new"], again["skipped"]) == (
        0,
        [{"sheet": "Sheet", "row": 3, "firm": "甲有限公司", "number": "2022-00001"}],
    )
    assert Case.objects.count() == 1
    out = StringIO()
    call_command("open_cases", "luoyang-2022", "--at", "2022-07-01", "--json", stdout=out)
    assert json.loads(out.getvalue())["opened"] == 0


def test_wrong_rows_are_refused_and_good_ones_taken(world: World, ledger: Any) -> None:
    for name in (
        "甲有限公司",
        "乙有限公司",
        "丙有限公司",
        "丁有限公司",
        "戊有限公司",
        "己有限公司",
    ):
        world.firm(name)
    found = take(
        ledger(
            ("甲有限公司", "摸底", "E"),
            ("无名有限公司", "摸底"),
            ("甲有限公司", "对接"),
            ("乙有限公司", None),
            ("丙有限公司", "漂流中"),
            ("丁有限公司", "已销号"),
            ("戊有限公司", "已销号", None, date(2022, 7, 1)),
            ("己有限公司", "已销号", None, date(2022, 6, 1), None, None, date(2022, 7, 1)),
        )
    )
    refused = [(one["row"], one["code"]) for one in found["refused"]]
    assert refused == [
        (4, "unknown_firm"),
        (5, "same_firm_again"),
        (6, "missing_stage"),
        (7, "unknown_stage"),
        (8, "closed_without_day"),
        (9, "closed_in_future"),
        (10, "papers_in_future"),
    ]
    assert [(one["row"], one["code"]) for one in found["warnings"]] == [(3, "unknown_class")]
    assert found["new"] == 1


def test_a_dry_run_writes_nothing(world: World, ledger: Any) -> None:
    world.firm("甲有限公司")
    assert take(ledger(("甲有限公司", "摸底")), "--dry-run")["new"] == 1
    assert not Case.objects.exists()
    assert not ImportBatch.objects.exists()


def test_only_the_office_takes_a_ledger_over(world: World, ledger: Any) -> None:
    world.firm("甲有限公司")
    path = ledger(("甲有限公司", "摸底"))
    for key in ("涧西区/county_lead", "leader"):
        with pytest.raises(CommandError):
            take(path, "--by", world.people[key].username)
    assert not Case.objects.exists()
    assert take(path, "--by", world.people["office/1"].username)["new"] == 1


def test_statements_do_not_grow_with_the_ledger(world: World, ledger: Any) -> None:
    def statements(count: int, start: int) -> int:
        names = [f"示例{number}有限公司" for number in range(start, start + count)]
        for name in names:
            world.firm(name)
        path = ledger(*((name, "摸底中") for name in names))
        with CaptureQueriesContext(connection) as seen:
            assert take(path)["new"] == count
        return len(seen)

    # twenty: SQLite splits an INSERT at 999 parameters
    statements(1, 22)  # the pack and the calendar are read once a process
    assert statements(2, 0) == statements(19, 2)
    assert Enterprise.objects.count() == 22


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("摸底", "survey"),
        ("摸底中", "survey"),
        (" 摸 底 ", "survey"),
        ("整改阶段", "rectification"),
        ("待县级审核", "county_review"),
        ("待签收", "assigned"),
        ("未开展", "assigned"),
        ("暂不具备条件", "watching"),
        ("已完成销号", "closed"),
        ("销号", "closed"),
        ("已办结", "closed"),
        ("已退库", "delisted"),
        ("已撤销", "withdrawn"),
        ("暂缓", "suspended"),
        ("暂缓办理", "suspended"),
        ("漂流中", ""),
    ],
)
def test_words_of_stages(text: str, stage: str) -> None:
    assert StageWords(parse_pack(shipped_text("luoyang-2022"))).stage(text) == stage


@pytest.mark.parametrize(
    ("text", "grade"),
    [("A", "A"), ("b类", "B"), ("C 空白培育", "C"), ("应统未统", "A"), ("甲", "")],
)
def test_words_of_classes(text: str, grade: str) -> None:
    assert StageWords(parse_pack(shipped_text("luoyang-2022"))).grade(text) == grade
