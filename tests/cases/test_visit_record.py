"""走访记录 as the plan's form: its own questions under its own words, read by roles (004-17)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from cases import visit_answers
from cases.actions import calling, visiting
from cases.models import CallNote, Case, Visit
from cases.visits import visits_of
from enterprises.models import Enterprise
from tests.cases.lists import sign_in
from tests.cases.test_field import FAR, FOUND, JSON, WORKER, given
from tests.config.test_commands import as_json, refused
from tests.reports.test_firm_samples import text_of
from tests.taken import taken
from tests.world import START, SYSTEM, World, at
from workflows.form_fields import Form
from workflows.issuing import issue_pack
from workflows.packs import shipped_text


@pytest.fixture
def firm(world: World, today: Any) -> Enterprise:
    found = world.firm("洛阳示例轴承有限公司")
    world.open()
    today(START)
    return found


TOLD = {"policy": "惠企政策 | Policies"}
HOW = {"on_site": "现场 | On site", "park": "园区集中 | In the park"}
FIELDS: list[dict[str, Any]] = [
    {"key": "day", "role": "visited_on", "kind": "date", "required": True, "label": "对接日期"},
    {"key": "how", "role": "way", "kind": "choice", "label": "形式", "choices": HOW},
    {"key": "went", "role": "people", "kind": "text", "required": True, "label": "小组成员"},
    {"key": "told", "kind": "many_of", "label": "宣讲内容 | Told", "choices": TOLD},
    {"key": "which", "kind": "text", "label": "哪项政策", "required": True},
    {"key": "asks", "kind": "text", "required": True, "label": "企业诉求 | Asks"},
    {"key": "result", "role": "found", "kind": "text", "label": "约定"},
    {"key": "again", "role": "next_contact", "kind": "date", "label": "下次联系"},
]
# another version of the plan, which asks under other names
OTHERWISE = (
    "\nforms:\n",
    """
forms:
  visit:
    title: 走访 | Visit
    fields:
      - {key: day, role: visited_on, kind: date, required: true, label: 日期 | Day}
      - {key: who, role: people, kind: text, required: true, label: 人员 | People}
      - {key: agreed, role: found, kind: text, label: 商定事项 | Agreed}
""",
)
FIELDS[2]["prefilled"] = "me"
FIELDS[4]["shown_when"] = {"field": "told", "any_of": ["policy"]}


def test_the_visit_record_is_the_plans_form(
    world: World, firm: Enterprise, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """004-17: its own questions under its own words, also from a phone that was away; what the
    product reads it finds by roles, and who opened the page before is understood still."""
    form = Form.model_validate({"key": "visit", "title": "记录 | Record", "fields": FIELDS})
    monkeypatch.setattr(visit_answers, "visit_form", lambda pack: form)
    client, url = sign_in(world, WORKER), reverse("visit_new", args=[firm.pk])
    page = client.get(url).content.decode()
    me = world.people[WORKER].name
    assert all(
        words in page for words in ("小组成员", "宣讲内容", 'data-shown-by="told"', "pack.js")
    )
    assert re.search(f'name="went" value="{me}"', page)
    assert 'name="people"' not in page
    lacking = client.post(url, given(firm), headers=JSON)
    assert "企业诉求" in lacking.json()["words"]
    again = client.post(url, given(firm, told="policy"))
    assert again.status_code == 422
    assert 'value="policy" checked' in again.content.decode()
    wrong = client.post(url, given(firm, asks="缺人", again="明天"))
    assert "下次联系" in wrong.content.decode()
    assert not Visit.objects.exists()
    own = {"day": START.isoformat(), "how": "park", "went": "周示例", "result": "下月再访"}
    own |= {"told": "policy", "which": "加计扣除", "asks": "缺研发会计", "again": "2022-03-09"}
    sent_by = {key: given(firm)[key] for key in ("sent_as", "basis", "cases")}
    client.post(url, own | sent_by, headers=JSON)
    visit = Visit.objects.get()
    answers = {"told": ["policy"], "which": "加计扣除", "asks": "缺研发会计"}
    assert (visit.answers, visit.way, visit.found) == (answers, "park", "下月再访")
    assert (visit.people, visit.next_on) == ("周示例", date(2022, 3, 9))
    page = client.get(reverse("firm_visits", args=[firm.pk])).content.decode()
    read = ("宣讲内容", "惠企政策", "缺研发会计", "园区集中", "再联系")
    assert all(words in page for words in read)
    record = reverse("visit_record", args=[visit.pk])
    printed = client.get(record).content.decode()
    paper = reverse("visit_paper", args=[visit.pk, "docx"])
    assert all(words in printed for words in ("对接日期", "园区集中", "加计扣除", "sheet.pdf"))
    # as an office files it: whose it is by its code, and room for both sides to sign
    sheet = text_of(client.get(paper).content)
    assert [what for what, _who in taken()] == ["visit"]
    held = (firm.credit_code or "?", "惠企政策", "走访人签字", "企业代表签字", "涧西区")
    assert [words for words in held if words not in sheet] == []
    assert [sign_in(world, FAR).get(way).status_code for way in (record, paper)] == [404, 404]
    case = Case.objects.get(enterprise=firm)
    assert "约定3月9日再联系" in client.get(reverse("case", args=[case.pk])).content.decode()
    # who reads no finding reads no answer
    told = [visits_of(firm, world.actor(who), START).lines[0].answers for who in (WORKER, FAR)]
    assert [len(answers) for answers in told] == [3, 0]
    # taken along when the plan asked the usual: the same roles under their names
    older = given(firm, asks="缺场地", sent_as=str(uuid4()), people="孟示例")
    assert client.post(url, older, headers=JSON).json()["state"] == "recorded"
    assert Visit.objects.filter(people="孟示例", found=FOUND, way="on_site").exists()
    file = tmp_path / "answers.yaml"
    file.write_text("asks: 缺场地\n", encoding="utf-8")
    by = ("--by", world.people[WORKER].username, "--at", START.isoformat())
    said = ("--people", "周示例", "--found", FOUND, "--answers", str(file))
    for command in ("field", "firm"):
        as_json(command, "visit", firm.name, *said, "--next-contact", "2022-03-10", *by)
    assert Visit.objects.filter(answers__asks="缺场地", next_on="2022-03-10").count() == 2
    shown = as_json("firm", "show", firm.name, *by[:2])["visits"]["list"]
    assert {"企业诉求": "缺场地"} in [one["answers"] for one in shown]
    assert "企业诉求" in refused("field", "visit", firm.name, *said[:4], *by)[1]
    assert "企业参加人" in refused("field", "visit", firm.name, *said, "--met", "李", *by)[1]


def test_an_older_page_is_read_by_the_version_that_asked(world: World, firm: Enterprise) -> None:
    """A new version in between neither loses nor refuses what was typed under the old one."""
    questions = visit_answers.asked(world.programme.city_id)
    old = questions.version
    assert old is not None
    newer = issue_pack(shipped_text("luoyang-2022").replace(*OTHERWISE), by=SYSTEM, at=at(START, 9))
    latest = visit_answers.asked(world.programme.city_id)
    assert (latest.version, latest.key("found")) == (newer.pk, "agreed")
    page = given(firm, asked_by=str(old), people="周示例")
    sent = sign_in(world, WORKER).post(reverse("visit_new", args=[firm.pk]), page, headers=JSON)
    assert sent.json()["state"] == "recorded"
    visit = Visit.objects.get()
    assert (visit.pack_version_id, visit.people, visit.found) == (old, "周示例", FOUND)
    assert ("情况与约定", FOUND) in visit_answers.record_of(visit)
    # a version that never was is none: the newest asks
    assert visit_answers.asked(world.programme.city_id, 999_999) == latest
    visit = visiting.record_visit(
        firm, by=world.actor(WORKER), at=at(START, 10), visited_on=START, people="周", found=FOUND,
        asked_by=old,
    )  # fmt: skip
    assert (visit.pack_version_id, visit.way) == (old, "on_site")
    # what was stored before forms were declared reads as it did
    Visit.objects.filter(pk=visit.pk).update(pack_version=None, way="meeting")
    visit.refresh_from_db()
    assert ("走访方式", "座谈会") in visit_answers.record_of(visit)


def test_the_day_agreed_on_stands_in_the_route_and_among_the_todos(
    world: World, firm: Enterprise, today: Any
) -> None:
    """约定下次联系: on its day and until somebody calls there; of one's own firms alone."""
    day = START + timedelta(days=1)

    def visit(on: date, again: date | None) -> None:
        by, when = world.actor(WORKER), at(on, 11)
        visiting.record_visit(
            firm, visited_on=on, people="周示例", found=FOUND, next_on=again, by=by, at=when
        )

    visit(START, day)
    handler, far = sign_in(world, WORKER), sign_in(world, FAR)
    pages = [reverse("workbench"), reverse("route")]
    for when, words in (
        (START, None),
        (day, "约定今日联系"),
        (day + timedelta(days=1), "尚未联系"),
    ):
        today(when)
        for page in pages:
            html = handler.get(page).content.decode()
            assert ("约定联系" in html) is (words is not None), (page, when)
            assert words is None or words in html
            assert "约定联系" not in far.get(page).content.decode()
    [(_area, [stop]), *_rest] = handler.get(pages[1]).context["suggested"]
    assert (stop.firm, stop.row is not None) == (firm.pk, True)
    # whoever owes a case that it served hears of it as well
    Visit.objects.update(by=world.people[FAR])
    assert "约定联系" in handler.get(pages[0]).content.decode()
    assert "约定联系" not in far.get(pages[0]).content.decode()
    calling.note_call(
        firm, result="promised", next_step="nothing", by=world.actor(WORKER), at=at(day, 15)
    )
    assert "约定联系" not in handler.get(pages[0]).content.decode()
    CallNote.objects.all().delete()
    visit(day, None)
    assert "约定联系" not in handler.get(pages[1]).content.decode()
