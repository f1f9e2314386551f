"""Posts, units and programmes that a process keeps: never older than the database's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext

from cases import engine
from cases.desks import Desks
from cases.engine import Step
from cases.models import Case
from organisations import place_marks
from organisations.models import Post, Unit
from organisations.roles import Role
from tests.cases.test_engine import CONTROL, one_case
from tests.world import START, World
from workflows.models import CalendarDay, Programme, forget_calendar, load_calendar


def locked(case: Case) -> Step:
    return engine.lock_one(case.pk, with_children=True, looking="all")


def asked_for(case: Case) -> int:
    """Statements of a look, but for the lock, which SQLite does not need."""
    with CaptureQueriesContext(connection) as captured:
        locked(case)
    said = [q["sql"] for q in captured.captured_queries if not CONTROL.match(q["sql"])]
    return sum("FOR NO KEY UPDATE" not in sql for sql in said)


def posts(case: Case, desks: Desks) -> list[tuple[int, str]]:
    placed = [
        desks.place(case, owner) for owner in ("county", "county_lead", "department", "office")
    ]
    return [(post.pk, post.name) for post in (*placed, *desks.posts())]


def as_asked(case: Case) -> list[object]:
    step = locked(case)
    assert step.item is not None
    assert step.around is not None
    item = step.item
    names = [item.post.name, item.unit.name, item.unit.region.name, step.case.programme.title]
    return [*posts(step.case, step.around.desks), *names]


def plainly(case: Case) -> list[object]:
    """The same by ordinary questions."""
    item, case = case.task_set.get(finished=None), Case.objects.get(pk=case.pk)
    names = [item.post.name, item.unit.name, item.unit.region.name, case.programme.title]
    return [*posts(case, Desks.for_cases([case])), *names]


WRITINGS: dict[str, Callable[[Case], object]] = {
    "update": lambda case: rename(case, "新"),
    "save": lambda case: Unit.objects.get(pk=case.responsible_unit_id).save(),
    "insert": lambda case: Post.objects.create(
        unit_id=case.responsible_unit_id, name="第一", role=Role.COUNTY_WORKER, position=0
    ),
    "ignoring": lambda case: Post.objects.bulk_create(
        [Post(unit_id=case.responsible_unit_id, name="第二", role=Role.OFFICE, position=0)],
        ignore_conflicts=True,
    ),
    "by hand": lambda case: _say("UPDATE organisations_unit SET name = 'x' || name"),
    "programme": lambda case: Programme.objects.update(title="另一名称"),
}


def rename(case: Case, prefix: str) -> None:
    near = Post.objects.filter(unit=case.responsible_unit_id)
    near.update(name=Concat(Value(prefix), "name"))


def _say(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("name", WRITINGS)
def test_whatever_changes_is_seen_by_the_next_move(world: World, name: str) -> None:
    case = one_case(world)
    before = [as_asked(case) for _twice in range(2)]
    assert asked_for(case) == 1
    point = transaction.savepoint()
    WRITINGS[name](case)
    after = as_asked(case)
    assert after == plainly(case)
    assert (after != before[0]) is (name != "save")
    # what was undone is not kept, and what is written under the next mark is another state
    transaction.savepoint_rollback(point)
    assert as_asked(case) == before[1] == before[0]
    rename(case, "再")
    assert as_asked(case) == plainly(case) != after


def test_days_that_another_machine_entered_hold_behind_the_lock(world: World) -> None:
    case = one_case(world)
    locked(case)
    day = load_calendar().add(START, 1)
    CalendarDay.objects.filter(day=day).update(is_working=False)
    assert load_calendar().is_working(day)  # nobody has told this process
    locked(case)
    try:
        assert not load_calendar().is_working(day)
    finally:
        forget_calendar()


def test_what_is_kept_is_nobodys_own(world: World) -> None:
    case = one_case(world)
    for _twice in range(3):
        step = locked(case)
        assert step.item is not None
        assert step.item.unit.name != "x"
        step.item.unit.name = step.item.post.name = step.case.programme.title = "x"


def test_triggers_that_were_lost_come_back_and_nothing_kept_holds(world: World) -> None:
    case = one_case(world)
    as_asked(case)
    for name in place_marks.watched(connection):
        table = next(one for one in place_marks.TABLES if name.startswith(one))
        _say(f"DROP TRIGGER {name}" + (f" ON {table}" if connection.vendor != "sqlite" else ""))
    rename(case, "新")
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _say("SET CONSTRAINTS ALL IMMEDIATE")
        assert place_marks.watch(connection) == len(place_marks.wanted(connection))
    assert as_asked(case) == plainly(case)
    assert place_marks.watch(connection) == 0


@pytest.mark.postgres
def test_many_changes_of_one_transaction_write_one_mark(world: World) -> None:
    """Each has a word of its own; in the table it would leave a dead row for each."""
    case, words = one_case(world), set[object]()
    rename(case, "零")
    before = _written()
    for _turn in range(3):
        rename(case, "新")
        words.add(_one(f"SELECT {place_marks.CURRENT['postgresql']}"))
    assert len(words) == 3
    assert _written() == before


def _written() -> object:
    return _one(
        "SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables "
        f"WHERE relname = '{place_marks.MARKS}'"
    )


def _one(sql: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
