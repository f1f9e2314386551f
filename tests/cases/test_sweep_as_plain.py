"""The sweep by kinds leaves the same rows as one step after the other in plain ORM."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from cases.models import (
    Case,
    CaseEvent,
    DraftLine,
    EscalationDraft,
    PendingEvent,
    PhoneReminder,
    RungFired,
    WorkItem,
)
from cases.sweeps import sweep
from organisations.days import day_of
from tests.cases.plain_sweep import sweep_plainly
from tests.world import World, at
from workflows.models import load_calendar

APRIL = date(2022, 4, 6)  # behind the quiet season
RUNGS = ("first_contact", "due_soon", "due_today", "overdue", "phone", "work_note")
HAVES = ("institution", "staff", "spending", "cooperation")
FIRMS, MORNINGS = 24, 4


@pytest.mark.parametrize("seed", range(6))
def test_by_kinds_as_one_by_one(world: World, seed: int) -> None:
    """Random steps over some mornings: gaps of days, changed dates, letters that climb, rests."""
    chance = random.Random(seed)
    for number in range(FIRMS):
        world.firm(f"样本{number}有限公司", chance.choice(("涧西区", "嵩县")))
    world.open(APRIL)
    for case in Case.objects.main():
        _shake(case, chance)
    day = APRIL + timedelta(days=20)
    for _morning in range(MORNINGS):
        day = load_calendar().on_or_after(day + timedelta(days=chance.choice((1, 1, 3, 9))))
        moment = at(day)
        with transaction.atomic():
            sweep_plainly(moment)
            plain = _rows()
            transaction.set_rollback(True)
        done = sweep(moment)
        assert _rows() == plain
        assert done.rungs == RungFired.objects.filter(at=moment).count()
        assert done.spoke == CaseEvent.objects.filter(verb="rung", at=moment).count()
    assert CaseEvent.objects.filter(verb="rung").count() > FIRMS
    assert DraftLine.objects.exists()


def _shake(case: Case, chance: random.Random) -> None:
    """The case's open step as if something had happened to it: another date, a rest, a past."""
    add = load_calendar().add
    item = WorkItem.objects.get(process=case, finished=None)
    due_on = None if chance.random() < 0.1 else add(APRIL, chance.choice((1, 1, 8, 14, 20)))
    started_on = add(APRIL, chance.choice((0, 0, 0, 12)))
    version = chance.choice((1, 1, 2))
    WorkItem.objects.filter(pk=item.pk).update(
        due_on=due_on,
        started_on=started_on,
        rungs_from=add(APRIL, chance.choice((0, 0, 9, 16))),
        budget=chance.choice((None, 1, 40)),
        deadline_version=version,
        waits_higher=chance.random() < 0.15,
        is_chased=chance.random() < 0.9,
        is_declined=chance.random() < 0.05,
        is_suspended=False,
        next_check_at=at(add(APRIL, chance.choice((1, 12, 15))), 8),
    )
    Case.objects.filter(pk=case.pk).update(
        lacking=chance.sample(HAVES, chance.randrange(3)), lacking_count=0
    )
    for key in RUNGS[: chance.choice((0, 0, 2, 4, 6))]:
        RungFired.objects.create(
            item=item,
            deadline_version=chance.randint(1, version),
            rung=key,
            at=at(APRIL),
            spoke=chance.random() < 0.5,
        )


def _rows() -> dict[str, list[Any]]:
    """What a sweep writes, but for numbers that the database gives."""
    letter = ("draft__kind", "draft__unit", "draft__county")
    events = CaseEvent.objects.filter(verb="rung")
    return {
        "items": _sorted(WorkItem.objects.values_list("pk", "next_check_at", "deadline_version")),
        "rungs": _sorted(
            RungFired.objects.values_list("item", "deadline_version", "rung", "at", "spoke")
        ),
        "calls": _sorted(
            PhoneReminder.objects.values_list("item", "deadline_version", "listed_on", "result")
        ),
        "events": _sorted(
            (
                (e.item_id, e.at, e.case_id, e.by_id, e.by_post_id, e.from_stage, e.to_stage),
                (e.verb, e.reason, sorted((k, v) for k, v in e.data.items() if k != "draft")),
                ("draft" in e.data, day_of(e.at)),
            )
            for e in events
        ),
        "pending": _sorted(
            PendingEvent.objects.filter(event__in=events).values_list("event__item", "event__at")
        ),
        "lines": _sorted(DraftLine.objects.values_list("item", "rung", *letter)),
        "drafts": _sorted(
            EscalationDraft.objects.values_list("kind", "unit", "addressee", "state", "made_at")
        ),
    }


def _sorted(rows: Any) -> list[Any]:
    return sorted(rows, key=repr)


def test_what_the_database_does_not_check_points_at_something(world: World) -> None:
    """Rungs and the outbox (docs/adr/0032): their step and their event are what they say."""
    world.firm("样本有限公司")
    world.open(APRIL)
    sweep(at(APRIL + timedelta(days=4)))
    assert {row.item.process.enterprise.name for row in RungFired.objects.all()} == {"样本有限公司"}
    told = {row.event.verb for row in PendingEvent.objects.select_related("event")}
    assert told == {"open", "rung"}
    with pytest.raises(RuntimeError, match="append-only"):
        CaseEvent.objects.latest("id").delete()
