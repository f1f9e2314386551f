"""Workbench, ledger and supervision in a real Chromium: live filters, bulk acts, phone, axe."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from cases.models import Case, CaseEvent, EscalationDraft, Extension
from enterprises.models import Contact, Enterprise
from tests.browser.people import Find, Stage
from tests.cases.lists import many
from tests.cases.views.test_extensions import ask, in_survey
from tests.kept import kept
from tests.world import START, World, at, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# columns whose heading runs out of its box, and entries of the navigation beyond its edge
SQUEEZED = """() => [...document.querySelectorAll("main thead th, .topbar__nav")]
  .filter((e) => e.getClientRects().length && e.scrollWidth > e.clientWidth + 1)
  .map((e) => e.textContent.trim().slice(0, 12))"""
WORKER, LEAD, OFFICE = "涧西区/county_worker", "涧西区/county_lead", "office/1"


@kept
def _sixty() -> World:
    world = build()
    many(world, 59)
    world.firm("嵩县示例矿业有限公司", "嵩县")
    firm = Enterprise.objects.get(name="示例企业0")
    Contact.objects.create(enterprise=firm, name="李会计", phone="037955501234")
    world.open()
    return world


@pytest.fixture
def late(empty_stage: Stage) -> Stage:
    """Sixty firms that nobody has signed for in a week, one of them in another county."""
    empty_stage.world = _sixty()
    empty_stage.move_to(START + timedelta(days=7))
    return empty_stage


def asked(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_filters_change_the_list_and_the_address_without_a_new_page(late: Stage) -> None:
    lead = late.enter(LEAD).go("ledger")
    page = lead.page
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="逾期 59").click()
    expect(page.locator(".chip[aria-current]")).to_contain_text("逾期")
    page.wait_for_url(lambda url: asked(url) == {"chip": ["overdue"]})
    page.locator("select[name=stage]").select_option("survey")
    expect(page.locator(".empty")).to_be_visible()
    page.wait_for_url(lambda url: asked(url).get("stage") == ["survey"])
    page.locator("select[name=stage]").select_option("")
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="企业名称").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("企业名称")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("tbody tr")).to_have_count(9)
    page.wait_for_url(lambda url: "after" in asked(url))
    assert page.evaluate("window.sameDocument") is True
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(50)


# as soon as the new list stands, before the page has time for anything else
CHOOSE_AT_ONCE = """([name, value]) => {
  const watch = new MutationObserver(() => {
    if (!document.querySelector(".empty")) return;
    watch.disconnect();
    document.body.dataset.chosen = value;
    const select = document.querySelector(`select[name=${name}]`);
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  });
  watch.observe(document.querySelector("main"), { childList: true, subtree: true });
}"""


def test_no_choice_is_lost_while_the_list_is_on_its_way(late: Stage) -> None:
    """On a slow line, and on a slow phone: whoever is faster than the answer is heard."""
    page = late.enter(LEAD).go("ledger").page
    stage, grade = page.locator("select[name=stage]"), page.locator("select[name=grade]")
    page.evaluate(CHOOSE_AT_ONCE, ["stage", ""])
    stage.select_option("survey")
    expect(page.locator("body[data-chosen]")).to_be_attached()
    expect(page.locator("tbody tr")).to_have_count(50)
    first = re.compile("stage=survey&grade=(&|$)")
    page.route(first, lambda _route: None)  # its answer never comes
    with page.expect_request(first):
        stage.select_option("survey")
    grade.select_option("A")
    page.wait_for_url(re.compile("stage=survey&grade=A"))
    expect(grade).to_have_value("A")
    expect(stage).to_have_value("survey")


def test_rows_are_ticked_previewed_and_urged(late: Stage, violations: Find) -> None:
    lead = late.enter(LEAD).go("ledger", query="?chip=overdue")
    boxes = lead.page.locator("input[data-row]")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(lead.page.locator("[data-bulk] [data-count]")).to_have_text("4")
    lead.press("催办", within="[data-bulk]").sees("催办4件", "将办理4件").accessible(violations)
    lead.press("催办4件").sees("已催办4件")
    assert CaseEvent.objects.filter(verb="urge").count() == 4


def test_extensions_are_ticked_and_granted(stage: Stage, violations: Find) -> None:
    for n in range(2):
        ask(stage.world, in_survey(stage.world, f"洛阳示例{n}号有限公司"))
    lead = stage.enter(LEAD).go("extensions")
    bar = lead.page.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    lead.page.locator("[data-all]").click()
    expect(bar.locator("[data-count]")).to_have_text("2")
    lead.page.locator("input[name=extension]").first.click()
    expect(bar.locator("[data-count]")).to_have_text("1")
    lead.accessible(violations).press("同意", within="[data-bulk]")
    lead.press("同意", within="main form")
    expect(lead.page.locator("body")).to_contain_text("已同意1件延期申请")
    assert Extension.objects.filter(decided_at__isnull=False).count() == 1


def test_the_workbench_at_a_desk_and_on_a_phone(late: Stage) -> None:
    desk = late.enter(WORKER).go("workbench")
    desk.sees("今天先办这3件", "逾期4个工作日", "新交办59件，待签收")
    phone = late.enter(WORKER, phone=True).go("workbench")
    expect(phone.page.locator(".job:visible")).to_have_count(15)
    expect(phone.page.locator(".todo:visible")).to_have_count(0)
    call = phone.page.get_by_role("link", name="打电话：示例企业0")
    expect(call).to_have_attribute("href", "tel:037955501234")
    height = phone.page.locator(".job__acts a").first.bounding_box()
    assert height is not None
    assert height["height"] >= 44
    phone.page.get_by_role("link", name="办理：示例企业0").click()
    phone.page.wait_for_url("**/cases/*/?*")


def test_a_letter_is_edited_and_released_by_the_office(late: Stage) -> None:
    for n in range(7, 80, 7):
        late.move_to(START + timedelta(days=n))
        late.tick()
        if EscalationDraft.objects.filter(state="drafted").exists():
            break
    office = late.enter("office/2").go("overdue")
    office.follow("涧西区", within="table").sees("工作台账")
    office.go("drafts")
    office.page.locator("tbody a.firm").first.click()
    body = office.page.locator("textarea[name=body]")
    expect(body).to_be_visible()
    expect(body).to_have_value(re.compile("截至"))
    body.fill("改过的正文")
    office.press("审定发出…").sees("改过的正文")
    office.press("确认发出").sees("已审定发出")
    assert CaseEvent.objects.filter(verb="release_draft").exists()


def test_paper_carries_the_head_and_every_row(late: Stage) -> None:
    lead = late.enter(LEAD).go("ledger_print", query="?chip=overdue")
    lead.page.emulate_media(media="print")
    expect(lead.page.locator(".print-head")).to_be_visible()
    expect(lead.page.locator(".print-head")).to_contain_text("填报单位：涧西区工作专班")
    expect(lead.page.locator("tbody tr:visible")).to_have_count(59)
    expect(lead.page.locator(".topbar")).to_be_hidden()
    assert Case.objects.filter(opened_on=at(START).date()).count() == 60


def test_large_type_keeps_names_and_the_last_column(stage: Stage) -> None:
    """大字 at a small desk: no column and no entry of the navigation is squeezed out."""
    many(stage.world, 3)
    stage.world.open()
    stage.move_to(START + timedelta(days=7))
    office = stage.enter(OFFICE)
    page = office.page
    page.context.add_cookies([{"name": "size", "value": "large", "url": stage.url}])
    for name in ("workbench", "ledger"):
        for width in (1280, 1366, 1600):
            page.set_viewport_size({"width": width, "height": 768})
            office.go(name)
            expect(page.locator("html")).to_have_attribute("data-size", "large")
            assert page.evaluate(SQUEEZED) == [], (name, width)
            firm = page.get_by_role("rowheader", name="示例企业0").bounding_box()
            assert firm, (name, width)
            assert firm["width"] > 150, (name, width)
