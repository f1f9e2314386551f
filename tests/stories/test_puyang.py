"""Puyang 2019 runs: no firm without an R&D body, the drive for needs, the week, the money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cases.actions import listed, plan_measures, recurring
from cases.errors import NotYours, Refused
from cases.models import Case
from tests.stories.town import Town, town
from tests.world import SYSTEM, at
from workflows.packs import shipped_text

START = date(2019, 3, 1)  # a Friday
WORKER, LEAD = "范县科技局/county_worker", "范县科技局/county_lead"
OFFICE, SECOND = "市科技局办公室/office", "市科技局办公室/office/2"
FIRM = "样本0有限公司"
SECTION = "高新科/department_officer"


@pytest.fixture
def city(db: None, tmp_path: Path) -> Town:
    found = town("puyang-2019", START)
    rows = [
        {"county": "范县", "industry_code": "3411"},
        {"county": "范县", "industry_code": "2611"},
        {"county": "南乐县", "industry_code": "2829"},
    ]
    found.list_firms(tmp_path, rows, date(2019, 2, 1))
    found.file("样本2有限公司", date(2019, 1, 1), has_institution=True)
    return found


def test_a_firm_without_a_body_gets_one(city: Town) -> None:
    """003-04 清零; 003-06 needs by channel; 003-15 each key point by another person."""
    assert city.open_cases().opened == 2
    case = city.root(FIRM)
    city.go(case, WORKER)
    needs = [
        {"kind": "technology", "detail": "丙腈精制工艺"},
        {"kind": "talent", "detail": "化工工艺工程师", "people": 3},
    ]
    city.go(case, WORKER, channel="phone", needs=needs)
    assert [c.title for c in case.children.order_by("pk")] == ["丙腈精制工艺", "化工工艺工程师"]
    city.prove(case, "institution", WORKER, LEAD, START)
    with pytest.raises(Refused, match="需求 丙腈精制工艺、需求 化工工艺工程师。"):
        city.go(case, WORKER)
    city.go(case, WORKER, knowing=True)  # the needs go on
    with pytest.raises(NotYours):
        city.go(case, WORKER)
    city.go(case, LEAD)
    with pytest.raises(NotYours):
        city.close(case, LEAD)
    assert city.close(case, OFFICE).stage == "closed"


def closed(city: Town, on: date) -> Case:
    """The main case of the first firm, walked to its end."""
    case = city.root(FIRM)
    city.go(case, WORKER, on)
    city.go(case, WORKER, on)
    city.prove(case, "institution", WORKER, LEAD, on)
    city.go(case, WORKER, on)
    city.go(case, LEAD, on)
    return city.close(case, OFFICE, on)


def test_what_was_closed_in_an_earlier_year_is_judged_anew(db: None, tmp_path: Path) -> None:
    """003-05: 动态管理、评估考核; nobody is asked twice, and not who was never closed."""
    first = date(2017, 3, 1)  # two years ago, with none between
    earlier = shipped_text("puyang-2019").replace("2019", "2017")
    before = town("puyang-2017", first, earlier)
    before.list_firms(tmp_path, [{"county": "范县"}, {"county": "范县"}], date(2017, 2, 1))
    before.open_cases()
    assert closed(before, first).stage == "closed"
    now = town("puyang-2019", START)
    assert listed.open_listed(now.programme, by=SYSTEM, at=at(START)) == {"consolidation": 1}
    assert listed.open_listed(now.programme, by=SYSTEM, at=at(START, 10)) == {"consolidation": 0}
    case = Case.objects.get(procedure="consolidation")
    assert (case.enterprise and case.enterprise.name, case.lacking) == (FIRM, ["institution"])
    assert now.item(case).due_on == date(2019, 10, 31)
    with pytest.raises(Refused):
        now.go(case, WORKER, result="good")
    now.prove(case, "institution", WORKER, LEAD, START)
    now.go(case, WORKER, result="good", contracts="80")
    done = now.close(case, LEAD)
    assert (done.stage, done.closing_serial) == ("closed", None)


def test_a_need_is_matched_and_carried_out(city: Town) -> None:
    """003-06, 003-07: proposed by the section, met by the county, carried out."""
    city.open_cases()
    firm = city.root(FIRM).enterprise_id
    need = city.open(
        "need", WORKER, enterprise_id=firm, answers={"need": "聚乳酸改性", "channel": "mail"}
    )
    assert city.item(need).unit.short_name == "高新科"
    city.go(need, SECTION, partners="示例大学材料学院")
    city.go(need, WORKER, partner="示例大学", result="agreement")
    assert city.item(need).stage == "carrying"
    assert city.close(need, LEAD).stage == "closed"


def test_nobody_acts_and_the_ladder_climbs(city: Town) -> None:
    city.open_cases()
    rungs = city.climbed(city.root(FIRM))
    assert rungs[:2] == ["due_today", "overdue"]
    assert rungs[-1] == "supervision_letter"


def test_a_reserve_firm_is_coached_until_it_is_recognised(city: Town) -> None:
    """003-02 reserve pool, 003-03 one-to-one coaching, 003-13 batches."""
    city.open_cases()
    firm = city.root(FIRM).enterprise_id
    reserve = city.open("reserve", WORKER, enterprise_id=firm, answers={"matter": "第二批认定"})
    city.go(reserve, WORKER)
    city.go(reserve, WORKER, batch=2, result="recognised")
    with pytest.raises(NotYours):
        city.close(reserve, LEAD)
    assert city.close(reserve, SECTION).stage == "closed"


def test_a_major_project_is_followed_up_and_its_problems_solved_first(city: Town) -> None:
    """003-11: an issue below the project holds its acceptance; 003-15 contract value."""
    city.open_cases()
    firm = city.root(FIRM).enterprise_id
    project = city.open("special", WORKER, enterprise_id=firm, answers={"matter": "电子封装材料"})
    issue = city.open(
        "issue",
        WORKER,
        parent_id=project.pk,
        unit="市财政局",
        answers={"matter": "配套资金未到", "grade": "city"},
    )
    with pytest.raises(Refused) as refusal:
        city.go(project, WORKER, contracts="120")
    assert refusal.value.code == "children_open"
    city.go(issue, "市财政局/department_officer")
    city.go(issue, "市财政局/department_officer")
    city.close(issue, LEAD)
    city.go(project, WORKER, contracts="120")
    assert city.close(project, SECTION).stage == "closed"


def test_every_monday_has_its_meeting(city: Town) -> None:
    """003-14: 每周一例会, also after a week of silence."""
    city.open_cases()
    recurring.open_due(at(date(2019, 3, 12)))
    meetings = Case.objects.filter(procedure="meeting").order_by("period")
    assert [m.period for m in meetings] == [date(2019, 3, 4), date(2019, 3, 11)]
    assert meetings[0].title == "2019年3月4日起一周 例会"
    assert recurring.open_due(at(date(2019, 3, 12), 15)) == 0


def test_the_plan_has_counts_money_and_the_counties_parts(city: Town) -> None:
    """003-01, 003-09 money by the end of July, 003-12 envoys, 003-13 events counted, 003-16."""
    city.open_cases()
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    measures = {case.measure: case for case in Case.objects.filter(parent=None, is_main=False)}
    assert city.item(measures["money"]).due_on == date(2019, 7, 31)
    assert measures["needs_drive"].children.filter(procedure="measure_part").count() == 9
    part = measures["needs_drive"].children.get(responsible_unit__short_name="范县科技局")
    assert city.item(part).due_on == date(2019, 6, 30)
    city.go(part, WORKER, entries=[{"done_on": "2019-03-01", "what": "排查企业", "number": 12}])
    assert city.close(part, "合作科/department_officer").stage == "closed"
    assert city.pack.measure("trainings").time.count == 12
    report = measures["year_report"]
    with pytest.raises(Refused) as refusal:
        city.go(report, OFFICE)
    assert refusal.value.code == "children_open"


def test_a_subsidy_has_its_condition_and_its_share(city: Town) -> None:
    """003-08 budgets filed first, 003-10 the share depends on the city's own payment."""
    subsidy = city.pack.measure("rd_subsidy")
    gives = {str(one.when): one.value for one in subsidy.gives}  # type: ignore[attr-defined]
    assert sorted(gives.values()) == ["40%或30%", "50%"]
    assert [str(need) for need in subsidy.needs] == ["预算备案"]  # type: ignore[attr-defined]
    filed = next(goal for goal in city.pack.goals if goal.key == "filings")
    assert (filed.told, filed.told_on) == (Decimal(76), date(2018, 12, 31))
    # 研发准备金 is asked of every county, with the budgets
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    reserves = Case.objects.get(measure="reserves", parent=None)
    assert reserves.children.count() == len(city.pack.counties)


def test_figures_of_the_report_agree_with_one_another(city: Town) -> None:
    """003-01: what was reached, by how much it grew, which place, and what is wanted."""
    goals = {goal.key: goal for goal in city.pack.goals}
    high_tech = goals["high_tech"]
    assert (high_tech.told, high_tech.rise, high_tech.rank, high_tech.target) == (
        Decimal(56), Decimal(12), 16, Decimal(59),
    )  # fmt: skip
    told = [goals[key].told for key in ("partners", "partner_firms", "partner_institutes")]
    assert told == [Decimal(564), Decimal(431), Decimal(346)]
