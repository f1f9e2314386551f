"""Contact records follow their form after the commit, and the tick makes good what was lost."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from cases import engine
from cases.actions import matching, stages
from cases.models import FormRecord, MatchRecord
from config.ticking import tick
from tests.cases.at_once import together
from tests.cases.test_engine import CONTROL
from tests.resources.conftest import expert, resource
from tests.resources.test_matching import WORKER, draft, in_matching, leave, met
from tests.world import START, World, at, build

KILLED = 17


@pytest.fixture(autouse=True)
def _at_start() -> Iterator[None]:
    with time_machine.travel(at(START, 9), tick=False):
        yield


def partners() -> list[str]:
    return list(MatchRecord.objects.order_by("case", "line").values_list("partner", flat=True))


def due() -> int:
    return FormRecord.objects.filter(is_followed=False).count()


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_the_move_and_its_records_loses_nothing() -> None:
    world = build()
    resource(world)
    case = in_matching(world)
    connections.close_all()
    child = os.fork()
    if child == 0:
        # the other process: the move is committed, and at the next step the power is gone
        matching._follow_soon = lambda case_id: os._exit(KILLED)
        leave(world, case, met())
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == KILLED
    case.refresh_from_db()
    assert case.stage == "rectification"
    assert (due(), partners()) == (1, [])
    tick(at(START, 12))
    assert (due(), partners()) == (0, ["示例理工学院"])
    assert MatchRecord.objects.get().resource is not None
    before = list(MatchRecord.objects.values())
    tick(at(START, 12))
    assert list(MatchRecord.objects.values()) == before


def test_a_mistake_in_following_does_not_undo_the_move(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    case, fired = in_matching(world), []

    def fail(*args: Any) -> None:
        fired.append(args)
        raise RuntimeError("the directory is away")

    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):
        broken.setattr(matching, "_contacts", fail)
        leave(world, case, met())
    assert len(fired) == 1
    assert "wait for the tick" in caplog.text
    case.refresh_from_db()
    assert (case.stage, due(), partners()) == ("rectification", 1, [])
    tick(at(START, 12))
    assert (due(), partners()) == (0, ["示例理工学院"])


def test_what_was_sealed_last_counts_whatever_is_followed_first(world: World) -> None:
    """Two records of one form, neither followed: the newest sealed one, not the newest draft."""
    case, worker = in_matching(world), world.actor(WORKER)
    for partner in ("甲院", "乙院"):
        form = {"contacts": [met(partner)]}
        stages.advance(case.pk, by=worker, at=at(START, 11), form=form)
        lead = world.actor("涧西区/county_lead")
        stages.send_back(case.pk, by=lead, at=at(START, 12), reason="补充", to="matching")
    draft(world, case, met("丙院"))
    assert partners() == ["乙院"]
    assert due() == 0
    # the one before comes late: its records were overtaken
    first = FormRecord.objects.filter(form="matching").earliest("id")
    FormRecord.objects.filter(pk=first.pk).update(is_followed=False)
    tick(at(START, 13))
    assert partners() == ["乙院"]


def test_other_forms_and_cases_without_partners_are_not_marked(world: World) -> None:
    in_matching(world)
    assert FormRecord.objects.filter(form="survey").exists()
    assert due() == 0


def test_statements_do_not_follow_the_forms(world: World) -> None:
    resource(world), expert(world)

    def cost(size: int) -> int:
        cases = [in_matching(world, f"示例{size}厂{n}") for n in range(size)]
        for n, case in enumerate(cases):
            worker = world.actor(WORKER)
            form = {"contacts": [met(f"院{n}"), met("示例理工学院", expert="陈示例")]}
            stages.advance(case.pk, by=worker, at=at(START, 11), form=form)
        assert due() == size
        with CaptureQueriesContext(connection) as captured:
            assert matching.follow_due() == size
        return sum(not CONTROL.match(q["sql"]) for q in captured.captured_queries)

    one = cost(1)
    assert cost(6) == one <= 8
    with CaptureQueriesContext(connection) as captured:
        assert matching.follow_due() == 0
    assert sum(not CONTROL.match(q["sql"]) for q in captured.captured_queries) == 1


def test_more_forms_than_one_batch_holds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "BATCH", 2)
    for n in range(5):
        case = in_matching(world, f"示例厂{n}")
        form = {"contacts": [met(f"院{n}")]}
        stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 11), form=form)
    assert matching.follow_due() == 5
    assert partners() == [f"院{n}" for n in range(5)]


def test_the_tick_finds_what_is_due_by_its_index(world: World) -> None:
    with CaptureQueriesContext(connection) as captured:
        tick(at(START + timedelta(days=1)))
    [asked] = [q["sql"] for q in captured.captured_queries if '"is_followed"' in q["sql"]]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked}")
            plan = " ".join(str(row) for row in cursor.fetchall())
        assert "form_to_follow" in plan


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_the_tick_leaves_a_case_alone_that_somebody_is_at() -> None:
    world = build()
    case = in_matching(world)
    leave(world, case, met())
    FormRecord.objects.filter(form="matching").update(is_followed=False)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            engine.lock_one(case.pk)
            held.set()
            assert done.wait(20)

    def follow() -> int:
        held.wait()
        try:
            return matching.follow_due()
        finally:
            done.set()

    assert together(hold, follow) == [None, 0]
    assert due() == 1
    assert matching.follow_due() == 1
    assert due() == 0
