"""Sanmenxia 2022 runs: proposals with one joint reply, policies that look for firms, the month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cases.actions import listed, matters, offering, pauses, plan_measures, recurring, stages
from cases.actions.filling import FormRefused
from cases.errors import NotYours, Refused
from cases.models import Case, CaseUnit
from cases.offers import offers as policy_offers
from reports.documents.matter_papers import proposal_reply
from tests.config.test_commands import as_json
from tests.stories.town import Town, town
from tests.world import SYSTEM, at

START = date(2022, 4, 1)  # a Friday
WORKER, LEAD = "卢氏县工作专班/county_worker", "卢氏县工作专班/county_lead"
OFFICE, SECOND = "市专班办/office", "市专班办/office/2"
FIRM = "样本0有限公司"
OFFICER = "市工信局/department_officer"


@pytest.fixture
def city(db: None, tmp_path: Path) -> Town:
    found = town("sanmenxia-2022", START)
    counties = ("卢氏县", "卢氏县", "义马市", "开发区", "湖滨区")
    codes = ("3411", "0911", "2511", "4411", "3610")
    rows = [{"county": c, "industry_code": i} for c, i in zip(counties, codes, strict=True)]
    found.list_firms(tmp_path, rows, date(2022, 3, 1))
    found.file("样本4有限公司", date(2022, 2, 1), filed=True, has_spending=True)
    return found


def test_a_firm_is_visited_helped_and_closed_by_the_city(city: Town) -> None:
    """002-11: a working group visits, collects issues and explains policies."""
    assert city.open_cases().opened == 4
    case = city.root(FIRM)
    city.go(case, WORKER)
    city.go(case, WORKER, problems=[{"problem": "缺少资金", "belongs_to": "city"}])
    assert [c.title for c in case.children.all()] == ["缺少资金"]
    city.prove(case, "activity", WORKER, LEAD, START)
    city.go(case, WORKER, knowing=True)  # the issue goes on
    city.go(case, LEAD)
    with pytest.raises(NotYours):
        city.close(case, LEAD)
    batch = city.item(case).due_on
    assert batch == date(2022, 4, 15)
    assert city.close(case, OFFICE, batch).stage == "closed"


def test_three_systems_are_three_tasks_with_their_leads(city: Town) -> None:
    """002-10: 三方帮扶、三层指导、三级引领; the first one reaches every county."""
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    tasks = {
        case.measure: case
        for case in Case.objects.filter(parent=None, measure__startswith="three_")
    }
    assert set(tasks) == {"three_helps", "three_guides", "three_leads"}
    assert {city.item(case).unit.short_name for case in tasks.values()} == {"市科技局"}
    assert {city.item(case).due_on for case in tasks.values()} == {date(2022, 11, 30)}
    assert tasks["three_helps"].children.count() == len(city.pack.counties)


def test_nobody_acts_and_the_ladder_climbs(city: Town) -> None:
    city.open_cases()
    rungs = city.climbed(city.root(FIRM))
    assert rungs[0] == "due_today"
    assert rungs[-1] == "supervision_letter"


# --- proposals ------------------------------------------------------------------------------------
def handed_out(city: Town) -> Case:
    return city.open(
        "proposal",
        OFFICE,
        unit="市工信局",
        joint=("市科技局", "市财政局"),
        answers={
            "number": "七届七次会议第123号",
            "matter": "推动全市规上工业企业研发活动全覆盖",
            "proposers": "彭示例、贾示例、陈示例",
        },
    )


CONTACTS = [
    {"unit": "市工信局", "phone": "000-2838669", "name": "王示例"},
    {"unit": "市科技局", "phone": "000-2513706", "name": "续示例"},
    {"unit": "市财政局", "phone": "000-2608901", "name": "魏示例"},
]
OTHERS = ("市科技局", "市财政局")


def test_a_proposal_is_answered_jointly(city: Town) -> None:
    """002-01 who proposes what; 002-02 the reply waits for the units that study it; 002-03 contacts
    of three bureaus, copies, the day of printing; 002-04 base and now."""
    proposal = handed_out(city)
    assert (proposal.title, city.item(proposal).unit.short_name) == (
        "推动全市规上工业企业研发活动全覆盖", "市工信局",
    )  # fmt: skip
    joint = CaseUnit.objects.filter(case=proposal, part=CaseUnit.Part.JOINT)
    assert [row.unit.short_name for row in joint] == list(OTHERS)
    city.go(proposal, OFFICER)
    opinions = {c.responsible_unit.short_name: c for c in proposal.children.all()}
    assert set(opinions) == set(OTHERS)
    reply: dict[str, Any] = {"contacts": CONTACTS, "firms": 444, "with_rd": 328, "share_start": 14}
    with pytest.raises(Refused) as refusal:
        city.go(proposal, OFFICER, **reply)
    assert refusal.value.code == "children_open"
    for unit, opinion in opinions.items():
        city.go(opinion, f"{unit}/department_officer")
        with pytest.raises(NotYours):
            city.close(opinion, f"{unit}/department_officer")
        city.close(opinion, f"{unit}/department_lead")
    with pytest.raises(FormRefused):
        stages.advance(proposal.pk, by=city.who(OFFICER), at=at(START, 13), form={"text": "答复"})
    city.go(proposal, OFFICER, copies=[{"to": "市政协提案委", "number": 3}], **reply)
    paper = proposal_reply(proposal, START)
    assert paper.title == "关于对市政协七届七次会议第123号提案的答复"
    assert paper.addressee == "彭示例、贾示例、陈示例等委员"
    assert paper.paragraphs[0].endswith("提案收悉。经与市科技局、市财政局共同研究后，现答复如下：")
    assert paper.note.splitlines()[4].startswith("联系部门及电话：市财政局")
    assert paper.copies[0].names == ("市政协提案委（3份）",)
    with pytest.raises(NotYours):
        city.go(proposal, OFFICER)
    city.go(proposal, "市工信局/department_lead")
    city.go(proposal, OFFICER, satisfied="yes")
    assert city.close(proposal, OFFICE).stage == "closed"


def test_proposers_who_are_not_satisfied_get_a_second_answer(city: Town) -> None:
    proposal = handed_out(city)
    city.go(proposal, OFFICER)
    for opinion in proposal.children.all():
        unit = opinion.responsible_unit.short_name
        city.go(opinion, f"{unit}/department_officer")
        city.close(opinion, f"{unit}/department_lead")
    city.go(proposal, OFFICER, contacts=CONTACTS)
    city.go(proposal, "市工信局/department_lead")
    stages.send_back(
        proposal.pk, by=city.who(OFFICER), at=at(START, 14), reason="委员不满意", to="studying"
    )
    item = city.item(proposal)
    # 20 days would end before the three months that were given (and the 3 to sign for it)
    assert (item.stage, item.due_on) == ("studying", city.day(3 + 60))
    assert proposal.children.count() == 2  # who has answered is not asked anew


def test_a_joint_unit_that_says_nothing_is_reminded(city: Town) -> None:
    proposal = handed_out(city)
    city.go(proposal, OFFICER)
    [opinion] = proposal.children.filter(responsible_unit__short_name="市财政局")
    assert city.item(opinion).due_on == city.day(10)
    assert city.climbed(opinion) == ["due_soon", "due_today", "overdue", "overdue_long"]


# --- policies -------------------------------------------------------------------------------------
def opened_policies(city: Town) -> dict[str, Case]:
    city.open_cases()
    keys = [policy.key for policy in city.pack.policies]
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    return {case.measure: case for case in Case.objects.filter(measure__in=keys, parent=None)}


def firms_of(policy: Case) -> set[str]:
    names = policy.children.values_list("enterprise__name", flat=True)
    return {name[2] for name in names}


def test_a_policy_finds_its_firms(city: Town) -> None:
    """002-12 政策找人: who fits by facts and industry; 002-15 subsidy for entering R&D statistics;
    002-16 loans; 002-14 figures that change."""
    policies = opened_policies(city)
    assert firms_of(policies["statistics_bonus"]) == {"0", "1", "2", "3"}
    assert firms_of(policies["rd_subsidy"]) == firms_of(policies["technology_loan"]) == {"4"}
    assert firms_of(policies["upgrades"]) == {"0", "2", "4"}
    [share, least] = city.pack.policies[2].gives
    assert ((share.was, share.value), (least.was, least.value)) == (
        ("30%", "40%"), ("300万元", "150万元"),
    )  # fmt: skip


def test_who_was_told_who_applied_and_what_came_of_it(city: Town) -> None:
    """002-12: told by the county, decided by the bureau; what fits later is offered later."""
    policy = opened_policies(city)["statistics_bonus"]
    offers = {c.enterprise.name: c for c in policy.children.all() if c.enterprise}
    mine, other = offers[FIRM], offers["样本1有限公司"]
    assert (city.item(mine).unit.short_name, city.item(mine).due_on) == (
        "卢氏县工作专班",
        city.day(5),
    )
    city.go(mine, WORKER, grade="wants")
    city.go(mine, WORKER, amount="20")
    assert city.item(mine).unit.short_name == "市财政局"
    city.close(mine, "市财政局/department_officer")
    city.go(other, WORKER, grade="declines", reason="已享受同类政策")
    assert city.item(other).stage == "deciding"
    with pytest.raises(Refused) as refusal:
        stages.close(other.pk, by=city.who("市财政局/department_officer"), at=at(START, 14))
    assert refusal.value.code == "measure_missing"
    city.close(other, "市财政局/department_officer", result="declined")
    ends = policy.children.values_list("stage", "grade").distinct()
    assert {("closed", "wants"), ("closed", "declines")} <= set(ends)
    # a firm that fits from now on is found by the next match, the others are not asked twice
    day = date(2022, 6, 1)
    city.file("样本4有限公司", date(2022, 4, 1), filed=True)
    before = policy.children.count()
    stages.advance(
        policy.pk, by=city.who("市财政局/department_officer", day), at=at(day), to="offering"
    )
    assert policy.children.count() == before + 1
    # the policy is summed up once every offer has its answer
    city.go(policy, "市财政局/department_officer", day, to="summing")
    with pytest.raises(Refused) as refusal:
        city.go(policy, "市财政局/department_officer", day, told=5, applied=1, granted=1)
    assert refusal.value.code == "children_open"


def test_a_policy_reaches_firms_that_join_later(
    city: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By 提升 on the command line, by the office's page; the others are not asked twice, a policy
    that rests asks nobody."""
    policies = opened_policies(city)
    policy, day = policies["statistics_bonus"], date(2022, 6, 1)
    before, by = policy.children.count(), city.who(OFFICE, day)
    city.file("样本4有限公司", date(2022, 4, 1), filed=True)
    assert policy_offers(city.programme, day)[0].unreached == 1
    pauses.suspend(policy.pk, by=by, at=at(day), until=date(2022, 6, 8), reason="预算调整")
    assert listed.open_listed(city.programme, by=by, at=at(day, 10)) == {}
    pauses.resume(policy.pk, by=by, at=at(day, 11))
    monkeypatch.setattr("organisations.clock.today", lambda: day)
    monkeypatch.setattr("organisations.clock.now", lambda: at(day, 12))
    client = Client()
    client.force_login(by.user)  # type: ignore[arg-type]
    assert "向新符合条件的1家企业推送" in client.get("/policies/").content.decode()
    assert client.post("/measures/open/").headers["Location"] == "/policies/"
    page = client.get("/policies/").content.decode()
    assert "已向新符合条件的1家企业推送" in page
    # whoever does not see the policy's own case does not read that it lies with nobody
    county = Client()
    county.force_login(city.who(LEAD, day).user)  # type: ignore[arg-type]
    shown = county.get("/policies/").context["policies"]
    assert [line["handed_out"] for line in shown] == [True] * len(shown)
    assert "企业推送</button>" not in page
    assert policy.children.count() == before + 1
    assert offering.offer_to_new_firms(city.programme, by=by, at=at(day, 13)) == {}
    with pytest.raises(NotYours):
        offering.offer_to_new_firms(city.programme, by=city.who(LEAD, day), at=at(day, 13))
    assert policy.children.count() == before + 1


def test_the_offices_figures_and_a_firms_calculator(city: Town) -> None:
    """002-12: 政策“计算器”: what fits one firm; and whom each fits, who was told, who applied."""
    policies = opened_policies(city)
    first, second = policies["statistics_bonus"].children.order_by("pk")[:2]
    for case, answer in ((first, "wants"), (second, "declines")):
        worker = f"{case.responsible_unit.short_name}/county_worker"
        city.go(case, worker, grade=answer, reason="已享受同类政策")
    asked = ("sanmenxia-2022", "--as-of", "2022-04-01")
    told = {one["key"]: one for one in as_json("policies", *asked)}
    assert [told["statistics_bonus"][name] for name in ("fits", "offered", "told", "closed")] == [
        4, 4, 2, 0,
    ]  # fmt: skip
    assert told["statistics_bonus"]["classes"] == {"declines": 1, "wants": 1}
    mine = as_json("policies", *asked, "--firm", FIRM)
    assert [one["key"] for one in mine] == ["statistics_bonus", "upgrades", "purchase_loan"]
    assert mine[1]["gives"][0] == {
        "label": "“专精特新”中小企业支持比例", "value": "40%", "was": "30%",
        "since": "2022-01-01", "when": "",
    }  # fmt: skip
    goals = {one["key"]: one for one in as_json("goals", *asked)}
    assert (goals["covered"]["actual"], goals["covered"]["target"]) == (20, 100)


def test_a_policy_of_mid_year_finds_its_firms_by_its_form(city: Town) -> None:
    """002-12: what a bureau enters says whom it fits."""
    city.open_cases()
    answers = {"title": "首台套奖补", "industries": "34-36、40", "counties": "卢氏县、湖滨区"}
    policy = city.open("policy", OFFICER, unit="市工信局", answers=answers)
    assert firms_of(policy) == {"0", "4"}
    wrong = {"title": "首台套奖补", "industries": "36-34"}
    with pytest.raises(Refused):
        city.open("policy", OFFICER, unit="市工信局", answers=wrong)


# --- the month and the year -----------------------------------------------------------------------
def test_the_monthly_meeting_comes_by_itself_and_ranks(city: Town) -> None:
    """002-06: 每月经济运行会议 orders and ranks; 002-05 counties above the city's average."""
    city.open_cases()
    recurring.open_due(at(date(2022, 5, 11)))
    meetings = Case.objects.filter(procedure="meeting").order_by("period")
    assert [m.title for m in meetings] == ["2022年4月 研发活动调度会", "2022年5月 研发活动调度会"]
    told = city.pack.goals[0]
    assert told.told is not None
    above = [name for name, rate in told.counties.items() if rate > told.told]
    assert above == ["卢氏县", "义马市", "灵宝市", "开发区", "示范区"]
    assert round(Decimal(328) / Decimal(444) * 100, 1) == told.told
    day = date(2022, 5, 11)
    orders = [{"matter": "加快填报", "unit": "义马市工作专班"}]
    ranking = [{"county": name, "rate": str(rate)} for name, rate in told.counties.items()]
    city.go(meetings[1], OFFICE, day, orders=orders, ranking=ranking)
    [order] = meetings[1].children.all()
    assert city.item(order).unit.short_name == "义马市工作专班"


def test_what_a_visit_to_a_county_finds_is_followed_up(city: Town) -> None:
    """002-07: 不定期赴各县开展督导检查."""
    visit = city.open("inspection", OFFICE, answers={"matter": "赴卢氏县督导", "county": "卢氏县"})
    findings = [{"matter": "专班人员未到位", "unit": "卢氏县工作专班", "due_on": "2022-04-20"}]
    city.go(visit, OFFICE, findings=findings)
    [order] = visit.children.all()
    assert city.item(order).due_on == date(2022, 4, 20)
    with pytest.raises(Refused):
        city.close(visit, SECOND)
    city.go(order, WORKER)
    city.close(order, OFFICE)
    assert city.close(visit, SECOND).stage == "closed"


def test_counts_are_entered_and_a_year_ends_with_praise_and_criticism(city: Town) -> None:
    """002-13 counts until the year's end; 002-08 表扬 and 批评; 002-09 the chiefs; 002-17."""
    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START))
    measures = {case.measure: case for case in Case.objects.filter(parent=None)}
    events = measures["four_contacts"]
    assert city.item(events).due_on == date(2022, 12, 31)
    assert city.pack.measure("four_contacts").time.count == 200
    assert measures["chiefs"].children.count() == 8
    rows = [{"unit": "卢氏县", "rate": "100%"}]
    day = date(2022, 12, 20)
    city.go(measures["year_circular"], OFFICE, day, praised=rows, criticised=rows)
    with pytest.raises(Refused):
        city.close(measures["year_circular"], OFFICE, day)
    assert city.close(measures["year_circular"], SECOND, day).stage == "closed"


def test_who_may_open_what(city: Town) -> None:
    kinds = [one.key for one in matters.may_open(city.pack, city.who(OFFICER))]
    assert "policy" in kinds
    assert "proposal" not in kinds
