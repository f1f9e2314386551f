"""One worker on a database that is there already: ``python -m benchmarks.sweeper WAY MOMENT``.

Says ``ready``, waits for a line, does it, and says how long it took: {"done", "seconds", "cpu"}.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

SAMPLE = 300
# a moment at which nothing was due yet
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def main(way: str, moment: datetime) -> None:
    import django

    django.setup()
    from django.db import connection

    connection.ensure_connection()
    _know_plans()
    server = connection.connection.info.backend_pid
    do = WAYS[way]
    print("ready", flush=True)
    sys.stdin.readline()
    begun, spent = time.perf_counter(), time.process_time() + _spent(server)
    done = do(moment)
    seconds = time.perf_counter() - begun
    cpu = time.process_time() + _spent(server) - spent
    print(json.dumps({"done": done, "seconds": seconds, "cpu": cpu}), flush=True)


def _know_plans() -> None:
    """As a worker does that has run for a while: it has looked before and found nothing due."""
    from cases.rulebook import calendar, pack_of
    from cases.sweeps import sweep
    from workflows.models import ProgrammeVersion

    calendar()
    for pk in ProgrammeVersion.objects.values_list("pk", flat=True):
        pack_of(pk)
    sweep(LONG_AGO)


def _sweep(moment: datetime) -> int:
    from cases.sweeps import sweep

    return sweep(moment).spoke


def _deliver(moment: datetime) -> int:
    from notifications.delivery import deliver

    return deliver(moment)


def _statement(moment: datetime) -> int:
    """The same rows touched once, by one statement, and nothing else written."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_workitem SET next_check_at = next_check_at + interval '1 day' "
            "WHERE finished IS NULL AND next_check_at <= %s "
            "RETURNING id, process_id, due_on, stage",
            [moment],
        )
        return len(cursor.fetchall())


def _loop(moment: datetime) -> int:
    """Some of them as a loop with Django's own API looks at each, deciding nothing."""
    from django.db import transaction

    from cases.models import CaseEvent, PendingEvent, RungFired, WorkItem

    due = WorkItem.objects.filter(finished=None, next_check_at__lte=moment)
    some = list(due.order_by("pk").values_list("pk", flat=True)[:SAMPLE])
    for pk in some:
        with transaction.atomic():
            item = WorkItem.objects.select_for_update(of=("self",)).get(pk=pk)
            RungFired.objects.create(
                item=item,
                deadline_version=item.deadline_version,
                rung="bench",
                at=moment,
                spoke=True,
            )
            item.next_check_at = moment + timedelta(days=1)
            item.save()
            event = CaseEvent.objects.create(
                case=item.process, item=item, verb="rung", at=moment, data={}
            )
            PendingEvent.objects.create(event=event)
    return len(some)


WAYS: dict[str, Callable[[datetime], int]] = {
    "sweep": _sweep,
    "deliver": _deliver,
    "statement": _statement,
    "loop": _loop,
}


def _spent(server: int) -> float:
    """Seconds that the server's side of the connection has worked, where it is told (Linux)."""
    told = Path(f"/proc/{server}/stat")
    if not told.exists():
        return 0.0
    ticks = told.read_text().rsplit(")", 1)[1].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
