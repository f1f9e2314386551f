"""One case by itself: the same rows as plain ORM writes, the same look as many take at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases import engine
from cases.actions import stages
from cases.around import Around, look
from cases.engine import Step
from cases.models import Case, CaseEvent, FormRecord
from organisations.models import Post, Unit
from tests.cases.test_engine import one_case, planned, snapshot
from tests.cases.test_matters import open_issue
from tests.world import START, World, at, matching_form, survey_form

WORKER = "涧西区/county_worker"


def moved(world: World, pk: int) -> Step:
    return planned(pk, "survey", "acknowledge")


def with_forms(world: World, pk: int) -> Step:
    """One that was saved as a draft, and one that is new."""
    step = planned(pk, "survey", "acknowledge")
    draft = FormRecord.objects.create(case=step.case, form="survey", at=at(START), data={"a": 1})
    draft.data, draft.is_draft = {"a": '%s "二"'}, False
    new = FormRecord(case=step.case, form="matching", data={"b": [1, None]}, is_draft=False)
    for record in (draft, new):
        record.pack_version_id = step.case.pack_version_id
    step.forms = [draft, new]
    return step


def ended(world: World, pk: int) -> Step:
    step = engine.lock_one(pk)
    step.verb, step.to_stage, step.data = "withdraw", "withdrawn", {"words": "误"}
    return step


def told(world: World, pk: int) -> Step:
    """Nothing moves; a list of the case is changed in its place."""
    step = engine.lock_one(pk)
    step.verb, step.reason, step.bumps_version = "comment", "看过", False
    step.case.lacking.append("staff")
    step.case.lacking_count += 1
    return step


@pytest.mark.parametrize("plan", [moved, with_forms, ended, told])
def test_alone_as_plain_orm(world: World, plan: Callable[[World, int], Step]) -> None:
    case, found = one_case(world), []
    by = world.actor(WORKER)
    for plainly in (False, True):
        point = transaction.savepoint()
        step = plan(world, case.pk)
        if plainly:
            engine.write_plainly(step, by=by, at=at(START, 10))
        else:
            engine.write([step], by=by, at=at(START, 10), is_last=True)
            event = CaseEvent.objects.filter(case=case).latest("id")
            # what the database answered has found its way back
            assert event.item_id == getattr(step.next_item or step.item, "pk", None)
            assert [record.pk for record in step.forms if record.pk is None] == []
        forms = FormRecord.objects.filter(case=case).order_by("form")
        found.append((snapshot(case), [row | {"id": 0} for row in forms.values()]))
        transaction.savepoint_rollback(point)
    assert found[0] == found[1]


def test_two_together_as_plain_orm(world: World) -> None:
    for name in ("洛阳示例轴承有限公司", "洛阳示例电机有限公司"):
        world.firm(name)
    world.open()
    ids = list(Case.objects.order_by("pk").values_list("pk", flat=True))
    found, by = [], world.actor(WORKER)
    for plainly in (False, True):
        point = transaction.savepoint()
        steps = [moved(world, pk) for pk in ids]
        if plainly:
            for step in steps:
                engine.write_plainly(step, by=by, at=at(START, 10))
        else:
            engine.write(steps, by=by, at=at(START, 10))
        found.append([snapshot(step.case) for step in steps])
        transaction.savepoint_rollback(point)
    assert found[0] == found[1]
    assert [one["pending"] for one in found[0]] == [2, 2]


def test_one_case_sees_what_many_see(world: World) -> None:
    case, worker = one_case(world), world.actor(WORKER)
    stages.acknowledge(case.pk, by=worker, at=at(START))
    stages.advance(case.pk, by=worker, at=at(START), form=survey_form("B"))
    stages.advance(case.pk, by=worker, at=at(START), form=matching_form())
    world.prove(case, "staff")
    issue = open_issue(world, case)
    town = Unit.objects.create(name="示例镇", kind="township", region=world.counties["高新区"])
    Post.objects.create(unit=town, name="联络员", role="township_worker")
    Case.objects.filter(pk=issue.pk).update(township=town.region)
    kinds = []
    for one in Case.objects.order_by("pk"):
        with transaction.atomic():
            step = engine.lock_one(one.pk, with_children=True, looking="all")
            some = engine.lock_one(one.pk, with_children=True, looking="posts")
        assert step.around is not None
        assert some.around is not None
        assert seen(step.around) == seen(some.around) == seen(look([step.case]))
        assert [child.case.pk for child in step.children] == sorted(
            one.children.values_list("pk", flat=True)
        )
        kinds.append([len(part) for part in seen(step.around)])
    assert any(all(counts) for counts in kinds)
    assert step.around is not None
    assert town.pk in dict(seen(step.around)[0])


def seen(around: Around) -> tuple[Any, list[Any], list[Any]]:
    """Posts by unit in their order, papers and forms with every column that is read."""
    posts = sorted(
        (unit, [(columns(post), columns(post.unit)) for post in held])
        for unit, held in around.desks._posts.items()
    )
    return posts, list(map(columns, around.papers)), list(map(columns, around.forms))


def columns(row: Any) -> dict[str, Any]:
    names = {field.attname for field in row._meta.concrete_fields}
    return {name: value for name, value in vars(row).items() if name in names}


@pytest.mark.postgres
def test_the_look_is_behind_the_lock_and_each_is_one_statement(world: World) -> None:
    case = one_case(world)
    with CaptureQueriesContext(connection) as said:
        engine.lock_one(case.pk, with_children=True, looking="all")
    assert ["FOR NO KEY UPDATE" in one["sql"] for one in said.captured_queries] == [True, False]


@pytest.mark.postgres
def test_a_move_writes_its_case_beside_the_old_row(world: World) -> None:
    """No index and no condition of one holds what a move changes that ends nothing (ADR 62)."""
    case = one_case(world)
    before = beside_old_rows()
    stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START))
    stages.advance(case.pk, by=world.actor(WORKER), at=at(START), form=survey_form("B"))
    changed, beside = (now - then for now, then in zip(beside_old_rows(), before, strict=True))
    assert changed == beside > 1


def beside_old_rows() -> tuple[int, int]:
    """Rows of cases that this transaction changed; those of them that no index was written for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_stat_get_xact_tuples_updated(oid), pg_stat_get_xact_tuples_hot_updated(oid) "
            "FROM pg_class WHERE oid = 'cases_case'::regclass"
        )
        changed, beside = cursor.fetchone()
        return int(changed), int(beside)
