"""Suggested partners in a real Chromium: one click, a contact record, the partner's page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cases.models import FormRecord, MatchRecord
from tests.browser.english import chinese, names
from tests.browser.people import Find, Stage
from tests.resources.conftest import PHONE, expert, resource
from tests.resources.test_matching import in_matching, leave, met
from tests.world import START

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKER = "涧西区/county_worker"


def test_one_click_fills_a_row_and_the_record_follows(stage: Stage, violations: Find) -> None:
    world = stage.world
    row, man = resource(world), expert(world, industries=["34"])
    case = in_matching(world)
    worker = stage.enter(WORKER).go("case", case.pk)
    card = worker.page.locator(".partner-list")
    expect(card).to_contain_text("领域含“轴承”")
    assert violations(worker.page) == []
    worker.click(card.get_by_role("link", name="填入").first)
    expect(worker.page.locator("[name=contacts-0-expert]")).to_have_value(man.name)

    worker.go("case_form", case.pk)
    page = worker.page
    expect(page.locator(".partner-list li")).to_have_count(2)
    assert violations(page) == []
    page.locator(".partner-list li").nth(1).get_by_role("link", name="填入").click()
    with page.expect_response(lambda answer: answer.url.endswith("/draft/")):
        page.locator(".partner-list li").nth(0).get_by_role("link", name="填入").click()
    expect(page.locator("[name=contacts-0-partner]")).to_have_value(row.name)
    expect(page.locator("[name=contacts-0-kind]")).to_have_value("university")
    expect(page.locator("[name=contacts-1-expert]")).to_have_value(man.name)
    expect(page.locator("[name=contacts-1-phone]")).to_have_value(PHONE)
    expect(page.locator("[name=contacts-1-met_on]")).to_be_focused()
    assert FormRecord.objects.get(form="matching").data["contacts"][0]["partner"] == row.name
    for line, result in enumerate(("intention", "signed")):
        worker.answer(f"contacts-{line}-met_on", START.isoformat())
        worker.answer(f"contacts-{line}-way", "on_site")
        worker.answer(f"contacts-{line}-result", result)
    worker.answer("contacts-1-agreement", "技术开发合同")
    worker.answer("contacts-1-signed_on", START.isoformat())
    worker.press("转入整改")
    assert set(MatchRecord.objects.values_list("result", "is_draft")) == {
        ("intention", False),
        ("signed", False),
    }
    worker.go("expert", man.pk)
    expect(worker.page.locator("section", has_text="对接记录").last).to_contain_text(
        "洛阳示例轴承有限公司"
    )
    worker.go("matches").sees("开展合作的企业", "签订协议")


def test_on_a_phone_the_button_stays_in_reach(stage: Stage, violations: Find) -> None:
    resource(stage.world)
    case = in_matching(stage.world)
    worker = stage.enter(WORKER, phone=True).go("case_form", case.pk)
    button = worker.page.locator(".partner-list .button").first
    expect(button).to_be_visible()
    worker.look()
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 40
    assert violations(worker.page) == []
    button.click()
    expect(worker.page.locator("[name=contacts-0-partner]")).to_have_value("示例理工学院")


CUT = """() => [...document.querySelectorAll(".figure__value")]
    .filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)"""


def test_the_directory_is_accessible(stage: Stage, violations: Find) -> None:
    world = stage.world
    row, man = resource(world, kind="alliance"), expert(world)
    office = stage.enter("office/1", phone=True)
    lists = ("resources", "experts", "matches", "field_words", "resources_import")
    for name in (*lists, "resource_new", "expert_new"):
        office.go(name).accessible_everywhere(violations)
    for name, pk in (("resource", row.pk), ("expert", man.pk), ("member_new", row.pk)):
        office.go(name, pk).accessible_everywhere(violations)
    # a large amount is whole, its unit with it, in large type too
    leave(world, in_matching(world), met(row.name, "signed", amount="15843.25"))
    office.go("matches").sees("15,843.25")
    for size in ("normal", "large"):
        office.page.evaluate("size => document.documentElement.dataset.size = size", size)
        assert office.page.evaluate(CUT) == []
    office.go("resources").sees(row.name)


def test_english_leaves_no_chinese_but_the_data(stage: Stage) -> None:
    world = stage.world
    row, man = resource(world, kind="alliance", level="city"), expert(world)
    case = in_matching(world)
    leave(world, case, met(row.name, "signed", expert=man.name, amount="12.5"))
    other = in_matching(world, "乙示例厂")
    data = {*names(), *TEXTS, row.name, man.name, "陈示例"}
    office = stage.enter("office/1", language="en")
    lists = ("resources", "experts", "matches", "field_words", "resources_import")
    pages: list[tuple[str, tuple[int, ...]]] = [(name, ()) for name in lists]
    pages += [("resource_new", ()), ("expert_new", ()), ("resource", (row.pk,))]
    pages += [("expert", (man.pk,)), ("case_partners", (other.pk,))]
    pages += [("resource_matches", (row.pk,))]
    left = []
    for name, args in pages:
        office.go(name, *args)
        office.page.wait_for_load_state("networkidle")
        left += [f"{name}: {words}" for words in chinese(office.page, sorted(data, key=len)[::-1])]
    assert left == []


# what the small directory and its forms hold
TEXTS = (
    *("轴承", "热处理", "滚动轴承寿命试验", "王示例", "资源摸底表", "特派员名单", "教授", "省会"),
    *(
        "轴承热处理变形",
        "技术开发合同",
        "滚动轴承淬火变形控制",
        "引进材料专业人才",
        "滚动",
        "材料专业",
    ),
)
