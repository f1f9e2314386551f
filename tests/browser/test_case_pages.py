"""The case page in a real Chromium: dialogs, forms that save in passing, phone and paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from cases.models import Case, CaseEvent, FormFile, FormRecord
from tests.browser.people import Find, Stage, photo
from tests.cases.standing import rectifying
from tests.cases.views.test_bar import handed_in, in_matching, in_survey

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


HELD_HERE = "Object.keys(localStorage).some((key) => key.startsWith('draft:'))"


def wait_until(page: Page, question: str) -> None:
    """Ask again and again; playwright's own way needs eval, which the policy forbids."""
    for _turn in range(50):
        if page.evaluate(question):
            return
        page.wait_for_timeout(100)
    raise AssertionError(question)


def test_a_dialog_opens_in_place_and_acts(stage: Stage, violations: Find) -> None:
    case = in_survey(stage.world)
    lead = stage.enter(LEAD).go("case", case.pk).accessible(violations)
    page = lead.page
    page.get_by_role("link", name="备注", exact=True).click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[name=reason]")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="备注", exact=True).click()
    page.locator("dialog[open] textarea").fill("已电话联系财务负责人")
    page.locator("dialog[open]").get_by_role("button", name="保存").click()
    expect(page.locator(".timeline")).to_contain_text("已电话联系财务负责人")
    assert CaseEvent.objects.filter(case=case, verb="comment").count() == 1


def test_the_survey_on_a_phone_saves_in_passing(stage: Stage, violations: Find) -> None:
    case = in_survey(stage.world)
    worker = stage.enter(WORKER, phone=True).go("case_form", case.pk).accessible(violations)
    page = worker.page
    expect(page.locator("[name=group_name]")).to_be_hidden()
    page.locator(".choices label", has=page.locator('[name=group_rd][value="yes"]')).click()
    expect(page.locator("[name=group_name]")).to_be_visible()
    page.locator("[name=group_name]").fill("示例集团")
    page.locator("[data-lines=contacts] [data-add-line]").click()
    page.locator('[name="contacts-0-name"]').fill("李示例")
    page.locator('[name="contacts-1-name"]').fill("王示例")
    page.locator('[name="confirmation-new"]').set_input_files(photo("签字页.jpg"))  # type: ignore[arg-type]
    expect(page.locator("[data-form-files] li")).to_have_text(re.compile("签字页.jpg"))
    expect(page.locator("[data-draft-state]")).to_have_text(re.compile("草稿已存"))
    wait_until(page, "!document.querySelector('[name=confirmation-new]').files.length")
    worker.look()
    wait_until(page, f"!{HELD_HERE}")
    data = FormRecord.objects.get(case=case).data
    assert data["group_name"] == "示例集团"
    assert [row["name"] for row in data["contacts"]] == ["李示例", "王示例"]
    assert data["confirmation"] == [FormFile.objects.get().pk]
    page.reload()
    expect(page.locator('[name="contacts-1-name"]')).to_have_value("王示例")
    expect(page.locator('[name="confirmation"]')).to_be_checked()


def test_figures_follow_what_is_typed(stage: Stage, violations: Find) -> None:
    remedy = Case.objects.get(parent=rectifying(stage.world, staff="none"), criterion="staff")
    page = stage.enter(WORKER).go("case_form", remedy.pk).accessible(violations).page
    total, share = page.locator("#total"), page.locator("#share")
    expect(total).to_have_text("—")
    for name, value in (("full_time", "3"), ("part_time", "2"), ("employees", "60")):
        page.locator(f"[name={name}]").fill(value)
    expect(total).to_have_text("5人")
    expect(share).to_have_text("8.3%")


def test_the_plan_grows_from_what_is_missing(stage: Stage) -> None:
    case = in_survey(stage.world)
    page = stage.enter(WORKER, phone=True).go("case_form", case.pk).page

    def say(have: str, answer: str) -> None:
        box = page.locator(f'[name="haves-{have}-state"][value="{answer}"]')
        page.locator(".have label", has=box).click()

    def planned(*haves: str) -> None:
        names = page.locator('[data-lines=plan] select[name$="-have"]')
        expect(names).to_have_count(len(haves))
        for n, have in enumerate(haves):
            expect(names.nth(n)).to_have_value(have)

    say("staff", "none")
    say("spending", "irregular")
    say("institution", "regular")
    planned("")  # nothing is planned before there is a class that goes on
    page.select_option('[name="grade"]', "B")
    planned("staff", "spending")
    say("staff", "regular")
    planned("", "spending")


def test_what_did_not_reach_the_server_is_kept_here(stage: Stage) -> None:
    case = in_matching(stage.world)
    worker = stage.enter(WORKER, phone=True).go("case_form", case.pk)
    page = worker.page
    page.route("**/form/draft/", lambda route: route.abort())
    page.locator('[name="contacts-0-need"]').fill("关键技术")
    wait_until(page, HELD_HERE)
    stage.complaints.clear()  # the broken network complains in the console
    page.reload()
    expect(page.locator('[name="contacts-0-need"]')).to_have_value("关键技术")


def test_of_two_tabs_of_a_form_the_older_one_says_so_and_saves_nothing(stage: Stage) -> None:
    case = in_survey(stage.world)
    older = stage.enter(WORKER).go("case_form", case.pk).page
    newer = older.context.new_page()
    newer.goto(older.url)
    newer.locator("[name=visitors]").fill("乙乙")
    expect(older.locator("[data-draft-state]")).to_contain_text("本表已在另一页面修改")
    expect(newer.locator("[data-draft-state]")).to_contain_text("草稿已存")
    said = older.locator("[data-draft-state]")
    said.evaluate("node => { node.textContent = ''; }")
    older.locator("[name=visitors]").fill("甲三")
    expect(said).to_contain_text("本页不再自动保存")
    newer.reload()
    expect(newer.locator("[name=visitors]")).to_have_value("乙乙")


def test_an_error_leads_to_its_field(stage: Stage, violations: Find) -> None:
    case = in_survey(stage.world)
    worker = stage.enter(WORKER, phone=True).go("case_form", case.pk)
    worker.press("完成摸底，转入下一环节").accessible(violations)
    worker.page.locator(".error-list a", has_text="走访人").click()
    expect(worker.page).to_have_url(re.compile("#visitors$"))
    expect(worker.page.locator(":target")).to_have_attribute("name", "visitors")


def test_quiet_acts_fold_away_on_a_phone(stage: Stage, violations: Find) -> None:
    case = handed_in(stage.world)
    lead = stage.enter(LEAD, phone=True).go("case", case.pk).accessible(violations)
    page = lead.page
    expect(page.get_by_role("link", name="暂缓办理")).to_be_hidden()
    page.get_by_role("link", name="更多").click()
    expect(page.get_by_role("link", name="暂缓办理")).to_be_visible()
    lead.accessible(violations)
    expect(page.get_by_role("link", name="审核材料（1份）")).to_be_visible()


def test_on_paper_the_bar_is_gone_and_the_head_is_there(stage: Stage) -> None:
    case = handed_in(stage.world)
    page = stage.enter(LEAD).go("case", case.pk).page
    page.emulate_media(media="print")
    expect(page.locator(".act-bar")).to_be_hidden()
    expect(page.locator(".print-head")).to_be_visible()
    expect(page.locator(".timeline")).to_be_visible()


def test_english_is_complete_on_the_case_page(stage: Stage) -> None:
    case = handed_in(stage.world)
    page = stage.enter(LEAD, language="en").go("case", case.pk).page
    for words in ("Closing criteria", "Remedies", "What happened", "Review papers (1)"):
        expect(page.get_by_text(words, exact=True).first).to_be_visible()
