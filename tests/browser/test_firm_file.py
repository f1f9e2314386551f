"""一企一档 in a real Chromium: a visit on the phone, a paper used again, the file on a desk."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cases.models import Evidence, Visit
from enterprises.models import Contact
from tests.browser.people import Find, Person, Stage
from tests.cases.test_carrying import next_year
from tests.world import START, at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKER, LEAD, OFFICE = "涧西区/county_worker", "涧西区/county_lead", "office/1"


def shoot(person: Person, name: str) -> None:
    """A picture for whoever asks for pictures (XIAOHAO_PICTURES: a folder)."""
    if folder := os.environ.get("XIAOHAO_PICTURES"):
        size = "phone" if person.phone else "desk"
        person.page.screenshot(path=Path(folder) / f"{name}-{size}.png", full_page=True)


def test_a_visit_a_paper_used_again_and_the_whole_file(stage: Stage, violations: Find) -> None:
    world = stage.world
    firm = world.firm("洛阳示例轴承有限公司")
    Contact.objects.create(enterprise=firm, name="李示例", phone="13800000000")
    world.fact(firm, date(2021, 11, 1), has_staff=True)
    world.open()
    case = world.survey(world.case(), "A")
    row = world.prove(case, "institution")
    stage.now = at(START, 15)

    phone = stage.enter(WORKER, phone=True).go("firm", firm.pk)
    expect(phone.page.get_by_role("heading", name="走访记录")).to_be_visible()
    phone.follow("登记走访").accessible(violations)
    shoot(phone, "visit")
    phone.fill(found="辅助账已建，缺立项文件").press("登记")
    assert [one.pk for one in Visit.objects.get().cases.all()] == [case.pk]
    expect(phone.page.get_by_text("辅助账已建，缺立项文件").first).to_be_visible()
    phone.page.wait_for_load_state("networkidle")
    shoot(phone, "firm")

    desk = stage.enter(WORKER).go("firm", firm.pk)
    expect(desk.page.get_by_role("heading", name="历年情况")).to_be_visible()
    desk.page.wait_for_load_state("networkidle")
    desk.accessible(violations)
    shoot(desk, "firm")
    desk.follow("沿用于“研发人员”").accessible(violations)
    shoot(desk, "reuse")
    desk.press("沿用")
    assert Evidence.objects.get(reused_from=row).criterion == "staff"

    number = stage.enter(OFFICE).go("firm_numbers", firm.pk).accessible(violations)
    number.fill(kind="sme", number="2022A1").press("保存编号")
    expect(number.page.get_by_text("2022A1")).to_be_visible()

    next_year(world)
    stage.move_to(date(2022, 12, 28))
    office = stage.enter(OFFICE).go("programme_carry_over", world.programme.key)
    office.accessible(violations)
    shoot(office, "carry-over")
    office.fill(reason="辅助账未完成").press("结转1件")
    office.go("programme_carry_over", world.programme.key).accessible(violations)
    shoot(office, "carry-back")
