"""What stands in the database, said so that two runs can be compared.

Ids are told by their place in their table: a number that PostgreSQL skipped is no difference. The
clock of the machine and random tokens are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import cache
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from cases.models import CaseEvent
from notifications.models import Notice, Pulse
from tests.kept import SEEDED, _models

State = dict[str, list[str]]
# the machine's own time, and what chance gave
LEFT_OUT = frozenset(
    {"recorded_at", "token", "leased_until", "settled_at", "window_from", "in_window", "seconds"}
    | {
        "next_try_at",
        "attempts",
        "date_joined",
        "last_login",
        "resting_until",
        "password",
        "made_at",
    }
)
RANDOM = re.compile(
    r"\b(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)
NAMED: dict[str, type[models.Model]] = {"event": CaseEvent, "notice": Notice}
IN_KEY = re.compile(r"\b(event|notice):(\d+)")
Places = dict[type[models.Model], dict[Any, int]]


def state() -> State:
    """Rows by table as text, in the order in which they were made."""
    found = [model for model in _models() if model is not Pulse]
    rows = {model: _rows(model) for model in found}
    places = {
        model: {row[model._meta.pk.attname]: place for place, row in enumerate(rows[model], 1)}
        for model in found
    }
    return {
        model._meta.db_table: [_line(model, row, places) for row in rows[model]]
        for model in found
        if rows[model]
    }


@cache
def _asked(model: type[models.Model]) -> tuple[tuple[str, ...], str]:
    """Attribute names and the statement: put together once, as this is asked thousands of times."""
    fields = model._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    pk = quote(str(model._meta.pk.column))
    table = quote(model._meta.db_table)
    return tuple(field.attname for field in fields), f"SELECT {columns} FROM {table} ORDER BY {pk}"


def _rows(model: type[models.Model]) -> list[dict[str, Any]]:
    names, statement = _asked(model)
    connection.ensure_connection()
    with closing(connection.connection.cursor()) as cursor:
        return [dict(zip(names, row, strict=True)) for row in cursor.execute(statement)]


def _line(model: type[models.Model], row: dict[str, Any], places: Places) -> str:
    said: list[str] = []
    for field in model._meta.concrete_fields:
        name, value = field.attname, row[field.attname]
        if name in LEFT_OUT or field.generated:
            continue
        other = model if field.primary_key else field.related_model
        if value is not None and not isinstance(other, str) and other in places:
            value = places[other].get(value, "?")
        elif name == "key" and isinstance(value, str):
            value = IN_KEY.sub(lambda one: _placed(one, places), value)
        elif isinstance(value, datetime):
            value = value.isoformat(timespec="seconds")
        said.append(f"{name}={value}")
    # what chance gave is the same everywhere, so that whether there is one still counts
    return RANDOM.sub("*", " ".join(said))


def _placed(one: re.Match[str], places: Places) -> str:
    return f"{one[1]}:{places[NAMED[one[1]]].get(int(one[2]), '?')}"


def difference(wanted: State, found: State) -> list[str]:
    """What is lost (-), and what is there that should not be (+)."""
    lines: list[str] = []
    for table in sorted({*wanted, *found}):
        before, after = wanted.get(table, []), found.get(table, [])
        if before == after:
            continue
        lines += [f"- {table}: {one}" for one in before if one not in after]
        lines += [f"+ {table}: {one}" for one in after if one not in before]
        if len(before) != len(after):
            lines.append(f"! {table}: {len(before)} rows, now {len(after)}")
    return lines


def go_on_counting() -> None:
    """PostgreSQL's counters skip what was rolled back; ids inside of texts would tell it."""
    if connection.vendor != "postgresql":
        return
    counted = [model for model in _models() if model._meta.db_table not in SEEDED]
    statements = connection.ops.sequence_reset_sql(no_style(), counted)
    with connection.cursor() as cursor:
        cursor.execute(";".join(one.rstrip(";") for one in statements))


Check = Callable[[State], list[str]]
