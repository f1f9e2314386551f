"""What was decided about one case and is written about the next: as if each had been decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import decided, engine, near
from cases.actions import pauses, stages
from cases.errors import NotYours, Refused, Stale
from cases.models import Case, CaseEvent, WorkItem
from organisations.models import Post
from tests.cases.at_once import after
from tests.cases.test_engine import CONTROL, snapshot
from tests.world import START, World, at, build

WORKER = "涧西区/county_worker"


def opened(world: World, count: int = 5) -> list[Case]:
    """Cases of one kind; the first three of them are signed for, so what comes is decided: two are
    looked at in full until the desks are known, of the third a glance was enough."""
    for number in range(count):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    decided.forget()
    near.forget()
    cases = list(Case.objects.order_by("id"))
    for case in cases[:3]:
        stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START))
    return cases


def left(case: Case, hour: int = 9) -> list[dict[str, Any]]:
    """What a move at an hour leaves behind, without what is a case's own."""
    found, moment = snapshot(case), at(START, hour)
    rows = [*found["case"], *found["items"], *found["events"], {"pending": found["pending"]}]
    for name in ("serial", "enterprise_id", "created"):
        del rows[0][name]
    return [{k: "then" if v == moment else v for k, v in row.items()} for row in rows]


def as_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on nothing may be decided anew."""

    def refuse(*_args: Any, **_more: Any) -> NoReturn:
        raise AssertionError("decided anew")

    monkeypatch.setattr(engine, "write", refuse)


def check_like_the_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _second, third, fourth, fifth = opened(world)
    with monkeypatch.context() as patched:
        as_decided(patched)
        stages.acknowledge(fourth.pk, by=world.actor(WORKER), at=at(START))
        by = world.actor(WORKER)
        with CaptureQueriesContext(connection) as said:
            answer = stages.acknowledge(fifth.pk, by=by, at=at(START, 11))
    run = [q["sql"] for q in said.captured_queries if not CONTROL.match(q["sql"])]
    # lock, glance and write; on SQLite no lock, and a statement for each table
    assert len(run) == (3 if connection.vendor == "postgresql" else 6), "\n".join(run)
    assert left(first) == left(third) == left(fourth)
    # the step before began with the case, at its hour
    for one in (rows := left(fifth, 11)):
        for name, value in one.items():
            if value == at(START):
                one[name] = "then"
    assert [list(row.items()) for row in rows] == [list(row.items()) for row in left(first)]
    stored = Case.objects.get(pk=fifth.pk)
    names = [field.attname for field in Case._meta.concrete_fields]
    assert [getattr(answer, name) for name in names] == [getattr(stored, name) for name in names]
    event = CaseEvent.objects.filter(case=fifth).latest("id")
    assert event.item_id == world.item(stored).pk


def test_the_next_one_is_written_like_the_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_like_the_first(world, monkeypatch)


@pytest.mark.postgres
def test_so_it_is_with_the_commit(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    check_like_the_first(build(), monkeypatch)


@pytest.mark.postgres
def test_a_glance_that_waited_sees_what_it_waited_for(transactional_db: None) -> None:
    world = build()
    last = opened(world)[-1]
    by, lead = world.actor(WORKER), world.actor("涧西区/county_lead")
    answer = after(
        lambda: pauses.suspend(
            last.pk, by=lead, at=at(START), until=START + timedelta(days=7), reason="检修"
        ),
        lambda: stages.acknowledge(last.pk, by=by, at=at(START)),
    )
    assert isinstance(answer, Refused)
    assert answer.code == "suspended"


def older_page(world: World, case: Case) -> None:
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START), version=case.version + 1)


def day_before(world: World, case: Case) -> None:
    event = CaseEvent.objects.filter(case=case).latest("id")
    values = {f.attname: getattr(event, f.attname) for f in CaseEvent._meta.concrete_fields}
    del values["id"], values["recorded_at"]
    CaseEvent.objects.create(**values | {"at": at(START + timedelta(days=1))})
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START))


def suspended(world: World, case: Case) -> None:
    WorkItem.objects.filter(process=case).update(is_suspended=True)
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START))


def of_another(world: World, case: Case) -> None:
    stages.acknowledge(case.pk, by=world.actor("嵩县/county_worker"), at=at(START))


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        (older_page, Stale),
        (day_before, Refused),
        (suspended, Refused),
        (of_another, NotYours),
    ],
)
def test_what_differs_is_refused_as_ever(
    world: World, deed: Callable[[World, Case], None], error: type[Exception]
) -> None:
    last = opened(world)[-1]
    with pytest.raises(error):
        deed(world, last)
    assert Case.objects.get(pk=last.pk).stage == last.stage


def test_another_post_gets_the_next_step(world: World) -> None:
    """Whoever owes a step is looked up again once a post has changed."""
    cases = opened(world)
    was = world.item(cases[1]).post
    new = Post.objects.create(
        unit=was.unit, name="第二经办", role=was.role, receives_work=True, position=was.position
    )
    Post.objects.filter(pk=was.pk).update(receives_work=False)
    stages.acknowledge(cases[3].pk, by=world.actor(WORKER), at=at(START))
    assert world.item(cases[3]).post == new != was
