"""A long tick of the worker lets go between its batches, and rests only where more is to come."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cases import sweeps
from cases.actions.recalendar import enter_days
from cases.models import Case, CaseEvent, PendingEvent, WorkItem
from cases.steps import moment_of
from notifications import delivery
from organisations import pace
from organisations.scope import Actor
from tests.cases.climbing import late, open_firms
from tests.world import World, at

APRIL = date(2022, 4, 6)


def test_it_rests_between_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three steps, two in a batch: one rest; what there is to tell, two at a time, likewise."""
    for number in range(3):
        world.firm(f"样本{number}有限公司")
    world.open(APRIL)
    now, rests = at(APRIL + timedelta(days=4)), list[float]()
    monkeypatch.setattr(pace, "rest", rests.append)
    monkeypatch.setattr(sweeps, "BATCH", 2)
    monkeypatch.setattr(sweeps, "FEWER", 2)
    monkeypatch.setattr(delivery, "BATCH", 2)
    with pace.giving_way(0.5):
        assert sweeps.sweep(now).rungs == 3
        assert len(rests) == 1
        assert delivery.deliver(now) > 0
    assert len(rests) == 2
    assert not PendingEvent.objects.exists()
    assert CaseEvent.objects.filter(verb="rung").count() == Case.objects.count() == 3


def test_days_entered_while_it_rests_hold_for_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three steps alike, one in a batch: when the next rung comes is decided anew."""
    open_firms(world, 3)
    now, day = at(late(0), 15), late(1)
    rests: list[float] = []

    def rest(begun: float) -> None:
        rests.append(begun)
        if len(rests) == 1:
            enter_days({day: (False, "")}, by=Actor.system(), at=now)

    monkeypatch.setattr(pace, "rest", rest)
    monkeypatch.setattr(sweeps, "_most", lambda: 1)
    before = late(3)
    assert sweeps.sweep(now).rungs == len(rests) == 3
    moments = WorkItem.objects.filter(finished=None).values_list("next_check_at", flat=True)
    assert set(moments) == {moment_of(late(3))}
    assert late(3) == before + timedelta(days=1)
