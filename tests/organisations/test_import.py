"""Units, posts and people from a workbook: good and bad rows, wrong files, the same file twice."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from config.management.people_arguments import account_of
from organisations.actions import posts, regions
from organisations.errors import Refused
from organisations.importing import Report, import_people
from organisations.models import AuditEvent, Post, Region, Tenure, Unit, User
from organisations.people_sheets import KIND_WORDS, PEOPLE, POSTS, ROLE_WORDS, SHEETS, UNITS, meant
from organisations.people_template import people_template
from organisations.roles import Role
from organisations.scope import Actor, actor_of
from tests.organisations.conftest import AT, DAY, SYSTEM

Rows = Sequence[Sequence[Any]]


def workbook(units: Rows = (), posts: Rows = (), people: Rows = ()) -> bytes:
    """A workbook as the template makes it, title row first, filled in."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for spec, rows in ((UNITS, units), (POSTS, posts), (PEOPLE, people)):
        sheet = book.create_sheet(spec.title)
        sheet.append(["某某市单位岗位人员表"])
        sheet.append([c.header for c in spec.columns])
        for row in rows:
            sheet.append(list(row))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


GOOD: dict[str, Any] = {
    "units": [
        ["洛阳市工业和信息化局", "市工信局", "归口部门", "", "", "", "0379-1"],
        ["嵩县工作专班", "", "县区专班", "嵩  县", "", "", ""],
        ["包联第一组", "", "包联组", "", "", "嵩县、瀍河回族区", ""],
        ["城关镇", "", "乡镇（园区）", "嵩县", "城关镇", "", ""],
        ["洛阳市专班办", "市专班办", "市专班办", "", "", "", ""],
    ],
    "posts": [["洛阳市工业和信息化局", "", "科长", "归口部门负责人", "否"]],
    "people": [
        [13800000001, "张三", "", "嵩县工作专班", "", "经办人", datetime(2026, 3, 1), ""],
        ["lisi", "李四", "6390138", "嵩县工作专班", "嵩县", "审核人", "2026年3月1日", "2026/12/31"],
        ["lisi", "李四", "6390138", "包联第一组", "", "组员", "", ""],
        ["wangwu", "王五", "", "市工信局", "", "科长", "", ""],
        ["zhao", "赵六", "", "城关镇", "", "联络员", "", ""],
    ],
}


def take(city: Region, by: Actor = SYSTEM, dry_run: bool = False, **sheets: Rows) -> Report:
    return import_people(workbook(**sheets), city=city, by=by, at=AT, dry_run=dry_run)


def codes(report: Report) -> list[tuple[str, int, str, str]]:
    assert all(finding.reason for finding in report.refused)
    return [(f.sheet, f.row, f.column, f.code) for f in report.refused]


def snapshot() -> tuple[Any, ...]:
    models = (Region, Unit, Post, User, Tenure, AuditEvent)
    return tuple(list(m.objects.order_by("pk").values()) for m in models)


def test_a_good_workbook(city: Region, county: Region) -> None:
    report = take(city, **GOOD)
    assert codes(report) == []
    assert (report.new, report.changed, report.unchanged) == (11, 0, 0)
    assert report.sheets["人员"] == {"new": 5, "changed": 0, "unchanged": 0}
    group = Unit.objects.get(kind="liaison_group")
    assert {c.name for c in group.paired_counties.all()} == {"嵩县", "瀍河区"}
    township = Unit.objects.get(kind="township")
    assert township.region.parent == county
    # a new unit has the usual posts by itself
    force = Unit.objects.get(kind="task_force")
    assert [p.name for p in force.posts.all()] == ["经办人", "审核人", "负责人"]
    assert force.posts.get(receives_work=True).role == Role.COUNTY_WORKER
    actor = actor_of(User.objects.get(username="13800000001"), DAY)
    assert actor.roles == {Role.COUNTY_WORKER}
    lisi = Tenure.objects.get(user__username="lisi", post__name="审核人")
    assert (lisi.from_on, lisi.until_on) == (date(2026, 3, 1), date(2026, 12, 31))
    assert Tenure.objects.get(user__username="wangwu").from_on == DAY


def test_new_accounts_come_with_passwords_that_work(city: Region) -> None:
    report = take(city, **GOOD)
    assert [a.username for a in report.accounts] == ["13800000001", "lisi", "wangwu", "zhao"]
    for account in report.accounts:
        user = User.objects.get(username=account.username)
        assert user.check_password(account.password)
        assert user.must_change_password


def test_the_same_file_twice_changes_nothing(city: Region) -> None:
    take(city, **GOOD)
    before = snapshot()
    report = take(city, **GOOD)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 11)
    assert report.accounts == []
    assert snapshot() == before


def test_a_dry_run_tells_the_same_and_changes_nothing(city: Region) -> None:
    before = snapshot()
    dry = take(city, dry_run=True, **GOOD)
    assert snapshot() == before
    assert dry.accounts == []
    real = take(city, **GOOD)
    assert {**asdict(dry), "accounts": 0} == {**asdict(real), "accounts": 0}


@pytest.mark.parametrize(
    ("sheet", "row", "column", "code"),
    [
        ("units", ["", "", "归口部门", "", "", "", ""], "单位名称", "missing"),
        ("units", ["局", "", "", "", "", "", ""], "类别", "missing"),
        ("units", ["局", "", "衙门", "", "", "", ""], "类别", "unknown_kind"),
        ("units", ["专班", "", "县区专班", "", "", "", ""], "所在县区", "missing"),
        ("units", ["专班", "", "县区专班", "伊川县", "", "", ""], "所在县区", "unknown_county"),
        ("units", ["镇", "", "乡镇", "", "镇", "", ""], "所在县区", "missing"),
        ("units", ["局", "", "归口部门", "", "", "嵩县", ""], "包联县区", "not_a_group"),
        ("units", ["组", "", "包联组", "", "", "嵩县、伊川县", ""], "包联县区", "unknown_county"),
        ("units", ["甲局", "", "督查室", "", "", "", ""], "类别", "kind_differs"),
        ("posts", ["乙局", "", "科长", "归口部门负责人", ""], "单位名称", "unknown_unit"),
        ("posts", ["甲局", "", "科长", "皇帝", ""], "角色", "unknown_role"),
        ("posts", ["甲局", "", "联络员", "归口部门负责人", ""], "角色", "role_differs"),
        ("posts", ["甲局", "", "科长", "归口部门负责人", "也许"], "接收新任务", "not_yes_or_no"),
        ("people", ["", "李四", "", "甲局", "", "联络员", "", ""], "账号", "missing"),
        ("people", ["li si", "李四", "", "甲局", "", "联络员", "", ""], "账号", "username_wrong"),
        ("people", ["known", "别人", "", "甲局", "", "联络员", "", ""], "账号", "name_differs"),
        ("people", ["lisi", "李四", "", "甲局", "", "厨师", "", ""], "岗位名称", "unknown_post"),
        ("people", ["lisi", "李四", "", "丙局", "", "联络员", "", ""], "单位名称", "unknown_unit"),
        (
            "people",
            ["lisi", "李四", "", "甲局", "", "联络员", "昨天", ""],
            "任职起始日",
            "not_a_day",
        ),
        (
            "people",
            ["lisi", "李四", "", "甲局", "", "联络员", "2026-03-01", "2026-02-01"],
            "账号",
            "ends_before_it_starts",
        ),
    ],
)
def test_a_bad_row_is_refused_and_the_good_one_taken(
    sheet: str,
    row: list[str],
    column: str,
    code: str,
    city: Region,
    make_user: Callable[..., User],
) -> None:
    take(city, units=[["甲局", "", "归口部门", "", "", "", ""]])
    make_user("known")
    users = User.objects.count()
    good = {
        "units": ["好局", "", "归口部门", "", "", "", ""],
        "posts": ["甲局", "", "好岗", "归口部门联络员", ""],
        "people": ["good", "好人", "", "甲局", "", "联络员", "", ""],
    }[sheet]
    rows: dict[str, Any] = {sheet: [row, good]}
    report = take(city, **rows)
    title = {"units": "单位", "posts": "岗位", "people": "人员"}[sheet]
    assert codes(report) == [(title, 3, column, code)]
    assert report.new == 1
    assert User.objects.count() == users + (sheet == "people")


def test_an_ambiguous_unit_asks_for_the_county(city: Region) -> None:
    two = [["工作专班", "", "县区专班", county, "", "", ""] for county in ("嵩县", "老城区")]
    take(city, units=two)
    person = ["lisi", "李四", "", "工作专班", "", "经办人", "", ""]
    assert codes(take(city, people=[person]))[0][3] == "unit_ambiguous"
    person[4] = "老城区"
    assert take(city, people=[person]).new == 1
    assert Tenure.objects.get().post.unit.region.name == "老城区"


def test_changes_are_taken(city: Region) -> None:
    take(city, **GOOD)
    report = take(
        city,
        units=[["洛阳市工业和信息化局", "工信局", "归口部门", "", "", "", "0379-2"]],
        posts=[["洛阳市工业和信息化局", "", "科长", "归口部门负责人", "是"]],
        people=[["zhao", "赵六", "13900000001", "城关镇", "", "联络员", "", ""]],
    )
    assert (report.new, report.changed, report.unchanged) == (0, 3, 0)
    assert Unit.objects.get(kind="department").short_name == "工信局"
    assert Post.objects.get(name="科长").receives_work
    assert User.objects.get(username="zhao").phone == "13900000001"


def test_who_has_left_is_not_appointed_again_by_an_old_file(city: Region) -> None:
    take(city, **GOOD)
    tenure = Tenure.objects.get(user__username="wangwu")
    Tenure.objects.filter(pk=tenure.pk).update(from_on=date(2026, 1, 1))
    posts.end_tenure(Tenure.objects.get(pk=tenure.pk), on=DAY, by=SYSTEM, at=AT)
    report = take(city, **GOOD)
    assert [w.code for w in report.warnings] == ["ended"]
    assert report.new == 0
    row = ["wangwu", "王五", "", "洛阳市工业和信息化局", "", "科长", DAY.isoformat(), ""]
    assert take(city, people=[row]).new == 1


def test_the_examples_of_the_template_are_passed_over(city: Region) -> None:
    before = snapshot()
    report = import_people(people_template(), city=city, by=SYSTEM, at=AT)
    assert (report.new, report.refused) == (0, [])
    assert snapshot() == before


def test_the_template_offers_every_kind_and_role() -> None:
    assert set(KIND_WORDS) == set(Unit.Kind.values)
    assert set(ROLE_WORDS) == set(Role) - {Role.ENTERPRISE_CLERK}
    for words in (KIND_WORDS, ROLE_WORDS):
        assert {meant(words, names[0]) for names in words.values()} == set(words)


def test_the_office_may_not_give_itself_an_administrator(
    city: Region, make_post: Callable[..., Post], make_user: Callable[..., User]
) -> None:
    post = make_post(city, Unit.Kind.OFFICE, Role.OFFICE)
    make_post(city, Unit.Kind.OFFICE, Role.SYSTEM_ADMIN, "系统管理员")
    by = actor_of(make_user("office", post), DAY)
    row = ["lisi", "李四", "", post.unit.name, "", "系统管理员", "", ""]
    assert codes(take(city, by=by, people=[row]))[0][3] == "administrators_post"
    assert not User.objects.filter(username="lisi").exists()


def test_another_citys_office_takes_nothing(
    city: Region, make_post: Callable[..., Post], make_user: Callable[..., User]
) -> None:
    elsewhere = regions.create_city(
        name="晋城市", counties=[regions.CountySpec("城区")], by=SYSTEM, at=AT
    )
    by = actor_of(make_user("c", make_post(elsewhere, Unit.Kind.OFFICE, Role.OFFICE)), DAY)
    report = take(city, by=by, units=GOOD["units"])
    assert report.new == 0
    assert {finding.code for finding in report.refused} == {"not_yours"}


# --- wrong files ---------------------------------------------------------------------------------


def _bomb() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"0" * (45 << 20))
    return out.getvalue()


def _zip_of(name: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr(name, "x")
    return out.getvalue()


def _far(place: str) -> bytes:
    """The usual header, and one cell at the other end of the sheet."""
    book = openpyxl.load_workbook(BytesIO(_sheets(人员=[["账号", "姓名"]])))
    book["人员"][place] = "x"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheets(**rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, lines in rows.items():
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda: b"", "not_a_workbook"),
        (lambda: b"PK\x03\x04 broken", "not_a_workbook"),
        (lambda: "姓名,账号".encode("gbk"), "not_a_workbook"),
        (lambda: _zip_of("word/document.xml"), "not_a_workbook"),
        (lambda: _zip_of("xl/workbook.xml"), "not_a_workbook"),
        (_bomb, "too_large"),
        (lambda: b"x" * ((5 << 20) + 1), "too_large"),
        (lambda: _sheets(Sheet1=[["a"]]), "no_sheet"),
        (lambda: _sheets(人员=[["a", "b"]]), "no_header"),
        (lambda: _sheets(人员=[]), "no_header"),
        (lambda: _sheets(人员=[["账号", "姓名"]]), "column_missing"),
        (lambda: _sheets(人员=[["账号"]] * 2001), "too_many_rows"),
        (lambda: _far("A1048576"), "too_many_rows"),
        (lambda: _far("XFD5"), "too_many_columns"),
    ],
)
def test_a_wrong_file_is_refused(content: Callable[[], bytes], code: str, city: Region) -> None:
    with pytest.raises(Refused) as refusal:
        import_people(content(), city=city, by=SYSTEM, at=AT)
    assert refusal.value.code == code
    assert refusal.value.words


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: _sheets(人员=[["账号"]])[:-300], "文件已损坏或未传完整，请重新保存后再上传。"),
        (lambda: _zip_of("word/document.xml"), "这不是 .xlsx 工作簿，请另存为 .xlsx 后重新上传。"),
    ],
)
def test_what_came_in_part_is_not_called_another_format(
    content: Callable[[], bytes], words: str, city: Region
) -> None:
    with pytest.raises(Refused) as refusal:
        import_people(content(), city=city, by=SYSTEM, at=AT)
    assert refusal.value.words == words


def test_headers_are_found_by_name_in_any_order(city: Region) -> None:
    content = _sheets(
        单位=[["说明"], [], ["类 别*", "联系电话", "单位名称（全称）"], ["归口部门", "1", "甲局"]]
    )
    assert import_people(content, city=city, by=SYSTEM, at=AT).new == 1
    assert Unit.objects.get(name="甲局").phone == "1"
    assert len(SHEETS) == 3


@pytest.mark.parametrize(
    ("phone", "warned"),
    [("1381111", True), ("13800000001", False), ("0379-63900000", False),
     ("63900000", False), ("000-12345678", False), ("+86 138 0000 0001", False)],
)  # fmt: skip
def test_a_number_that_nobody_can_call_is_remarked(city: Region, phone: str, warned: bool) -> None:
    one = ["zhang", "张三", phone, "嵩县工作专班", "嵩县", "经办人", "", ""]
    report = take(city, units=GOOD["units"], people=[one])
    assert not report.refused
    assert [f.code for f in report.warnings] == ["phone"] * warned


def test_words_in_place_of_a_number_are_refused(city: Region) -> None:
    one = ["zhang", "张三", "abc", "嵩县工作专班", "嵩县", "经办人", "", ""]
    report = take(city, units=GOOD["units"], people=[one])
    assert [(f.code, f.column) for f in report.refused] == [("phone_wrong", "联系电话")]
    assert not User.objects.filter(username="zhang").exists()


def test_an_account_in_full_width_digits_can_be_entered(city: Region, client: Client) -> None:
    typed = "　１３９００００００１１　"
    sheets = {"units": GOOD["units"], "posts": GOOD["posts"]}
    row = [typed, "周七", "", "嵩县工作专班", "", "经办人", "", ""]
    (account,) = take(city, people=[row], **sheets).accounts
    assert account.username == "13900000011"
    again = [["13900000011", *row[1:]]]
    assert take(city, people=again).unchanged == take(city, people=[row]).unchanged == 1
    for name in (account.username, typed):
        tried = {"username": name, "password": account.password}
        assert client.post(reverse("login"), tried).status_code == 302
    assert account_of(typed).name == "周七"
