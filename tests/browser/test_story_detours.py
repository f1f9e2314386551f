"""What happens beside the straight way, in the browser: nothing is lost, and one of two wins."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cases.actions import stages
from cases.models import Case
from tests.browser import books
from tests.browser.people import Find, Person, Stage, fill_in
from tests.browser.test_story_whole_life import bring_in
from tests.world import START, World, at, closing_form, matching_form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME, AWAY = "涧西区", "嵩县"
WORKER, LEAD = f"{HOME}/county_worker", f"{HOME}/county_lead"
HAVES = ("institution", "staff", "spending", "cooperation")


def opened(world: World, *names: str) -> list[Case]:
    firms = [world.firm(name) for name in names]
    world.open()
    return [world.case(firm) for firm in firms]


def ask(person: Person, act: str, confirm: str = "", **values: str) -> Person:
    """An act of the bar that asks something first."""
    person.dialog(act).fill(**values)
    return person.press(confirm or act, within="dialog[open]")


def test_declined_reassigned_and_gone_for_the_first(stage: Stage, violations: Find) -> None:
    [case] = opened(stage.world, "洛阳甲示例有限公司")
    worker, there = stage.enter(WORKER), stage.enter(f"{AWAY}/county_worker", phone=True)
    there.go("case", case.pk, status=404)
    worker.go("case", case.pk)
    ask(worker, "申请改派", reason="企业已迁至嵩县").sees("待改派", "已申请改派，待市专班办答复。")
    assert worker.offered() == ["备注"]

    office = stage.enter("office/1").go("workbench").sees("申请改派 1")
    office.go("case", case.pk).accessible(violations)
    target = f"unit-{stage.world.units[f'{AWAY}工作专班'].pk}"
    ask(office, "改派", target=target, reason="情况属实", confirm="改派")
    office.sees(f"拟改派至{AWAY}工作专班").press("改派").sees(f"{AWAY}工作专班")
    there.go("case", case.pk).press("签收").sees("摸底中", "改派至嵩县工作专班")
    worker.go("case", case.pk, status=404).accessible(violations).sees("不在您的查阅范围内")
    worker.go("ledger").sees_no("洛阳甲示例有限公司")


def test_many_are_reassigned_with_a_preview_and_taken_back(stage: Stage) -> None:
    cases = opened(stage.world, "洛阳甲示例有限公司", "洛阳乙示例有限公司", "洛阳丙示例有限公司")
    unit = stage.world.units[f"{AWAY}工作专班"]
    office = stage.enter("office/1").go("ledger")
    for case in cases[:2]:
        office.page.locator(f"input[name=case][value='{case.pk}']").check()
    office.press("改派", within=".bulk-bar").sees("改派2件", "改派不重新计时")
    office.fill(target=f"unit-{unit.pk}", reason="区划调整").press("预览").sees("将办理2件。")
    office.sees(f"2家企业在{HOME}，拟改派至{AWAY}工作专班。")
    assert counties() == [HOME, HOME, HOME]
    office.press("改派2件").sees("已改派2件")
    assert counties() == [AWAY, AWAY, HOME]
    office.press("撤销").sees("已撤销改派2件")
    assert counties() == [HOME, HOME, HOME]


def counties() -> list[str]:
    return list(Case.objects.order_by("enterprise_id").values_list("county__name", flat=True))


def test_suspended_resumed_and_of_two_tabs_one_wins(stage: Stage, violations: Find) -> None:
    first, second = opened(stage.world, "洛阳甲示例有限公司", "洛阳乙示例有限公司")
    stage.world.survey(first, "B")
    lead, worker = stage.enter(LEAD).go("case", first.pk), stage.enter(WORKER)
    ask(lead, "暂缓办理", until="2022-03-11", reason="设备检修").sees("计时暂停")
    lead.accessible(violations)
    worker.go("case", first.pk).sees("本事项暂缓办理中，请先恢复办理。")
    assert worker.offered() == ["备注"]
    stage.move_to(date(2022, 3, 10))
    ask(lead.go("case", first.pk), "恢复办理").sees("时限顺延7个工作日至4月8日")

    # two tabs on the same page: the first wins, the second is told and keeps what it typed
    one, two = stage.enter(LEAD).go("case", first.pk), stage.enter(LEAD).go("case", first.pk)
    one.dialog("暂缓办理").fill(until="2022-03-14", reason="先到")
    two.dialog("暂缓办理").fill(until="2022-03-11", reason="写了很久的理由")
    one.press("暂缓办理", within="dialog[open]").sees("计时暂停")
    two.press("暂缓办理", within="dialog[open]")
    two.sees("刚刚已有人办理过本事项", "先到", "您填写的内容保留在下方").accessible(violations)
    expect(two.page.locator("textarea[name=reason]")).to_have_value("写了很久的理由")
    assert first.suspensions.count() == 2

    # a double click is one move
    worker.go("case", second.pk)
    with worker.page.expect_navigation():
        worker.page.get_by_role("button", name="签收", exact=True).dblclick(no_wait_after=True)
    worker.go("case", second.pk).sees("摸底中")
    verbs = second.events.values_list("verb", flat=True)
    assert list(verbs).count("acknowledge") == 1
    assert second.task_set.filter(finished=None).count() == 1


def test_sent_back_closed_and_reopened(stage: Stage, violations: Find) -> None:
    [case] = opened(stage.world, "洛阳甲示例有限公司")
    to_confirmation(stage.world, case)
    office, worker = stage.enter("office/1"), stage.enter(WORKER, phone=True)
    office.go("case", case.pk).accessible(violations)
    ask(office, "退回补正", number="2", reason="第3页").sees("退回补正")
    worker.go("case", case.pk).accessible(violations).sees("未加盖公章或签字不全。第3页")
    worker.sees("2022年5月6日", "剩45个工作日")

    worker.follow("申请销号")
    fill_in(worker, closing_form()).press("申请销号").sees("待县级审核")
    lead = stage.enter(LEAD).go("case", case.pk)
    ask(lead, "审核通过").sees("待市级确认")
    office.go("case", case.pk)
    ask(office, "确认销号").sees("已销号", "编号2022-0001")
    office.accessible(violations)
    second = stage.enter("office/2").go("case", case.pk)
    second.dialog("恢复办理（核减销号）").fill(criteria=["cooperation"], reason="合同未履行")
    second.press("恢复办理", within="dialog[open]").sees("整改中", "合同未履行")
    worker.go("case", case.pk).sees("产学研合作 退回补正")


def to_confirmation(world: World, case: Case) -> None:
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    world.survey(case, "B")
    stages.advance(case.pk, by=worker, at=at(START, 10), form=matching_form())
    for have in HAVES:
        world.prove(case, have)
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
    stages.advance(case.pk, by=lead, at=at(START, 14))


def test_who_leaves_the_register_leaves_the_ledger(stage: Stage, tmp_path: Path) -> None:
    rows, names = books.register({HOME: 8, AWAY: 4})
    books.bring_in(tmp_path, rows, books.filing(names))
    stage.world.open()
    gone = names[2]
    office = stage.enter("office/1").go("ledger").sees(gone, "在办12家")
    case = Case.objects.get(enterprise__name=gone)

    newer, _names = books.register({HOME: 8, AWAY: 4}, without=[gone])
    sheet = books.save(tmp_path / "newer.xlsx", newer)
    bring_in(office, "导入名录", sheet, as_of="2022-03-01")
    office.page.locator("[data-dialog=confirm-leaving]").click()
    office.page.locator("dialog[open] input[name=leaving]").fill("1")
    office.click(office.page.locator("dialog[open] button[type=submit]")).sees("已导入")
    office.go("ledger").sees("在办11家").sees_no(gone)
    office.go("ledger", query="?stage=delisted").sees(gone, "已退库")
    office.go("case", case.pk).sees("已退库", "不计入基数")
    office.go("progress").sees("当期在库11家")

    # back on the list: its case runs again
    stage.move_to(date(2022, 3, 2))
    sheet = tmp_path / "register.xlsx"
    bring_in(office, "导入名录", sheet, as_of="2022-03-02")
    office.press("确认导入").sees("已导入")
    office.go("case", case.pk).sees("待签收")
