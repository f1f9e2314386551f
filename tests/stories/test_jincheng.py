"""Jincheng 2020 runs: any one of three closes a firm, six groups, phases, the month's two hops."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from cases.actions import plan_measures, recurring, stages
from cases.errors import NotYours, Refused
from cases.models import Case, EscalationDraft
from config.importing import take_register
from enterprises.importing.register_plan import preview_register, read_register
from organisations.models import Unit
from tests.architecture import ROOT
from tests.cases.lists import entered
from tests.stories.town import Town, town
from tests.world import SYSTEM, at

START = date(2020, 7, 1)  # the second phase begins; a Wednesday
WORKER, LEAD = "泽州县推进小组/county_worker", "泽州县推进小组/county_lead"
OFFICE = "市推进办/office"
FIRM = "样本0有限公司"


@pytest.fixture
def city(db: None, tmp_path: Path) -> Town:
    found = town("jincheng-2020", START)
    counties = ("泽州县", "泽州县", "城区", "开发区", "沁水县", "高平市")
    codes = ("3411", "0610", "4430", "4620", "2511", "4411")
    rows = [{"county": c, "industry_code": i} for c, i in zip(counties, codes, strict=True)]
    found.list_firms(tmp_path, rows, date(2020, 6, 15))
    found.file("样本4有限公司", date(2020, 5, 1), has_institution=True)
    return found


def test_every_firm_has_a_department_and_a_group(city: Town) -> None:
    """004-03, 004-31 the map of industries; 004-12 a group for two; 004-25 covered."""
    opened = city.open_cases()
    assert (opened.opened, opened.covered, opened.without_unit) == (5, 1, 0)
    rows = Case.objects.filter(is_main=True).select_related("competent_unit", "liaison_unit")
    assert {r.enterprise.name[2]: r.competent_unit.short_name for r in rows if r.enterprise} == {
        "0": "市工信局", "1": "市能源局", "2": "市城市管理局", "3": "市城市管理局", "5": "市能源局",
    }  # fmt: skip
    group = {r.enterprise.name[2]: str(r.liaison_unit) for r in rows if r.enterprise}
    assert group["2"] == group["3"] != group["0"]
    assert Unit.objects.filter(kind=Unit.Kind.LIAISON_GROUP).count() == 6


def visited(city: Town, **answers: Any) -> Case:
    city.open_cases()
    case = city.root(FIRM)
    city.go(case, WORKER)
    return city.go(case, WORKER, **answers)


def test_one_of_three_and_its_paper_closes_a_firm_by_the_countys_second_person(city: Town) -> None:
    """004-15, 004-17, 004-25, 004-26, 004-28: visited, one of three proved, confirmed."""
    case = visited(city, visit_kind="questionnaire", other=["training", "process"])
    assert case.stage == "helping"
    with pytest.raises(Refused):
        city.go(case, WORKER, kinds=["innovation"], direction="projects")
    city.prove(case, "innovation", WORKER, LEAD, START)
    city.go(case, WORKER, kinds=["innovation"], direction="projects")
    with pytest.raises(NotYours):
        stages.close(case.pk, by=city.who(OFFICE), at=at(START, 14))
    done = city.close(case, LEAD)
    assert (done.stage, done.closing_serial) == ("closed", 1)


def test_issues_of_a_visit_become_cases_by_whose_matter_they_are(city: Town) -> None:
    """004-18: the firm's own or the government's; 004-07 a need of its own."""
    problems = [
        {"problem": "无专职研发人员", "belongs_to": "own"},
        {"problem": "用电容量不足", "belongs_to": "city"},
    ]
    case = visited(
        city, problems=problems, needs=[{"kind": "technology", "detail": "铸件缺陷检测"}]
    )
    found = {child.title: child for child in case.children.all()}
    grades = {title: child.grade for title, child in found.items()}
    assert grades == {"无专职研发人员": "own", "用电容量不足": "city", "铸件缺陷检测": ""}
    issue = found["用电容量不足"]
    assert (issue.enterprise, city.item(issue).unit.short_name) == (
        case.enterprise,
        "泽州县推进小组",
    )
    city.go(issue, WORKER)
    city.go(issue, WORKER)
    assert city.close(issue, LEAD).stage == "closed"


def test_nobody_acts_and_the_ladder_climbs_to_a_letter(city: Town) -> None:
    """004-22: up to a draft that a person releases."""
    city.open_cases()
    rungs = city.climbed(city.root(FIRM))
    assert rungs[:3] == ["due_today", "overdue", "phone"]
    assert rungs[-1] == "supervision_letter"
    draft = EscalationDraft.objects.filter(kind="supervision_letter", county__name="泽州县").get()
    assert draft.state == EscalationDraft.State.DRAFTED


def test_a_supervision_order_follows_13710(city: Town) -> None:
    """004-22: assigned the same day, heard of on the third, settled on the seventh."""
    order = city.open(
        "supervision",
        OFFICE,
        unit="泽州县推进小组",
        answers={"matter": "进度滞后", "grade": "ordinary"},
    )
    city.go(order, OFFICE)
    city.go(order, WORKER)
    item = city.item(order)
    assert (item.stage, item.due_on) == ("handling", city.day(1 + 7))
    assert city.climbed(order) == ["assigned", "feedback", "settled", "to_zero", "month"]


# --- the plan -------------------------------------------------------------------------------------
def measure(key: str) -> Case:
    found: Case = Case.objects.get(measure=key, parent=None)
    return found


def test_each_unit_issues_a_plan_of_four_parts(city: Town) -> None:
    """004-09, 004-10, 004-11: counties, competent and supporting departments."""
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    plans = measure("plans")
    parts = plans.children.filter(procedure="unit_plan")
    assert parts.count() == 7 + 3 + 7
    mine = parts.get(responsible_unit__short_name="市金融办")
    four = {"tasks": "一", "organisation": "二", "dates": "三"}
    with pytest.raises(Refused):
        stages.advance(
            mine.pk, by=city.who("市金融办/department_officer"), at=at(START, 10), form=four
        )
    city.go(mine, "市金融办/department_officer")
    with pytest.raises(NotYours):
        city.close(mine, "市金融办/department_officer")
    assert city.close(mine, "市金融办/department_lead").stage == "closed"
    phases = [phase.key for phase in city.pack.campaign]
    assert [city.pack.measures[n].phase for n in (0, 4, -1)] == phases


def test_the_end_sums_up_what_is_left_over(city: Town) -> None:
    """004-20: before 30 December, from counties, departments and groups; January's report."""
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    summary = measure("summary")
    assert city.item(summary).due_on == date(2020, 12, 30)
    parts = summary.children.filter(procedure="unit_summary")
    assert parts.count() == 7 + 10 + 6
    group = parts.get(responsible_unit__short_name="市统计局包联组")
    left = [{"matter": "检测平台未建成", "solution": "列入下年计划"}]
    city.go(group, "市统计局包联组/liaison_member", leftover=left)
    assert city.item(measure("final_report")).due_on == date(2021, 1, 10)


def test_the_month_is_reported_by_the_first_in_two_hops(city: Town) -> None:
    """004-14, 004-19, 004-23: counties, departments and groups, then the office."""
    city.open_cases()
    day = date(2020, 7, 27)
    recurring.open_due(at(day))
    report = Case.objects.get(procedure="monthly_report")
    assert report.children.filter(procedure="county_report").count() == 7
    assert report.children.filter(procedure="unit_report").count() == 10 + 6
    mine = report.children.get(responsible_unit__short_name="泽州县推进小组")
    assert city.item(mine).due_on == date(2020, 7, 28)
    city.go(mine, WORKER, day, highlights="校企共建检测中心")
    assert city.item(mine).due_on == date(2020, 7, 30)
    assert city.close(mine, LEAD, day).stage == "closed"
    group = report.children.get(responsible_unit__short_name="市能源局包联组")
    city.go(group, "市能源局包联组/liaison_member", day)
    # a second member signs: he opens its page, and the month can end
    signer = city.who("市能源局包联组/liaison_member/2", day)
    assert signer.user is not None
    page = entered(signer.user).get(reverse("case", args=[group.pk]))
    assert (page.status_code, group.number in page.content.decode()) == (200, True)
    assert city.close(group, "市能源局包联组/liaison_member/2", day).stage == "closed"


def test_the_bureaus_own_register_opens_by_the_same_rules(db: None) -> None:
    """004-04: 612 firms of the sample workbook, nobody without an owner."""
    city = town("jincheng-2020", START)
    book = ROOT / "tests/data/jincheng-register-2020-06.xlsx"
    plan = preview_register(city.programme.city, read_register(book), as_of=date(2020, 6, 15))
    take_register(plan, by=SYSTEM, at=at(date(2020, 6, 16)))
    opened = city.open_cases()
    assert opened.without_unit == 0
    assert opened.opened > 500


def test_the_survey_is_annex_three_with_the_catalogue_of_annex_one(city: Town) -> None:
    """004-27 six directions; 004-28 seal, organisations, projects, 14 options."""
    fields = {field.key: field for field in city.pack.form("survey").fields}
    [direction, _content] = fields["directions"].columns
    assert [choice.label.zh for choice in direction.choices] == [
        "技术创新投入", "创新人才培养", "创新项目实施",
        "创新平台建设", "关键共性技术研发", "国际化合作",
    ]  # fmt: skip
    assert len(fields["other"].choices) == 14
    assert {"sealed", "bodies", "projects"} <= set(fields)
    case = visited(city, directions=[{"direction": "abroad", "content": "与境外院校共建"}])
    assert case.stage == "helping"


def test_policies_are_one_book_and_reach_the_firms_they_fit(city: Town) -> None:
    """004-16 汇编成册; 004-32 money, finance, listing and publicity as tasks of the plan."""
    city.file("样本1有限公司", date(2020, 5, 1), filed=True, has_spending=True)
    city.open_cases()
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    deduction = measure("deduction").children.values_list("enterprise__name", flat=True)
    assert list(deduction) == ["样本1有限公司"]
    funds = measure("centre_funds").children.values_list("enterprise__name", flat=True)
    assert "样本4有限公司" not in set(funds)
    assert funds.count() == 5
    assert {measure(key).responsible_unit.short_name for key in ("listing", "funds")} == {
        "市金融办", "市工信局",
    }  # fmt: skip
    issue = city.open(
        "issue",
        WORKER,
        enterprise_id=city.root(FIRM).enterprise_id,
        answers={"matter": "融资难", "grade": "city", "channel": "hotline"},
    )
    assert city.item(issue).stage == "assigned"


def test_projects_are_put_forward_by_the_counties_and_followed_up(city: Town) -> None:
    """004-08: 百项关键共性技术, 重点支持项目库, 跟踪服务."""
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    part = measure("projects").children.get(responsible_unit__short_name="泽州县推进小组")
    assert city.item(part).due_on == date(2020, 11, 30)
    rows = [{"done_on": "2020-07-01", "what": "申报精密铸造改造项目", "number": 1}]
    city.go(part, WORKER, entries=rows)
    assert city.close(part, "市工信局/department_officer").stage == "closed"
    assert measure("technologies").children.count() == 7
