"""A sweep locks steps and not their cases (ADR 42): whoever waits for one of its steps comes second
in the trail too; and a batch that waited for a calendar decides by the dates of now."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from cases import alike, due
from cases.actions import endings, people, stages
from cases.actions.recalendar import enter_days
from cases.models import Case, CaseEvent, WorkItem
from cases.sweeps import sweep
from organisations.scope import Actor
from tests.cases.at_once import after, together
from tests.cases.climbing import APRIL, late, open_firms, plus
from tests.cases.standing import WORKER
from tests.world import World, at, build

pytestmark = pytest.mark.postgres
Deed = Callable[[], object]


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


def test_what_waited_for_a_sweep_comes_behind_its_rungs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One case by itself, two together, two that are alike."""
    ids = [case.pk for case in open_firms(world, 5)]
    now, office, worker = at(late(0)), world.office, world.actor(WORKER, late(0))
    there = world.units["嵩县工作专班"]
    one_by_one, alike_ones = ids[1:3], ids[3:]

    def as_they_are(wanted: list[int], **more: Any) -> Any:
        return ([], wanted) if wanted == one_by_one else take(wanted, **more)

    take = alike.take
    monkeypatch.setattr(alike, "take", as_they_are)
    deeds: list[Deed] = [
        lambda: endings.withdraw(ids[0], by=office, at=now, reason="误建"),
        lambda: people.reassign_many(one_by_one, by=office, at=now, reason="划转", unit=there),
        lambda: stages.acknowledge_many(alike_ones, by=worker, at=now),
    ]
    _once_taken(len(deeds), monkeypatch)
    answers = together(lambda: sweep(now), *deeds)
    assert not [answer for answer in answers if isinstance(answer, Exception)], answers
    verbs = ["withdraw", "reassign", "reassign", "acknowledge", "acknowledge"]
    for pk, verb in zip(ids, verbs, strict=True):
        trail = CaseEvent.objects.filter(case=pk).order_by("id")
        assert list(trail.values_list("verb", flat=True)) == ["open", "rung", verb]


def _once_taken(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep goes on once so many wait for what it holds; they begin when it holds it."""
    take, held = due.take, []

    def taken(*args: Any) -> Any:
        found = take(*args)
        held.append(found)
        _until(lambda: len(held) > 1 or _waiting() == number)
        return found

    def behind(real: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*args: Any, **more: Any) -> Any:
            _until(lambda: bool(held))
            return real(*args, **more)

        return asked

    monkeypatch.setattr(due, "take", taken)
    for module, name in (
        (endings, "withdraw"),
        (people, "reassign_many"),
        (stages, "acknowledge_many"),
    ):
        monkeypatch.setattr(module, name, behind(getattr(module, name)))


def _until(is_so: Callable[[], bool]) -> None:
    for _turn in range(500):
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("nobody waited")


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
        return int(cursor.fetchone()[0])


def test_a_batch_that_waited_for_a_calendar_takes_its_dates(world: World) -> None:
    """It moves dates without another version of the case, as every page stays valid."""
    one, two = open_firms(world, 2)
    worker = world.actor(WORKER, APRIL)
    holiday = {plus(APRIL, 1): (False, "")}

    def sign(case: Case) -> object:
        return stages.acknowledge_many([case.pk], by=worker, at=at(APRIL, 16))

    after(lambda: enter_days(holiday, by=Actor.system(), at=at(APRIL, 15)), lambda: sign(one))
    sign(two)
    steps = WorkItem.objects.filter(process__in=[one, two], stage="survey", finished=None)
    assert len({step.due_on for step in steps}) == 1
    assert len(steps) == 2
