"""Kinds of case in the ledger, and the papers of a meeting."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from io import BytesIO, StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from cases.actions import matters, plan_measures, stages
from cases.ledger import Asked as Asked_
from cases.ledger import Ledger
from cases.ledger_choices import choices
from cases.models import Case, FormRecord
from reports.documents.content import annexes_named
from reports.documents.meeting import meeting_paper
from reports.documents.meeting_kept import Papers, papers_of
from tests.cases.lists import sign_in
from tests.cases.test_matters import BUREAU, JIANXI, asked, open_issue
from tests.world import START, World, at, survey_form


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return stages.acknowledge(world.case().pk, by=world.actor(JIANXI), at=at(START))


def test_the_ledger_by_kind_of_case(
    world: World, case: Case, today: Callable[[date], None]
) -> None:
    """事项类别: counted in the filter, on the page, in the workbook's name, on the command line."""
    today(START)
    issue = open_issue(world, case)
    office = world.actor("office/1")
    offered = choices(Ledger(office, START, Asked_()))
    assert offered.kinds == {"assistance": 1, "issue": 1}
    found = Ledger(office, START, Asked_.of_query({"procedure": "issue", "stage": "assigned"}))
    assert found.ids() == [issue.pk]
    assert found.counts["shown"] == 1
    client = sign_in(world, "office/1")
    page = client.get("/ledger/?procedure=issue").content.decode()
    assert "问题 1" in page
    assert "用电容量不足" in page
    assert "待回访" in page  # its own stages
    answer = client.get("/ledger/export/?procedure=issue")
    assert answer.getvalue()
    assert quote("问题") in answer["Content-Disposition"]
    assert "?procedure=issue" in client.get("/supervision/").content.decode()
    out = StringIO()
    call_command("case", "list", "--procedure", "issue", "--at", START.isoformat(), stdout=out)
    [line] = out.getvalue().splitlines()
    assert line.startswith(issue.number)
    with pytest.raises(CommandError):
        call_command("case", "list", "--procedure", "quest", "--at", START.isoformat())


def test_what_the_survey_says_stands_under_issues_and_needs(
    world: World, case: Case, today: Callable[[date], None]
) -> None:
    """001-13: needs and problems of the form, until they become matters of their own."""
    today(START)
    said = {
        "needs": [{"kind": "technology", "detail": "热处理变形控制"}],
        "problems": [{"problem": "招不到人", "solution": "校企合作", "belongs_to": "county"}],
    }
    form = survey_form("A") | said
    stages.advance(case.pk, by=world.actor(JIANXI), at=at(START, 10), form=form)
    client, url = sign_in(world, JIANXI), f"/cases/{case.pk}/"
    page = client.get(url).content.decode()
    assert all(words in page for words in ("热处理变形控制", "招不到人", "校企合作", "登记办理"))
    [link] = re.findall(r'href="(/matters/open/need/[^"]*words=[^"]*)"', page)
    opened = client.get(unescape(link)).content.decode()
    assert 'name="need" value="热处理变形控制"' in opened
    answers = {"need": "热处理变形控制", "kind": "technology"}
    matters.open_matter(
        world.programme,
        matters.Asked(procedure="need", parent_id=case.pk, answers=answers),
        by=world.actor(JIANXI),
        at=at(START, 11),
    )
    page = client.get(url).content.decode()
    assert len(re.findall("登记办理", page)) == 1  # the problem alone


def test_a_meeting_is_numbered_and_has_its_papers(
    world: World, case: Case, today: Callable[[date], None], tmp_path: Path
) -> None:
    """000-04: 第N次; 调度会材料包: agenda, ranking, last time's orders, counties."""
    today(START)
    answers = {"topic": "第一次调度会", "due_on": START.isoformat(), "chair": "王市长"}
    first = matters.open_matter(
        world.programme, asked("meeting", answers=answers), by=world.office, at=at(START)
    )
    rows = [{"matter": "摸底提速", "unit": "涧西区工作专班"}]
    minutes = {"held_on": START.isoformat(), "orders": rows}
    stages.advance(first.pk, by=world.office, at=at(START, 10), form=minutes)
    client = sign_in(world, "office/1")
    assert client.get("/matters/open/meeting/").context["sections"]
    second = matters.open_matter(
        world.programme,
        asked("meeting", answers=answers | {"topic": "第二次调度会"}),
        by=world.office,
        at=at(START, 11),
    )
    numbers = (
        FormRecord.objects.filter(form="meeting").order_by("pk").values_list("data", flat=True)
    )
    assert [data["number"] for data in numbers] == [1, 2]
    url = f"/meetings/{second.pk}/materials/"
    assert url in client.get(f"/cases/{second.pk}/").content.decode()
    book = load_workbook(BytesIO(client.get(url).getvalue()))
    assert book.sheetnames == ["议程", "县区排名", "上次议定事项", "县区情况"]
    sheets = {name: [[*row] for row in book[name].values] for name in book.sheetnames}
    assert "第二次调度会" in str(sheets["议程"][0][0])
    assert sheets["上次议定事项"][2][1:3] == ["摸底提速", "涧西区工作专班"]
    counties = {row[0]: row for row in sheets["县区情况"]}
    assert counties["涧西区"][1] == 1
    # one paper: the agenda, then annexes; a page for each county
    assert client.get(f"/meetings/{second.pk}/materials.pdf")["Location"].startswith("/files/")
    paper = meeting_paper(second, world.office, START)
    titles = [annex.title for annex in paper.annexes]
    assert titles[:2] == ["县（市、区）进展情况", "上次会议议定事项办理情况"]
    assert len(titles) == 3 + 16
    assert sum(len(table.rows) for table in paper.annexes[0].tables) == 16
    # one ranking: the workbook has the paper's lines in the paper's order
    [ranking] = paper.annexes[0].tables
    heads = [column.title for column in ranking.columns]
    place = heads.index("县区")
    ranked = [row[place] for row in ranking.rows]
    assert [row[place] for row in sheets["县区排名"] if row[place] in ranked] == ranked
    # sixteen pages of counties are one line among the annexes
    named = annexes_named(paper.annexes)
    assert [number for number, _title in named] == ["1", "2", "3", "4"]
    assert named[-1][1] == "各县（市、区）情况（一县一页）"
    [order] = paper.annexes[1].tables[0].rows
    assert order[1:3] == ("摸底提速", "涧西区工作专班")
    [own] = [annex for annex in paper.annexes if annex.title == "涧西区"]
    assert any("工作台账1家" in words for words in own.paragraphs)
    assert own.tables[-1].rows[0][1] == "摸底提速"
    word = tmp_path / "pack.docx"
    call_command("meeting", second.number, "--out", str(word))
    with zipfile.ZipFile(word) as held:
        assert "摸底提速" in held.read("word/document.xml").decode()
    # what was handed out stays: the next day's figures do not rewrite it
    later = START + timedelta(days=1)
    today(later)
    assert meeting_paper(second, world.office, later) != paper
    assert client.get(url).getvalue()
    assert papers_of(second, by=world.office, at=at(later)) == Papers(paper, START, 1)
    assert f"{url}?number=1" in client.get(f"/cases/{second.pk}/").content.decode()
    today(START)
    # the ordinary case has none, nor has whoever does not see the meeting
    assert client.get(f"/meetings/{case.pk}/materials/").status_code == 404
    assert sign_in(world, JIANXI).get(url).status_code == 404


def test_a_lead_reads_whose_answer_it_waits_for(
    world: World, case: Case, today: Callable[[date], None]
) -> None:
    issue = open_issue(world, case)
    officer = world.actor(BUREAU)
    stages.acknowledge(issue.pk, by=officer, at=at(START))
    part = asked("assist", parent_id=issue.pk, unit="市财政局", lead="市科技局", title="资金意见")
    matters.open_matter(world.programme, part, by=officer, at=at(START, 11))
    today(date(2022, 3, 7))
    page = sign_in(world, BUREAU).get(f"/cases/{issue.pk}/")
    [line] = page.context["awaited"]["lines"]
    assert line["unit"] == "市财政局"
    assert line["words"] == "协办中，自3月1日起，3月4日到期，逾期1个工作日"
    assert line["words"] in page.content.decode()


def test_who_leads_a_measure_is_said_once(world: World, today: Callable[[date], None]) -> None:
    today(START)
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    client, found = sign_in(world, "office/1"), {}
    for key in ("events", "county_policies", "patents"):
        pk = Case.objects.get(measure=key, parent=None).pk
        facts = client.get(f"/cases/{pk}/").context["facts"]
        found[key] = {fact["name"]: fact["value"] for fact in facts}
    # several in the paper's order; one that has it too; each county (001-03, 001-04)
    assert found["events"]["牵头单位"] == "市科技局、市教育局"
    assert "牵头单位" not in found["patents"]
    assert found["patents"]["牵头承办单位"] == "市市场监管局"
    assert found["county_policies"]["承办单位"] == "各县区（牵头）"
    assert "市专班办" not in found["county_policies"].values()


def test_a_count_is_said_in_its_own_unit(world: World, today: Callable[[date], None]) -> None:
    today(START)
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    client = sign_in(world, "office/1")
    case = Case.objects.get(measure="events", parent=None)
    due = client.get(f"/cases/{case.pk}/").context["facts"][0]
    assert (due["value"], due["note"]) == ("2022年12月31日", "5期，至2022年12月31日止")
