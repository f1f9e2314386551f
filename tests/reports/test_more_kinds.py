"""The kinds besides circular and letter: compiled from the data, frozen, printed as house forms."""

from __future__ import annotations

import io
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from PIL import Image

from cases.actions import evidence, matters, recurring, stages
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.models import Case, Evidence, FormRecord
from reports.documents import actions, cells, kinds, matter_papers, printing
from reports.documents.content import Content
from reports.documents.kinds import Kind, Subject
from reports.documents.nouns import Document
from reports.documents.previews import pages_of
from reports.documents.printed_forms import form_sections
from reports.documents.render import our_fonts, render_pdf
from reports.documents.route import State
from reports.documents.sheets import form_of
from tests.cases import standing
from tests.cases.lists import sign_in
from tests.cases.test_matters import ORDER, asked
from tests.reports.offices import step, until
from tests.reports.papers import LONG_FIRM
from tests.world import START, World, at, closing_form
from workflows.packs import parse_pack, shipped_text

DAY = date(2022, 3, 31)
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def compiled(world: World, kind: Kind, case: Case | None = None) -> Content:
    return kinds.compiled(kind, Subject(world.programme, DAY, DAY, case))


def words_of(content: Content) -> str:
    """Everything that a form prints."""
    said: list[str] = [content.title, *content.subtitle, *content.paragraphs]
    for section in content.sections:
        said += [section.heading, *section.paragraphs, *section.notes]
        said += [cell.text for row in (section.grid.rows if section.grid else ()) for cell in row]
        said += [cell for row in (section.table.rows if section.table else ()) for cell in row]
    return "\n".join(said)


def scan() -> Paper:
    target = io.BytesIO()
    Image.new("RGB", (900, 1200), "white").save(target, "JPEG")
    data = target.getvalue()
    name = "名册.jpg"
    file = ContentFile(data, name)
    return Paper(file, name, "image/jpeg", len(data), sha256(data).hexdigest())


@pytest.fixture
def closed(world: World, settings: Any, tmp_path: Path) -> Case:
    settings.MEDIA_ROOT = tmp_path
    case = standing.rectifying(world)
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    for have in standing.HAVES:
        if have == "staff":
            [row] = evidence.submit(
                case.pk, criterion=have, papers=[scan()], by=worker, at=at(START, 11)
            )
            evidence.accept(row.pk, by=lead, at=at(START, 12))
        else:
            world.prove(case, have)
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
    stages.advance(case.pk, by=lead, at=at(START, 14))
    stages.close(case.pk, by=world.actor("office/1"), at=at(START, 15))
    case.refresh_from_db()
    assert case.enterprise is not None
    case.enterprise.name = LONG_FIRM
    case.enterprise.save()
    return case


def test_a_firms_papers(world: World, closed: Case) -> None:
    """000-17, 001-23: the closing sheet, the whole file with its pages, the survey."""
    sheet = words_of(compiled(world, Kind.CLOSING_SHEET, closed))
    assert f"销号编号：{closed.closing_number}" in sheet
    assert "☑研发机构　☑研发人员　☑研发经费　☑产学研合作" in sheet
    assert "本企业承诺：所提供的材料真实" in sheet

    file = compiled(world, Kind.CASE_FILE, closed)
    told = words_of(file)
    for wanted in (
        "一、企业基本情况",
        "三、摸底表（2022-03-01）",
        "建研发人员名册",
        "县级审核通过",
    ):
        assert wanted in told
    assert [one.caption for one in file.previews][1] == "2. 名册.jpg"
    pages = pages_of(file.previews)
    scanned = file.previews[1].evidence
    # only what is a picture or a sound PDF has pages; a broken one is in the list alone
    assert {key: len(found) for key, found in pages.items() if found} == {scanned: 1}
    with pdfplumber.open(io.BytesIO(render_pdf(form_of(file, "", our_fonts(), pages)))) as book:
        printed = "".join(char["text"] for page in book.pages for char in page.chars)
        assert [len(page.images) for page in book.pages][-1] == 1
    assert LONG_FIRM in printed
    # a file that is not what was accepted any more is left out
    paper = Evidence.objects.get(pk=scanned)
    paper.file.storage.delete(str(paper.file.name))
    assert not pages_of(file.previews)[scanned]

    survey = words_of(compiled(world, Kind.QUESTIONNAIRE, closed))
    assert "☐座谈会　☐问卷　☑现场　☐电话" in survey
    totals = words_of(compiled(world, Kind.SUMMARY_TABLE))
    assert f"全市合计\n1\n1\n100.0\n0\n0\n二、销号企业名单\n1\n涧西区\n{LONG_FIRM}" in totals
    # a past day tells of itself: the closing that came later is not on its paper, nor its number
    before = START - timedelta(days=1)
    past = words_of(kinds.compiled(Kind.SUMMARY_TABLE, Subject(world.programme, before, DAY)))
    assert "截至2022年2月28日" in past
    assert "全市合计\n0\n0\n—" in past
    assert LONG_FIRM not in past
    assert closed.closing_number in totals
    assert closed.closing_number not in past
    # a firm that left the register is in no base
    Case.objects.filter(pk=closed.pk).update(stage="delisted", status="CANCELED")
    assert "全市合计\n0\n0\n—" in words_of(compiled(world, Kind.SUMMARY_TABLE))
    # a list of needs says how things stand now, and bears that day, whatever day was asked for
    about = Subject(world.programme, date(2021, 12, 31), DAY)
    made = kinds.draft_of(Kind.NEEDS_LIST, about, by=world.actor("office/1"), at=at(DAY))
    assert made.as_of == DAY


def test_papers_of_matters(world: World) -> None:
    """004-22, 004-23, 000-03, 001-13: order, report, bulletin, needs."""
    firm = world.firm("甲有限公司")
    world.open()
    ask = asked("supervision", unit="涧西区工作专班", answers=ORDER)
    order = matters.open_matter(world.programme, ask, by=world.office, at=at(START))
    said = words_of(compiled(world, Kind.ORDER_FORM, order))
    assert "领导批示\n依据" in said
    assert "限期完成摸底" in said
    _office_writes_a_form(world, order)
    wanted = {"need": "耐火材料配方", "kind": "technology", "detail": "解决{高温}配方"}
    ask = asked("need", enterprise_id=firm.pk, unit="市科技局", answers=wanted)
    matters.open_matter(world.programme, ask, by=world.actor(WORKER), at=at(START))
    assert "技术\n耐火材料配方：解决{高温}配方\n市科技局" in words_of(
        compiled(world, Kind.NEEDS_LIST)
    )

    recurring.open_due(at(START.replace(day=25)))
    report = Case.objects.get(procedure="county_report", county__name="涧西区")
    answers = {
        "progress": "一是全面摸底。\n二是走访{企业}。",
        "next_step": "继续办理。",
        "highlights": "组建入企工作小组。逐户销号。",
    }
    moment = at(DAY, 10)
    FormRecord.objects.create(
        case=report, form="month_report", is_draft=False, at=moment, data=answers
    )
    paper = compiled(world, Kind.MONTHLY_REPORT, report)
    assert paper.title == "涧西区2022年3月规上工业企业研发活动全覆盖工作月报"
    assert paper.paragraphs[:3] == ("一、工作进展", "一是全面摸底。", "二是走访｛企业｝。")
    assert [row[0] for row in paper.annexes[0].tables[0].rows] == ["涧西区"]
    assert report.parent is not None
    whole = compiled(world, Kind.MONTHLY_REPORT, report.parent)
    assert whole.annexes[0].tables[0].rows[-1][0] == "洛阳市"
    issue = compiled(world, Kind.BULLETIN)
    assert "# 涧西区：组建入企工作小组" in issue.paragraphs
    assert issue.paragraphs[-1] == "逐户销号。（涧西区）"
    assert issue.figures["填报率"] == "100.0"

    with pytest.raises(Refused) as refusal:
        compiled(world, Kind.CLOSING_SHEET, order)
    assert refusal.value.code == "no_case"
    about = Subject(world.programme, DAY, DAY)
    first, second = (
        kinds.draft_of(Kind.BULLETIN, about, by=world.actor("office/1"), at=at(DAY))
        for _n in range(2)
    )
    assert until(world, first, State.ISSUED).number == "2022年第1期"
    assert until(world, second, State.ISSUED).number == "2022年第2期"
    steps = Document.objects.get(pk=first.pk).steps.values_list("step", flat=True)
    assert list(steps) == ["draft", "check", "sign", "number", "issue"]  # nobody seals an issue


def test_of_a_letter_the_order_keeps_what_it_asks_for() -> None:
    letter = (
        "关于督促办理的函\n\n嵩县人民政府：\n　　截至9月14日，你县有9家企业逾期。现函告如下：\n"
        "　　一、请逐户分析原因。\n　　二、请列出清单。\n"
        "　　办理情况请于9月24日前反馈。\n　　专此函告。\n\n"
        "　　附件：清单\n\n"
        "　　　　　　专班办公室\n　　　　　　2026年9月15日\n　　（联系人：周示例）"
    )
    asked = ["一、请逐户分析原因。", "二、请列出清单。", "办理情况请于9月24日前反馈。"]
    assert matter_papers.asked_of(letter).split("\n") == asked
    assert matter_papers.asked_of("限期完成摸底") == "限期完成摸底"


def _office_writes_a_form(world: World, order: Case) -> None:
    """Cells that the office may write name figures; what is compiled stays as compiled."""
    about, by = Subject(world.programme, DAY, DAY, order), world.actor("office/1")
    made = kinds.draft_of(Kind.ORDER_FORM, about, by=by, at=at(DAY))
    places = {label: place for place, label, _text in cells.writable(made.said)}
    assert list(places) == ["督办要求", "领导批示", "承办单位办理情况", "审核意见", "销号意见"]
    given: dict[str, Any] = {
        "by": by, "at": at(DAY), "version": made.version, "title": made.title, "addressee": "",
        "text": "", "copies": (),
    }  # fmt: skip
    with pytest.raises(Refused) as refusal, transaction.atomic():
        actions.edit(made.pk, written={places["审核意见"]: "{没有}"}, **given)
    assert refusal.value.code == "unknown_figure"
    words = "请{责任单位}于{办结时限}前办结<b>"
    made = actions.edit(made.pk, written={places["审核意见"]: words, (0, 0, 1): "改事项"}, **given)
    printed = words_of(cells.filled(made.said))
    assert f"请{order.responsible_unit}于" in printed
    assert "前办结<b>" in printed
    assert "改事项" not in printed  # compiled, not written
    fresh = kinds.compiled(Kind.ORDER_FORM, about)
    made = actions.relink(made.pk, by=by, version=made.version, compiled=fresh)
    [kept] = [text for _place, label, text in cells.writable(made.said) if label == "审核意见"]
    assert kept == words
    page = printing.page_of(made.said)
    assert "前办结&lt;b&gt;" in page
    client = sign_in(world, "office/1")
    url = reverse("document", args=[made.pk])
    name = f"cell-{'-'.join(map(str, places['领导批示']))}"
    typed = {"version": made.version, "title": made.title, name: "请抓紧。"}
    done = client.post(reverse("document_act", args=[made.pk, "edit"]), typed)
    assert done["Location"] == url
    read = client.get(url).content.decode()
    assert "请抓紧。" in read
    assert words.replace("<b>", "&lt;b&gt;") in read  # what is not sent stays


def test_a_house_form_goes_a_shorter_way(world: World) -> None:
    about = Subject(world.programme, DAY, DAY)
    made = kinds.draft_of(Kind.NEEDS_LIST, about, by=world.actor("office/1"), at=at(DAY))
    step(world, made, until(world, made, State.TO_SIGN).ahead[0])  # type: ignore[index]
    made.refresh_from_db()
    assert (made.state, made.number) == (State.SEALED, "")
    # firms of every county stand in it: it goes to no county
    assert until(world, made, State.ISSUED).receipts.count() == 0


def test_what_is_about_a_firm_goes_to_its_own_county_alone(world: World) -> None:
    world.firm("甲有限公司")
    world.open()
    about = Subject(world.programme, DAY, DAY, world.case())
    made = kinds.draft_of(Kind.CASE_FILE, about, by=world.actor("office/1"), at=at(DAY))
    changed = actions.edit(
        made.pk, by=world.actor("office/1"), at=at(DAY), version=made.version, title="改过的标题",
        addressee="", text="", copies=(),
    )  # fmt: skip
    assert (changed.title, len(changed.said.sections)) == ("改过的标题", len(made.said.sections))
    receipts = until(world, changed, State.ISSUED).receipts.all()
    assert [receipt.unit.short_name for receipt in receipts] == ["涧西区工作专班"]


def test_annex_3_of_the_paper_is_the_packs_survey() -> None:
    """004-28: fourteen boxes, tables with units and free rows."""
    form = parse_pack(shipped_text("jincheng-2020"), "jincheng-2020").form("survey")
    found = list(form_sections(form, {"other": ["body"]}, {"name": "甲有限公司"}, {}))
    text = "\n".join(cell.text for s in found if s.grid for row in s.grid.rows for cell in row)
    assert "甲有限公司" in text
    assert text.count("☐") + text.count("☑") >= 14
    assert "☑成立企业内部研究机构、创新管理部门　☐开展“五小”创新" in text
    tables = {s.table.caption: s.table for s in found if s.table}
    assert tables["研发项目"].columns[2].title == "研究开发人员情况（人）"
    assert len(tables["研发项目"].rows) == 2
