"""Ten thousand moves in one go and five thousand reassigned, against one statement and a loop.

The statement writes the rows that the verb writes: the same tables, the same columns, in one
transaction; the loop saves them one by one with Django's own API. Each way has cases of its own in
each round, as a case is signed for once.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from benchmarks import bed, country
from benchmarks.peers import EVENT, NEXT, OF_LAST
from benchmarks.rounds import against

if TYPE_CHECKING:
    from organisations.models import Post
    from tests.world import World

MOVES, REASSIGNED, QUICK = 10_000, 5_000, 200
ROUNDS = 3
STATEMENT, LOOP = 0.5, 20.0
# of so many the loop does one
SHARE = 20
WHY = "调整分工"

Ways = Mapping[str, Callable[[list[int]], object]]

SIGNED = f"""
WITH c AS (UPDATE cases_case SET stage = 'survey', version = version + 1, progress_at = %(at)s
           WHERE id = ANY(%(ids)s) RETURNING id),
d AS (UPDATE cases_workitem SET finished = %(at)s, status = 'DONE', owner_id = %(user)s,
             next_check_at = NULL
      WHERE process_id = ANY(%(ids)s) AND finished IS NULL RETURNING *),
i AS (INSERT INTO cases_workitem ({NEXT}) SELECT {OF_LAST} FROM d RETURNING id, process_id),
e AS (INSERT INTO cases_caseevent ({EVENT})
      SELECT process_id, id, 'acknowledge', %(at)s, %(user)s, %(post)s, 'assigned', 'survey', '',
             %(data)s::jsonb FROM i RETURNING id)
INSERT INTO cases_pendingevent (event_id) SELECT id FROM e
"""
GIVEN = f"""
WITH c AS (UPDATE cases_case SET county_id = %(county)s, township_id = NULL,
                  responsible_unit_id = %(unit)s, liaison_unit_id = %(group)s, version = version + 1
           WHERE id = ANY(%(ids)s) RETURNING id, programme_id, enterprise_id, stage),
i AS (UPDATE cases_workitem SET unit_id = %(unit)s, post_id = %(to)s
      WHERE process_id = ANY(%(ids)s) AND finished IS NULL RETURNING id, process_id),
f AS (UPDATE cases_programmefirm p SET county_id = %(county)s, township_id = NULL,
             responsible_unit_id = %(unit)s, liaison_unit_id = %(group)s
      FROM c WHERE p.programme_id = c.programme_id AND p.enterprise_id = c.enterprise_id),
e AS (INSERT INTO cases_caseevent ({EVENT})
      SELECT i.process_id, i.id, 'reassign', %(at)s, %(user)s, %(post)s, c.stage, c.stage, %(why)s,
             %(data)s::jsonb FROM i JOIN c ON c.id = i.process_id RETURNING id)
INSERT INTO cases_pendingevent (event_id) SELECT id FROM e
"""


def main(is_quick: bool) -> dict[str, Any]:
    moves, reassigned, rounds = (QUICK, QUICK, 1) if is_quick else (MOVES, REASSIGNED, ROUNDS)
    with bed.on_postgresql():
        from cases.models import Case
        from tests.world import build

        world = build()
        world.counties = {"涧西区": world.counties["涧西区"]}
        a_round = (2 + 1 / SHARE) * (moves + reassigned)
        country.list_firms(world, int(a_round * rounds) + 1)
        world.open()
        country.settle()
        ids = list(Case.objects.order_by("id").values_list("pk", flat=True))
        found = {}
        for name, count, ways in (
            ("moves", moves, _signed(world)),
            ("reassigned", reassigned, _given(world)),
        ):
            seconds = _rounds(ways, count, rounds, ids)
            told = f"{count} {name}, against"
            found[f"{told} one statement"] = against(seconds, "ours", "statement", STATEMENT)
            found[f"{told} a loop"] = against(seconds, "ours", "loop", LOOP)
        return found


def _rounds(ways: Ways, count: int, rounds: int, ids: list[int]) -> dict[str, float]:
    """Seconds a case by each way; ``ids`` are used up."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            size = count // SHARE if name == "loop" else count
            mine = ids[:size]
            del ids[:size]
            gc.collect()
            begun = time.perf_counter()
            ways[name](mine)
            taken[name].append((time.perf_counter() - begun) / size)
            _check(mine)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _check(ids: Sequence[int]) -> None:
    """Each case has one more event that waits to be told, and one open step."""
    from cases.models import Case, PendingEvent, WorkItem

    told = PendingEvent.objects.filter(event__case__in=ids).exclude(event__verb="open")
    assert told.count() == Case.objects.filter(pk__in=ids, version=2).count() == len(ids)
    assert WorkItem.objects.filter(process__in=ids, finished=None).count() == len(ids)


def _signed(world: World) -> Ways:
    """签收 by a county's worker."""
    from cases.actions import stages
    from tests.world import START, at

    by, moment = world.actor("涧西区/county_worker"), at(START)
    [standing] = by.standings
    assert by.user is not None
    told = {
        "at": moment,
        "user": by.user.pk,
        "post": standing.post_id,
        "data": json.dumps({"due_on": "2022-04-26"}),
    }
    return {
        "ours": lambda ids: stages.acknowledge_many(ids, by=by, at=moment),
        "statement": lambda ids: _at_once(SIGNED, ids, told),
        "loop": lambda ids: _sign_one_by_one(ids, told),
    }


def _given(world: World) -> Ways:
    """改派 to another county by the office, and the rows of the programme with it."""
    from cases.actions import people
    from organisations.models import Post, Region, Unit
    from tests.world import START, at

    by, moment = world.office, at(START)
    county = Region.objects.get(name="嵩县")
    unit = Unit.objects.get(kind=Unit.Kind.TASK_FORCE, region=county)
    group = Unit.objects.filter(kind=Unit.Kind.LIAISON_GROUP, paired_counties=county).first()
    to = Post.objects.filter(unit=unit, role="county_worker")[0]
    [standing] = by.standings
    assert by.user is not None
    was: dict[str, Any] = {
        "county_id": 1,
        "township_id": None,
        "responsible_unit_id": 1,
        "competent_unit_id": 1,
    }
    was |= {"liaison_unit_id": 1, "rule": "303", "item": {"unit": 1, "post": 1, "declined": False}}
    told = {
        "at": moment,
        "user": by.user.pk,
        "post": standing.post_id,
        "why": WHY,
        "county": county.pk,
        "unit": unit.pk,
        "group": group.pk if group else None,
        "to": to.pk,
        "data": json.dumps(
            {"from_unit": 1, "from_post": 1, "to_unit": 1, "to_post": 1, "version": 1, "was": was}
        ),
    }
    return {
        "ours": lambda ids: people.reassign_many(ids, by=by, at=moment, reason=WHY, unit=unit),
        "statement": lambda ids: _at_once(GIVEN, ids, told),
        "loop": lambda ids: _give_one_by_one(ids, to, told),
    }


def _at_once(sql: str, ids: list[int], told: dict[str, Any]) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, told | {"ids": ids})


def _sign_one_by_one(ids: list[int], told: dict[str, Any]) -> None:
    """The same rows with Django's own API, a transaction for each case."""
    from django.db import transaction

    from cases.models import Case, WorkItem

    for pk in ids:
        with transaction.atomic():
            case = Case.objects.select_for_update().get(pk=pk)
            item = WorkItem.objects.select_related("post", "unit").get(process=case, finished=None)
            Case.objects.filter(pk=pk).update(
                stage="survey", version=case.version + 1, progress_at=told["at"]
            )
            item.finished, item.status, item.owner_id = told["at"], "DONE", told["user"]
            item.next_check_at = None
            item.save()
            item.pk, item.finished, item.status, item.owner_id = None, None, "NEW", None
            item.stage, item.next_check_at = "survey", told["at"]
            item._state.adding = True
            item.save()
            _tell(case, item, "acknowledge", told, to_stage="survey")


def _give_one_by_one(ids: list[int], to: Post, told: dict[str, Any]) -> None:
    from django.db import transaction

    from cases.models import Case, ProgrammeFirm, WorkItem

    for pk in ids:
        with transaction.atomic():
            case = Case.objects.select_for_update().get(pk=pk)
            item = WorkItem.objects.select_related("post", "unit").get(process=case, finished=None)
            case.county_id, case.township_id = told["county"], None
            case.responsible_unit_id, case.liaison_unit_id = told["unit"], told["group"]
            case.version += 1
            case.save()
            item.unit_id, item.post = told["unit"], to
            item.save()
            row = ProgrammeFirm.objects.get(programme=case.programme_id, enterprise=case.firm_id)
            row.county_id, row.township_id = told["county"], None
            row.responsible_unit_id, row.liaison_unit_id = told["unit"], told["group"]
            row.save()
            _tell(case, item, "reassign", told, to_stage=case.stage)


def _tell(case: Any, item: Any, verb: str, told: dict[str, Any], *, to_stage: str) -> None:
    from cases.models import CaseEvent, PendingEvent

    at: datetime = told["at"]
    event = CaseEvent.objects.create(
        case=case,
        item=item,
        verb=verb,
        at=at,
        by_id=told["user"],
        by_post_id=told["post"],
        from_stage=case.stage,
        to_stage=to_stage,
        reason=told.get("why", ""),
        data=json.loads(told["data"]),
    )
    PendingEvent.objects.create(event=event)
