"""The hand-written SQL: many rows in one statement, and numbers of a series without gaps.

Only the engine, the verbs and the sweep call it; why it is written by hand says docs/adr.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import DateField, Model

from cases import parcels
from cases.models import Counter, Suspension
from organisations.planned import planned_cursor


class Part(NamedTuple):
    """A statement, or a part of one, with what goes into it."""

    sql: str
    params: list[Any]


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
    return update_by(update_part(model, tuple(names), rows, guard)) if rows else 0


def update_by(part: Part) -> int:
    """Say an ``update_part``; how many rows were hit."""
    with planned_cursor() as cursor:
        cursor.execute(*part)
        return int(cursor.rowcount)


def update_part(
    model: type[Model], names: tuple[str, ...], rows: Sequence[Sequence[Any]], guard: str = ""
) -> Part:
    """What ``update_rows`` says, to be said alone or together with the rest of a move."""
    typed = _typed(model, names, guard)
    columns = _named(typed, guard)
    if parcels.is_possible():
        sql = _update_packed(model, names, guard, len(rows) == 1)
        return Part(sql, [parcels.packed(columns, typed, rows)])
    turns = [preparing(f) for f in typed]
    params = [
        value if turn is None or value is None else turn(value)
        for row in rows
        for turn, value in zip(turns, row, strict=True)
    ]
    return Part(_update_sql(model, names, len(rows), guard), params)


@cache
def _typed(model: type[Model], names: tuple[str, ...], guard: str) -> list[Any]:
    """The fields of a row: its key, what guards it, what is written."""
    guards = [model._meta.get_field(guard)] if guard else []
    fields = [model._meta.get_field(name.removesuffix("_id")) for name in names]
    return [model._meta.pk, *guards, *fields]


def _named(typed: Sequence[Any], guard: str) -> list[str]:
    """What the columns of a row are called while it is on its way."""
    keys = ["row_key", "row_guard"] if guard else ["row_key"]
    return [*keys, *(str(f.column) for f in typed[len(keys) :])]


@lru_cache(maxsize=256)
def _update_sql(model: type[Model], names: tuple[str, ...], size: int, guard: str) -> str:
    typed = _typed(model, names, guard)
    columns = _named(typed, guard)
    line = f"({', '.join(['%s'] * len(typed))})"
    rows = f"(WITH w({', '.join(columns)}) AS (VALUES {', '.join([line] * size)}) SELECT * FROM w)"
    return _updating(model, typed, f"{rows} AS v", guard)


@lru_cache(maxsize=256)
def _update_packed(model: type[Model], names: tuple[str, ...], guard: str, is_one: bool) -> str:
    typed = _typed(model, names, guard)
    columns = list(zip(_named(typed, guard), map(parcels.type_of, typed), strict=True))
    return _updating(model, typed, parcels.unpacked(columns, is_one=is_one), guard)


def _updating(model: type[Model], typed: Sequence[Any], rows: str, guard: str) -> str:
    """UPDATE of whatever ``rows``, a table called v, holds."""
    table = connection.ops.quote_name(model._meta.db_table)
    fields = typed[2:] if guard else typed[1:]
    sets = ", ".join(f"{f.column} = v.{f.column}" for f in fields)
    only = f" AND {table}.{typed[1].column} = v.row_guard" if guard else ""
    return (
        f"UPDATE {table} SET {sets} FROM {rows} WHERE {table}.{typed[0].column} = v.row_key{only}"
    )


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
        [prepared(Suspension._meta.get_field("resumed_on"), on), *cases],
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
    with planned_cursor() as cursor:
        cursor.execute(*put_part(model, rows, tuple(names), tuple(key), guard))
        answer = cursor.fetchall()
    give_numbers(rows, key, answer)
    return len(answer)


def put_part(
    model: type[Model],
    rows: Sequence[Model],
    names: tuple[str, ...],
    key: tuple[str, ...],
    guard: str = "",
) -> Part:
    """What ``put_rows`` says; it answers with each row's primary key and ``key``."""
    fields: Sequence[Any] = model._meta.concrete_fields
    pk: Any = model._meta.pk
    if parcels.is_possible():
        sql = _put_packed(model, names, key, guard, len(rows) == 1)
        return Part(sql, [_packed(rows, fields)])
    params = _values(rows, fields, unless_new=pk.attname)
    numbered = tuple(row.pk is not None for row in rows)
    return Part(_put_sql(model, names, key, numbered, guard), params)


def _packed(rows: Sequence[Model], fields: Sequence[Any]) -> str:
    names = [f.attname for f in fields]
    # as they lie, thousands with each opening: Django's own way to each is three times as long
    held = (
        [mine[name] if name in mine else getattr(row, name) for name in names]
        for row, mine in ((row, vars(row)) for row in rows)
    )
    return parcels.packed([str(f.column) for f in fields], fields, held)


@lru_cache(maxsize=256)
def _put_sql(
    model: type[Model],
    names: tuple[str, ...],
    key: tuple[str, ...],
    numbered: tuple[bool, ...],
    guard: str,
) -> str:
    fields: Sequence[Any] = model._meta.concrete_fields
    pk: Any = model._meta.pk
    lines = [
        f"({', '.join('NULL' if f is pk and not known else '%s' for f in fields)})"
        for known in numbered
    ]
    return _putting(model, f"VALUES {', '.join(lines)}", names, key, guard)


@cache
def _put_packed(
    model: type[Model], names: tuple[str, ...], key: tuple[str, ...], guard: str, is_one: bool
) -> str:
    fields: Sequence[Any] = model._meta.concrete_fields
    pk: Any = model._meta.pk
    table = connection.ops.quote_name(model._meta.db_table)
    # a new row takes the next number of the table's own series
    fresh = (
        f"COALESCE(v.\"{pk.column}\", nextval(pg_get_serial_sequence('{table}', '{pk.column}')))"
    )
    values = ", ".join(fresh if f is pk else f'v."{f.column}"' for f in fields)
    columns = [(str(f.column), parcels.type_of(f)) for f in fields]
    rows = f"SELECT {values} FROM {parcels.unpacked(columns, is_one=is_one)}"
    return _putting(model, rows, names, key, guard)


def _putting(
    model: type[Model], rows: str, names: tuple[str, ...], key: tuple[str, ...], guard: str
) -> str:
    """INSERT … ON CONFLICT of whatever ``rows`` says, in the order of the model's fields."""
    fields: Sequence[Any] = model._meta.concrete_fields
    pk: Any = model._meta.pk
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = {f.attname: quote(f.column) for f in fields}
    sets = ", ".join(f"{columns[name]} = excluded.{columns[name]}" for name in names)
    only = f" WHERE {table}.{columns[guard]} = excluded.{columns[guard]} - 1" if guard else ""
    found = ", ".join(columns[name] for name in (pk.attname, *key))
    return (
        f"INSERT INTO {table} ({', '.join(columns.values())}) {rows} "
        f"ON CONFLICT ({columns[pk.attname]}) DO UPDATE SET {sets}{only} RETURNING {found}"
    )


def add_rows(model: type[Model], rows: Sequence[Model]) -> list[int]:
    """INSERT of new rows, without making instances of them again; their primary keys.

    What the database fills in by itself (``db_default``) is left to it.
    """
    if not rows:
        return []
    with planned_cursor() as cursor:
        cursor.execute(*add_part(model, rows))
        return [number for (number,) in cursor.fetchall()]


def add_part(model: type[Model], rows: Sequence[Model], *, key: str = "", after: str = "") -> Part:
    """What ``add_rows`` says; it answers with each row's primary key, and ``key`` beside it.

    ``after``: the part of the same statement that is done before, as it makes room.
    """
    if parcels.is_possible():
        # what nobody has a value for is left out
        some = {name for row in rows for name, value in vars(row).items() if value is not None}
        fields = tuple([f for f in given(model) if f.attname in some])
        sql = _add_packed(model, fields, len(rows) == 1, key, after)
        return Part(sql, [_packed(rows, fields)])
    params = _values(rows, given(model))
    return Part(_add_sql(model, len(rows)), params)


@cache
def given(model: type[Model]) -> list[Any]:
    """The fields that a new row is given."""
    fields: Sequence[Any] = model._meta.concrete_fields
    return [f for f in fields if not f.primary_key and not f.has_db_default()]


@lru_cache(maxsize=256)
def _add_sql(model: type[Model], size: int) -> str:
    fields = given(model)
    line = f"({', '.join(['%s'] * len(fields))})"
    return _adding(model, fields, f"VALUES {', '.join([line] * size)}")


@lru_cache(maxsize=256)
def _add_packed(
    model: type[Model], fields: tuple[Any, ...], is_one: bool, key: str, after: str
) -> str:
    columns = [(str(f.column), parcels.type_of(f)) for f in fields]
    values = ", ".join(f'v."{name}"' for name, _type in columns)
    rows = f"SELECT {values} FROM {parcels.unpacked(columns, is_one=is_one)}"
    if after:
        rows += f" WHERE (SELECT count(*) FROM {after}) >= 0"
    return _adding(model, fields, rows, key)


def _adding(model: type[Model], fields: Sequence[Any], rows: str, key: str = "") -> str:
    quote = connection.ops.quote_name
    pk: Any = model._meta.pk
    columns = ", ".join(quote(f.column) for f in fields)
    found = ", ".join(quote(name) for name in (pk.column, key) if name)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {rows} RETURNING {found}"


def give_numbers(rows: Sequence[Model], key: Sequence[str], answer: Sequence[Any]) -> None:
    """New instances get the primary keys that the database answered with, found by ``key``."""
    saved = {row.pk for row in rows}
    made = {tuple(place): number for number, *place in answer if number not in saved}
    for row in rows:
        if row.pk is None:
            row.pk = made[tuple(getattr(row, name) for name in key)]
            row._state.adding, row._state.db = False, connection.alias


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


def _values(rows: Sequence[Model], fields: Sequence[Any], *, unless_new: str = "") -> list[Any]:
    """What goes with the rows, one after the other; a new row has no ``unless_new``."""
    turns = [(f.attname, preparing(f)) for f in fields]
    values = []
    for row in rows:
        held = vars(row)
        for name, turn in turns:
            value = held[name] if name in held else getattr(row, name)
            if value is not None:
                values.append(value if turn is None else turn(value))
            elif name != unless_new:
                values.append(None)
    return values


def prepared(field: Any, value: Any) -> Any:
    turn = preparing(field)
    return value if value is None or turn is None else turn(value)


@cache
def preparing(field: Any) -> Callable[[Any], Any] | None:
    """How a value becomes what the driver is given, if not as it stands."""
    if field.get_internal_type() == "JSONField":
        return json.JSONEncoder(ensure_ascii=False).encode
    if type(field) in parcels.AS_THEY_STAND and not isinstance(field, DateField):
        return None

    def turned(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    # the same day and moment again and again, in one row and in ten thousand
    return lru_cache(maxsize=64)(turned) if isinstance(field, DateField) else turned
