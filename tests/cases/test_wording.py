"""One line of the timeline per verb, in the exact words that officials expect."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from cases import wording
from cases.models import Case, CaseEvent
from cases.names import Names
from cases.wording import line_of, words_of
from organisations.models import Post
from tests.world import START, World, at

NAMES = Names({1: "涧西区工作专班", 2: "市工信局"}, {7: "周岚", 8: "赵清"})
# verb, what the event holds, the line in Chinese
LINES: list[tuple[str, dict[str, Any], str]] = [
    ("open", {"data": {"unit": 1}}, "市专班办于3月1日建档，交涧西区工作专班办理"),
    ("acknowledge", {}, "周岚签收"),
    ("decline", {"reason": "不属本区"}, "市专班办申请改派：不属本区"),
    ("advance", {"from_stage": "survey", "to_stage": "matching"}, "完成摸底，转入对接"),
    ("advance", {"from_stage": "watching", "to_stage": "watching"}, "暂不具备条件：继续观察"),
    ("advance", {"from_stage": "county_review", "to_stage": "confirmation"}, "县级审核通过"),
    ("send_back", {"reason": "未加盖公章"}, "周岚退回：未加盖公章"),
    (
        "suspend",
        {"reason": "半停产", "data": {"until": "2022-03-15"}},
        "暂缓办理，计时暂停：半停产，预计3月15日恢复",
    ),
    (
        "resume",
        {"data": {"working_days": 5, "new_due": "2022-03-29"}},
        "恢复办理，时限顺延5个工作日至3月29日",
    ),
    (
        "reassign",
        {"reason": "行业为建材", "data": {"from_unit": 1, "to_unit": 2}},
        "由涧西区工作专班改派至市工信局：行业为建材",
    ),
    (
        "reassign",
        {"data": {"from_unit": 1, "to_unit": 1, "from_post": 7, "to_post": 8}},
        "经办人由周岚调整为赵清",
    ),
    ("urge", {}, "周岚催办"),
    ("apply_for_closure", {}, "市专班办申请销号"),
    ("close", {"data": {"closing_serial": 860}}, "市专班确认销号，编号2022-0860"),
    (
        "delist",
        {"reason": "破产", "data": {"left_on": "2022-04-01"}},
        "因破产退库，4月1日起不计入基数",
    ),
    (
        "reopen",
        {"from_stage": "closed", "reason": "协议未履行", "data": {"from": "closed"}},
        "经复核不符合销号条件，恢复办理，当月核减1家：协议未履行",
    ),
    ("carry_over", {"reason": "辅助账未完成"}, "结转至2023年，原因：辅助账未完成"),
    ("comment", {"reason": "已电话沟通"}, "周岚备注：已电话沟通"),
    (
        "return_evidence",
        {"reason": "第3页", "data": {"criterion": "staff", "reason": 2}},
        "周岚退回“研发人员”材料：未加盖公章或签字不全；第3页",
    ),
    ("accept_evidence", {"data": {"criterion": "staff"}}, "周岚审核“研发人员”材料，县级已审"),
    (
        "rung",
        {"data": {"text": "overdue", "audience": ["handler", "county_lead"]}},
        "系统发出逾期提示，已同时提示县区审核人",
    ),
    (
        "review_rung",
        {"data": {"criterion": "staff", "days_late": -1}},
        "“研发人员”材料待审核，系统已提醒审核人",
    ),
    ("release_draft", {"data": {"kind": "work_note"}}, "市专班办发出《工作提示》"),
    ("call", {"reason": "周五前完成"}, "电话提醒：周五前完成"),
]


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return world.case()


def event(world: World, case: Case, verb: str, values: dict[str, Any]) -> CaseEvent:
    user = world.people["office/1"]
    user.name = "周岚"
    post = Post.objects.select_related("unit").filter(tenures__user=user)[0]
    return CaseEvent(case=case, verb=verb, at=at(START), by=user, by_post=post, **values)


def test_every_line_in_chinese(world: World, case: Case) -> None:
    with translation.override("zh-hans"):
        for verb, values, expected in LINES:
            assert words_of(event(world, case, verb, values), NAMES) == expected, verb


def test_every_line_in_english_too(world: World, case: Case) -> None:
    with translation.override("en"):
        for verb, values, _expected in LINES:
            english = words_of(event(world, case, verb, values), Names())
            assert english
            assert not re.search("[：；，。“].*签|退回|改派", english)


def test_every_verb_of_the_engine_has_a_sentence() -> None:
    written = set()
    for source in Path(wording.__file__).parent.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        written |= set(re.findall(r"step\.verb(?:, step\.\w+)* = \"(\w+)\"", text))
        written |= set(re.findall(r"_record\(step, (?:there, )?\"(\w+)\"", text))
    assert {"urge", "suspend", "submit_evidence", "comment"} <= written
    assert written <= set(wording.SENTENCES)


def test_what_was_said_stands_apart_unless_the_sentence_holds_it(world: World, case: Case) -> None:
    moved = event(world, case, "advance", {"from_stage": "survey", "to_stage": "matching"})
    moved.reason = "资料已齐"
    assert line_of(moved, NAMES)["said"] == "资料已齐"
    assert line_of(moved, NAMES)["kind"] == "move"
    urged = event(world, case, "urge", {"reason": "请尽快"})
    assert line_of(urged, NAMES)["said"] == ""
    assert line_of(event(world, case, "rung", {}), NAMES)["kind"] == "warn"


def test_a_leaders_remark_is_an_instruction(world: World, case: Case) -> None:
    said = event(world, case, "comment", {"reason": "请抓紧"})
    user = world.people["leader"]
    said.by, said.by_post = user, Post.objects.filter(tenures__user=user)[0]
    with translation.override("zh-hans"):
        assert words_of(said, NAMES) == f"{user}批示：请抓紧"


def test_names_need_a_fixed_number_of_statements(
    world: World, case: Case, django_assert_num_queries: Any
) -> None:
    events = list(CaseEvent.objects.select_related("case", "by", "by_post__unit"))
    with django_assert_num_queries(1):
        names = Names.of(events, START)
    with translation.override("zh-hans"):
        assert "交涧西区工作专班办理" in words_of(events[0], names)
