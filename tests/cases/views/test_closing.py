"""Closings: the county looks at each, the office confirms many at once after a preview."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import stages
from cases.errors import Refused
from cases.models import Case, Evidence
from cases.views import closing
from tests.cases.test_life import HAVES
from tests.cases.views.conftest import Enter
from tests.world import START, World, at, closing_form

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
BATCH, REVIEW = "closing_batch", "closing_review"
MOST = 12


def applied(world: World, name: str) -> Case:
    firm = world.firm(name)
    world.open()
    case = world.survey(world.case(firm), "A")
    for have in HAVES:
        world.prove(case, have)
    worker = world.actor(WORKER)
    return stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())


def reviewed(world: World, name: str, by: str = LEAD) -> Case:
    return stages.advance(applied(world, name).pk, by=world.actor(by), at=at(START, 14))


def spoil(case: Case) -> None:
    """A paper expires between the county's review and the city's confirmation."""
    Evidence.objects.filter(case=case, criterion="spending").update(state="expired")


def post(enter: Enter, *cases: Case, do: str = "preview", who: str = "office/1") -> Any:
    return enter(who).post(reverse(BATCH), {"do": do, "case": [case.pk for case in cases]})


def test_the_list_says_who_would_be_refused_and_why(world: World, enter: Enter) -> None:
    good, bad = reviewed(world, "甲公司"), reviewed(world, "乙公司")
    spoil(bad)
    with pytest.raises(Refused) as refusal:
        stages.close(bad.pk, by=world.actor("office/1"), at=at(START, 15))
    html = enter("office/1").get(reverse(BATCH)).content.decode()
    assert "可确认1家" in html
    assert refusal.value.words in html
    assert f'value="{good.pk}"' in html
    assert f'value="{bad.pk}"' not in html


def test_choosing_is_a_deliberate_act(world: World, enter: Enter) -> None:
    reviewed(world, "甲公司")
    html = enter("office/1").get(reverse(BATCH)).content.decode()
    form = html[html.index('data-rows="closings"') :].split("</form>")[0]
    assert 'name="case"' in form
    assert " checked" not in form
    assert "data-all" in form


def test_nothing_is_closed_by_looking(world: World, enter: Enter) -> None:
    case = reviewed(world, "甲公司")
    html = post(enter, case).content.decode()
    assert "将确认销号1家" in html
    assert Case.objects.get(pk=case.pk).stage == "confirmation"


def test_a_batch_closes_and_tells_the_numbers(world: World, enter: Enter) -> None:
    cases = [reviewed(world, name) for name in ("甲公司", "乙公司", "丙公司")]
    spoil(cases[2])
    answer = post(enter, *cases, do="confirm")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "已确认销号2家" in html
    assert "1家未确认" in html
    assert "丙公司" in html
    stand = [Case.objects.get(pk=case.pk) for case in cases]
    assert [case.stage for case in stand] == ["closed", "closed", "confirmation"]
    assert sorted(case.closing_serial or 0 for case in stand[:2]) == [1, 2]


def test_a_second_click_confirms_nothing_more(world: World, enter: Enter) -> None:
    case = reviewed(world, "甲公司")
    post(enter, case, do="confirm")
    html = post(enter, case, do="confirm").content.decode()
    assert "本次没有确认销号的企业" in html
    assert f"1家已由{world.people['office/1']}确认销号" in html
    # the other tab's preview: it was ticked, and is confirmed already
    html = post(enter, case).content.decode()
    assert f"1家已由{world.people['office/1']}确认销号" in html
    assert "请至少选择一家企业" not in html
    assert Case.objects.get(pk=case.pk).closing_serial == 1


def test_more_than_one_batch_takes_is_said(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the list nor a whole filter of the ledger is cut in silence."""
    cases = [reviewed(world, name) for name in ("甲公司", "乙公司")]
    monkeypatch.setattr(closing, "MOST", 1)
    client, rest = enter("office/1"), "其余1家留待下一批"
    listed = client.get(reverse(BATCH)).content.decode()
    assert "待市级确认2家" in listed
    assert rest in listed
    asked = {"do": "preview", "all": "1", "query": "stage=confirmation"}
    html = client.post(reverse(BATCH), asked).content.decode()
    assert "将确认销号1家" in html
    assert rest in html
    assert "已不在本环节" not in html
    html = post(enter, *cases, do="confirm").content.decode()
    assert "已确认销号1家" in html
    assert rest in html


def test_foreign_and_senseless_ids_are_left_out(world: World, enter: Enter) -> None:
    case = applied(world, "甲公司")  # not yet at the city
    answer = enter("office/1").post(
        reverse(BATCH), {"do": "confirm", "case": [case.pk, "0", "x", "-1", "99999999", "9" * 25]}
    )
    assert answer.status_code == 200
    assert Case.objects.get(pk=case.pk).stage == "county_review"


def test_only_the_office_confirms(world: World, enter: Enter) -> None:
    case = reviewed(world, "甲公司")
    for who in (WORKER, LEAD, "市工信局/department_lead", "liaison_member", "supervisor", "leader"):
        assert enter(who).get(reverse(BATCH)).status_code == 403, who
        assert post(enter, case, do="confirm", who=who).status_code == 403, who
    assert Case.objects.get(pk=case.pk).stage == "confirmation"


def test_the_countys_queue_leads_to_each_case(world: World, enter: Enter) -> None:
    case = applied(world, "甲公司")
    html = enter(LEAD).get(reverse(REVIEW)).content.decode()
    assert reverse("case", args=[case.pk]) in html
    assert "甲公司" not in enter("嵩县/county_lead").get(reverse(REVIEW)).content.decode()
    for who in (WORKER, "office/1", "supervisor"):
        assert enter(who).get(reverse(REVIEW)).status_code == 403, who


@pytest.mark.parametrize("more", [0, 6])
def test_the_list_takes_a_fixed_number_of_statements(world: World, enter: Enter, more: int) -> None:
    for n in range(1 + more):
        reviewed(world, f"第{n}公司")
    client = enter("office/1")
    client.get(reverse(BATCH))
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse(BATCH))
    assert len(seen) <= MOST, "\n".join(q["sql"][:160] for q in seen)


def test_the_ledger_leads_to_the_batch_with_its_ticked_rows(world: World, enter: Enter) -> None:
    case, other = reviewed(world, "甲公司"), applied(world, "乙公司")
    for who, offered in (("office/1", True), (LEAD, False)):
        html = enter(who).get(reverse("ledger"), {"chip": "review"}).content.decode()
        assert ("批量确认销号" in html) is offered, who
    for sent in ({"case": [case.pk, other.pk]}, {"all": "1", "query": "chip=review"}):
        html = enter("office/1").post(reverse(BATCH), sent).content.decode()
        assert f'name="case" value="{case.pk}"' in html
        assert f'name="case" value="{other.pk}"' not in html
    assert Case.objects.get(pk=case.pk).stage != "closed"
