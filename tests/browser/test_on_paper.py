"""What a real Chromium prints: the sheets of the pages that an office takes to a meeting."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pdfplumber
import pytest
from playwright.sync_api import expect

from tests.browser.people import DESK, Person, Stage
from tests.cases.test_list_statements import busy
from tests.kept import kept
from tests.world import START, World, build

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OFFICE = "office/1"
# A4 lying and standing without margins, in pixels, and a desk: Chromium asks the rules of narrow
# windows by the width of the paper
WIDTHS = (1032, 703, DESK["width"])
# pairs of cards, one of which lies on the other
COVERED = """() => {
  const cards = [...document.querySelectorAll("main .card:not(:has(.card))")];
  const boxes = cards.map((e) => [e.textContent.trim().slice(0, 10), e.getBoundingClientRect()]);
  const found = [];
  for (const [one, a] of boxes) for (const [two, b] of boxes) {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (one < two && wide > 2 && high > 2) found.push(`${one} ${two}`);
  }
  return found;
}"""
# how far the right edge of the list's own lines lies within what the sheet shows
EDGE = """() => {
  const sheet = document.querySelector("main").getBoundingClientRect();
  return sheet.right - document.querySelector(".table-frame .table").getBoundingClientRect().right;
}"""


@kept
def _city() -> World:
    world = build()
    busy(world, 12)
    return world


@pytest.fixture
def office(empty_stage: Stage) -> Person:
    empty_stage.world = _city()
    empty_stage.move_to(START + timedelta(days=100))
    return empty_stage.enter(OFFICE)


def sheets(page: Page) -> list[str]:
    """The words of each sheet that Chromium prints."""
    with pdfplumber.open(BytesIO(page.pdf(prefer_css_page_size=True))) as pdf:
        return [sheet.extract_text() for sheet in pdf.pages]


def test_the_progress_begins_on_the_first_sheet_and_nothing_covers_anything(
    office: Person,
) -> None:
    page = office.go("progress").page
    expect(page.locator("[hx-trigger=load] > .no-print")).to_have_count(0)
    first, *_more = sheets(page)
    assert all(words in first for words in ("覆盖率", "涧西区", "各环节家数", "办理状态")), first
    assert "指标查询" not in first
    page.emulate_media(media="print")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate(COVERED) == [], width


def test_the_button_prints_what_is_still_on_its_way(office: Person) -> None:
    page = office.go("ledger").page
    page.add_init_script(
        "window.print = () => { document.body.dataset.printed = "
        "document.querySelectorAll('.part > .quiet').length }"
    )
    held: list[Route] = []
    page.route("**/progress/outlook/*", lambda route: held.append(route))
    office.go("progress")
    expect(page.locator(".part > .quiet")).to_have_count(1)
    page.locator("[data-print]").click()
    assert page.evaluate("document.body.dataset.printed") is None
    [part] = held
    part.continue_()
    expect(page.locator("body")).to_have_attribute("data-printed", "0")


def test_the_ranking_stands_on_the_sheet_of_its_title(office: Person) -> None:
    first, *_more = sheets(office.go("county_ranks").page)
    assert "涧西区" in first
    assert "嵩县" in first
    assert "总体进度" not in first


def test_the_last_column_of_the_ledger_has_its_line_and_its_room(office: Person) -> None:
    page = office.go("ledger_print").page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": WIDTHS[0], "height": 700})
    assert 0.5 <= page.evaluate(EDGE) <= 4
    last = page.locator("thead .w-said").bounding_box()
    assert last is not None
    assert last["width"] > WIDTHS[0] / 7
