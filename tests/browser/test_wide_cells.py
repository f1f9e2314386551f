"""Names without end, and figures beside their labels: what stands next to them stays in sight."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cases.actions import evidence
from tests.browser.people import DESK, Stage
from tests.cases.standing import rectifying
from tests.cases.test_list_statements import busy
from tests.enterprises.sheets import firm, write
from tests.world import START, at, build, paper

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKER, LEAD, OFFICE = "涧西区/county_worker", "涧西区/county_lead", "office/1"
# where the words of each figure begin, by table
LEFT = """() => [...document.querySelectorAll("main .table--stack")].map((table) => [
  ...new Set([...table.querySelectorAll("td.number")].map((cell) => {
    const words = document.createRange();
    words.selectNodeContents(cell.querySelector("a") || cell);
    return Math.round(words.getBoundingClientRect().left);
  }))])"""


def rightmost(page: Page) -> float:
    return float(
        page.evaluate(
            "Math.max(...[...document.querySelectorAll('main thead th')]"
            ".map((e) => e.getBoundingClientRect().right))"
        )
    )


@pytest.mark.parametrize("name", ["x" * 196, "高新技术企业研究开发费用辅助账" * 12])
def test_a_long_file_name_leaves_its_reviewer_who_and_when(stage: Stage, name: str) -> None:
    case = rectifying(stage.world)
    evidence.submit(
        case.pk,
        criterion="staff",
        papers=[paper(f"{name}.pdf")],
        by=stage.world.actor(WORKER),
        at=at(START, 11),
    )
    page = stage.enter(LEAD).go("evidence_review").sees(name[:60]).page
    assert rightmost(page) <= DESK["width"]


def test_a_long_name_in_a_workbook_leaves_what_is_wrong_with_it(
    stage: Stage, tmp_path: Path
) -> None:
    rows = [firm(1), firm(2, name="洛阳样本超长名称" * 25, county="无此区")]
    office = stage.enter(OFFICE).go("/imports/new/register/")
    office.attach("file", write(tmp_path / "名单.xlsx", rows)).fill(as_of="2022-01-31")
    page = office.page
    page.click("form button.button--primary")
    page.wait_for_selector(".tally")
    page.click(".tabs a[href='?tab=refused']")
    page.wait_for_selector(".tabs a[href='?tab=refused'][aria-current]")
    office.sees("无此区")
    assert rightmost(page) <= DESK["width"]


def test_on_a_phone_figures_begin_below_each_other(empty_stage: Stage) -> None:
    """A figure that is a link, and one that is none; a label of one line, and one of two."""
    stage = empty_stage
    stage.world = build()
    busy(stage.world, 12)
    stage.move_to(START + timedelta(days=100))
    person = stage.enter(LEAD, phone=True).go("overdue")
    found = person.page.evaluate(LEFT)
    assert found
    assert all(len(lefts) == 1 for lefts in found), found
    page = person.go("/").page
    where = page.locator(".page-head__sub .whole")
    [line] = where.evaluate("(e) => [...e.getClientRects()].map((r) => r.height)")
    assert line < 40
    assert "·" in where.inner_text()
