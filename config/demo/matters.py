"""What people do about issues, needs, measures, meetings and orders: one evening's work.

Most things are done in the last days before they are due; the slow counties let theirs lie.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q

from cases.actions import filling, stages
from cases.models import Case, WorkItem
from cases.querysets import waits_for_children
from config.demo.campaign import Campaign
from config.demo.people import SLOW
from organisations.days import day_of
from organisations.errors import Refused
from organisations.scope import Actor
from workflows.models import load_calendar

KINDS = (
    "issue", "need", "measure", "measure_part", "measure_turn", "supervision", "meeting", "order",
    "proposal", "joint_opinion", "policy_offer", "completion",
    "reconciling",
)  # fmt: skip
AHEAD = timedelta(days=6)
SOON, EARLY, LATE_SLOW = 0.45, 0.12, 0.08
CHECKED = (
    "已逐户电话核对：多数企业正在补报，预计下月完成；个别企业停产，已另行说明。",
    "已与省系统名单逐户核对，差异为新入库和改名企业，已报市专班办更正。",
)
SENT_BACK = 0.12  # of what the office checks
Answers = dict[str, Any]


class Way(NamedTuple):
    """How a stage is left: the verb, the form's answers, and whether a draft is kept first."""

    verb: str
    answers: Callable[[WorkItem, date, Random], Answers] | None = None
    form: str = ""


def work(campaign: Campaign, at: datetime) -> None:
    """One evening; what a verb refuses is left."""
    luck = Random(day_of(at).toordinal() + 11)
    for item in _items(campaign, day_of(at)):
        if luck.random() < _likely(item, day_of(at)):
            with contextlib.suppress(Refused), transaction.atomic():
                _act(campaign, item, luck, at)


def _items(campaign: Campaign, on: date) -> list[WorkItem]:
    """Open steps that somebody would turn to today; two statements."""
    cases = Case.objects.filter(programme=campaign.city.programme, procedure__in=KINDS)
    mine = cases.filter(finished=None).exclude(waits_for_children())
    rows = WorkItem.objects.filter(process__in=mine, finished=None)
    near = Q(due_on__lte=on + AHEAD) | Q(due_on=None, process__procedure="meeting")
    related = rows.filter(near).select_related("process__county", "post", "unit")
    return list(related.order_by("id"))


def _likely(item: WorkItem, on: date) -> float:
    if item.process.procedure == "meeting":
        return 1.0 if item.due_on is None or on >= item.due_on else 0.0
    if item.process.county.name in SLOW:
        return LATE_SLOW
    if item.due_on is None:
        return EARLY
    left = load_calendar().between(on, item.due_on)
    return SOON if left <= 2 else EARLY


def _act(campaign: Campaign, item: WorkItem, luck: Random, at: datetime) -> None:
    case: Case = item.process
    way = WAYS.get((case.procedure, item.stage)) or WAYS.get(("", item.stage))
    if way is None:
        return
    by = _who(campaign, item, way)
    answers = way.answers(item, day_of(at), luck) if way.answers else None
    if way.verb == "acknowledge":
        stages.acknowledge(case.pk, by=by, at=at)
    elif way.verb == "advance":
        stages.advance(case.pk, by=by, at=at, form=answers)
    elif item.stage == "review" and luck.random() < SENT_BACK:
        stages.send_back(case.pk, by=by, at=at, reason="请补充时间节点和责任人")
    else:
        if answers is not None:
            worker = campaign.actor(item.unit_id, item.post.role)
            filling.save_draft(case.pk, form=way.form, data=answers, by=worker, at=at)
        stages.close(case.pk, by=by, at=at)


def _who(campaign: Campaign, item: WorkItem, way: Way) -> Actor:
    """Whoever holds the post; what a county closes its reviewer closes, a meeting a second one."""
    case: Case = item.process
    if way.verb == "close" and case.procedure in ("issue", "need"):
        return campaign.actor(item.unit_id, "county_lead")
    if (case.procedure, way.verb) == ("meeting", "close"):
        return campaign.office(1)
    return campaign.actor(item.unit_id, item.post.role)


# --- what they fill in ----------------------------------------------------------------------------
def _answer(item: WorkItem, on: date, luck: Random) -> Answers:
    result = luck.choice(("solved", "solved", "explained"))
    return {"answer": "已会同有关单位现场办理，并向企业反馈。", "result": result}


def _called(item: WorkItem, on: date, luck: Random) -> Answers:
    satisfied = luck.choice(("yes", "yes", "yes", "partly"))
    return {"called_on": on.isoformat(), "person": "企业财务负责人", "satisfied": satisfied}


def _partners(item: WorkItem, on: date, luck: Random) -> Answers:
    return {"partners": luck.choice(("示例理工学院", "示例研究院", "示例大学技术转移中心"))}


def _met(item: WorkItem, on: date, luck: Random) -> Answers:
    result = luck.choice(("agreement", "intention"))
    return {"partner": "示例理工学院", "met_on": on.isoformat(), "result": result}


def _result(item: WorkItem, on: date, luck: Random) -> Answers:
    return {"result": "双方已签订协议，首笔款项已支付。", "done_on": on.isoformat()}


def _measure(item: WorkItem, on: date, luck: Random) -> Answers:
    entry = {"done_on": on.isoformat(), "what": "召开推进会，逐项核对进度", "number": 1}
    summary = "已按要求完成，台账和印证材料齐全。"
    return {"entries": [entry], "summary": summary, "shortfall": "其余场次已排入下季度计划"}


def _turn(item: WorkItem, on: date, luck: Random) -> Answers:
    return {
        "held_on": on.isoformat(),
        "place": luck.choice(("都市核心区", "环都市区", "南部生态区")),
        "way": luck.choice(("on_site", "both")),
        "firms": luck.randrange(20, 60),
        "people": luck.randrange(60, 200),
        "summary": "宣讲研发费用加计扣除等惠企政策。",
    }


def _feedback(item: WorkItem, on: date, luck: Random) -> Answers:
    report = luck.choice(("已逐户分析原因，明确责任人和完成时限。", "已完成，情况附后。"))
    return {"report": report, "next_step": "对未办结企业每周调度"}


def _minutes(item: WorkItem, on: date, luck: Random) -> Answers:
    due = load_calendar().add(on, 10).isoformat()
    slow = luck.choice(SLOW)
    return {
        "held_on": on.isoformat(),
        "present": "各县（市、区）工作专班、归口部门、包联组负责同志",
        "opinions": [
            {
                "unit": f"{slow}工作专班",
                "opinion": "企业财务人员力量不足，建议集中培训",
                "answer": "由市税务局、市统计局联合开展，本月内安排",
            }
        ],
        "orders": [
            {"matter": "对只差一项的企业逐户销号", "unit": f"{slow}工作专班", "due_on": due},
            {"matter": "组织研发费用归集专题培训", "unit": "市税务局", "due_on": due},
        ],
    }


def _opinion(item: WorkItem, on: date, luck: Random) -> Answers:
    text = "同意主办单位意见，本单位将按职责落实。"
    return {"opinion": text, "contact": "李示例", "phone": "0999-5550110"}


def _reply(item: WorkItem, on: date, luck: Random) -> Answers:
    contacts = [{"unit": "市工信局", "phone": "0999-5550120", "name": "王示例"}]
    return {
        "text": "经与会办单位共同研究，现答复如下：\n"
        "一、已将规上工业企业研发活动全覆盖纳入年度重点工作，市、县两级逐户摸底、逐项销号。\n"
        "二、市财政局落实研发费用后补助，市科技局组织科技特派员对接企业技术需求。\n"
        "三、下一步，对尚未开展研发活动的企业继续上门服务，不增加企业负担。",
        "contacts": contacts,
    }


def _proposers(item: WorkItem, on: date, luck: Random) -> Answers:
    return {"told_on": on.isoformat(), "satisfied": "yes"}


def _told(item: WorkItem, on: date, luck: Random) -> Answers:
    grade = luck.choice(("wants", "wants", "declines"))
    told = {"told_on": on.isoformat(), "way": "phone", "person": "企业财务负责人", "grade": grade}
    return told if grade == "wants" else told | {"reason": "已享受同类政策"}


def _applied(item: WorkItem, on: date, luck: Random) -> Answers:
    return {"applied_on": on.isoformat(), "papers": "申请表、研发费用辅助账"}


def _decided(item: WorkItem, on: date, luck: Random) -> Answers:
    result = "granted" if item.process.grade == "wants" else "declined"
    return {"result": result, "decided_on": on.isoformat()}


def _checked(item: WorkItem, on: date, luck: Random) -> Answers:
    return {"handled": luck.choice(CHECKED)}


WAYS: dict[tuple[str, str], Way] = {
    ("", "assigned"): Way("acknowledge"),
    ("issue", "handling"): Way("advance", _answer),
    ("issue", "call_back"): Way("close", _called, "call_back"),
    ("need", "match"): Way("advance", _partners),
    ("need", "contact"): Way("advance", _met),
    ("need", "carrying"): Way("close", _result, "need_result"),
    ("measure", "running"): Way("advance", _measure),
    ("measure_part", "running"): Way("advance", _measure),
    ("measure_turn", "running"): Way("advance", _turn),
    ("supervision", "drafting"): Way("advance"),
    ("supervision", "handling"): Way("advance", _feedback),
    ("order", "handling"): Way("advance", _feedback),
    ("meeting", "preparing"): Way("advance", _minutes),
    ("meeting", "following"): Way("close"),
    ("proposal", "studying"): Way("advance", _reply),
    ("proposal", "signing"): Way("advance"),
    ("proposal", "answered"): Way("advance", _proposers),
    ("proposal", "filing"): Way("close"),
    ("joint_opinion", "answering"): Way("advance", _opinion),
    ("joint_opinion", "signing"): Way("close"),
    ("policy_offer", "telling"): Way("advance", _told),
    ("policy_offer", "applying"): Way("advance", _applied),
    ("policy_offer", "deciding"): Way("close", _decided, "offer_decision"),
    ("reconciling", "checking"): Way("close", _checked, "reconciling_answer"),
    ("", "review"): Way("close"),
}
