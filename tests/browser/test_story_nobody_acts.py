"""Nobody acts: what each role sees as the ladder climbs, up to a letter that the office sends.

The lists of a late city are looked at by axe in test_main_pages.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from cases.models import EscalationDraft
from organisations.days import day_of
from tests.browser.people import Find, Person, Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME, FIRM = "涧西区", "洛阳示例耐材有限公司"
OPENED = date(2022, 4, 11)  # a Monday after the quiet season; 24 April is a moved working day


def let_pass(stage: Stage, last: date) -> None:
    """Morning by morning the tick speaks, and nobody does anything."""
    while day_of(stage.now) < last:
        stage.move_to(day_of(stage.now) + timedelta(days=1))
        stage.tick()


def test_the_ladder_climbs_before_everybodys_eyes(stage: Stage, violations: Find) -> None:
    stage.move_to(OPENED)
    stage.world.firm(FIRM)
    stage.world.open(OPENED)
    stage.tick()
    worker = stage.enter(f"{HOME}/county_worker", phone=True)
    lead, office = stage.enter(f"{HOME}/county_lead"), stage.enter("office/1")
    outsider = stage.enter("嵩县/county_lead")

    worker.go("workbench").sees(FIRM, "1个工作日内到期", "待签收")
    worker.go("notices").sees("新交办1家企业，请于4月12日前签收")
    let_pass(stage, date(2022, 4, 12))
    worker.go("workbench").sees("今日到期", "今日未办结的，明日起计入逾期。")

    let_pass(stage, date(2022, 4, 15))
    worker.go("workbench").sees("逾期3个工作日")
    shapes(worker, "square")
    lead.go("workbench").sees("逾期3个工作日", "已逾期3个工作日，尚未签收")
    lead.go("overdue").sees(FIRM, "逾期3个工作日")

    let_pass(stage, date(2022, 4, 19))
    the_office_calls(office)

    let_pass(stage, date(2022, 4, 25))
    office.go("workbench").sees("已拟《工作提示》1份，请审定是否发出。")
    supervisor = stage.enter("supervisor").go("overdue")
    supervisor.sees(HOME, FIRM, "逾期10个工作日")
    stage.enter("leader").go("/").sees("逾期10个工作日以上 1家")

    let_pass(stage, date(2022, 5, 11))
    # the lower drafts went into the higher one; nothing went out
    assert not EscalationDraft.objects.filter(state="released").exists()
    lead.go("notices").sees_no("督办函", "提醒函")
    the_head_releases(office, stage.enter("office/2"), violations)
    let_pass(stage, date(2022, 5, 12))
    lead.go("notices").sees("督办函", "截至2022年5月11日，你区纳入台账企业1家")
    lead.click(lead.page.get_by_role("link", name="督办函")).accessible(violations)
    lead.sees("附件：逾期事项清单", FIRM)
    # zero-width spaces let the title break between words
    assert "关于督促办理规上工业企业研发活动全覆盖逾期事项的函" in lead.text.replace("\u200b", "")

    # the other county heard and saw nothing of it
    for page in ("workbench", "notices", "overdue", "ledger"):
        outsider.go(page).sees_no(FIRM, "督办函")


def shapes(person: Person, shape: str) -> None:
    """The light is legible without colour: its shape is drawn."""
    light = person.page.locator(f".light use[href='#s-{shape}']")
    expect(light).not_to_have_count(0)


def the_office_calls(office: Person) -> None:
    office.go("calls").sees(FIRM, "逾期5个工作日")
    office.fill(result="已与经办人通话，本周内签收").press("记录结果")
    office.sees("已与经办人通话，本周内签收")


def the_head_releases(office: Person, head: Person, violations: Find) -> None:
    """Of three letters one is left in the tray: the head looks twice, and the 督办函 goes out."""
    office.go("drafts").sees("督办函", "提醒函", "工作提示", "已并入")
    office.click(office.page.locator("a.firm", has_text="督办函").first)
    office.sees("须由市专班办负责人", "没有登记联系电话")
    office.go("profile").fill(phone="000-12345678").press("保存").sees("联系电话已保存")
    head.go("drafts").click(head.page.locator("a.firm", has_text="督办函").first)
    head.accessible(violations).sees("附件：逾期事项清单", FIRM, "涧西区工作专班")
    letter = head.page.get_by_role("textbox").filter(has_text="专此函告")
    expect(letter).to_have_value(re.compile("涧西区人民政府"))
    head.press("审定发出…").accessible(violations).sees("请确认发出", "涧西区人民政府", FIRM)
    head.press("确认发出").sees("已发出", "市专班办负责人", "〔2022〕1号")
