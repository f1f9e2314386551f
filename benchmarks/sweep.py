"""The sweep over many due steps, against one UPDATE … RETURNING of the same rows and a loop."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from benchmarks import bed, country
from benchmarks.rounds import against

FIRMS, QUICK = 20_000, 300
STATEMENT, LOOP = 0.8, 60.0


def main(is_quick: bool) -> dict[str, Any]:
    count = QUICK if is_quick else FIRMS
    with bed.on_postgresql():
        from django.db import connection, transaction

        from cases.models import WorkItem
        from cases.sweeps import sweep
        from tests.world import START, at, build

        world = build()
        country.list_firms(world, count)
        world.open()
        country.settle()
        moment = at(START + timedelta(days=45), 18)
        due = WorkItem.objects.filter(finished=None, next_check_at__lte=moment)
        number = due.count()
        begun = time.perf_counter()
        done = sweep(moment)
        ours = (time.perf_counter() - begun) / number
        with transaction.atomic(), connection.cursor() as cursor:
            begun = time.perf_counter()
            cursor.execute(
                "UPDATE cases_workitem SET next_check_at = next_check_at + interval '1 day' "
                "WHERE finished IS NULL RETURNING id, process_id, due_on, stage"
            )
            cursor.fetchall()
            statement = (time.perf_counter() - begun) / number
        some = list(WorkItem.objects.filter(finished=None).values_list("pk", flat=True)[:300])
        begun = time.perf_counter()
        for pk in some:
            _look_alone(pk, moment)
        loop = (time.perf_counter() - begun) / len(some)
        seconds = {"ours": ours, "statement": statement, "loop": loop}
        facts = {"due": number, "rungs": done.rungs, "spoke": done.spoke}
        return {
            "sweep, against one statement": against(seconds, "ours", "statement", STATEMENT)
            | facts,
            "sweep, against a loop": against(seconds, "ours", "loop", LOOP),
        }


def _look_alone(pk: int, moment: Any) -> None:
    """One step as a loop with Django's own API looks at it."""
    from django.db import transaction

    from cases.models import CaseEvent, PendingEvent, RungFired, WorkItem

    with transaction.atomic():
        item = WorkItem.objects.select_for_update(of=("self",)).get(pk=pk)
        case = item.process
        RungFired.objects.create(
            item=item,
            deadline_version=item.deadline_version + 1,
            rung="bench",
            at=moment,
            spoke=True,
        )
        item.next_check_at = moment + timedelta(days=1)
        item.save()
        event = CaseEvent.objects.create(case=case, item=item, verb="rung", at=moment, data={})
        PendingEvent.objects.create(event=event)
