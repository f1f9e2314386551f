"""Open steps by the million, put down by the database itself, and how many of them fall due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world import World

# what is due this morning, in shares of a hundred: which rung it is, and how many working days
# its date lies from today
SHARES = (("due_soon", 3, 40), ("due_today", 0, 30), ("overdue", -3, 25), ("phone", -5, 5))
BEFORE: Mapping[str, tuple[str, ...]] = {
    "due_soon": (),
    "due_today": ("due_soon",),
    "overdue": ("due_soon", "due_today"),
    "phone": ("due_soon", "due_today", "overdue"),
}
ON = date(2022, 6, 15)  # a Wednesday outside the quiet season
A_MINUTE = timedelta(minutes=1)


def morning(day: date = ON) -> datetime:
    from cases.steps import moment_of

    return moment_of(day)


def put(world: World, count: int, due: int) -> None:
    """``count`` open steps of as many firms' cases, ``due`` of them to be looked at on ``ON``, a
    tenth of these at ``morning()`` and the others a minute later.

    A case of each county is opened by the product's own verb; the others are its copies with
    dates, missing criteria and rungs on record of their own: some hundred kinds of them.
    """
    from django.db import connection

    from cases.models import Case, RungFired, WorkItem
    from enterprises.models import Enterprise
    from workflows.models import load_calendar

    calendar, today = load_calendar(), morning()
    for number, county in enumerate(sorted(world.counties)):
        world.firm(f"样本{number}有限公司", county)
    world.open(calendar.add(ON, -30))
    samples = list(Case.objects.main().order_by("pk").values_list("pk", flat=True))
    kinds = [(rung, calendar.add(ON, days), share) for rung, days, share in SHARES]
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        first = _highest(Enterprise) + 1
        _copy(
            cursor,
            Enterprise,
            "t.id = %s",
            [_any(Enterprise)],
            {
                "id": f"{first} + n",
                "name": "'华示' || n || '有限公司'",
                "folded_name": "'华示' || n || '有限公司'",
                "credit_code": "'9141' || lpad(n::text, 13, '0') || 'K'",
            },
            count,
        )
        case = _highest(Case) + 1
        lacks = "(ARRAY['[\"staff\"]', '[\"staff\", \"spending\"]', '[\"institution\"]', '[]'])"
        _copy(
            cursor,
            Case,
            f"t.id = (ARRAY{samples})[1 + n %% {len(samples)}]",
            [],
            {
                "id": f"{case} + n",
                "serial": f"{case} + n",
                "enterprise_id": f"{first} + n",
                "lacking": f"{lacks}[1 + n %% 4]::jsonb",
            },
            count,
        )
        item = _highest(WorkItem) + 1
        places, share = [], 0
        for _rung, _day, part in kinds:
            share += part
            places.append(share)
        which = " ".join(f"WHEN k < {p} THEN {{{i}}}" for i, p in enumerate(places))
        days = which.format(*(f"date '{day}'" for _r, day, _s in kinds))
        # spread, as whatever falls due on one day was written on many
        step = max(count // due, 1)
        is_due = f"(n %% {step} = 0 AND n / {step} < {due})"
        # a tenth of them, in patches all over the table, a minute before the others
        is_first = f"n / {step * 100} %% 10 = 0"
        later = f"date '{calendar.add(ON, 10)}' + (n %% 40)"
        _copy(
            cursor,
            WorkItem,
            f"t.process_id = (ARRAY{samples})[1 + n %% {len(samples)}]",
            [],
            {
                "id": f"{item} + n",
                "process_id": f"{case} + n",
                "due_on": f"CASE WHEN NOT {is_due} THEN {later} {days} END",
                "started_on": "t.started_on + (n %% 7)",
                "next_check_at": (
                    f"CASE WHEN {is_due} AND {is_first} THEN %s WHEN {is_due} THEN %s "
                    "ELSE %s + (n %% 40) * interval '1 day' END"
                ),
            },
            count,
            [today, today + A_MINUTE, morning(calendar.add(ON, 1))],
            f"(n / {step}) %% 100",
        )
        for rung, day, _share in kinds:
            for earlier in BEFORE[rung]:
                cursor.execute(
                    f"INSERT INTO {RungFired._meta.db_table} "
                    "(item_id, deadline_version, rung, at, spoke) SELECT id, deadline_version, "
                    "%s, %s, true FROM cases_workitem WHERE next_check_at <= %s AND due_on = %s",
                    [earlier, morning(calendar.add(ON, -5)), today + A_MINUTE, day],
                )
        # the samples themselves are late by weeks: letters are about them, which are another matter
        WorkItem.objects.filter(process_id__in=samples).update(
            next_check_at=morning(calendar.add(ON, 30))
        )
        for model in (Enterprise, Case, WorkItem, RungFired):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{model._meta.db_table}', 'id'), "
                f"(SELECT max(id) FROM {model._meta.db_table}))"
            )


def _any(model: Any) -> int:
    return int(model.objects.order_by("pk").values_list("pk", flat=True)[0])


def _highest(model: Any) -> int:
    return int(model.objects.order_by("-pk").values_list("pk", flat=True)[0])


def _copy(
    cursor: Any,
    model: Any,
    where: str,
    params: list[Any],
    values: Mapping[str, str],
    count: int,
    more: list[Any] | None = None,
    k: str = "0",
) -> None:
    columns = [str(field.column) for field in model._meta.concrete_fields]
    told = ", ".join(values.get(column, f't."{column}"') for column in columns)
    table = model._meta.db_table
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {told} "
        f"FROM (SELECT n, {k} AS k FROM generate_series(0, {count - 1}) AS n) AS s "
        f"JOIN {table} t ON {where}",
        [*(more or []), *params],
    )
