"""Rows as one parameter: the server plans a move once, and what was said arrives as it was said."""

from __future__ import annotations

import pytest
from django.db import connection

from cases.actions import remarks, stages
from cases.models import Case, CaseEvent
from tests.world import START, World, at, build

WORKER = "涧西区/county_worker"
TEXT = "“报告”说：\\n 不是换行，'引号'\t制表 {\"a\": null} 𠮷%s"


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.mark.postgres
def test_the_server_plans_a_move_once(world: World) -> None:
    for number in range(4):
        world.firm(f"示例{number}有限公司")
    world.open()
    worker, before = world.actor(WORKER), said_as_planned()
    for pk in Case.objects.values_list("pk", flat=True):
        stages.acknowledge(pk, by=worker, at=at(START))
    said = {name: n - before.get(name, 0) for name, n in said_as_planned().items()}
    # the first move of a connection is sent as it is
    assert [n for n in said.values() if n] in ([3], [4])


def said_as_planned() -> dict[str, int]:
    """How often each way to write a move was said, of those that this connection keeps planned."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, generic_plans + custom_plans FROM pg_prepared_statements "
            "WHERE statement LIKE 'WITH case_rows%%'"
        )
        return dict(cursor.fetchall())


@pytest.mark.postgres
def test_words_arrive_as_they_were_said(world: World) -> None:
    world.firm("示例“轴承”\\有限公司")
    world.open()
    case = world.case()
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START))
    remarks.comment(case.pk, by=world.actor(WORKER), at=at(START, 10), text=TEXT)
    said = CaseEvent.objects.filter(case=case, verb="comment").get()
    assert said.reason == TEXT
    assert said.at == at(START, 10)
    signed = CaseEvent.objects.get(case=case, verb="acknowledge")
    assert signed.data["due_on"] == str(world.item(case).due_on)
