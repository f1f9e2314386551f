"""The hand-written SQL: many rows in one statement, and numbers of a series without gaps.

Only the engine, the verbs and the sweep call it; why it is written by hand says docs/adr.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Model

from cases.models import Counter, Suspension


def update_rows(
    model: type[Model],
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    guard: str = "",
) -> int:
    """UPDATE … FROM (VALUES …): one statement for any number of rows; how many were hit.

    A row is its primary key, then a value for each of ``names`` (columns' attribute names). With
    ``guard`` the second value is not written: a row in which that column differs is not hit.
    """
    if not rows:
        return 0
    pk: Any = model._meta.pk
    fields: list[Any] = [model._meta.get_field(name.removesuffix("_id")) for name in names]
    guards: list[Any] = [model._meta.get_field(guard)] if guard else []
    typed: list[Any] = [pk, *guards, *fields]
    columns = ["row_key", *(["row_guard"] if guard else []), *(str(f.column) for f in fields)]
    params = [_prepared(f, value) for row in rows for f, value in zip(typed, row, strict=True)]
    line = "(" + ", ".join(_casts(typed)) + ")"
    table = connection.ops.quote_name(model._meta.db_table)
    sets = ", ".join(f"{f.column} = v.{f.column}" for f in fields)
    sql = (
        f"UPDATE {table} SET {sets} FROM "
        f"(WITH w({', '.join(columns)}) AS (VALUES {', '.join([line] * len(rows))}) "
        f"SELECT * FROM w) AS v WHERE {table}.{pk.column} = v.row_key"
    )
    if guard:
        sql += f" AND {table}.{guards[0].column} = v.row_guard"
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def save_rows(rows: Sequence[Model], names: Sequence[str]) -> int:
    """Write ``names`` of saved instances of one model, as they stand; how many were hit."""
    if not rows:
        return 0
    return update_rows(
        type(rows[0]), names, [[row.pk, *(getattr(row, name) for name in names)] for row in rows]
    )


def end_suspensions(cases: Sequence[int], on: date) -> list[Suspension]:
    """End what still rests of these cases; the rows as they are now, by one statement."""
    if not cases:
        return []
    table = connection.ops.quote_name(Suspension._meta.db_table)
    fields = [str(field.column) for field in Suspension._meta.concrete_fields]
    marks = ", ".join(["%s"] * len(cases))
    rows = Suspension.objects.raw(
        f"UPDATE {table} SET resumed_on = %s WHERE resumed_on IS NULL AND case_id IN ({marks}) "
        f"RETURNING {', '.join(fields)}",
        [_prepared(Suspension._meta.get_field("resumed_on"), on), *cases],
    )
    return sorted(rows, key=lambda row: row.pk)


def put_rows(
    model: type[Model],
    rows: Sequence[Model],
    names: Sequence[str],
    *,
    key: Sequence[str],
    guard: str = "",
) -> int:
    """INSERT … ON CONFLICT: new rows and ``names`` of saved ones in one statement; how many went.

    The rows are taken one after the other, so what frees a unique place comes before what takes it.
    New instances get their primary keys: ``key`` are attributes by which the database's answer
    finds them. With ``guard`` a saved row is not hit unless that column was one lower.
    """
    if not rows:
        return 0
    fields: list[Any] = list(model._meta.concrete_fields)
    pk: Any = model._meta.pk
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    unnumbered = "DEFAULT" if connection.vendor == "postgresql" else "NULL"
    lines, params = [], []
    for row in rows:
        marks = [unnumbered if f is pk and row.pk is None else "%s" for f in fields]
        lines.append(f"({', '.join(marks)})")
        params += [
            _prepared(f, getattr(row, f.attname))
            for f, mark in zip(fields, marks, strict=True)
            if mark == "%s"
        ]
    columns = {f.attname: quote(f.column) for f in fields}
    sets = ", ".join(f"{columns[name]} = excluded.{columns[name]}" for name in names)
    only = f" WHERE {table}.{columns[guard]} = excluded.{columns[guard]} - 1" if guard else ""
    found = ", ".join(columns[name] for name in (pk.attname, *key))
    sql = (
        f"INSERT INTO {table} ({', '.join(columns.values())}) VALUES {', '.join(lines)} "
        f"ON CONFLICT ({columns[pk.attname]}) DO UPDATE SET {sets}{only} RETURNING {found}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        answer = cursor.fetchall()
    saved = {row.pk for row in rows}
    made = {tuple(place): number for number, *place in answer if number not in saved}
    for row in rows:
        if row.pk is None:
            row.pk = made[tuple(getattr(row, name) for name in key)]
            row._state.adding, row._state.db = False, connection.alias
    return len(answer)


def take_numbers(programme_id: int, name: str, count: int) -> int:
    """The first of ``count`` consecutive numbers of a series; one statement that locks the series.

    Rolled back with the transaction, so a series has neither gaps nor doubles.
    """
    if count < 1:
        raise ValueError("a series gives at least one number")
    table = connection.ops.quote_name(Counter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (programme_id, name, value) VALUES (%s, %s, %s) "
            "ON CONFLICT (programme_id, name) "
            f"DO UPDATE SET value = {table}.value + excluded.value RETURNING value",
            [programme_id, name, count],
        )
        last = int(cursor.fetchone()[0])
    return last - count + 1


def tell_planner(*models: type[Model]) -> None:
    """Let PostgreSQL count tables that have just grown: it would do so within a minute, and until
    then join thousands of new rows as if they were one. SQLite plans without counts.
    """
    if connection.vendor == "postgresql":
        tables = ", ".join(connection.ops.quote_name(m._meta.db_table) for m in models)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")


def _casts(fields: Iterable[Any]) -> list[str]:
    """PostgreSQL needs the type of a bare value; SQLite's CAST would spoil dates."""
    if connection.vendor != "postgresql":
        return ["%s" for _field in fields]
    return [f"CAST(%s AS {_type(field)})" for field in fields]


def _type(field: Any) -> str:
    named = field.rel_db_type if field.is_relation or field.primary_key else field.db_type
    return str(named(connection))


def _prepared(field: Any, value: Any) -> Any:
    if value is None:
        return None
    if field.get_internal_type() == "JSONField":
        return json.dumps(value, ensure_ascii=False)
    return field.get_db_prep_save(value, connection)
