"""What is exported is what is on the screen: filter, order, columns; safe for any spreadsheet."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any, cast
from urllib.parse import unquote

import pytest
from django.test import Client
from openpyxl import load_workbook

from cases import sheet_lines
from cases.columns import columns_for
from cases.ledger import Asked, Ledger
from cases.models import Case, WorkItem
from cases.rulebook import calendar
from cases.sheet_columns import calls
from cases.sheet_lines import SheetLines
from cases.sheet_rows import safe
from enterprises.models import Contact, Enterprise
from organisations import clock
from organisations.models import AuditEvent, Unit
from organisations.roles import Act
from tests.cases.lists import many, sign_in
from tests.world import START, World, at


def read(world: World, key: str, query: str = "") -> tuple[str, list[list[Any]]]:
    return taken(sign_in(world, key), query)


def taken(client: Client, query: str = "") -> tuple[str, list[list[Any]]]:
    answer = client.get(f"/ledger/export/?{query}")
    assert answer.status_code == 200
    content = b"".join(cast(Any, answer).streaming_content)
    book = load_workbook(BytesIO(content))
    rows = [list(row) for row in book.active.iter_rows(values_only=True)]
    return unquote(answer["Content-Disposition"]), rows


def test_rows_columns_and_head_are_those_of_the_screen(world: World, today: Any) -> None:
    many(world, 5)
    world.firm("嵩县示例矿业有限公司", "嵩县")
    world.open()
    name, rows = read(world, "涧西区/county_worker", "chip=sign&sort=-firm")
    assert "台账_涧西区_待签收_20220301.xlsx" in name
    for query, what in (("", "在办"), ("stage=closed", "已销号"), ("chip=sign", "待签收"),
                        ("q=示例", "在办和已办结")):  # fmt: skip
        assert f"_{what}_20220301.xlsx" in read(world, "涧西区/county_worker", query)[0]
    actor = world.actor("涧西区/county_worker")
    head = [str(c.title) for c in columns_for(actor)]
    late = head.index("办理时限") + 1
    assert rows[3] == ["序号", *head[:late], "逾期工作日", *head[late:], "联系人", "电话"]
    ledger = Ledger(actor, START, Asked(chip="sign", sort="-firm"))
    firms = [c.enterprise.name for c in ledger.rows()]
    assert [row[2] for row in rows[4:]] == firms
    assert [row[0] for row in rows[4:]] == [1, 2, 3, 4, 5]
    assert rows[0][0] == "涧西区规上工业企业研发活动全覆盖工作台账"
    assert "填报单位" in rows[1][0]
    assert "统计年度：2022" in rows[1][0]
    assert "口径" in rows[2][0]
    assert "共5家" in rows[1][0]
    assert "在办5家（其中暂缓0家）；已销号0家" in rows[1][0]
    assert "截至：2022-03-01" in rows[1][0]


def test_days_are_days_and_lateness_a_number(
    world: World, today: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(world, 1)
    world.open()
    Contact.objects.create(
        enterprise=Enterprise.objects.get(), name="王示例", phone="0379-60000000"
    )
    late = START + timedelta(days=6)
    monkeypatch.setattr(clock, "now", lambda: at(late))
    monkeypatch.setattr(clock, "today", lambda: late)
    answer = sign_in(world, "涧西区/county_worker").get("/ledger/export/")
    sheet = load_workbook(BytesIO(b"".join(cast(Any, answer).streaming_content))).active
    assert sheet is not None
    head = [cell.value for cell in sheet[4]]
    row = {name: sheet.cell(5, n) for n, name in enumerate(head, start=1)}
    due = WorkItem.objects.get(finished=None).due_on
    assert row["办理时限"].value.date() == due
    assert row["办理时限"].number_format == "yyyy-mm-dd"
    days = calendar().between(due, late)
    assert row["逾期工作日"].value == days > 0
    assert row["状态"].value == f"逾期{days}个工作日"
    assert (row["联系人"].value, row["电话"].value) == ("王示例", "0379-60000000")
    assert sheet.auto_filter.ref == f"A4:{row['电话'].column_letter}5"


def test_a_date_past_the_announced_holidays_is_marked_and_stays_a_day(
    world: World, today: Any
) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    client = sign_in(world, "涧西区/county_worker")
    assert "（暂定）" not in client.get("/ledger/").content.decode()
    WorkItem.objects.update(provisional=True)
    for page in ("/ledger/", "/ledger/print/"):
        assert "日（暂定）" in client.get(page).content.decode()
    answer = cast(Any, client.get("/ledger/export/"))
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    [cell] = [c for row in book.active.iter_rows() for c in row if "暂定" in c.number_format]
    assert cell.value.date() == WorkItem.objects.get().due_on


def test_who_only_reads_gets_no_telephone_numbers(world: World, today: Any) -> None:
    many(world, 1)
    world.open()
    reader = next(
        k for k in world.people if not calls(world.actor(k)) and world.actor(k).may(Act.READ)
    )
    assert "电话" not in read(world, reader)[1][3]


def test_credit_codes_stay_text_and_no_name_becomes_a_formula(world: World, today: Any) -> None:
    firm = world.firm('=HYPERLINK("http://x","示例")')
    firm.credit_code = "914103000000000000"
    firm.save()
    world.open()
    _name, rows = read(world, "office/1")
    assert rows[4][2] == '\'=HYPERLINK("http://x","示例")'
    assert rows[4][3] == "914103000000000000"


def test_an_export_leaves_a_trace(world: World, today: Any) -> None:
    many(world, 2)
    world.open()
    read(world, "office/1", "q=示例")
    event = AuditEvent.objects.get(kind=AuditEvent.Kind.EXPORT)
    assert (event.by, event.data["rows"]) == (world.people["office/1"], 2)


def test_another_countys_rows_are_not_in_the_file(world: World, today: Any) -> None:
    many(world, 2)
    world.open()
    _name, rows = read(world, "嵩县/county_lead")
    assert rows[4:] == []


def test_what_leaves_the_list_while_it_is_written_is_not_in_the_file(
    world: World, today: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(world, 4)
    world.open()
    given, ended = Case.objects.order_by("pk")[2:]
    asked_before = SheetLines.ahead
    chunks = 0

    def meanwhile(lines: SheetLines, keys: Any) -> Any:
        nonlocal chunks
        chunks += 1
        if chunks == 2:
            county = world.counties["嵩县"]
            away = Unit.objects.get(kind=Unit.Kind.TASK_FORCE, region=county)
            Case.objects.filter(pk=given.pk).update(county=county, responsible_unit=away)
            WorkItem.objects.filter(process=given.pk).update(unit=away)
            WorkItem.objects.filter(process=ended.pk).update(finished=at(START))
        return asked_before(lines, keys)

    monkeypatch.setattr(sheet_lines, "CHUNK", 2)
    monkeypatch.setattr(SheetLines, "ahead", meanwhile)
    _name, rows = read(world, "涧西区/county_worker", "of=all")
    told = str(rows)
    assert chunks == 2
    assert given.enterprise.name not in told
    assert ended.enterprise.name not in told


def test_memory_and_statements_stay_with_a_long_ledger(
    world: World, today: Any, django_assert_max_num_queries: Any
) -> None:
    many(world, 1200)
    world.open()
    client = sign_in(world, "涧西区/county_lead")
    with django_assert_max_num_queries(25):
        _name, rows = taken(client)
    assert len(rows) == 1204


@pytest.mark.parametrize(
    ("text", "written"),
    [("=1+1", "'=1+1"), ("@sum", "'@sum"), ("-", "-"), ("—", "—"), ("示例", "示例")],
)
def test_safe(text: str, written: str) -> None:
    assert safe(text) == written


def test_the_chat_text_has_numbered_lines_and_no_more_than_fifty(world: World, today: Any) -> None:
    many(world, 60)
    world.open()
    answer = sign_in(world, "涧西区/county_lead").get("/ledger/copy/?chip=sign")
    lines = answer.content.decode().splitlines()
    assert answer["Content-Type"].startswith("text/plain")
    assert lines[0] == "涧西区工作专班待签收，共60家（截至3月1日）"
    assert lines[1].startswith("1. 示例企业")
    assert lines[-1] == "……还有10家，请在台账中查看"
    assert len(lines) == 52


def test_the_chat_text_and_the_name_of_an_export_say_what_narrows_them(
    world: World, today: Any
) -> None:
    world.firm("青岭示例有限公司", "涧西区")
    world.open()
    place = Enterprise.objects.get().memberships.get().county_id
    office = sign_in(world, "office/1")
    for query, told in {
        "of=": "工作台账",
        "q=“青岭”": "工作台账（检索：青岭）",
        f"county={place}&waits=county&q=青岭": "工作台账（涧西区；等县区处理；检索：青岭）",
        "chip=sign&grade=A": "待签收（应统未统）",
        "stage=survey&of=all": "工作台账（全部待办；摸底中）",
    }.items():
        head = office.get(f"/ledger/copy/?{query}").content.decode().splitlines()[0]
        assert head.startswith(f"市专班办{told}，共"), head
    for query, told in {
        "of=": "市专班办_在办",
        "of=mine": "市专班办_在办_我的待办",
        f"county={place}&waits=county": "涧西区_在办_等县区处理",
        "waits=firm": "市专班办_在办_等企业处理",
    }.items():
        assert f"台账_{told}_20220301.xlsx" in taken(office, query)[0]


def test_the_lists_of_supervision_are_copied_in_short_lines(
    world: World, today: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(world, 3)
    world.firm("嵩县示例矿业有限公司", "嵩县")
    world.open()
    late = START + timedelta(days=2)
    office, county = sign_in(world, "office/1"), sign_in(world, "涧西区/county_lead")
    due = county.get("/supervision/near/text/").content.decode().splitlines()
    assert due[0] == "3个工作日内到期，共3家（截至3月1日）"
    assert due[1].startswith("1. 示例企业")
    assert len(due) == 4
    # what a chat does not bear is counted
    monkeypatch.setattr("cases.views.copies.COPIED", 2)
    some = county.get("/supervision/near/text/").content.decode().splitlines()
    assert (some[0], some[3:]) == (due[0], ["……还有1家，请在台账中查看"])
    monkeypatch.setattr("cases.views.copies.COPIED", 50)
    monkeypatch.setattr(clock, "now", lambda: at(late))
    monkeypatch.setattr(clock, "today", lambda: late)
    lines = office.get("/supervision/text/").content.decode().splitlines()
    assert lines[:4] == [
        "截至3月3日，逾期4家，其中逾期10个工作日以上0家",
        "1. 涧西区：逾期3家，10个工作日以上0家",
        "2. 嵩县：逾期1家，10个工作日以上0家",
        "逾期时间较长的：",
    ]
    assert len(lines) == 4 + 4
    # a group of several counties reads no handler's name; the county's own does
    assert {line.rsplit("（", 1)[1] for line in lines[4:]} == {"涧西区）", "嵩县）"}
    assert due[1].endswith("（涧西区工作专班经办人）")
    # a county's own people read no ranking of themselves, nor another one's firms
    own = county.get("/supervision/text/").content.decode()
    assert "嵩县" not in own
    county.post("/ledger/bulk/urge/", {"all": "1", "step": "confirm", "reason": "请尽快"})
    urged = county.get("/supervision/reminders/text/").content.decode().splitlines()
    assert urged[0] == "催办记录（截至3月3日）"
    assert urged[1].startswith("1. 3月3日 示例企业")
    assert "催办：请尽快" in urged[1]


def test_paper_has_all_rows(world: World, today: Any) -> None:
    many(world, 60)
    world.open()
    html = sign_in(world, "涧西区/county_lead").get("/ledger/print/").content.decode()
    assert html.count("data-row ") == 60
    assert "print-head" in html


def test_counties_are_copied_in_the_order_of_the_page(
    world: World, today: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As late as each other: by their place, not by the signs of their names."""
    world.firm("示例甲有限公司", "嵩县")
    world.firm("示例乙有限公司", "涧西区")
    world.open()
    late = START + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: at(late))
    monkeypatch.setattr(clock, "today", lambda: late)
    office = sign_in(world, "office/1")
    page = office.get("/supervision/").context["counties"]
    shown = [row.name for row in page if row.overdue]
    lines = office.get("/supervision/text/").content.decode().splitlines()
    assert [line.split("：")[0] for line in lines[1:3]] == [
        f"{n}. {name}" for n, name in enumerate(shown, 1)
    ]
    assert shown == ["涧西区", "嵩县"]
