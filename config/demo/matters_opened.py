"""What is opened beside the firms' own cases: measures, issues, needs, meetings, orders.

By the verbs that people use, with luck of its own: the firms' history stays the same without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cases.actions import listed, matters, plan_measures
from cases.actions.matters import Asked
from cases.models import Case, CaseEvent, ProgrammeFirm
from config.demo.campaign import Campaign
from config.demo.people import HOME
from organisations.days import day_of
from organisations.models import Unit
from organisations.roles import Role
from organisations.scope import Actor
from workflows.models import load_calendar

MEASURES_ON = 4  # working days after the first one
INSTRUCTED_ON = 24
PROPOSED_ON = (12, 34)
COMPLETED_FROM, COMPLETIONS = 26, 6
PROPOSALS = (
    ("第18号", "关于推动规上工业企业研发活动全覆盖的建议"),
    ("第46号", "关于支持中小企业共建研发平台的建议"),
)
ISSUES_EACH, NEEDS_EACH, MEETING_EACH = 4, 6, 21  # working days
FIRST_MEETING = 7
FIRM_STAGES = ("survey", "matching", "rectification")
# issue, whose matter, who handles it: nobody named means the county's task force
ISSUES: tuple[tuple[str, str, str], ...] = (
    ("厂区用电容量不足，新增研发设备无法接入", "county", ""),
    ("研发费用加计扣除申报口径不清楚", "city", "市税务局"),
    ("省级研发平台申报材料要求不明确", "city", "市科技局"),
    ("企业缺少统计填报人员，需要集中培训", "city", "市统计局"),
    ("研发场地产权手续未办结", "county", ""),
    ("首台（套）认定进度较慢", "province", "市工信局"),
    ("科技贷授信额度偏低", "city", "市财政局"),
    ("检测设备共享预约困难", "city", "市科技局"),
    ("集团统一研发，本地数据难以单列", "own", ""),
    ("高层次人才子女入学", "county", ""),
    ("环保限产影响中试安排", "county", ""),
    ("专利质押登记往返次数多", "city", "市市场监管局"),
)
NEEDS: tuple[tuple[str, str], ...] = (
    ("热处理变形控制技术攻关", "technology"),
    ("引进材料专业硕士2名", "talent"),
    ("共建检验检测平台", "platform"),
    ("研发项目贷款300万元", "money"),
    ("在线检测系统开发", "technology"),
    ("中试基地使用", "platform"),
)
INSTRUCTED = "请县里逐户分析，明确责任人和时限，办理结果报市专班办。"


def open_some(campaign: Campaign, days: int, is_last: bool, at: datetime) -> None:
    """What one afternoon brings, ``days`` working days after the first one."""
    luck = Random(day_of(at).toordinal() + 3)
    if days == MEASURES_ON:
        plan_measures.open_measures(campaign.city.programme, by=campaign.office(), at=at)
    if days >= FIRST_MEETING and (days - FIRST_MEETING) % MEETING_EACH == 0:
        _meeting(campaign, (days - FIRST_MEETING) // MEETING_EACH + 1, at)
    if days > MEASURES_ON and days % ISSUES_EACH == 1:
        _issue(campaign, luck, luck.random() < 0.25, at)
    if days > MEASURES_ON and days % NEEDS_EACH == 2:
        _need(campaign, luck, at)
    if days in PROPOSED_ON:
        _proposal(campaign, PROPOSED_ON.index(days), at)
    if days == COMPLETED_FROM:
        _completions(campaign, at)
    if days == INSTRUCTED_ON:
        _order_of_instruction(campaign, at)
    if is_last and days > INSTRUCTED_ON:
        _last_afternoon(campaign, luck, at)


def _last_afternoon(campaign: Campaign, luck: Random, at: datetime) -> None:
    """Something for each of the demo's desks: the county's, the department's, the office's."""
    _issue(campaign, luck, True, at)
    _need(campaign, luck, at, home=True)
    home = Unit.objects.get(kind=Unit.Kind.TASK_FORCE, region__name=HOME)
    supervisor = Unit.objects.filter(kind=Unit.Kind.SUPERVISION).first()
    if supervisor is not None:
        by = campaign.actor(supervisor.pk, Role.SUPERVISOR)
        asked = _supervision("研发费用归集进度偏慢", home, "请说明原因和推进措施。")
        matters.open_matter(campaign.city.programme, asked, by=by, at=at)


def _firm(campaign: Campaign, luck: Random, *, home: bool) -> Case | None:
    """A firm whose case is being worked on, of the home county or of any."""
    found = Case.objects.filter(
        programme=campaign.city.programme, is_main=True, stage__in=FIRM_STAGES
    )
    if home:
        found = found.filter(county__name=HOME)
    ids = list(found.order_by("id").values_list("pk", flat=True))
    return Case.objects.get(pk=luck.choice(ids)) if ids else None


def _issue(campaign: Campaign, luck: Random, home: bool, at: datetime) -> None:
    firm = _firm(campaign, luck, home=home)
    if firm is None:
        return
    matter, whose, unit = luck.choice(ISSUES)
    answers = {"matter": matter, "grade": whose, "found_on": day_of(at).isoformat()}
    by: Actor = campaign.worker(firm)
    if firm.liaison_unit_id is not None and luck.random() < 0.4:
        by = campaign.actor(firm.liaison_unit_id, Role.LIAISON_MEMBER)
    asked = Asked("issue", enterprise_id=firm.enterprise_id, unit=unit, answers=answers)
    matters.open_matter(campaign.city.programme, asked, by=by, at=at)


def _need(campaign: Campaign, luck: Random, at: datetime, *, home: bool = False) -> None:
    firm = _firm(campaign, luck, home=home)
    if firm is None:
        return
    need, kind = luck.choice(NEEDS)
    answers: dict[str, Any] = {"need": need, "kind": kind, "channel": "on_site"}
    asked = Asked("need", enterprise_id=firm.enterprise_id, answers=answers)
    matters.open_matter(campaign.city.programme, asked, by=campaign.worker(firm), at=at)


def _meeting(campaign: Campaign, number: int, at: datetime) -> None:
    """调度会: called three working days ahead (000-04)."""
    held = load_calendar().add(day_of(at), 3)
    answers = {
        "number": number,
        "topic": f"第{numeral(number)}次调度会",
        "due_on": held.isoformat(),
        "chair": "市专班负责同志",
        "attendees": "各县（市、区）工作专班、归口部门、包联组",
    }
    asked = Asked("meeting", answers=answers)
    matters.open_matter(campaign.city.programme, asked, by=campaign.office(), at=at)


def _proposal(campaign: Campaign, number: int, at: datetime) -> None:
    """提案: one unit answers for several (002-01, 002-02)."""
    name, matter = PROPOSALS[number]
    answers = {"number": f"本届{name}", "matter": matter, "proposers": "张示例、陈示例"}
    asked = Asked("proposal", unit="市工信局", joint=("市科技局", "市财政局"), answers=answers)
    matters.open_matter(campaign.city.programme, asked, by=campaign.office(), at=at)


def _completions(campaign: Campaign, at: datetime) -> None:
    """提升: a small first wave of firms that do research already (001-25)."""
    programme = campaign.city.programme
    rows = ProgrammeFirm.objects.filter(programme=programme, covered=True, county__name=HOME)
    firms = rows.order_by("pk").values_list("enterprise_id", flat=True)[:COMPLETIONS]
    listed.open_listed(programme, by=campaign.office(), at=at, only=set(firms))


def _order_of_instruction(campaign: Campaign, at: datetime) -> None:
    """批示 → 转督办 by the office, of what a leader wrote the day before."""
    event = (
        CaseEvent.objects.filter(
            case__programme=campaign.city.programme,
            verb="comment",
            by_post__role=Role.LEADER,
            at__gte=at - timedelta(days=14),
        )
        .select_related("case__responsible_unit")
        .first()
    )
    if event is None:
        return
    unit = event.case.responsible_unit
    asked = _supervision("逐户分析未办结企业", unit, INSTRUCTED, event)
    matters.open_matter(campaign.city.programme, asked, by=campaign.office(1), at=at)


def _supervision(matter: str, unit: Unit, what: str, event: CaseEvent | None = None) -> Asked:
    answers = {
        "matter": matter,
        "source": "instruction" if event is not None else "other",
        "asked": what,
        "grade": "ordinary",
    }
    return Asked(
        "supervision",
        unit=unit.short_name or unit.name,
        about_id=event.case_id if event is not None else None,
        instruction_id=event.pk if event is not None else None,
        answers=answers,
    )


NUMERALS: Sequence[str] = "一二三四五六七八九十"


def numeral(number: int) -> str:
    """第三次: 1 to 19, as meetings are counted."""
    if number <= len(NUMERALS):
        return NUMERALS[number - 1]
    return f"十{NUMERALS[number - 11]}" if number < 20 else str(number)
