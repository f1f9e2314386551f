"""A plan without an application, and with a step of the office's: whoever owes it moves it on, and
nobody proves and closes alone."""

from __future__ import annotations

from typing import Any

import pytest

from cases.actions import evidence, stages
from cases.acts import offers
from cases.errors import NotYours, Refused
from cases.models import Case
from cases.sheet import load
from tests import world as ground
from tests.cases.standing import LEAD, OFFICE, WORKER, opened
from tests.plain import dumped, loaded
from tests.world import START, World, at
from workflows.packs import shipped_text

WAY = (
    ("assigned", "county", "acknowledge", "gate"),
    ("gate", "office", "advance", "proving"),
    ("proving", "county", "advance", "deciding"),
    ("deciding", "county_lead", "close", "closed"),
)


def plan() -> str:
    data = loaded(shipped_text("luoyang-2022"))
    firms: dict[str, Any] = data["procedures"][data["root_procedure"]]
    firms |= {"closer": "county_lead", "reopens_at": "proving"}
    firms["closes_when"] = {"all": ["spending"]}
    firms["stages"] = [
        {
            "key": key,
            "title": key,
            "state_label": key,
            "firm_label": key,
            "phase": "closure",
            "owner": owner,
            "moves": [{"verb": verb, "to": to, "label": to}],
        }
        for key, owner, verb, to in WAY
    ]
    return dumped(data)


@pytest.fixture
def city(db: None) -> World:
    return ground.build(text=plan())


def seen(world: World, who: str, case: Case) -> dict[str, str]:
    """What the page offers, with the code of the refusal where it is shut."""
    return {offer.verb: offer.code for offer in offers(load(case, START), world.actor(who))}


def test_the_county_moves_nothing_that_the_office_owes(city: World) -> None:
    case = stages.acknowledge(opened(city).pk, by=city.actor(WORKER), at=at(START))
    assert case.stage == "gate"
    for who in (WORKER, LEAD):
        with pytest.raises(NotYours):
            stages.advance(case.pk, by=city.actor(who), at=at(START))
        assert "advance" not in seen(city, who, case)
    assert "advance" in seen(city, OFFICE, case)
    assert stages.advance(case.pk, by=city.actor(OFFICE), at=at(START)).stage == "proving"


def test_nobody_proves_and_closes_alone(city: World) -> None:
    lead = city.actor(LEAD)
    case = stages.acknowledge(opened(city).pk, by=city.actor(WORKER), at=at(START))
    stages.advance(case.pk, by=city.actor(OFFICE), at=at(START))

    def verify(who: str) -> None:
        evidence.verify_offline(
            case.pk, criterion="spending", witness="孟示例", number="1号",
            dated=START, by=city.actor(who), at=at(START),
        )  # fmt: skip

    verify(LEAD)
    case = stages.advance(case.pk, by=lead, at=at(START))
    with pytest.raises(Refused) as alone:
        stages.close(case.pk, by=lead, at=at(START))
    assert alone.value.code == "four_eyes"
    assert seen(city, LEAD, case)["close"] == "four_eyes"
    verify(WORKER)
    for who in (LEAD, WORKER):  # by two officials once each, not twice by one
        with pytest.raises(Refused) as again:
            verify(who)
        assert again.value.code == "met"
    assert stages.close(case.pk, by=lead, at=at(START)).stage == "closed"


def test_the_firms_paper_needs_another_official(city: World) -> None:
    """What the firm hands in is accepted by one official and confirmed by another."""
    lead = city.actor(LEAD)
    case = stages.acknowledge(opened(city).pk, by=city.actor(WORKER), at=at(START))
    stages.advance(case.pk, by=city.actor(OFFICE), at=at(START))
    [row] = evidence.submit(
        case.pk, criterion="spending", papers=[ground.paper()], by=city.actor(WORKER), at=at(START)
    )
    type(row).objects.filter(pk=row.pk).update(on_behalf=False, submitted_by=None)
    evidence.accept(row.pk, by=lead, at=at(START))
    case = stages.advance(case.pk, by=city.actor(WORKER), at=at(START))
    assert seen(city, LEAD, case)["close"] == "four_eyes"
