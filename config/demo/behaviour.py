"""How the made-up units and firms behave: pace, luck, and the forms they fill in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from cases.suggestions import Offered, Partner
from config.demo.people import HOME, SLOW, STAR
from config.demo.workbooks import HAVES

COMMENTS = (
    "已电话联系，企业财务负责人出差，约定下周上门",
    "企业更换财务负责人，正在交接辅助账",
    "已与示例学院洽谈合作意向",
    "协议已送对方盖章",
    "辅助账按项目重新归集中",
    "科技特派员已进站",
    "企业已注册省系统，正在填报",
    "已上门辅导，研发立项决议初稿已成",
)
DELAYS = ("企业停产检修", "法人变更登记中", "厂区搬迁，暂无法走访", "环保限产，财务人员轮休")
RETURNS = ("请补盖骑缝章", "第2页不清晰", "请附立项决议", "请按项目分开归集", "")
WAYS = ("on_site", "event", "meeting", "online")
PARTNERS = ("示例理工学院", "示例大学", "示例研究院", "示例新材料实验室", "示例职业技术学院")


@dataclass(frozen=True)
class Pace:
    """How a county works: a factor on every duration, how often it forgets a case, and for how
    many days. Only the slow ones come into the reach of a supervision letter often."""

    factor: float
    forgets: float
    for_days: tuple[float, float] = (5, 22)


def pace_of(county: str, random: Random) -> Pace:
    if county in SLOW:
        return Pace(1.6, 0.14, (20, 100))
    if county == STAR:
        return Pace(0.55, 0.0)
    if county == HOME:
        return Pace(1.1, 0.1, (15, 45))
    return Pace(random.uniform(1.0, 1.3), 0.05)


def days(random: Random, low: float, high: float, pace: Pace) -> timedelta:
    """Calendar days until the next act, with a time of the working day."""
    length = random.uniform(low, high) * pace.factor
    return timedelta(days=int(length), hours=random.uniform(0.2, 7.5))


def grade_of(missing: int, random: Random) -> str:
    """D now and then; A where little is missing, C where almost everything is."""
    if random.random() < 0.06:
        return "D"
    if missing <= 1:
        return "A"
    return "B" if missing <= 3 and random.random() < 0.75 else "C"


def survey(grade: str, have: set[str], on: date, visitors: str, contact: str) -> dict[str, Any]:
    missing = [h for h in HAVES if h not in have]
    return {
        "production": "normal",
        "contacts": [{"role": "finance", "name": contact, "phone": "0999-5550123"}],
        "visited_on": on.isoformat(),
        "visit_kind": "on_site",
        "visitors": visitors,
        "haves": {h: {"state": "regular" if h in have else "none", "note": ""} for h in HAVES},
        "filed_before": "no",
        "reasons": ["not_booked"] if grade == "A" else ["policy", "no_clerk"],
        "grade": grade,
        "grade_reason": "来料加工，短期内不具备研发条件" if grade == "D" else "",
        "plan": [
            {"have": h, "measure": MEASURES[h], "unit": "企业技术部"}
            for h in missing
            if grade != "D"
        ],
    }


MEASURES = {
    "institution": "发文成立研发部，明确负责人和场地",
    "staff": "建立研发人员名册，记录工时",
    "spending": "按项目建立研发支出辅助账",
    "cooperation": "与高校签订技术开发合同",
}
PAPERS = {
    "institution": ("founding_paper", "关于成立研发部的通知（演示）.pdf"),
    "staff": ("roster", "研发人员名册（演示）.pdf"),
    "spending": ("account_and_decision", "研发支出辅助账（演示）.pdf"),
    "cooperation": ("agreement", "技术开发合同（演示）.pdf"),
}


def matching(on: date, random: Random, found: Offered) -> dict[str, Any]:
    """For each need one of the first suggestions, at times after another one that did not fit."""
    rows: list[dict[str, Any]] = []
    for need in found.needs or ["关键技术攻关"]:
        chosen = random.sample(found.partners[:4], min(2, len(found.partners)))
        if len(chosen) > 1 and random.random() < 0.2:
            rows.append(_met(chosen.pop(), need, on, random, "no_match"))
        result = "signed" if random.random() < 0.45 else "intention"
        rows.append(_met(chosen[0] if chosen else None, need, on, random, result))
    return {"contacts": rows}


def _met(
    partner: Partner | None, need: str, on: date, random: Random, result: str
) -> dict[str, Any]:
    filled = dict(partner.row) if partner else {}
    row = {"kind": "university", "partner": random.choice(PARTNERS), **filled, "need": need}
    row |= {"met_on": on.isoformat(), "way": random.choice(WAYS), "result": result}
    if result == "signed":
        row |= {
            "agreement": "技术开发合同（演示）",
            "signed_on": on.isoformat(),
            "valid_until": on.replace(year=on.year + 1, day=min(on.day, 28)).isoformat(),
            "form": random.choice(("commissioned", "joint", "consulting")),
        }
        if random.random() < 0.7:
            row["amount"] = str(random.randrange(3, 60))
    elif result == "no_match":
        row |= {"why_not": "专业方向不一致", "next_step": "另行推荐"}
    return row


def closing(on: date, checker: str, *, in_province: bool) -> dict[str, Any]:
    return {
        "reached_on": on.isoformat(),
        "provincial_check": "agrees" if in_province else "none",
        "checked_on": on.isoformat(),
        "checked_by": checker,
        "first_time": "yes",
        "truthful": "true",
    }
