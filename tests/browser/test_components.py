"""The catalogue in a real Chromium: accessible in every dress, and its scripts do what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, dress
from tests.browser.people import SPILLS

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CATALOGUE = "/dev/components/"
ON_A_PHONE = "/dev/components/phone/"
Find = Callable[["Page"], list[str]]


def test_the_catalogue_is_accessible_and_does_not_spill(
    open_page: OpenPage, violations: Find
) -> None:
    page = open_page(CATALOGUE)
    # each pair of two of them
    for dark, large, phone in ((0, 0, 0), (1, 1, 0), (0, 1, 1), (1, 0, 1)):
        dress(page, phone=bool(phone), dark=bool(dark), large=bool(large))
        assert not page.evaluate(SPILLS), (dark, large, phone)
        assert violations(page) == [], (dark, large, phone)


@pytest.mark.parametrize("path", [ON_A_PHONE, "/sign-in/", "/no-such-page/"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_other_shells_are_accessible(
    open_page: OpenPage, violations: Find, path: str, language: str
) -> None:
    page = open_page(path, phone=True, django_language=language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert not page.evaluate(SPILLS)
    assert violations(page) == []


def test_the_cover_is_accessible_at_a_desk(open_page: OpenPage, violations: Find) -> None:
    page = open_page("/sign-in/")
    for dark in (False, True):
        dress(page, phone=False, dark=dark)
        assert not page.evaluate(SPILLS)
        assert violations(page) == []


def test_an_open_dialog_is_accessible_and_gives_the_focus_back(
    open_page: OpenPage, violations: Find
) -> None:
    page = open_page(CATALOGUE)
    button = page.locator("[data-part=dialog] [data-dialog]")
    button.click()
    expect(page.locator("#dr")).to_be_focused()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#reassign")).to_be_hidden()
    expect(button).to_be_focused()


def test_thumbs_find_what_they_press(open_page: OpenPage) -> None:
    """WCAG 2.2 asks for 24 px; a thumb on a phone gets 44 (40 for chips)."""
    page = open_page(ON_A_PHONE, phone=True)
    small = page.evaluate(
        """[...document.querySelectorAll("main a, main button, nav a, header a")]
        .filter((node) => node.offsetParent && !node.closest("p, .job__firm, .notice-strip"))
        .map((node) => [node.textContent.trim(), node.getBoundingClientRect().height])
        .filter(([, height]) => height < 40)"""
    )
    assert small == []


def test_ticking_rows_shows_how_many_and_clearing_hides_the_bar(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    bar = page.locator("[data-bulk]")
    expect(bar).to_be_hidden()
    boxes = page.locator("input[data-row]")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(bar.locator("[data-count]")).to_have_text("3")
    expect(page.locator("tr[aria-selected=true]")).to_have_count(3)
    expect(page.locator("input[data-all]")).to_be_checked(indeterminate=True)
    page.locator("input[data-all]").click()
    expect(bar.locator("[data-count]")).to_have_text("4")
    page.locator("[data-clear]").click()
    expect(bar).to_be_hidden()
    expect(page.locator("tr[aria-selected=true]")).to_have_count(0)


def test_single_keys_walk_the_rows_and_can_be_switched_off(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    second = page.locator("[data-rows] .firm").nth(1).inner_text()
    expect(page.locator("tr[aria-selected=true] .firm")).to_have_text(second)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()


def test_keys_are_never_taken_from_a_field(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    page.locator("#a2").fill("")
    page.locator("#a2").press_sequentially("jkx?")
    expect(page.locator("#a2")).to_have_value("jkx?")
    expect(page.locator("#keys")).to_be_hidden()


def test_a_second_click_does_not_submit_again(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    posts: list[str] = []

    # no content: the browser stays on the page, as it does while a slow server thinks
    def answer(route: Route) -> None:
        posts.append(route.request.url)
        route.fulfill(status=204)

    page.route("**/slow/", answer)
    page.evaluate("document.querySelector('#reassign form').action = '/slow/'")
    page.locator("[data-part=dialog] [data-dialog]").click()
    button = page.locator("#reassign [type=submit]")
    for _click in range(3):
        button.click()
        page.wait_for_timeout(150)
    assert len(posts) == 1
    expect(button).to_have_attribute("aria-busy", "true")


def test_a_draft_survives_a_reload_and_dies_at_sign_out(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    # a form that came back with errors keeps what the server says, so this one must be clean
    clean = "document.querySelectorAll('#sample-form [aria-invalid], #sample-form .field__error')"
    page.route(
        "**/dev/components/",
        lambda route: route.fulfill(
            body=route.fetch()
            .text()
            .replace(' aria-invalid="true"', "")
            .replace("field__error", "x"),
            content_type="text/html",
        ),
    )
    page.reload()
    assert page.evaluate(f"{clean}.length") == 0
    page.locator("#a2").fill("协议需重新会签，草稿。")
    page.locator("[data-add-line]").click()
    page.locator("#needs-2-what").fill("中试场地")
    expect(page.locator("[data-draft-state]")).not_to_be_empty()
    page.reload()
    expect(page.locator("#a2")).to_have_value("协议需重新会签，草稿。")
    expect(page.locator("#needs-2-what")).to_have_value("中试场地")
    expect(page.locator("[data-draft-state]")).not_to_be_empty()
    page.evaluate(
        """() => { const form = document.createElement("form");
        form.dataset.forgetDrafts = ""; form.addEventListener("submit", (e) => e.preventDefault());
        document.body.append(form); form.requestSubmit(); }"""
    )
    page.reload()
    expect(page.locator("#a2")).not_to_have_value("协议需重新会签，草稿。")


def test_lines_are_added_and_taken_out(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    expect(page.locator("[data-line]")).to_have_count(2)
    page.locator("[data-add-line]").click()
    expect(page.locator("[name=needs-2-what]")).to_be_focused()
    expect(page.locator("[name=needs-count]")).to_have_value("3")
    page.locator("[data-remove-line]").nth(0).click()
    expect(page.locator("[data-line]")).to_have_count(2)
    expect(page.locator("[name=needs-0-what]")).to_have_count(0)


def test_a_photo_is_shrunk_before_it_travels(open_page: OpenPage, tmp_path: Path) -> None:
    photo = tmp_path / "门牌.png"
    Image.effect_noise((1800, 1350), 90).convert("RGB").save(photo, compress_level=1)
    paper = tmp_path / "协议.pdf"
    paper.write_bytes(b"%PDF-1.4 small")
    page = open_page(CATALOGUE)
    page.locator("#a11").set_input_files([photo, paper])
    page.locator("[data-files] li").nth(1).wait_for()
    held = page.locator("#a11").evaluate(
        "node => [...node.files].map((file) => [file.name, file.type, file.size])"
    )
    assert [one[0] for one in held] == ["门牌.jpg", "协议.pdf"]
    assert held[0][2] < photo.stat().st_size / 2
    assert held[1][2] == paper.stat().st_size


def test_photos_add_up_are_dropped_and_taken_out_again(
    open_page: OpenPage, violations: Find, tmp_path: Path
) -> None:
    photo = tmp_path / "手机照片.jpg"
    # grain at every point: as heavy as a phone's photo of 12 million points gets
    Image.effect_noise((4000, 3000), 80).convert("RGB").save(photo, quality=88)
    assert photo.stat().st_size > 7_000_000
    paper = tmp_path / "协议.pdf"
    paper.write_bytes(b"%PDF-1.4 small")
    page = open_page(CATALOGUE)
    field, lines = page.locator("#a11"), page.locator("[data-drop] [data-files] li")
    field.set_input_files(photo)
    expect(lines).to_have_count(1)
    expect(lines.locator("img")).to_be_visible()
    assert field.evaluate("node => node.files[0].size") <= 1_500_000
    field.set_input_files([paper])  # a second go adds
    expect(lines).to_have_count(2)
    field.set_input_files([paper])  # the same again does not
    expect(lines).to_have_count(2)
    page.evaluate(
        """() => { const bag = new DataTransfer();
        bag.items.add(new File(["x"], "拖入.pdf", { type: "application/pdf" }));
        const told = { dataTransfer: bag, bubbles: true, cancelable: true };
        const box = document.querySelector("[data-drop]");
        box.dispatchEvent(new DragEvent("dragover", told));
        box.dispatchEvent(new DragEvent("drop", told)); }"""
    )
    expect(lines).to_have_count(3)
    expect(lines.nth(2)).to_contain_text("拖入.pdf")
    assert violations(page) == []
    lines.nth(1).get_by_role("button").click()
    expect(lines).to_have_count(2)
    held = field.evaluate("node => [...node.files].map((file) => file.name)")
    assert held == ["手机照片.jpg", "拖入.pdf"]


def test_a_file_over_the_limit_is_refused_in_words(open_page: OpenPage, tmp_path: Path) -> None:
    """So is an empty one, and one of another kind; what is sound goes without them."""
    sizes = {"扫描件.pdf": 21_000_000, "空.pdf": 0, "程序.exe": 10, "好.PDF": 10}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)
    page = open_page(CATALOGUE)
    page.locator("#a11").set_input_files([tmp_path / name for name in sizes])
    refused = page.locator("[data-files] li.bad")
    expect(refused).to_contain_text(["20MB", "空.pdf：文件为空", "程序.exe：不支持"])
    names = "node => [...node.files].map((file) => file.name)"
    assert page.locator("#a11").evaluate(names) == ["好.PDF"]


def test_copying_says_so_and_shows_the_text_where_it_is_not_allowed(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE)
    page.evaluate("document.execCommand = () => true")
    page.locator("[data-copy]").click()
    page.locator("#toasts .toast").wait_for()
    page.evaluate(
        """() => { Object.defineProperty(navigator, "clipboard", { value: undefined });
        document.execCommand = () => false; }"""
    )
    page.locator("[data-copy]").click()
    expect(page.locator("dialog[open] textarea")).to_have_value(re.compile("今日待办"))


def test_the_filters_of_a_phone_open_without_script(open_page: OpenPage, violations: Find) -> None:
    page = open_page(ON_A_PHONE, phone=True)
    sheet = page.locator("#filters-sheet")
    expect(sheet).to_be_hidden()
    page.locator(".filters__open").click()
    expect(sheet).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_the_switches_hold_and_bring_one_back(open_page: OpenPage) -> None:
    page = open_page(CATALOGUE + "?page=2", theme="light")
    page.locator(".site-foot button[value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.wait_for_url("**?page=2")
    page.locator(".site-foot button[value=large]").click()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    page.wait_for_url("**?page=2")
    page.locator(".site-foot button[value=en]").click()
    page.locator("html[lang=en]").wait_for()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
