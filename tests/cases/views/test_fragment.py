"""The list of a firm's cases on the page of the firm, as far as somebody sees them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.cases.test_life import to_rectification
from tests.cases.views.conftest import Enter
from tests.world import World

OUTSIDERS = (
    "嵩县/county_worker",
    "嵩县/county_lead",
    "市住建局/department_officer",
    "市住建局/department_lead",
)


def test_the_fragment_of_the_firms_page(world: World, enter: Enter) -> None:
    case = to_rectification(world)
    address = reverse("case_fragment", args=[case.enterprise_id])
    client = enter("涧西区/county_worker")
    part = client.get(address, headers={"HX-Request": "true"})
    html = part.content.decode()
    assert reverse("case", args=[case.pk]) in html
    assert "<html" not in html
    assert "HX-Request" in part["Vary"]
    # opened by itself, as from a link, it is a page with its frame and a way back
    whole = client.get(address).content.decode()
    assert whole.count("<html") == 1
    assert html.strip() in whole
    assert f'href="{reverse("firm", args=[case.enterprise_id])}"' in whole


@pytest.mark.parametrize(
    "name", ["firm_visits", "firm_years", "firm_papers", "firm_policies", "firm_pairings"]
)
def test_no_part_of_the_firms_file_comes_without_frame(
    world: World, enter: Enter, name: str
) -> None:
    firm = world.firm("洛阳示例轴承有限公司")
    page = enter("涧西区/county_worker").get(reverse(name, args=[firm.pk])).content.decode()
    assert page.count("<html") == page.count("<h1") == 1


def test_a_covered_firm_has_no_case_but_units_that_answer(world: World, enter: Enter) -> None:
    firm = world.firm("洛阳样本覆盖厂", "嵩县", spending=True)
    world.open()
    address = reverse("case_fragment", args=[firm.pk])
    html = enter("嵩县/county_worker").get(address).content.decode()
    assert "市科技局" in html
    assert "已覆盖" in html
    hidden = 0
    for who in (*OUTSIDERS, "涧西区/county_worker"):
        client = enter(who)
        seen = client.get(reverse("firm", args=[firm.pk])).status_code == 200
        assert ("市科技局" in client.get(address).content.decode()) == seen, who
        hidden += not seen
    assert hidden
