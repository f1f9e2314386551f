"""The ladder day by day: each rung on its day, once, whatever calls the sweep and however often."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases import engine, rulebook, sweeps
from cases.actions import drafts, pauses, stages
from cases.errors import NotYours, Refused
from cases.models import (
    CaseEvent,
    DraftLine,
    EscalationDraft,
    PendingEvent,
    PhoneReminder,
    RungFired,
    WorkItem,
)
from cases.steps import move_deadline
from cases.sweeps import sweep
from organisations.days import day_of
from organisations.scope import Actor
from tests.cases.at_once import sweepers
from tests.world import World, at, build, closing_form
from workflows.models import load_calendar

HAVES = ("institution", "staff", "spending", "cooperation")
APRIL = date(2022, 4, 6)  # behind the quiet season
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
# the county's ladder: working days from the due date (defaults: Ladder)
OFFSETS = {
    "heads_up": -5,
    "due_soon": -3,
    "due_today": 0,
    "overdue": 3,
    "phone": 5,
    "work_note": 10,
    "reminder_letter": 15,
    "supervision_letter": 20,
    "talk": 40,
}


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def matching(world: World, grade: str = "C") -> WorkItem:
    """A firm's case in matching since 6 April; class C has 40 working days."""
    world.firm("洛阳示例轴承有限公司")
    world.open(APRIL)
    return world.item(world.survey(world.case(), grade, APRIL))


def fired(item: WorkItem) -> dict[str, tuple[date, bool]]:
    rows = RungFired.objects.filter(item=item, deadline_version=item.deadline_version)
    return {row.rung: (day_of(row.at), row.spoke) for row in rows}


def due(item: WorkItem) -> date:
    assert item.due_on is not None
    return item.due_on


def test_each_rung_of_the_county_on_its_day_and_once(world: World) -> None:
    item = matching(world)
    assert item.budget == 40
    for day in days(APRIL, plus(due(item), 45)):
        for hour in (7, 9, 18):  # before the day's moment, after it, and once more
            sweep(at(day, hour))
    assert fired(item) == {key: (plus(due(item), n), True) for key, n in OFFSETS.items()}
    events = CaseEvent.objects.filter(item=item, verb="rung").order_by("id")
    assert [event.data["rung"] for event in events] == list(OFFSETS)
    assert PendingEvent.objects.filter(event__in=events).count() == len(OFFSETS)
    late = {event.data["rung"]: event.data["days_late"] for event in events}
    assert late == OFFSETS
    assert PhoneReminder.objects.get(item=item).listed_on == plus(due(item), 5)


def test_a_short_budget_has_no_early_word(world: World) -> None:
    item = matching(world, "B")
    for day in days(APRIL, due(item)):
        sweep(at(day))
    assert list(fired(item)) == ["due_soon", "due_today"]


def test_nine_days_off_and_only_the_highest_speaks(world: World) -> None:
    item = matching(world)
    sweep(at(plus(due(item), -4)))
    back = plus(due(item), 5)
    sweep(at(back))
    sweep(at(back, 10))
    assert fired(item) == {
        "heads_up": (plus(due(item), -4), True),
        "due_soon": (back, False),
        "due_today": (back, False),
        "overdue": (back, False),
        "phone": (back, True),
    }
    assert CaseEvent.objects.filter(item=item, verb="rung").count() == 2


def test_letters_climb_one_a_working_day_after_a_long_silence(world: World) -> None:
    item = matching(world)
    back = plus(due(item), 41)
    for day in days(back, plus(back, 6)):
        sweep(at(day))
    letters = list(OFFSETS)[5:]
    assert {key: fired(item)[key] for key in letters} == {
        key: (plus(back, n), True) for n, key in enumerate(letters)
    }


def test_after_a_suspension_only_what_lies_ahead(world: World) -> None:
    item = matching(world)
    old = due(item)
    stop, back = plus(old, -4), plus(old, 1)
    for day in days(APRIL, stop):
        sweep(at(day))
    assert list(fired(item)) == ["heads_up"]
    lead = world.actor(LEAD, stop)
    pauses.suspend(item.process_id, by=lead, at=at(stop, 15), until=back, reason="检修")
    for day in days(stop, plus(old, 12)):
        sweep(at(day, 16))
    item.refresh_from_db()
    assert (due(item), item.deadline_version) == (plus(old, 5), 2)
    # −5 of the new date is past when the clock runs again
    assert {key: day for key, (day, _spoke) in fired(item).items()} == {
        key: plus(due(item), OFFSETS[key]) for key in ("due_soon", "due_today", "overdue", "phone")
    }


def test_a_second_deadline_is_called_for_again(world: World) -> None:
    item = matching(world, "B")
    sweep(at(plus(due(item), 5)))
    reminder = PhoneReminder.objects.get(item=item)
    drafts.record_call(reminder.pk, by=world.office, at=at(plus(due(item), 5), 10), result="已联系")
    later = plus(due(item), 20)
    move(item, later, plus(due(item), 6))
    sweep(at(plus(later, 5)))
    calls = PhoneReminder.objects.filter(item=item).order_by("deadline_version")
    assert [(c.deadline_version, c.result) for c in calls] == [(1, "已联系"), (2, "")]


def move(item: WorkItem, due_on: date, on: date) -> None:
    """A new date, as an extension gives one."""
    with transaction.atomic():
        step = engine.lock_one(item.process_id)
        assert step.item is not None
        move_deadline(step.item, step.case, due_on, on=on)
        step.verb, step.changes_item = "decide_extension", True
        engine.write([step], by=Actor.system(), at=at(on))


def test_after_a_new_date_the_lower_rungs_speak_again(world: World) -> None:
    item = matching(world)
    old = due(item)
    sweep(at(plus(old, -4)))
    move(item, plus(old, 10), plus(old, -4))
    for day in days(plus(old, -4), plus(old, 14)):
        sweep(at(day))
    item.refresh_from_db()
    assert {key: day for key, (day, _spoke) in fired(item).items()} == {
        key: plus(old, 10 + OFFSETS[key])
        for key in ("heads_up", "due_soon", "due_today", "overdue")
    }


def test_the_annual_report_season_is_quiet(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open(date(2022, 1, 10))
    item = world.item(world.case())
    end = date(2022, 3, 31)
    assert due(item) < end
    for day in days(date(2022, 1, 10), plus(end, 5)):
        sweep(at(day))
    # what fell due in the season is late from its end, without a word that its day is near
    assert fired(item) == {"overdue": (plus(end, 3), True), "phone": (plus(end, 5), True)}


def test_class_d_is_on_no_ladder(world: World) -> None:
    item = matching(world, "D")
    assert item.stage == "watching"
    day = plus(due(item), 3)
    worker = world.actor(WORKER, day)
    case = stages.advance(item.process_id, by=worker, at=at(day), to="survey")
    again = world.item(case)
    assert (again.stage, again.is_chased, again.next_check_at) == ("survey", False, None)
    sweep(at(plus(due(again), 30)))
    assert not RungFired.objects.exists()


def in_confirmation(world: World) -> WorkItem:
    case = world.survey(world.case(), "A", APRIL)
    worker, lead = world.actor(WORKER, APRIL), world.actor(LEAD, APRIL)
    for have in HAVES:
        world.prove(case, have, APRIL)
    stages.apply_for_closure(case.pk, by=worker, at=at(APRIL, 13), form=closing_form(APRIL))
    return world.item(stages.advance(case.pk, by=lead, at=at(APRIL, 14)))


@contextmanager
def ladder(monkeypatch: pytest.MonkeyPatch, world: World, **instead: str) -> Iterator[None]:
    """The pack with one of its ladders in the place of another."""
    pack = rulebook.pack_of(world.case().pack_version_id)
    ladders = {key: pack.ladders[other] for key, other in instead.items()}
    changed = pack.model_copy(update={"ladders": {**pack.ladders, **ladders}})
    with monkeypatch.context() as patch:
        patch.setattr(rulebook, "pack_of", lambda version: changed)
        yield


def test_no_letter_to_a_county_about_the_citys_delay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where a pack would put the county's ladder on the city's own step."""
    world.firm("洛阳示例轴承有限公司")
    world.open(APRIL)
    item = in_confirmation(world)
    with ladder(monkeypatch, world, review="county"):
        for day in days(plus(due(item), 9), plus(due(item), 41)):
            WorkItem.objects.filter(pk=item.pk).update(next_check_at=at(day, 0))
            sweep(at(day))
    assert "work_note" in fired(item)
    assert not fired(item)["work_note"][1]
    assert not EscalationDraft.objects.exists()


# --- letters --------------------------------------------------------------------------------------
def late_firms(world: World, size: int, county: str = "涧西区") -> None:
    for number in range(size):
        world.firm(f"{county}示例{number}有限公司", county)


def test_one_letter_a_county_with_a_list(world: World) -> None:
    late_firms(world, 3)
    late_firms(world, 2, "嵩县")
    world.open(APRIL)
    day = plus(APRIL, 1 + 10)  # one working day to sign for it, ten more
    sweep(at(day))
    found = {d.unit.short_name: d.lines.count() for d in EscalationDraft.objects.all()}
    assert found == {"涧西区科技局": 3, "嵩县科技局": 2}
    events = CaseEvent.objects.filter(verb="rung", data__rung="work_note")
    assert {e.data["draft"] for e in events} == {d.pk for d in EscalationDraft.objects.all()}
    # what becomes late later joins the letter that still lies in the tray
    late = world.firm("涧西区示例9有限公司")
    world.open(plus(APRIL, 2))
    sweep(at(plus(APRIL, 3 + 10)))
    draft = EscalationDraft.objects.get(unit=world.units["涧西区科技局"])
    assert draft.lines.filter(item__process__enterprise=late).count() == 1
    assert draft.lines.count() == 4


def test_a_letter_is_released_once_a_month(world: World) -> None:
    late_firms(world, 1)
    world.open(APRIL)
    day = plus(APRIL, 11)
    sweep(at(day))
    draft = EscalationDraft.objects.get()
    with pytest.raises(NotYours):
        drafts.release(draft.pk, by=world.actor(LEAD, day), at=at(day, 10), body="请关注")
    with pytest.raises(Refused) as refusal:
        drafts.release(draft.pk, by=world.office, at=at(day, 10), body=" ")
    assert refusal.value.code == "no_text"
    drafts.release(draft.pk, by=world.office, at=at(day, 10), body="请关注")
    told = CaseEvent.objects.get(verb="release_draft")
    assert told.data == {
        "draft": draft.pk,
        "kind": "work_note",
        "number": "洛研专办提示〔2022〕1号",
    }
    with pytest.raises(Refused) as refusal:
        drafts.drop(draft.pk, by=world.office, at=at(day, 11), reason="改主意")
    assert refusal.value.code == "decided"
    # a second one for the same county in the same month waits
    late_firms(world, 1, "涧西区")
    second = EscalationDraft.objects.create(
        programme=draft.programme,
        kind=draft.kind,
        county=draft.county,
        unit=draft.unit,
        month=draft.month,
        made_at=at(day),
    )
    line = draft.lines.get()
    DraftLine.objects.create(draft=second, item=line.item, rung=line.rung)
    with pytest.raises(Refused) as refusal:
        drafts.release(second.pk, by=world.office, at=at(plus(day, 1)), body="请关注")
    assert refusal.value.code == "cap"
    june = date(2022, 6, 1)
    released = drafts.release(second.pk, by=world.office, at=at(june), body="请关注")
    assert (released.state, released.month) == ("released", june)


def test_a_department_gets_a_letter_between_equals(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a pack chases a step on the ladder of departments."""
    late_firms(world, 1)
    world.open(APRIL)
    with ladder(monkeypatch, world, county="department"):
        sweep(at(plus(APRIL, 11)))
    draft = EscalationDraft.objects.get()
    assert (draft.kind, draft.unit, draft.county) == (
        "coordination_letter",
        world.units["市工信局"],
        None,
    )


# --- at once, and many ----------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_double_nothing() -> None:
    world = build()
    late_firms(world, 12)
    late_firms(world, 12, "嵩县")
    world.open(APRIL)
    moment = at(plus(APRIL, 11))
    sweepers(lambda: sweep(moment))
    sweep(moment)  # whatever a skipped lock left
    assert RungFired.objects.filter(spoke=True).count() == 24
    assert CaseEvent.objects.filter(verb="rung").count() == 24
    assert EscalationDraft.objects.count() == 2
    assert DraftLine.objects.count() == 24


def test_a_batch_costs_the_same_statements_whatever_its_size(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many items at once cost no statement more than few, but for SQLite's pieces of inserts."""
    monkeypatch.setattr(sweeps, "BATCH", 100)
    late_firms(world, 260)
    world.open(APRIL)
    moment = at(plus(APRIL, 11))
    items, costs = waiting(), []
    # the first one makes the letter that the others join
    for first, last in ((0, 10), (10, 20), (20, 100), (100, 260)):
        WorkItem.objects.update(next_check_at=None)
        WorkItem.objects.filter(pk__in=items[first:last]).update(next_check_at=moment)
        with CaptureQueriesContext(connection) as captured:
            sweep(moment)
        costs.append(len(captured))
    assert RungFired.objects.filter(spoke=True).count() == 260
    _first, ten, eighty, two_batches = costs
    pieces = 0 if connection.vendor == "postgresql" else 8
    assert eighty - ten <= pieces
    # the second look finds sixty, the size of a batch not being reached
    assert two_batches - eighty <= eighty + pieces


def waiting() -> list[int]:
    return list(WorkItem.objects.filter(finished=None).order_by("pk").values_list("pk", flat=True))
