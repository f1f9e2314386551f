"""What the tests of letters share: firms that nobody signs for, and a ladder that climbs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cases.actions import drafts
from cases.annex import annex_of
from cases.errors import Refused
from cases.letters import compose
from cases.models import Case, EscalationDraft
from cases.sweeps import sweep
from organisations.scope import Actor
from tests.world import World, at
from workflows.models import load_calendar

APRIL = date(2022, 4, 6)  # behind the quiet season
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
HANDLER, HEAD = "office/1", "office/2"


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


def late(n: int) -> date:
    """n working days after the signing-for of 6 April was due."""
    return plus(APRIL, 1 + n)


def open_firms(world: World, size: int = 1, county: str = "涧西区", on: date = APRIL) -> list[Case]:
    firms = [world.firm(f"{county}示例{n}号有限公司", county) for n in range(size)]
    world.open(on)
    return [world.case(firm) for firm in firms]


def climb(first: int, last: int) -> None:
    day = late(first)
    while day <= late(last):
        sweep(at(day))
        day += timedelta(days=1)


def waiting(**asked: Any) -> EscalationDraft:
    return EscalationDraft.objects.get(state="drafted", **asked)


def text_of(draft: EscalationDraft, on: date) -> str:
    annex = annex_of(draft, Actor.system(), on)
    return compose(draft, annex.lines, on, None)


def release(
    world: World, draft: EscalationDraft, day: date, who: str = HEAD, **more: Any
) -> EscalationDraft:
    return drafts.release(draft.pk, by=world.actor(who, day), at=at(day, 15), body="请关注", **more)


def refused(act: Any) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code
