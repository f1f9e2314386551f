"""督查督办: who is late where, letters that only the office decides, calls with a result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from cases import oversight
from cases.annex import annex
from cases.ledger import Asked, Ledger
from cases.letters import compose
from cases.models import Case, CaseEvent, EscalationDraft, PhoneReminder
from cases.sweeps import sweep
from tests.cases.lists import many, sign_in
from tests.world import START, World, at, build

DAY = timedelta(days=1)
# quiet season ends with March; the whole ladder of the first step has spoken by then
LATE = START + 100 * DAY


@pytest.fixture
def city_maker() -> Callable[[], World]:
    return _climbed


def _climbed() -> World:
    """Nobody acts for months: calls are listed, letters drafted."""
    world = build()
    many(world, 3)
    world.firm("嵩县示例矿业有限公司", "嵩县")
    world.open(START + 40 * DAY)
    for n in range(40, 101):
        sweep(at(START + n * DAY))
    return world


@pytest.fixture
def climbed(world: World, today: Any) -> World:
    """The doors see that day."""
    today(LATE)
    return world


def draft(kind: str = "supervision_letter", county: str = "涧西区") -> EscalationDraft:
    return EscalationDraft.objects.get(kind=kind, county__name=county)


def test_counties_link_to_lists_of_the_same_length(climbed: World) -> None:
    actor = climbed.actor("supervisor", LATE)
    for row in oversight.counties(actor, LATE):
        for chip, count in (("overdue", row.overdue), ("late10", row.late10), ("soon", row.soon)):
            asked = Asked(chip=chip, ids={"county": row.pk})
            assert len(Ledger(actor, LATE, asked).ids()) == count
    found = {row.name: row.overdue for row in oversight.counties(actor, LATE)}
    assert found == {"涧西区": 3, "嵩县": 1}


def test_the_city_is_no_county_of_its_own(climbed: World) -> None:
    Case.objects.filter(county__name="嵩县").update(county=climbed.city)
    found = oversight.counties(climbed.actor("supervisor", LATE), LATE)
    assert [row.name for row in found] == ["涧西区"]


def test_the_overdue_page(climbed: World) -> None:
    for who in ("supervisor", "leader", "office/1", "涧西区/county_lead"):
        html = sign_in(climbed, who).get("/supervision/").content.decode()
        assert "示例企业0" in html
        assert ("嵩县示例矿业有限公司" in html) is (who != "涧西区/county_lead")


def test_no_overdue_firm_is_not_said_of_remedies(climbed: World) -> None:
    """What the list of firms leaves out stands above it, with a list of the same length."""
    lead = climbed.actor("涧西区/county_lead", LATE)
    client = sign_in(climbed, "涧西区/county_lead")
    Case.objects.filter(is_main=True).update(is_main=False, criterion="staff")
    [row] = oversight.lateness(lead, LATE).kinds
    assert (row.asks, row.overdue) == ("of=remedies", 3)
    asked = Asked(of="remedies", chip="overdue")
    assert len(Ledger(lead, LATE, asked).ids()) == row.overdue
    html = client.get("/supervision/").content.decode()
    assert "?of=remedies&amp;chip=overdue" in html
    assert "没有逾期企业" in html
    assert "没有逾期事项" not in html


def test_an_outsider_sees_nothing_of_another_county(climbed: World) -> None:
    client = sign_in(climbed, "嵩县/county_worker")
    for address in ("", "near/", "reminders/"):
        assert "示例企业" not in client.get(f"/supervision/{address}").content.decode()


def test_neither_a_clerk_nor_anonymous(climbed: World) -> None:
    firm = Case.objects.filter(county__name="涧西区")[0].enterprise
    assert firm is not None
    climbed.clerk(firm)
    clerk = sign_in(climbed, f"clerk/{firm.pk}")
    for address in ("", "near/", "reminders/", "calls/", "letters/", "letters/1/"):
        code = 404 if address == "letters/1/" else 403
        assert clerk.get(f"/supervision/{address}").status_code == code
        assert Client().get(f"/supervision/{address}").status_code == 302


def test_a_work_note_states_county_count_and_phases(climbed: World) -> None:
    office = climbed.actor("office/1", LATE)
    found = draft()
    lines = annex(found, office, LATE)
    found.kind = "work_note"
    with translation.override("en"):
        text = compose(found, lines, LATE, office.user)
    assert text.startswith("【工作提示】")
    assert "涧西区全覆盖工作台账中有3家企业超过办理时限" in text
    assert "均处于摸底环节" in text
    assert len(lines) == 3


def test_every_kind_of_letter_can_be_worded(climbed: World) -> None:
    office = climbed.actor("office/1", LATE)
    found = draft()
    lines = annex(found, office, LATE)
    texts = {}
    for kind in EscalationDraft.Kind.values:
        found.kind = kind
        texts[kind] = compose(found, lines, LATE, office.user)
        assert "3家" in texts[kind]
        assert "%(" not in texts[kind]
    assert len(set(texts.values())) == len(texts)
    assert "纳入台账企业3家，已销号0家，销号率0.0%；" in texts["supervision_letter"]


def test_only_the_office_decides(climbed: World) -> None:
    found = draft()
    url = f"/supervision/letters/{found.pk}/"
    assert "审定发出" in sign_in(climbed, "office/2").get(url).content.decode()
    for who in ("supervisor", "leader"):
        client = sign_in(climbed, who)
        page = client.get(url)
        assert page.status_code == 200
        assert "审定发出" not in page.content.decode()
        assert client.post(f"{url}release/", {"body": "x"}).status_code == 403
        assert client.post(f"{url}drop/", {"reason": "x"}).status_code == 403
    for who in ("涧西区/county_lead", "市工信局/department_lead"):
        assert sign_in(climbed, who).get(url).status_code == 404
    assert EscalationDraft.objects.get(pk=found.pk).state == "drafted"


def test_a_released_letter_is_frozen_and_stands_in_every_timeline(climbed: World) -> None:
    found = draft()
    client = sign_in(climbed, "office/2")
    url = f"/supervision/letters/{found.pk}/"
    assert client.post(f"{url}release/", {"body": "  "}).status_code == 422
    client.post(f"{url}release/", {"body": "改过的正文\r\n第二行", "confirmed": "1"})
    found.refresh_from_db()
    assert (found.state, found.body) == ("released", "改过的正文\n第二行")
    assert CaseEvent.objects.filter(verb="release_draft").count() == 3
    assert found.number == "洛研专办函〔2022〕1号"
    assert "改过的正文" in client.get(url).content.decode()
    again = client.post(f"{url}release/", {"body": "x"})
    assert again.status_code == 422


def test_not_sending_needs_a_reason(climbed: World) -> None:
    found = draft()
    client = sign_in(climbed, "office/1")
    url = f"/supervision/letters/{found.pk}/drop/"
    assert client.post(url, {"reason": " "}).status_code == 422
    assert client.post(url, {"reason": "已电话沟通"}).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.reason) == ("dropped", "已电话沟通")


def test_calls_are_the_offices_and_keep_their_result(climbed: World) -> None:
    row = PhoneReminder.objects.filter(item__process__county__name="涧西区")[0]
    for who in ("supervisor", "涧西区/county_lead"):
        assert sign_in(climbed, who).get("/supervision/calls/").status_code == 403
    client = sign_in(climbed, "office/1")
    assert "示例企业" in client.get("/supervision/calls/").content.decode()
    url = f"/supervision/calls/{row.pk}/"
    assert client.post(url, {"result": ""}).status_code == 422
    assert client.post(url, {"result": "本周五前完成"}).status_code == 302
    row.refresh_from_db()
    assert row.result == "本周五前完成"
    assert client.post("/supervision/calls/999999/", {"result": "x"}).status_code == 404
    html = client.get("/supervision/reminders/").content.decode()
    assert "电话提醒：本周五前完成" in html


def test_an_unknown_letter_is_404(climbed: World) -> None:
    assert sign_in(climbed, "office/1").get("/supervision/letters/999999/").status_code == 404


def test_statements(climbed: World, django_assert_max_num_queries: Any) -> None:
    client = sign_in(climbed, "office/1")
    client.get("/supervision/")
    for address in ("", "near/", "reminders/", "calls/", "letters/"):
        with django_assert_max_num_queries(12):
            client.get(f"/supervision/{address}")
