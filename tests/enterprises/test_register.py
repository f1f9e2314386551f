"""The sample registers, row by row, against what they are known to hold."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from enterprises.importing.register_apply import RegisterOutcome, register_batch
from enterprises.importing.register_plan import RegisterPlan, preview_register, read_register
from enterprises.models import (
    Contact,
    Enterprise,
    ImportBatch,
    ImportChange,
    Membership,
    MoneyFigure,
)
from organisations.models import Region
from organisations.scope import Actor
from tests.enterprises.conftest import AT, DATA, snapshot

JANUARY = DATA / "luoyang-register-2022-01.xlsx"
FEBRUARY = DATA / "luoyang-register-2022-02.xlsx"
DIRTY = DATA / "luoyang-register-dirty.xlsx"


def look(city: Region, path: Path, as_of: date, **more: object) -> RegisterPlan:
    return preview_register(city, read_register(path), as_of=as_of, **more)  # type: ignore[arg-type]


def take(city: Region, path: Path, as_of: date, confirm: int | None = None) -> RegisterOutcome:
    plan = look(city, path, as_of)
    return register_batch(plan, by=Actor.system(), at=AT, confirm_leaving=confirm)


def sheet_rows(path: Path) -> list[tuple[object, ...]]:
    """The data rows by openpyxl, an independent reader (header in row 4)."""
    book = openpyxl.load_workbook(path, read_only=True)
    rows = book.worksheets[0].iter_rows(min_row=5, values_only=True)
    found = [r for r in rows if r[1] or r[2]]
    book.close()
    return found


def test_first_register_is_all_new(luoyang: Region) -> None:
    plan = look(luoyang, JANUARY, date(2022, 1, 31))
    assert plan.as_json() == {
        "new": 1912,
        "changed": 0,
        "leaving": 0,
        "unchanged": 0,
        "refused": [],
        "warnings": [],
    }
    outcome = register_batch(plan, by=Actor.system(), at=AT)
    assert len(outcome.joined_ids) == 1912 == Membership.objects.on(date(2022, 1, 31)).count()
    assert Membership.objects.on(date(2022, 1, 30)).count() == 0
    stored = Enterprise.objects.get(credit_code="91410329MA9114158Q")
    assert (stored.name, stored.initials[:4]) == ("洛阳天益顺示例机械有限公司", "lyty")
    assert stored.pinyin.startswith("luoyangtianyishun")
    member = stored.memberships.get()
    assert (member.county.name, member.industry_code, member.listed_text) == (
        "伊川县",
        "3670",
        "2016-12",
    )
    assert Contact.objects.count() == 1912
    assert MoneyFigure.objects.count() == 0


def test_the_same_file_twice_changes_nothing(luoyang: Region) -> None:
    take(luoyang, JANUARY, date(2022, 1, 31))
    before = snapshot()
    plan = look(luoyang, JANUARY, date(2022, 1, 31))
    assert plan.counts() == {"new": 0, "changed": 0, "leaving": 0, "unchanged": 1912}
    outcome = register_batch(plan, by=Actor.system(), at=AT)
    assert snapshot() == before
    assert outcome.batch.changes.count() == 0
    assert (outcome.joined_ids, outcome.left, outcome.moved) == ((), (), ())


def test_second_month_against_an_independent_count(luoyang: Region) -> None:
    january = {r[2]: r for r in sheet_rows(JANUARY)}
    february = {r[2]: r for r in sheet_rows(FEBRUARY)}
    gone_states = {"破产", "注销"}
    marked = {c for c, r in february.items() if r[10] in gone_states}
    stay = [c for c in january.keys() & february.keys() if c not in marked]
    stored = [1, 3, 4, 5, 6, 8, 9, 10, 11]
    changed = {c for c in stay if any(january[c][i] != february[c][i] for i in stored)}
    moved = {c for c in stay if january[c][3] != february[c][3]}
    expected = {
        "new": len(february.keys() - january.keys()),
        "changed": len(changed),
        "leaving": len(january.keys() - february.keys()) + len(marked),
        "unchanged": len(stay) - len(changed),
    }
    assert expected == {"new": 31, "changed": 25, "leaving": 15, "unchanged": 1872}

    take(luoyang, JANUARY, date(2022, 1, 31))
    plan = look(luoyang, FEBRUARY, date(2022, 2, 28))
    assert plan.counts() == expected
    assert not plan.refused
    assert {w.code for w in plan.warnings} == {"stopped"}
    outcome = register_batch(plan, by=Actor.system(), at=AT)

    codes = dict(Enterprise.objects.values_list("id", "credit_code"))
    assert {codes[i] for i in outcome.joined_ids} == february.keys() - january.keys()
    assert {codes[i]: r for i, r in outcome.left} == {
        **dict.fromkeys(january.keys() - february.keys(), "absent"),
        **{c: {"破产": "bankrupt", "注销": "deregistered"}[str(february[c][10])] for c in marked},
    }
    names = dict(Region.objects.values_list("id", "name"))
    assert {(codes[i], names[a], names[b]) for i, a, b in outcome.moved} == {
        (c, january[c][3], february[c][3]) for c in moved
    }
    assert {codes[i] for i in outcome.stopped_ids} == {
        c for c, r in february.items() if r[10] == "停产"
    }
    members = Membership.objects.on(date(2022, 2, 28)).select_related("enterprise", "county")
    assert {m.enterprise.credit_code: m.county.name for m in members} == {
        c: r[3] for c, r in february.items() if c not in marked
    }
    before = Membership.objects.on(date(2022, 2, 27)).select_related("enterprise", "county")
    assert {m.enterprise.credit_code: m.county.name for m in before} == {
        c: r[3] for c, r in january.items()
    }


EXPECTED_CODES = {
    "credit code 17 long": "credit_code_length",
    "unknown county": "unknown_county",
    "credit code check digit wrong": "credit_code_check_digit",
    "no name": "missing_name",
    "same firm again": "same_firm_again",
    "industry code unknown": "unknown_industry",
    "停产": "stopped",
    "revenue below the threshold of 2,000": "revenue_below_threshold",
    "revenue is text": "revenue_not_number",
}
REFUSED = {
    "credit_code_length",
    "unknown_county",
    "credit_code_check_digit",
    "missing_name",
    "same_firm_again",
}
COLUMN_OF = {
    "credit_code_length": "统一社会信用代码",
    "credit_code_check_digit": "统一社会信用代码",
    "same_firm_again": "统一社会信用代码",
    "unknown_county": "县（市、区）",
    "missing_name": "企业名称",
    "unknown_industry": "行业代码",
    "stopped": "经营状态",
    "revenue_below_threshold": "主营业务收入（万元）",
    "revenue_not_number": "主营业务收入（万元）",
}


def expected_rows() -> tuple[dict[int, str], dict[int, str], dict[int, int], set[int], set[int]]:
    """refused and warned rows by code, first rows of repeats, leaving rows, folded rows."""
    refused: dict[int, str] = {}
    warned: dict[int, str] = {}
    first: dict[int, int] = {}
    leaving: set[int] = set()
    folded: set[int] = set()
    text = (DATA / "luoyang-register-dirty.expected.txt").read_text(encoding="utf-8")
    for line in text.strip().splitlines():
        found = re.fullmatch(r"row (\d+): (.+)", line)
        assert found, line
        row, note = int(found[1]), found[2]
        if note.startswith(("破产", "注销")):
            leaving.add(row)
            continue
        code = next((c for start, c in EXPECTED_CODES.items() if note.startswith(start)), None)
        if code is None:
            folded.add(row)
        elif code in REFUSED:
            refused[row] = code
        else:
            warned[row] = code
        if again := re.search(r"\(row (\d+)\)", note):
            first[row] = int(again[1])
    return refused, warned, first, leaving, folded


def test_dirty_register_gives_exactly_what_is_listed(luoyang: Region) -> None:
    refused, warned, first, leaving, folded = expected_rows()
    assert (len(refused), len(warned), len(leaving), len(folded)) == (23, 17, 6, 33)
    plan = look(luoyang, DIRTY, date(2022, 1, 31))
    assert {f.row: f.code for f in plan.refused} == refused
    assert {f.row: f.code for f in plan.warnings} == warned
    assert {s.row.raw.number for s in plan.leaving if s.row} == leaving
    assert {f.row: int(f.params["first"]) for f in plan.refused if "first" in f.params} == first
    for finding in (*plan.refused, *plan.warnings):
        assert finding.sheet == "规上工业企业名单"
        assert finding.column == COLUMN_OF[finding.code]
        assert finding.reason
    taken = {s.row.raw.number for s in plan.new if s.row}
    assert folded <= taken
    rows = len(plan.new) + len(plan.leaving) + len(plan.refused)
    assert rows == 604 == len(sheet_rows(DIRTY))
    assert (len(plan.changed), len(plan.unchanged)) == (0, 0)


def test_dirty_register_is_taken_without_its_refused_rows_and_only_once(luoyang: Region) -> None:
    outcome = take(luoyang, DIRTY, date(2022, 1, 31))
    assert len(outcome.joined_ids) == 575
    assert Membership.objects.on(date(2022, 1, 31)).count() == 575
    # already gone when first met: a row of no length, on no day's register
    assert Membership.objects.filter(left_on=date(2022, 1, 31)).count() == 6
    assert outcome.left == ()
    folded = Enterprise.objects.get(name="洛阳远博金示例机械有限公司")
    assert folded.credit_code == "91410381MA9301105B"
    serial = Membership.objects.get(enterprise__name="洛阳鑫新安示例机械有限公司")
    assert serial.listed_text == "2021-01"
    by_number = Membership.objects.get(enterprise__name="洛阳兴源金示例机械有限公司")
    assert by_number.industry_code == "3011"
    unknown = Membership.objects.get(enterprise__name="洛阳华科旺示例机械有限公司")
    assert (unknown.industry_code, unknown.industry_name) != ("9999", "")
    again = look(luoyang, DIRTY, date(2022, 1, 31))
    assert again.counts() == {"new": 0, "changed": 0, "leaving": 0, "unchanged": 581}
    assert (len(again.refused), len(again.warnings)) == (23, 17)


def test_jincheng(jincheng: Region) -> None:
    plan = look(jincheng, DATA / "jincheng-register-2020-06.xlsx", date(2020, 6, 30))
    assert plan.counts() == {"new": 610, "changed": 0, "leaving": 0, "unchanged": 0}
    assert (plan.refused, plan.warnings) == ((), ())


@pytest.fixture
def january(luoyang: Region) -> ImportBatch:
    return take(luoyang, JANUARY, date(2022, 1, 31)).batch


def test_every_written_row_is_journalled(january: ImportBatch) -> None:
    kinds = ImportChange.objects.filter(batch=january, before__isnull=True)
    assert kinds.count() == 3 * 1912 == ImportChange.objects.count()
    assert january.state == ImportBatch.State.APPLIED
    assert january.report["counts"]["new"] == 1912
