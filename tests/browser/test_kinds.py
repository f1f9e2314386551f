"""The kinds that a year brings beside assistance, in a real Chromium: 提升, 巩固, 提案, 政策找人.

Each by the people whose it is; what a story does not look at is done by the verbs.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from cases.actions import filling, listed, plan_measures, stages
from cases.models import Case
from tests.browser.people import Find, Person, Stage
from tests.browser.test_matters import shoot
from tests.cases.test_carrying import next_year
from tests.cases.views.test_bar import closed
from tests.stories.test_sanmenxia import CONTACTS, OFFICE, OFFICER, START, handed_out
from tests.stories.town import Town, town
from tests.world import START as START_DAY
from tests.world import SYSTEM, at, closing_form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
HAVES = ("institution", "staff", "spending", "cooperation")


def agree(person: Person, words: str) -> Person:
    """Press an act and confirm what it asks."""
    person.dialog(words)
    return person.click(person.page.locator("dialog[open] button[type=submit]"))


def test_a_firm_with_research_is_led_on(stage: Stage, violations: Find) -> None:
    """001-25: the guide's review before the city's."""
    world = stage.world
    firm = world.firm("洛阳覆盖示例有限公司", spending=True)
    listed.open_listed(world.programme, by=world.office, at=at(START_DAY))
    case = Case.objects.get(procedure="completion", enterprise=firm)
    worker = stage.enter(WORKER, phone=True).go("case", case.pk).accessible(violations)
    worker.press("签收")
    expect(worker.page.locator("main")).to_contain_text("补齐中")
    for have in HAVES:
        world.prove(case, have)
    for remedy in case.children.exclude(stage="closed"):
        done = {"measure": "补齐材料", "responsible": "李示例", "finish_on": "2022-03-31"}
        form, by = f"remedy_{remedy.criterion}", world.actor(WORKER)
        filling.save_draft(remedy.pk, form=form, data=done, by=by, at=at(START_DAY, 11))
        stages.close(remedy.pk, by=world.actor(LEAD), at=at(START_DAY, 12))
    stages.apply_for_closure(
        case.pk, by=world.actor(WORKER), at=at(START_DAY, 13), form=closing_form()
    )
    stage.now = at(START_DAY, 14)
    guide = stage.enter("市科技局/department_officer").go("case", case.pk).accessible(violations)
    shoot(guide, "completion")
    agree(guide, "审核通过")
    office = stage.enter("office/1").go("case", case.pk)
    agree(office, "确认销号")
    expect(office.page.locator(".case-head")).to_contain_text("已销号")


def test_what_was_closed_last_year_is_looked_after(stage: Stage, violations: Find) -> None:
    """003-05: spending is proved anew, the county's reviewer confirms."""
    world = stage.world
    old = closed(world)
    to, day = next_year(world), date(2023, 1, 9)
    listed.open_listed(to, by=SYSTEM, at=at(day))
    case = Case.objects.get(procedure="consolidation", enterprise=old.enterprise)
    world.prove(case, "spending", day)
    stage.move_to(day, 11)
    lead = stage.enter(LEAD).go("case", case.pk).accessible(violations)
    shoot(lead, "consolidation")
    agree(lead, "确认巩固")
    expect(lead.page.locator(".case-head")).to_contain_text("已巩固")
    lead.sees_no("确认退库")


@pytest.fixture
def city(empty_stage: Stage, tmp_path: Path) -> Town:
    """Sanmenxia on its first day, with a firm that a policy fits."""
    found = town("sanmenxia-2022", START)
    found.list_firms(tmp_path, [{"county": found.pack.counties[0].name}], START)
    empty_stage.move_to(START, 12)
    return found


def enter(stage: Stage, city: Town, who: str, **size: Any) -> Person:
    return stage.enter_as(city.users[who], **size)


def test_a_proposal_is_answered_and_a_policy_finds_its_firm(
    empty_stage: Stage, city: Town, violations: Find
) -> None:
    """002-02: one reply of several units; 002-12: who fits is told and says what he wants."""
    proposal = handed_out(city)
    officer = enter(empty_stage, city, OFFICER).go("case", proposal.pk)
    officer.press("签收")
    # whose opinions it waits for, since when and until when
    expect(officer.page.locator(".case-head")).to_contain_text("市财政局")
    officer.accessible(violations)
    shoot(officer, "proposal")
    for part in proposal.children.all():
        unit = part.responsible_unit.short_name
        city.go(part, f"{unit}/department_officer")
        city.close(part, f"{unit}/department_lead")
    city.go(proposal, OFFICER, contacts=CONTACTS)
    city.go(proposal, "市工信局/department_lead")
    city.go(proposal, OFFICER, satisfied="yes")
    empty_stage.move_to(START, 14)
    office = enter(empty_stage, city, OFFICE).go("case", proposal.pk)
    agree(office, "办结")
    expect(office.page.locator(".case-head")).to_contain_text("已办结")

    plan_measures.open_measures(city.programme, by=SYSTEM, at=at(START, 13))
    offer = Case.objects.filter(procedure="policy_offer").order_by("pk")[0]
    holder = city.item(offer)
    who = f"{holder.unit.short_name}/{holder.post.role}"
    told = enter(empty_stage, city, who, phone=True).go("case_form", offer.pk)
    told.accessible(violations)
    told.fill(told_on=START.isoformat(), way="phone", person="王工", grade="wants")
    shoot(told, "policy-offer")
    told.page.locator(".act-bar button[type=submit]").last.click()
    expect(told.page.locator("main")).to_contain_text("申报")
