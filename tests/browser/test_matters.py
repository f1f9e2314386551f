"""Matters in a real Chromium: an issue from the firm to the call-back, a meeting and its orders."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cases.actions import recurring, stages
from cases.models import Case
from tests.browser.people import Find, Person, Stage
from tests.world import START, at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKER, LEAD, OFFICE, BOSS = "涧西区/county_worker", "涧西区/county_lead", "office/1", "office/2"
BUREAU, OTHER = "市科技局/department_officer", "嵩县/county_worker"


def shoot(person: Person, name: str) -> None:
    """A picture for whoever asks for pictures (XIAOHAO_PICTURES: a folder)."""
    if folder := os.environ.get("XIAOHAO_PICTURES"):
        size = "phone" if person.phone else "desk"
        person.page.screenshot(path=Path(folder) / f"{name}-{size}.png", full_page=True)


def firms_case(stage: Stage) -> Case:
    stage.world.firm("洛阳示例轴承有限公司")
    stage.world.open()
    case = stage.world.case()
    return stages.acknowledge(case.pk, by=stage.world.actor(WORKER), at=at(START))


def test_an_issue_is_solved_and_the_firm_is_asked_back(stage: Stage, violations: Find) -> None:
    """004-18: found on a visit, given to a bureau, answered, the firm called back, closed."""
    case = firms_case(stage)
    worker = stage.enter(WORKER).go("case", case.pk)
    worker.follow("登记问题").accessible(violations)
    shoot(worker, "issue-open")
    worker.fill(unit="市科技局", matter="用电容量不足", grade="city")
    worker.press("建档交办").accessible(violations)
    issue = Case.objects.get(procedure="issue")

    officer = stage.enter(BUREAU).go("issues").accessible(violations)
    shoot(officer, "issues")
    officer.follow("用电容量不足").press("签收")
    officer.go("case_form", issue.pk).fill(answer="已协调供电公司增容", result="solved")
    officer.press("办理完毕")
    issue.refresh_from_db()
    assert issue.stage == "call_back"

    phone = stage.enter(WORKER, phone=True).go("issues").accessible(violations)
    shoot(phone, "issues")
    phone.go("case_form", issue.pk).fill(person="王工", satisfied="no", opinion="尚未通电")
    phone.press("保存")
    lead = stage.enter(LEAD).go("case", issue.pk).accessible(violations)
    shoot(lead, "issue")
    expect(lead.page.locator(".act-bar")).to_contain_text("企业不满意，请退回重办。")
    lead.dialog("退回重办").fill(reason="尚未通电")
    lead.click(lead.page.locator("dialog[open] button[type=submit]"))
    issue.refresh_from_db()
    assert issue.stage == "handling"

    officer.go("case_form", issue.pk).press("办理完毕")
    phone.go("case_form", issue.pk).fill(satisfied="yes").press("保存")
    lead.go("case", issue.pk).dialog("办结")
    lead.click(lead.page.locator("dialog[open] button[type=submit]"))
    issue.refresh_from_db()
    assert issue.stage == "closed"
    case.refresh_from_db()
    assert not case.is_finished


def test_a_draft_stays_with_the_firm_that_it_is_about(stage: Stage) -> None:
    """Of two firms each has its own draft; the firm of the address is never another one."""
    one, two = (stage.world.firm(f"洛阳示例{name}有限公司") for name in ("甲", "乙"))
    stage.world.open()
    person = stage.enter(WORKER)
    person.go("matter_open", "issue", query=f"?firm={one.pk}").fill(matter="用电容量不足")
    firm, matter = (person.page.locator(f"[name={name}]") for name in ("firm", "matter"))
    firm.fill("洛阳示例丙有限公司")  # kept when the page is left
    person.go("matter_open", "issue", query=f"?firm={two.pk}")
    expect(firm).to_have_value(two.name)
    expect(matter).to_have_value("")
    person.go("matter_open", "issue", query=f"?firm={one.pk}")
    expect(matter).to_have_value("用电容量不足")
    expect(firm).to_have_value(one.name)


def test_the_orders_of_a_meeting_become_cases(stage: Stage, violations: Find) -> None:
    """000-05: the office calls a meeting; each order of its minutes has its unit and its day."""
    office = stage.enter(OFFICE).go("measures", query="?kind=meeting").accessible(violations)
    office.follow("登记调度会").accessible(violations)
    office.fill(topic="第三次调度会", due_on=START.isoformat()).press("建档交办")
    meeting = Case.objects.get(procedure="meeting")
    office.go("case_form", meeting.pk)
    office.fill(held_on=START.isoformat())
    office.page.locator("[name=orders-0-matter]").fill("补齐专班人员")
    office.page.locator("[name=orders-0-unit]").fill("嵩县工作专班")
    office.page.locator("[name=orders-0-due_on]").fill("2022-03-31")
    office.press("印发纪要").accessible(violations)
    shoot(office, "meeting")
    order = Case.objects.get(parent=meeting)
    assert (order.title, order.given_due.isoformat()) == ("补齐专班人员", "2022-03-31")
    expect(office.page.locator("main")).to_contain_text("补齐专班人员")

    county = stage.enter(OTHER, phone=True).go("measures", query="?kind=order")
    shoot(county, "orders")
    county.follow("补齐专班人员").accessible(violations)
    county.go("case_form", order.pk).fill(report="已配齐5人").press("反馈办理情况")
    boss = stage.enter(BOSS).go("case", order.pk)
    boss.dialog("办结")
    boss.click(boss.page.locator("dialog[open] button[type=submit]"))
    order.refresh_from_db()
    assert order.stage == "closed"


def test_measures_reports_and_orders_on_both_sizes(stage: Stage, violations: Find) -> None:
    firms_case(stage)
    office = stage.enter(OFFICE, phone=True).go("measures").accessible_everywhere(violations)
    shoot(office, "measures-before")
    office.press("交办13项举措").accessible_everywhere(violations)
    shoot(office, "measures")
    measure = Case.objects.get(measure="clearing", parent=None)
    office.go("case", measure.pk).accessible_everywhere(violations)
    shoot(office, "measure")
    recurring.open_due(at(START.replace(day=25)))
    office.go("measures", query="?kind=monthly_report").accessible_everywhere(violations)
    shoot(office, "reports")
    office.go("matter_open", "supervision").accessible_everywhere(violations)
    shoot(office, "order-open")
    office.fill(
        unit=["涧西区工作专班", "嵩县工作专班"],
        matter="摸底逾期",
        source="overdue",
        asked="限期完成摸底",
        grade="ordinary",
    )
    office.press("建档交办").accessible_everywhere(violations)
    shoot(office, "orders-list")
    assert Case.objects.filter(procedure="supervision").count() == 2
