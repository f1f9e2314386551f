"""Every address of a case × everybody who may not see it: 404 or 403, and nothing happens."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases import urls_case
from cases.models import Case, CaseEvent, Evidence, FormRecord
from tests.cases.test_life import to_rectification
from tests.cases.views.conftest import Enter
from tests.world import World

# addresses without a case in them: their lists are narrowed down, tested where they live
LISTS = {"evidence_review", "closing_batch", "closing_review", "portal"}
OUTSIDERS = (
    "嵩县/county_worker",
    "嵩县/county_lead",
    "市住建局/department_officer",
    "市住建局/department_lead",
)


def addresses(case: Case, paper: Evidence, record: FormRecord) -> dict[str, str]:
    """One address for each name of ``urls_case`` that leads to one case."""
    known: dict[str, list[Any]] = {
        "case": [case.pk], "case_act": [case.pk, "comment"], "case_review": [case.pk],
        "case_form": [case.pk], "case_form_draft": [case.pk], "case_record": [case.pk, record.pk],
        "evidence_add": [case.pk], "evidence": [paper.pk], "evidence_file": [paper.pk],
        "evidence_decide": [paper.pk], "case_fragment": [case.enterprise_id],
        "case_partners": [case.pk],
        "portal_upload": [case.pk, "staff"],
    }  # fmt: skip
    return {name: reverse(name, args=args) for name, args in known.items()}


@pytest.fixture
def doors(world: World) -> dict[str, str]:
    case = to_rectification(world)
    paper = world.prove(case, "staff")
    return addresses(case, paper, FormRecord.objects.filter(case=case)[0])


def test_no_address_is_forgotten(doors: dict[str, str]) -> None:
    assert set(doors) | LISTS == {pattern.name for pattern in urls_case.urlpatterns}


@pytest.mark.parametrize("who", OUTSIDERS)
def test_another_countys_case_is_404_everywhere(
    world: World, enter: Enter, doors: dict[str, str], who: str
) -> None:
    client, before = enter(who), CaseEvent.objects.count()
    for name, address in doors.items():
        for answer in (client.get(address), client.post(address, {"version": "1", "do": "accept"})):
            if name == "case_fragment":
                assert "洛阳示例轴承" not in answer.content.decode()
                assert "/cases/" not in answer.content.decode()
                continue
            assert answer.status_code in (403, 404, 405), (name, answer.status_code)
            assert "洛阳示例轴承" not in answer.content.decode()
    assert CaseEvent.objects.count() == before


def test_nobody_comes_in_without_signing_in(doors: dict[str, str], world: World) -> None:
    client = Client()
    lists = {name: reverse(name) for name in LISTS}
    for name, address in (doors | lists).items():
        answer = client.get(address)
        assert answer.status_code == 302, name
        assert reverse("login") in answer["Location"], name


def test_the_fragment_of_the_firms_page(world: World, enter: Enter, doors: dict[str, str]) -> None:
    html = enter("涧西区/county_worker").get(doors["case_fragment"]).content.decode()
    assert doors["case"] in html
    assert "<html" not in html


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
