"""Every kind of case on the one engine: issues, needs, measures, supervision, reports, meetings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from cases.actions import endings, filling, matters, plan_measures, stages
from cases.actions.filling import FormRefused
from cases.actions.matters import Asked
from cases.columns import Reader
from cases.errors import NotYours, Refused
from cases.ledger import Asked as Asked_
from cases.ledger import Ledger
from cases.models import Case, WorkItem
from notifications import texts
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.models import User
from tests.cases.lists import sign_in
from tests.cases.test_engine import CONTROL
from tests.world import START, World, at, matching_form, survey_form
from workflows.models import load_calendar

JIANXI, LEAD = "涧西区/county_worker", "涧西区/county_lead"
BUREAU, BUREAU_LEAD = "市科技局/department_officer", "市科技局/department_lead"
GROUP = "liaison_member"
ISSUE = {"matter": "用电容量不足", "grade": "city"}
ANSWER = {"answer": "已协调增容", "result": "solved"}
ORDER = {
    "matter": "摸底逾期",
    "source": "instruction",
    "asked": "限期完成摸底",
    "grade": "ordinary",
}


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return stages.acknowledge(world.case().pk, by=world.actor(JIANXI), at=at(START))


def asked(procedure: str, **values: object) -> Asked:
    return Asked(procedure=procedure, **values)  # type: ignore[arg-type]


def open_issue(world: World, case: Case, unit: str = "市科技局") -> Case:
    return matters.open_matter(
        world.programme,
        asked("issue", parent_id=None, enterprise_id=case.enterprise_id, unit=unit, answers=ISSUE),
        by=world.actor(GROUP),
        at=at(START),
    )


def call_back(world: World, issue: Case, satisfied: str) -> None:
    said = {"called_on": START.isoformat(), "person": "王工", "satisfied": satisfied}
    said |= {"opinion": "仍未解决"} if satisfied == "no" else {}
    worker = world.actor(JIANXI)
    filling.save_draft(issue.pk, form="call_back", data=said, by=worker, at=at(START, 11))


# --- issues ---------------------------------------------------------------------------------------
def test_an_issue_goes_to_whoever_can_solve_it_and_back_to_the_firm(
    world: World, case: Case
) -> None:
    """004-18: by whose matter it is; the firm is asked back."""
    issue = open_issue(world, case)
    item = world.item(issue)
    assert (issue.title, issue.grade, issue.is_main) == ("用电容量不足", "city", False)
    assert (item.unit.short_name, item.due_on) == ("市科技局", plus(START, 1))
    officer, lead = world.actor(BUREAU), world.actor(LEAD)
    stages.acknowledge(issue.pk, by=officer, at=at(START))
    # whoever signs early loses no day
    assert world.item(issue).due_on == plus(plus(START, 1), 7)
    with pytest.raises(FormRefused):
        stages.advance(issue.pk, by=officer, at=at(START, 10), form={"answer": "x"})
    stages.advance(issue.pk, by=officer, at=at(START, 10), form=ANSWER)
    item = world.item(issue)
    assert (item.stage, item.unit.short_name) == ("call_back", "涧西区工作专班")
    with pytest.raises(NotYours):
        stages.close(issue.pk, by=officer, at=at(START, 11))
    with pytest.raises(Refused) as refusal:  # 004-18: the firm is asked first
        stages.close(issue.pk, by=lead, at=at(START, 11))
    assert refusal.value.code == "measure_missing"
    call_back(world, issue, "no")
    with pytest.raises(Refused) as refusal:
        stages.close(issue.pk, by=lead, at=at(START, 12))
    assert refusal.value.code == "not_satisfied"
    stages.send_back(issue.pk, by=lead, at=at(START, 12), reason="企业不满意")
    assert world.item(issue).unit.short_name == "市科技局"
    stages.advance(issue.pk, by=officer, at=at(START, 13), form=ANSWER)
    call_back(world, issue, "yes")
    assert stages.close(issue.pk, by=lead, at=at(START, 14)).stage == "closed"


def test_the_countys_own_issue_counts_in_no_ledger(world: World, case: Case) -> None:
    open_issue(world, case)
    assert Case.objects.main().count() == 1
    assert Case.objects.count() == 2


def test_a_department_sees_what_it_was_given_and_nothing_else(world: World, case: Case) -> None:
    stranger = world.actor("市教育局/department_officer")
    issue = open_issue(world, case, unit="市教育局")
    assert list(Case.objects.visible_to(stranger)) == [issue]
    other = open_issue(world, case)
    assert list(Case.objects.visible_to(stranger)) == [issue]
    with pytest.raises(NotYours):
        stages.acknowledge(other.pk, by=stranger, at=at(START))


def test_helping_units_answer_below_the_issue_which_waits_for_them(
    world: World, case: Case
) -> None:
    issue = open_issue(world, case)
    officer = world.actor(BUREAU)
    stages.acknowledge(issue.pk, by=officer, at=at(START))
    helping = matters.open_matter(
        world.programme,
        # nobody need say who leads it: whoever asks takes what comes of it
        asked("assist", parent_id=issue.pk, unit="市财政局", title="资金意见"),
        by=officer,
        at=at(START),
    )
    assert helping.competent_unit == issue.responsible_unit
    assert world.item(helping).due_on == plus(START, 3)
    with pytest.raises(Refused) as refusal:
        stages.advance(issue.pk, by=officer, at=at(START, 10), form=ANSWER)
    assert refusal.value.code == "children_open"
    finance = world.actor("市财政局/department_officer")
    stages.advance(helping.pk, by=finance, at=at(START, 11), form={"answer": "同意"})
    with pytest.raises(NotYours):
        stages.close(helping.pk, by=finance, at=at(START, 12))
    stages.close(helping.pk, by=officer, at=at(START, 12))
    moved = stages.advance(issue.pk, by=officer, at=at(START, 13), form=ANSWER)
    assert moved.stage == "call_back"


def test_what_ends_takes_everything_below_with_it_and_back(world: World, case: Case) -> None:
    """An order of an issue of a firm's case would otherwise be chased for ever."""
    wanted = asked("issue", parent_id=case.pk, unit="市科技局", answers=ISSUE)
    issue = matters.open_matter(world.programme, wanted, by=world.actor(GROUP), at=at(START))
    officer = world.actor(BUREAU)
    stages.acknowledge(issue.pk, by=officer, at=at(START))
    wanted = asked("assist", parent_id=issue.pk, unit="市财政局", lead="市科技局", title="意见")
    matters.open_matter(world.programme, wanted, by=officer, at=at(START))
    before = set(Case.objects.values_list("pk", "stage"))
    world.gone(case)
    with CaptureQueriesContext(connection) as told:
        endings.delist(case.pk, by=world.office, at=at(START, 11), reason="注销")
    assert len(told) <= 13
    assert set(Case.objects.values_list("stage", flat=True)) == {"delisted"}
    assert not WorkItem.objects.filter(finished=None).exists()
    endings.reopen(world.back(case), by=world.office, at=at(START, 12), reason="误报注销")
    assert set(Case.objects.values_list("pk", "stage")) == before
    assert WorkItem.objects.filter(finished=None).count() == 3


@pytest.mark.parametrize(
    ("who", "procedure", "code"),
    [
        ("leader", "issue", "not_yours"),
        (JIANXI, "meeting", "not_yours"),
        (JIANXI, "measure", "not_by_hand"),
        (JIANXI, "quest", "no_procedure"),
    ],
)
def test_who_opens_what_is_the_packs(
    world: World, case: Case, who: str, procedure: str, code: str
) -> None:
    wanted = asked(procedure, enterprise_id=case.enterprise_id, answers=ISSUE)
    with pytest.raises(Refused) as refusal:
        matters.open_matter(world.programme, wanted, by=world.actor(who), at=at(START))
    assert refusal.value.code == code
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"answers": {}}, "form_incomplete"),
        ({"unit": "市气象局", "answers": ISSUE}, "no_unit"),
        ({"enterprise_id": 10**6, "answers": ISSUE}, "no_firm"),
        ({"due_on": date(2022, 1, 5), "answers": ISSUE}, "due_past"),
        ({"grade": "A", "answers": ISSUE}, "no_class"),
    ],
)
def test_what_lacks_is_said(world: World, case: Case, values: dict[str, object], code: str) -> None:
    wanted = asked("issue", **{"enterprise_id": case.enterprise_id, **values})
    with pytest.raises(Refused) as refusal:
        matters.open_matter(world.programme, wanted, by=world.actor(JIANXI), at=at(START))
    assert refusal.value.code == code
    assert Case.objects.count() == 1


def test_a_county_opens_only_for_its_own_firms(world: World, case: Case) -> None:
    wanted = asked("issue", enterprise_id=case.enterprise_id, answers=ISSUE)
    with pytest.raises(NotYours):
        matters.open_matter(
            world.programme, wanted, by=world.actor("嵩县/county_worker"), at=at(START)
        )


# --- orders and meetings --------------------------------------------------------------------------
def test_a_leaders_word_becomes_an_order_that_the_office_issues(world: World) -> None:
    """004-22, 001-21: 督查."""
    order = matters.open_matter(
        world.programme,
        asked("supervision", unit="涧西区工作专班", answers=ORDER),
        by=world.actor("leader"),
        at=at(START),
    )
    item = world.item(order)
    assert (item.stage, item.unit.kind, order.title) == ("drafting", "office", "摸底逾期")
    # the step itself is all that is asked for: no dash stands in its place
    jobs = sign_in(world, "office/1").get("/workbench/").context["jobs"]
    assert [job["more"] for job in jobs if job["firm"] == "摸底逾期"] == [""]
    worker = world.actor(JIANXI)
    with pytest.raises(NotYours):
        stages.advance(order.pk, by=world.actor("leader"), at=at(START, 10))
    stages.advance(order.pk, by=world.office, at=at(START, 10))
    stages.acknowledge(order.pk, by=worker, at=at(START, 11))
    # whoever signs early loses no day
    assert world.item(order).due_on == plus(plus(START, 1), 7)
    stages.advance(order.pk, by=worker, at=at(START, 12), form={"report": "已完成"})
    stages.send_back(order.pk, by=world.office, at=at(START, 13), reason="未说明原因")
    # five days to handle it again would end before the date that was given
    item = world.item(order)
    assert (item.stage, item.due_on) == ("handling", plus(plus(START, 1), 7))
    stages.advance(order.pk, by=worker, at=at(START, 14), form={"report": "补充说明"})
    closed = stages.close(order.pk, by=world.office, at=at(START, 15))
    assert closed.stage == "closed"


# --- meetings -------------------------------------------------------------------------------------
def test_orders_of_a_meeting_become_cases_and_the_meeting_waits_for_them(world: World) -> None:
    """000-05, 001-21: 定期召开工作会议."""
    meeting = matters.open_matter(
        world.programme,
        asked(
            "meeting",
            answers={"number": 3, "topic": "第三次调度会", "due_on": START.isoformat()},
        ),
        by=world.office,
        at=at(START),
    )
    rows = [
        {"matter": "摸底提速", "unit": "涧西区工作专班", "due_on": plus(START, 8).isoformat()},
        {"matter": "梳理政策", "unit": "市科技局"},
    ]
    minutes = {"held_on": START.isoformat(), "orders": rows}
    stages.advance(meeting.pk, by=world.office, at=at(START, 10), form=minutes)
    orders = {case.title: case for case in meeting.children.all()}
    dues = {title: world.item(case).due_on for title, case in orders.items()}
    assert dues == {"摸底提速": plus(START, 8), "梳理政策": plus(START, 10)}
    other = world.actor("office/2")
    with pytest.raises(Refused) as refusal:
        stages.close(meeting.pk, by=other, at=at(START, 11))
    assert refusal.value.code == "children_open"
    for title, who in (("摸底提速", JIANXI), ("梳理政策", BUREAU)):
        report = {"report": "已办"}
        stages.advance(orders[title].pk, by=world.actor(who), at=at(START, 12), form=report)
        stages.close(orders[title].pk, by=world.office, at=at(START, 13))
    assert stages.close(meeting.pk, by=other, at=at(START, 14)).stage == "closed"


def test_an_unknown_unit_in_the_minutes_is_named(world: World) -> None:
    meeting = matters.open_matter(
        world.programme,
        asked("meeting", answers={"topic": "调度会", "due_on": START.isoformat()}),
        by=world.office,
        at=at(START),
    )
    minutes = {"held_on": START.isoformat(), "orders": [{"matter": "x", "unit": "市气象局"}]}
    with pytest.raises(Refused) as refusal:
        stages.advance(meeting.pk, by=world.office, at=at(START, 10), form=minutes)
    assert "市气象局" in refusal.value.words
    assert WorkItem.objects.get(process=meeting, finished=None).stage == "preparing"


# --- what people are told -------------------------------------------------------------------------
def told(user: User) -> list[str]:
    with override("zh-hans"):
        return [notice.body for notice in Notice.objects.filter(recipient=user).order_by("id")]


def test_a_matter_lacks_no_papers_and_is_not_done(world: World, case: Case) -> None:
    """材料已齐全 is for what has papers: an issue under way is 尚未办结."""
    issue = open_issue(world, case)
    stages.acknowledge(issue.pk, by=world.actor(BUREAU), at=at(START, 11))
    issue.refresh_from_db()
    parts = {"firm": "X", "stage": texts.stage(issue, issue.stage), "days": "10"}
    with override("zh-hans"):
        parts |= texts.missing(issue, [], issue.stage)
        for key, words in (("due_today", "今日到期，尚未办结。"), ("urged", "尚未办结。")):
            said = texts.compose(key, issue, parts)[1]
            assert words in said, said
            assert "材料" not in said


def test_whoever_is_given_a_matter_is_told_and_by_when(world: World, case: Case) -> None:
    issue = open_issue(world, case)
    deliver(at(START, 10))
    officer = world.people[BUREAU]
    assert told(officer) == ["问题：洛阳示例轴承“用电容量不足”，由市科技局办理，请于3月2日前签收。"]
    stages.acknowledge(issue.pk, by=world.actor(BUREAU), at=at(START, 11))
    stages.advance(issue.pk, by=world.actor(BUREAU), at=at(START, 12), form=ANSWER)
    deliver(at(START, 13))
    assert told(world.people[JIANXI])[-1] == (
        "问题：洛阳示例轴承“用电容量不足”，由涧西区工作专班办理“回访”，请于3月4日前完成。"
    )
    call_back(world, issue, "yes")
    stages.close(issue.pk, by=world.actor(LEAD), at=at(START, 14))
    deliver(at(START, 15))
    assert told(officer)[-1] == "问题：洛阳示例轴承“用电容量不足”，3月1日已办结。"


# --- what it costs --------------------------------------------------------------------------------
def statements(deed: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as asked_for:
        deed()
    return sum(not CONTROL.match(one["sql"]) for one in asked_for)


def test_moves_of_a_matter_cost_what_moves_cost(world: World, case: Case) -> None:
    issue = open_issue(world, case)
    officer, lead = world.actor(BUREAU), world.actor(LEAD)
    assert statements(lambda: stages.acknowledge(issue.pk, by=officer, at=at(START))) <= 8
    assert (
        statements(lambda: stages.advance(issue.pk, by=officer, at=at(START, 10), form=ANSWER)) <= 8
    )
    call_back(world, issue, "yes")
    assert statements(lambda: stages.close(issue.pk, by=lead, at=at(START, 11))) <= 8


def test_openings_cost_the_same_however_many(world: World, case: Case) -> None:
    """The plan's 13 measures with 82 children, and one order: a few batches, never one a row."""
    assert statements(lambda: open_issue(world, case)) <= 16
    programme = world.programme
    deed = lambda: plan_measures.open_measures(programme, by=world.office, at=at(START))  # noqa: E731
    assert statements(deed) <= 40
    assert Case.objects.filter(parent__measure__gt="").count() == 16 * 5 + 2


def test_nothing_of_this_disturbs_assistance(world: World, case: Case) -> None:
    """An open issue does not hold the firm's closing: assistance waits for its remedies only."""
    open_issue(world, case)
    worker = world.actor(JIANXI)
    moved = stages.advance(case.pk, by=worker, at=at(START, 10), form=survey_form("B"))
    moved = stages.advance(moved.pk, by=worker, at=at(START, 11), form=matching_form())
    assert moved.stage == "rectification"
    children = Case.objects.filter(parent=moved)
    assert set(children.values_list("procedure", flat=True)) == {"remedy"}


# --- in lists -------------------------------------------------------------------------------------
def test_a_line_says_what_a_matters_step_asks_for(world: World, case: Case) -> None:
    issue = open_issue(world, case)
    stages.acknowledge(issue.pk, by=world.actor(BUREAU), at=at(START))
    officer = world.actor(BUREAU)
    mine = Ledger(officer, START, Asked_(of="mine"))
    with override("zh-hans"):
        [row] = Reader(officer, START).rows(list(mine.rows()))
    assert (row.firm, row.remedy) == ("洛阳示例轴承有限公司", "问题 用电容量不足")
    assert (row.lack, row.is_lacking) == ("办理情况", False)
    # the list of firms is the firms' own cases, and no other
    assert [c.pk for c in Ledger(world.office, START, Asked_()).rows()] == [case.pk]
