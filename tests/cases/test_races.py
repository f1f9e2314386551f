"""People at once: whoever waited sees what the other one left, and nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from cases import engine
from cases.actions import evidence, opening, pauses, people, remarks, stages
from cases.errors import Refused, Stale
from cases.models import Case, CaseEvent, ProgrammeFirm, WorkItem
from cases.statements import save_rows, take_numbers, update_rows
from organisations.scope import Actor
from tests.cases.at_once import after, together
from tests.world import START, World, at, build, closing_form, matching_form, survey_form

HAVES = ("institution", "staff", "spending", "cooperation")
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
UNTIL = START + timedelta(days=7)


@pytest.fixture
def world(transactional_db: None) -> World:
    return build()


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return stages.acknowledge(world.case().pk, by=world.actor(WORKER), at=at(START))


@pytest.mark.postgres
def test_whoever_waited_sees_the_suspension(world: World, case: Case) -> None:
    """Also without a version: on the command line, in a batch, in the sweep."""
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    answer = after(
        lambda: pauses.suspend(case.pk, by=lead, at=at(START), until=UNTIL, reason="检修"),
        lambda: stages.advance(case.pk, by=worker, at=at(START), form=survey_form("B")),
    )
    assert isinstance(answer, Refused)
    assert answer.code == "suspended"
    assert world.item(case).stage == "survey"


@pytest.mark.postgres
def test_whoever_waited_works_on_the_new_step(world: World, case: Case) -> None:
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    after(
        lambda: stages.advance(case.pk, by=worker, at=at(START), form=survey_form("B")),
        lambda: pauses.suspend(case.pk, by=lead, at=at(START), until=UNTIL, reason="检修"),
    )
    item = world.item(case)
    assert (item.stage, item.is_suspended) == ("matching", True)
    assert case.events.get(verb="suspend", case=case).item == item
    # the remedies that the other one opened rest too
    assert set(WorkItem.objects.filter(finished=None).values_list("is_suspended", flat=True)) == {
        True
    }


@pytest.mark.postgres
def test_a_late_batch_takes_the_new_remedies_along(world: World, case: Case) -> None:
    worker, force = world.actor(WORKER), world.units["嵩县工作专班"]
    office = world.office
    after(
        lambda: stages.advance(case.pk, by=worker, at=at(START), form=survey_form("B")),
        lambda: people.reassign_many([case.pk], by=office, at=at(START), reason="划转", unit=force),
    )
    assert set(Case.objects.values_list("county__name", flat=True)) == {"嵩县"}
    assert set(WorkItem.objects.filter(finished=None).values_list("unit", flat=True)) == {force.pk}


@pytest.mark.postgres
def test_a_page_that_waited_is_stale(world: World, case: Case) -> None:
    worker, lead, version = world.actor(WORKER), world.actor(LEAD), case.version
    answer = after(
        lambda: pauses.suspend(case.pk, by=lead, at=at(START), until=UNTIL, reason="检修"),
        lambda: pauses.suspend(
            case.pk, by=lead, at=at(START), until=UNTIL, reason="检修", version=version
        ),
    )
    assert isinstance(answer, Stale)
    assert worker.user is not None


def test_families_and_remedies_at_once_never_wait_in_a_circle(world: World, case: Case) -> None:
    worker, lead, office = world.actor(WORKER), world.actor(LEAD), world.office
    stages.advance(case.pk, by=worker, at=at(START), form=survey_form("B"))
    children = list(Case.objects.filter(parent=case).order_by("-pk").values_list("pk", flat=True))
    forces = [world.units["嵩县工作专班"], world.units["涧西区工作专班"]]

    def root() -> None:
        for turn in range(6):
            people.reassign(
                case.pk, by=office, at=at(START), reason="划转", unit=forces[turn % 2], knowing=True
            )

    def remedies() -> None:
        for pk in children * 4:
            remarks.comment(pk, by=office, at=at(START), text="请跟进")

    def batch() -> None:
        for _turn in range(4):
            remarks.urge_many([*children, case.pk], by=office, at=at(START))

    def pause() -> None:
        for _turn in range(4):
            try:
                pauses.suspend(case.pk, by=lead, at=at(START), until=UNTIL, reason="检修")
                pauses.resume(case.pk, by=office, at=at(START))
            except Refused:
                continue

    found = together(root, remedies, batch, pause)
    assert [answer for answer in found if not isinstance(answer, Refused | None)] == []


def test_two_openings_at_once_open_each_firm_once(world: World) -> None:
    for number in range(20):
        world.firm(f"洛阳示例{number}有限公司")
    found = together(*[lambda: world.open()] * 3)
    assert sorted(done.opened for done in found if isinstance(done, opening.Opened)) == [0, 0, 20]
    serials = Case.objects.order_by("serial").values_list("serial", flat=True)
    assert list(serials) == list(range(1, 21))
    assert ProgrammeFirm.objects.count() == 20


def test_closings_at_once_are_numbered_without_gaps(world: World) -> None:
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    for number in range(4):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    ids = list(Case.objects.values_list("pk", flat=True))
    for pk in ids:
        case = world.survey(Case.objects.get(pk=pk), "A")
        for have in HAVES:
            world.prove(case, have)
        stages.apply_for_closure(pk, by=worker, at=at(START, 13), form=closing_form())
        stages.advance(pk, by=lead, at=at(START, 14))
    halves = (ids[:3], ids[1:])
    people_ = (world.actor("office/1"), world.actor("office/2"))

    def closing(ids: list[int], by: Actor) -> Callable[[], object]:
        return lambda: stages.close_many(ids, by=by, at=at(START, 15))

    together(*[closing(*pair) for pair in zip(halves, people_, strict=True)])
    numbers = Case.objects.filter(parent=None).values_list("closing_serial", flat=True)
    assert sorted(filter(None, numbers)) == [1, 2, 3, 4]
    assert CaseEvent.objects.filter(verb="close", case__parent=None).count() == 4


def test_one_paper_is_reviewed_once(world: World, case: Case) -> None:
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    case = stages.advance(case.pk, by=worker, at=at(START), form=survey_form("B"))
    stages.advance(case.pk, by=worker, at=at(START), form=matching_form())
    row = world.prove(case, "staff")
    found = together(
        lambda: evidence.return_(row.pk, reason=1, by=lead, at=at(START, 13)),
        lambda: evidence.return_(row.pk, reason=2, by=world.office, at=at(START, 13)),
    )
    refusals = [answer for answer in found if isinstance(answer, Refused)]
    assert [refusal.code for refusal in refusals] == ["reviewed"]
    assert case.events.filter(verb="return_evidence").count() == 1


# --- the hand-written statements ------------------------------------------------------------------
def test_one_update_writes_what_each_row_says(world: World, case: Case) -> None:
    other = world.firm("洛阳示例电机有限公司")
    world.open()
    rows = [case, world.case(other)]
    for number, row in enumerate(rows):
        row.lacking, row.lacking_count = ["staff", "研发'经费\"%s"][: number + 1], number + 1
        row.closed_on = None if number else START
        row.progress, row.township_id = "100% 完成？", None
        row.progress_at = at(START, number)
    names = ("lacking", "lacking_count", "closed_on", "progress", "township_id", "progress_at")
    assert save_rows(rows, names) == 2
    for row in rows:
        fresh = Case.objects.get(pk=row.pk)
        assert [getattr(fresh, name) for name in names] == [getattr(row, name) for name in names]
    assert save_rows([], names) == 0


def test_a_guard_spares_what_has_changed(world: World, case: Case) -> None:
    rows = [[case.pk, case.version, "新"], [case.pk, case.version + 1, "错"]]
    assert update_rows(Case, ("progress",), rows, guard="version") == 1
    assert Case.objects.get(pk=case.pk).progress == "新"


def test_a_series_gives_numbers_or_nothing(world: World) -> None:
    with pytest.raises(ValueError, match="at least one"):
        take_numbers(world.programme.pk, "case", 0)


def test_a_lock_needs_a_transaction(world: World, case: Case) -> None:
    # whoever asks first in a process hears it from Django
    with pytest.raises((RuntimeError, transaction.TransactionManagementError)):
        engine.lock([case.pk])
    with transaction.atomic(), pytest.raises(Refused) as refusal:
        engine.lock_one(10**9)
    assert refusal.value.code == "no_case"
