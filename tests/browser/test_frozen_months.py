"""月度封账 in a real Chromium: the office freezes, ranks and explains, at a desk and on a phone."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from enterprises.models import Enterprise, Membership, MonthlyFact
from reports.figures.freezing import propose_due
from tests.browser.people import Find, Stage
from tests.world import at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = date(2022, 4, 6)


@pytest.fixture
def april(stage: Stage) -> Stage:
    """Firms of both zones with facts of February and March; the months are proposed."""
    world = stage.world
    for number in range(24):
        place = ("涧西区", "嵩县", "新安县", "偃师区")[number % 4]
        firm = world.firm(f"洛阳示例{number}有限公司", place, facts=False)
        for month in (2, 3):
            world.fact(firm, date(2022, month, 1), has_spending=number % 5 < month)
    world.open(date(2022, 3, 1))
    propose_due(at(NOW))
    stage.move_to(NOW)
    return stage


def test_a_month_is_frozen_ranked_and_explained(april: Stage, violations: Find) -> None:
    office = april.enter("office/1").go("months").accessible(violations)
    page = office.page
    for title in ("2022年2月", "2022年3月"):
        row = page.get_by_role("row", name=title)
        row.get_by_role("button", name="封账").click()
        page.get_by_role("dialog").get_by_role("button", name="封账", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        if title == "2022年2月":
            # what is read in afterwards does not touch it
            firm = Enterprise.objects.get(name="洛阳示例4有限公司")
            MonthlyFact.objects.filter(enterprise=firm).update(has_spending=True)
            gone = Membership.objects.filter(enterprise__name="洛阳示例5有限公司")
            gone.update(left_on=date(2022, 3, 9))
            office.go("months")
    office.accessible(violations)
    page.get_by_role("link", name="变动清单").first.click()
    expect(page.get_by_role("cell", name="新增覆盖")).not_to_have_count(0)
    office.accessible(violations)
    phone = april.enter("leader", phone=True).go("day_figures")
    phone.sees("指标查询").sees("基数：当期在库").accessible(violations)
    phone.go("county_ranks")
    phone.sees("县区排名").sees("2022年4月6日封账，第1版").accessible(violations)
