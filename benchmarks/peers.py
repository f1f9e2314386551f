"""What a move is measured against: raw SQL, viewflow as it comes, SpiffWorkflow with kept state.

Each way moves ``size`` things, one at a time, each in a transaction of its own.
"""

from __future__ import annotations

import io
import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from itertools import count
from typing import Any

import psycopg
from django.db import connection, transaction

from benchmarks import bpmn

Way = Callable[[int], None]

NEXT = """
    flow_task, flow_task_type, status, created, token, process_id, stage, unit_id, post_id,
    started_on, due_on, budget, phrase, provisional, deadline_version, rungs_from, next_check_at,
    waits_higher, is_chased, days_late, is_correction, return_reason, is_declined, is_suspended
"""
OF_LAST = """
    flow_task, flow_task_type, 'NEW', created, token, process_id, 'survey', unit_id, post_id,
    started_on, due_on, 20, 'within: 20 working_days', false, 1, rungs_from, rungs_from,
    false, true, 0, false, '', false, false
"""
EVENT = "case_id, item_id, verb, at, by_id, by_post_id, from_stage, to_stage, reason, data"
# the rows that a move writes: the case, its step ended, the next one, the event, the outbox
CASE = """
c AS (UPDATE cases_case SET stage = 'survey', version = version + 1, progress_at = %(at)s
      WHERE id = %(case)s AND version = %(version)s RETURNING id),
"""
BESIDE = f"""
d AS (UPDATE cases_workitem SET finished = %(at)s, status = 'DONE', owner_id = %(user)s,
             next_check_at = NULL, days_late = 0 WHERE id = %(item)s RETURNING *),
i AS (INSERT INTO cases_workitem ({NEXT}) SELECT {OF_LAST} FROM d RETURNING id),
e AS (INSERT INTO cases_caseevent ({EVENT})
      SELECT %(case)s, i.id, 'acknowledge', %(at)s, %(user)s, %(post)s, 'assigned', 'survey', '',
             %(data)s FROM i RETURNING id)
INSERT INTO cases_pendingevent (event_id) SELECT id FROM e
"""
ON_POSTGRESQL = f"WITH {CASE} {BESIDE}"
# what an application writes beside an engine that keeps the state of a case itself
BESIDE_AN_ENGINE = f"WITH {BESIDE}"
ON_SQLITE = (
    "UPDATE cases_case SET stage = 'survey', version = version + 1, progress_at = :at "
    "WHERE id = :case AND version = :version",
    "UPDATE cases_workitem SET finished = :at, status = 'DONE', owner_id = :user, "
    "next_check_at = NULL, days_late = 0 WHERE id = :item",
    f"INSERT INTO cases_workitem ({NEXT}) SELECT {OF_LAST} FROM cases_workitem WHERE id = :item",
    f"INSERT INTO cases_caseevent ({EVENT}) VALUES (:case, last_insert_rowid(), 'acknowledge', "
    ":at, :user, :post, 'assigned', 'survey', '', :data)",
    "INSERT INTO cases_pendingevent (event_id) VALUES (last_insert_rowid())",
)


def raw_postgresql(url: str, rows: Iterator[dict[str, Any]]) -> Way:
    """One statement written by hand, prepared by psycopg, in a transaction."""
    link = psycopg.connect(url)

    def go(size: int) -> None:
        for _ in range(size):
            with link.transaction():
                link.execute(ON_POSTGRESQL, next(rows), prepare=True)

    return go


def raw_quickest(url: str, rows: Iterator[dict[str, Any]]) -> Way:
    """The same statement as a transaction by itself: neither BEGIN nor COMMIT is sent."""
    link = psycopg.connect(url, autocommit=True)

    def go(size: int) -> None:
        for _ in range(size):
            link.execute(ON_POSTGRESQL, next(rows), prepare=True)

    return go


def raw_sqlite(path: str, rows: Iterator[dict[str, Any]], *, checks_keys: bool = True) -> Way:
    """Five statements written by hand, with the product's own settings of the file and of the
    connection; without ``checks_keys`` a row may name others that are not there."""
    link = sqlite3.connect(path, isolation_level=None, timeout=20)
    link.execute("PRAGMA journal_mode=WAL")
    link.execute("PRAGMA synchronous=FULL")
    # as Django's connections are
    link.execute(f"PRAGMA foreign_keys={'ON' if checks_keys else 'OFF'}")

    def go(size: int) -> None:
        for _ in range(size):
            row = next(rows)
            link.execute("BEGIN IMMEDIATE")
            for one in ON_SQLITE:
                link.execute(one, row)
            link.execute("COMMIT")

    return go


def viewflow_stock(user: Any, most: int) -> Way:
    """Viewflow's own tables and API: assign, start and execute a step that loops."""
    return _viewflow(user, most, lambda: None)


def viewflow_told(user: Any, most: int, rows: Iterator[dict[str, Any]]) -> Way:
    """The same, and event and outbox of ours in its transaction, as its users would write them."""
    from cases.models import CaseEvent, PendingEvent

    def tell() -> None:
        row = next(rows)
        event = CaseEvent.objects.create(
            case_id=row["case"], item_id=row["item"], verb="acknowledge", at=row["at"], by=user,
            by_post_id=row["post"], from_stage="assigned", to_stage="survey",
            data=json.loads(row["data"]),
        )  # fmt: skip
        PendingEvent.objects.create(event=event)

    return _viewflow(user, most, tell)


def _viewflow(user: Any, most: int, tell: Callable[[], None]) -> Way:
    return viewflow_on(user, iter(viewflow_tasks(most)), tell)


def viewflow_tasks(most: int) -> list[Any]:
    """Open tasks of so many processes of viewflow's own, by its API."""
    from viewflow import this
    from viewflow.workflow import flow, models
    from viewflow.workflow.lock import SelectForUpdateLock

    class Loop(flow.Flow):  # type: ignore[misc]
        process_class = models.Process
        task_class = models.Task
        lock_impl = SelectForUpdateLock(nowait=False, attempts=1)
        start = flow.StartHandle().Next(this.step)
        step = flow.View(lambda request: None).Next(this.more)
        more = flow.If(lambda activation: False).Then(this.end).Else(this.step)
        end = flow.End()

    # viewflow finds a flow by its place in an installed app
    Loop.__module__, Loop.__qualname__ = models.__name__, "Loop"
    vars(models)["Loop"] = Loop
    for _ in range(most):
        Loop.start.run()
    newest = models.Task.objects.filter(flow_task_type="HUMAN", finished=None).order_by("-id")
    return list(newest[:most])[::-1]


def viewflow_on(user: Any, tasks: Iterator[Any], tell: Callable[[], None] = lambda: None) -> Way:
    """Assign, start and execute these."""

    def go(size: int) -> None:
        for _ in range(size):
            task = next(tasks)
            with transaction.atomic(), task.activation() as activation:
                activation.assign(user)
                activation.start(None)
                activation.execute()
                tell()

    return go


def spiff(
    most: int,
    edges: Iterable[tuple[str, str]],
    rows: Iterator[dict[str, Any]] | None = None,
) -> Way:
    """SpiffWorkflow: read the state, complete the task that is ready, keep the state.

    ``edges``: from which stage to which the moves of the procedure lead.
    ``rows``: with the rows beside it that lists, trail and notices live on, as one statement:
    the step that ends, the next one, event and outbox.
    """
    return spiff_states(most, edges, "bench_spiff" if rows is None else "bench_spiff_told")(
        count(), rows
    )


Numbered = Callable[[Iterator[int], "Iterator[dict[str, Any]] | None"], Way]


def spiff_states(
    most: int, edges: Iterable[tuple[str, str]], table: str = "bench_spiff"
) -> Numbered:
    """So many kept states, numbered from nought; what moves those of given numbers."""
    # only bin/bench has it installed
    engine, flows = import_module("SpiffWorkflow"), import_module("SpiffWorkflow.bpmn")
    serializers = import_module("SpiffWorkflow.bpmn.serializer")
    parser = import_module("SpiffWorkflow.bpmn.parser").BpmnParser()
    parser.add_bpmn_xml(import_module("lxml.etree").parse(io.BytesIO(bpmn.of(edges).encode())))
    kind = serializers.BpmnWorkflowSerializer
    serializer = kind(kind.configure())
    fresh = flows.BpmnWorkflow(parser.get_spec("campaign"))
    fresh.do_engine_steps()
    kept = serializer.serialize_json(fresh)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY, state text NOT NULL)")
        cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s)", [(n, kept) for n in range(most)])
    logging.getLogger("spiff").setLevel(logging.WARNING)

    def on(numbers: Iterator[int], rows: Iterator[dict[str, Any]] | None = None) -> Way:
        def go(size: int) -> None:
            lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
            for _ in range(size):
                number = next(numbers)
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(f"SELECT state FROM {table} WHERE id = %s{lock}", [number])
                    workflow = serializer.deserialize_json(cursor.fetchone()[0])
                    task = workflow.get_tasks(state=engine.TaskState.READY, manual=True)[0]
                    task.data["to"] = "survey"
                    task.run()
                    workflow.do_engine_steps()
                    state = serializer.serialize_json(workflow)
                    cursor.execute(f"UPDATE {table} SET state = %s WHERE id = %s", [state, number])
                    if rows is not None:
                        cursor.execute(BESIDE_AN_ENGINE, next(rows))

        return go

    return on


def data() -> str:
    return json.dumps({"due_on": "2022-04-26"})
