"""The one writer: same rows as plain ORM, few statements, protected stage, viewflow can go on."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, connections, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django_fsm import TransitionNotAllowed
from viewflow.workflow.status import PROCESS, STATUS

from cases import engine
from cases.actions import stages, stock
from cases.desks import Desks
from cases.errors import Stale
from cases.flow import KEPT, CaseFlow
from cases.models import Case, CaseEvent, Counter, PendingEvent, Suspension, WorkItem
from cases.statements import end_suspensions, take_numbers
from cases.steps import open_step
from enterprises.models import Membership
from tests.world import START, World, at, build, closing_form, matching_form, survey_form

CONTROL = re.compile(r"^\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)", re.I)


@contextmanager
def statements(at_most: int) -> Iterator[None]:
    """Fail when more statements run; transaction control is not counted."""
    with CaptureQueriesContext(connection) as captured:
        yield
    run = [q["sql"] for q in captured.captured_queries if not CONTROL.match(q["sql"])]
    assert len(run) <= at_most, "\n".join(run)


def one_case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return world.case()


def snapshot(case: Case) -> dict[str, Any]:
    """Everything that a move leaves behind, without ids and clocks."""
    skip = {"id", "recorded_at", "process_id", "case_id", "item_id", "event_id"}

    def plain(rows: Any) -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if k not in skip} for row in rows.values()]

    return {
        "case": plain(Case.objects.filter(pk=case.pk)),
        "items": plain(WorkItem.objects.filter(process=case).order_by("id")),
        "events": plain(CaseEvent.objects.filter(case=case).order_by("id")),
        "pending": PendingEvent.objects.filter(event__case=case).count(),
    }


def planned(case_id: int, to: str, verb: str) -> engine.Step:
    step = engine.lock_one(case_id)
    step.verb, step.to_stage, step.reason = verb, to, "因"
    step.next_item = open_step(step.case, to, on=START, desks=Desks.for_cases([step.case]))
    return step


def test_the_batch_writer_leaves_the_same_rows_as_plain_orm(world: World) -> None:
    case = one_case(world)
    found = []
    for plainly in (False, True):
        point = transaction.savepoint()
        step = planned(case.pk, "survey", "acknowledge")
        if plainly:
            engine.write_plainly(step, by=world.office, at=at(START, 10))
        else:
            engine.write([step], by=world.office, at=at(START, 10))
        assert CaseEvent.objects.filter(case=case).latest("id").item == world.item(case)
        found.append(snapshot(case))
        transaction.savepoint_rollback(point)
    assert found[0] == found[1]
    assert found[0]["case"][0]["stage"] == "survey"


def test_statements_of_a_move(world: World) -> None:
    # PostgreSQL writes all of a move in one statement; 8 are the limit wherever it runs
    most = 3 if connection.vendor == "postgresql" else 8
    first = one_case(world)
    world.firm("洛阳第二示例有限公司")
    world.open()
    case = Case.objects.exclude(pk=first.pk).get()
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    # the working days are read anew by the first move since a post has changed
    stages.acknowledge(first.pk, by=worker, at=at(START))
    with statements(most):
        stages.acknowledge(case.pk, by=worker, at=at(START))
    survey = survey_form("B")
    stages.advance(case.pk, by=worker, at=at(START), form=survey)
    with statements(most + 1):  # the date that the step had before
        stages.send_back(case.pk, by=lead, at=at(START), reason="重新摸底")
    stages.advance(case.pk, by=worker, at=at(START), form=survey)
    stages.advance(case.pk, by=worker, at=at(START), form=matching_form())
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(case, have)
    stages.apply_for_closure(case.pk, by=worker, at=at(START), form=closing_form())
    with statements(most):
        stages.advance(case.pk, by=lead, at=at(START))
    with statements(most + 2):  # its number, and the city's word on its papers
        stages.close(case.pk, by=world.office, at=at(START))


@pytest.mark.postgres  # SQLite knows no lengths
def test_what_is_too_long_is_refused_and_never_cut(world: World) -> None:
    case = one_case(world)
    step = planned(case.pk, "survey", "acknowledge")
    step.case.wave = "批" * 201
    with pytest.raises(DataError), transaction.atomic():
        engine.write([step], by=world.office, at=at(START, 10))


@pytest.mark.postgres
def test_a_batch_tells_of_each_case_its_own_step_in_order(world: World) -> None:
    for number in range(5):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    ids = list(Case.objects.order_by("id").values_list("pk", flat=True))
    worker = world.actor("涧西区/county_worker")
    done, _refused = stages.acknowledge_many(ids[::-1], by=worker, at=at(START))
    assert len(done) == len(ids) == 5
    told = CaseEvent.objects.filter(verb="acknowledge").order_by("id")
    assert [event.case_id for event in told] == ids
    items = {item.process_id: item.pk for item in WorkItem.objects.filter(finished=None)}
    assert [event.item_id for event in told] == [items[pk] for pk in ids]
    assert PendingEvent.objects.filter(event__in=told).count() == 5


def test_a_batch_takes_as_many_statements_as_one(world: World) -> None:
    worker, counts = world.actor("涧西区/county_worker"), []
    for size in (1, 12):
        for number in range(size):
            world.firm(f"洛阳示例{size}-{number}有限公司")
        world.open()
        waiting = Case.objects.filter(parent=None, stage="assigned")
        with CaptureQueriesContext(connection) as captured:
            done, refused = stages.acknowledge_many(
                list(waiting.values_list("pk", flat=True)), by=worker, at=at(START)
            )
        assert (len(done), refused) == (size, {})
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.postgres  # SQLite takes as many, and none to begin and end with
def test_opening_takes_a_fixed_number_of_statements_per_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock, "PART", 10)
    counts: dict[int, int] = {}
    # the first wave also reads who acts and the pack, which are then at hand
    for total in (1, 2, 10, 30, 60):
        Membership.objects.update(left_on=START)
        for number in range(total):
            world.firm(f"洛阳示例{total}-{number}有限公司")
        with CaptureQueriesContext(connection) as captured:
            opened = world.open()
        assert opened.opened == total
        counts[total] = len(captured)
    assert counts[2] == counts[10]
    # facts, rows, cases; rows, numbers, keys, cases, steps, events, pending events: a new part
    # reads and writes its own, and that is all
    assert counts[30] == counts[10] + 2 * 10
    assert counts[60] == counts[10] + 5 * 10


def test_the_stage_is_protected(world: World) -> None:
    case = one_case(world)
    with pytest.raises(AttributeError):
        case.stage = "closed"
    with pytest.raises(TransitionNotAllowed):
        case.move_to("closed")
    case.refresh_from_db()
    with pytest.raises(AttributeError):
        case.stage = "closed"
    field = Case._meta.get_field("stage")
    assert field.protected


def test_reloading_never_lifts_the_protection_of_the_class(world: World) -> None:
    """django-fsm-2 unprotects the class while one row reloads; another thread could write."""
    case = one_case(world)
    seen = []
    field = Case._meta.get_field("stage")

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(field.protected)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        case.refresh_from_db()
    assert seen
    assert all(seen)


def test_viewflow_reads_and_continues_what_the_engine_moved(world: World) -> None:
    case = one_case(world)
    stages.acknowledge(case.pk, by=world.actor("涧西区/county_worker"), at=at(START))
    task = CaseFlow.task_class._default_manager.get(process=case, finished=None)
    assert task.flow_task == CaseFlow.instance.node("step")
    assert task.flow_task_type == "HUMAN"
    assert task.process.flow_class is CaseFlow
    with task.activation() as activation:
        assert activation.assign.can_proceed()
        activation.assign(world.people["office/1"])
    task.refresh_from_db()
    assert task.status == STATUS.ASSIGNED
    with task.activation() as activation:
        activation.start(None)
        activation.execute()
    task.refresh_from_db()
    assert (task.status, task.finished is None) == (STATUS.DONE, False)
    # behind it stands a step of the same stage with the same people, which the engine moves on
    following = WorkItem.objects.get(process=case, finished=None)
    assert [getattr(following, name) for name in KEPT] == [getattr(task, name) for name in KEPT]
    assert (following.pk > task.pk, following.previous.get()) == (True, task)
    worker = world.actor("涧西区/county_worker")
    stages.advance(case.pk, by=worker, at=at(START), form=survey_form("B"))
    assert Case.objects.get(pk=case.pk).stage == "matching"


def test_status_and_stage_agree_in_the_database(world: World) -> None:
    case = one_case(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(status=PROCESS.DONE)


def test_a_second_open_item_is_impossible(world: World) -> None:
    case = one_case(world)
    item = open_step(case, "survey", on=START, desks=Desks.for_cases([case]))
    with pytest.raises(IntegrityError), transaction.atomic():
        item.save()


def test_numbers_have_neither_gaps_nor_doubles(world: World) -> None:
    for number in range(5):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    point = transaction.savepoint()
    assert take_numbers(world.programme.pk, "case", 3) == 6
    transaction.savepoint_rollback(point)
    assert take_numbers(world.programme.pk, "case", 2) == 6
    # … as by plain ORM, which asks twice
    series = Counter.objects.filter(programme=world.programme, name="case")
    series.update(value=F("value") + 3)
    assert (series.get().value, take_numbers(world.programme.pk, "case", 1)) == (10, 11)


def test_rests_end_as_plain_orm_ends_them(world: World) -> None:
    one_case(world)
    world.firm("洛阳第二示例有限公司")
    world.open()
    case, other = Case.objects.main().order_by("pk")
    for of, over in ((case, START), (case, None), (other, None)):
        rest = {"from_on": START, "until_on": START + timedelta(days=20), "resumed_on": over}
        Suspension.objects.create(case=of, **rest)
    resting = Suspension.objects.filter(case=case, resumed_on=None)
    [ended] = resting.values_list("pk", flat=True)
    left = []
    for plainly in (False, True):
        point = transaction.savepoint()
        if plainly:
            resting.update(resumed_on=START)
        else:
            [row] = end_suspensions([case.pk], START)
            assert (row.pk, row.case_id, row.resumed_on) == (ended, case.pk, START)
        left.append(list(Suspension.objects.order_by("pk").values()))
        transaction.savepoint_rollback(point)
    assert left[0] == left[1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("workers", [2, 8])
def test_of_many_at_once_one_wins(workers: int) -> None:
    """A double submit and people acting at once: one wins, the others are told."""
    world = build()
    case = one_case(world)
    actor = world.actor("涧西区/county_worker")
    outcomes: list[str] = []
    barrier = threading.Barrier(workers)

    def act() -> None:
        barrier.wait()
        try:
            stages.acknowledge(case.pk, by=actor, at=at(START), version=1)
            outcomes.append("done")
        except Stale:
            outcomes.append("stale")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done"] + ["stale"] * (workers - 1)
    assert WorkItem.objects.filter(process=case, finished=None).count() == 1
    assert CaseEvent.objects.filter(case=case, verb="acknowledge").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_version_that_moved_undoes_the_whole_move() -> None:
    """Also where the write travels with the COMMIT and can refuse only by itself."""
    world = build()
    case = one_case(world)
    before, worker = snapshot(case), world.actor("涧西区/county_worker")

    @transaction.atomic
    def act() -> None:
        step = planned(case.pk, "survey", "acknowledge")
        step.case.version += 1
        engine.write([step], by=worker, at=at(START), is_last=True)

    with pytest.raises(Stale):
        act()
    assert snapshot(case) == before
    stages.acknowledge(case.pk, by=worker, at=at(START))
