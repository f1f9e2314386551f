"""Ten thousand moves in one go and five thousand reassigned, against one statement and a loop.

The statement copies what the verb wrote: the same columns of the same rows, in one transaction. The
loop saves the same rows one by one with Django's own API.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks import bed, country
from benchmarks.rounds import against

MOVES, REASSIGNED, QUICK = 10_000, 5_000, 200
STATEMENT, LOOP = 0.5, 20.0


def main(is_quick: bool) -> dict[str, Any]:
    moves, reassigned = (QUICK, QUICK) if is_quick else (MOVES, REASSIGNED)
    with bed.on_postgresql():
        from cases.actions import people, stages
        from cases.models import Case
        from organisations.models import Unit
        from tests.world import START, at, build

        world = build()
        counties = {name: world.counties[name] for name in ("涧西区", "嵩县")}
        world.counties = counties
        country.list_firms(world, 2 * moves + 2 * reassigned)
        world.open()
        country.settle()
        ids = list(
            Case.objects.filter(county__name="涧西区").order_by("id").values_list("pk", flat=True)
        )
        worker, moment = world.actor("涧西区/county_worker"), at(START)
        other = Unit.objects.get(kind=Unit.Kind.TASK_FORCE, region=counties["嵩县"])
        first, rest = ids[:moves], ids[moves : moves + reassigned]
        signed = _seconds(lambda: stages.acknowledge_many(first, by=worker, at=moment))
        moved = _seconds(
            lambda: people.reassign_many(
                rest, by=world.office, at=moment, reason="调整分工", unit=other
            )
        )
        return _rows("moves", len(first), signed, first) | _rows(
            "reassigned", len(rest), moved, rest
        )


def _rows(name: str, count: int, ours: float, ids: list[int]) -> dict[str, Any]:
    seconds = {
        "ours": ours / count,
        "statement": _seconds(lambda: _at_once(ids)) / count,
        "loop": _seconds(lambda: _one_by_one(ids[: max(count // 20, 1)])) / max(count // 20, 1),
    }
    return {
        f"{count} {name}, against one statement": against(seconds, "ours", "statement", STATEMENT),
        f"{count} {name}, against a loop": against(seconds, "ours", "loop", LOOP),
    }


def _seconds(go: Callable[[], object]) -> float:
    begun = time.perf_counter()
    go()
    return time.perf_counter() - begun


def _at_once(ids: list[int]) -> None:
    """The rows of a move as one hand-written statement for all cases."""
    from django.db import connection, transaction

    from benchmarks.peers import EVENT, NEXT, OF_LAST

    sql = f"""
    WITH c AS (UPDATE cases_case SET version = version + 1, progress_at = now()
               WHERE id = ANY(%s) RETURNING id, stage),
    d AS (UPDATE cases_workitem SET finished = now(), status = 'DONE', next_check_at = NULL,
                 days_late = 0
          WHERE process_id = ANY(%s) AND finished IS NULL RETURNING *),
    i AS (INSERT INTO cases_workitem ({NEXT}) SELECT {OF_LAST} FROM d RETURNING id, process_id),
    e AS (INSERT INTO cases_caseevent ({EVENT})
          SELECT i.process_id, i.id, 'acknowledge', now(), NULL, NULL, 'assigned', 'survey', '',
                 '{{}}'::jsonb FROM i RETURNING id)
    INSERT INTO cases_pendingevent (event_id) SELECT id FROM e
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [ids, ids])


def _one_by_one(ids: list[int]) -> None:
    """The same rows with Django's own API, a transaction for each case."""
    from django.db import transaction

    from cases.models import Case, CaseEvent, PendingEvent, WorkItem
    from tests.world import START, at

    moment = at(START)
    for pk in ids:
        with transaction.atomic():
            case = Case.objects.select_for_update().get(pk=pk)
            item = WorkItem.objects.select_related("post", "unit").get(process=case, finished=None)
            Case.objects.filter(pk=pk).update(version=case.version + 1, progress_at=moment)
            item.finished, item.status = moment, "DONE"
            item.save()
            item.pk, item.finished, item.status = None, None, "NEW"
            item._state.adding = True
            item.save()
            event = CaseEvent.objects.create(
                case=case, item=item, verb="acknowledge", at=moment, data={}
            )
            PendingEvent.objects.create(event=event)
