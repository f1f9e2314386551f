"""Many new rows of a few shapes: what is alike of them is made ready once, and COPY takes the rest.

A shape holds the values of a model's columns but those that differ from row to row (keys and
numbers). On PostgreSQL rows go as lines of COPY, on SQLite as one ``executemany``; primary keys
come from the table's own series, taken as a block (docs/adr/0031).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model

from cases.statements import given, prepared

# a line's end on PostgreSQL, the values themselves on SQLite
Shape = str | tuple[Any, ...]
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def take_keys(count: int, *models: type[Model]) -> list[Sequence[int]]:
    """``count`` primary keys of each model, by one statement; nobody else is given them.

    A key that a rollback leaves unused stays so, as ever.
    """
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            series = "nextval((SELECT pg_get_serial_sequence(%s, %s))::regclass)"
            each = ", ".join([f"array_agg({series})"] * len(models))
            named = [part for model in models for part in _series_of(model)]
            cursor.execute(f"SELECT {each} FROM generate_series(1, %s)", [*named, count])
            return list(cursor.fetchone())
        # whoever writes to SQLite is alone
        marks = ", ".join(["%s"] * len(tables))
        cursor.execute(f"SELECT name, seq FROM sqlite_sequence WHERE name IN ({marks})", tables)
        last = dict(cursor.fetchall())
    begin = [int(last.get(table, 0)) + 1 for table in tables]
    return [range(first, first + count) for first in begin]


def _series_of(model: type[Model]) -> tuple[str, str]:
    pk: Any = model._meta.pk
    return connection.ops.quote_name(model._meta.db_table), str(pk.column)


def shape_of(row: Model, varying: tuple[str, ...]) -> Shape:
    """What rows like this one have in common: everything but ``varying`` (attribute names)."""
    fields = _alike(type(row), varying)
    values = [prepared(field, getattr(row, field.attname)) for field in fields]
    if connection.vendor != "postgresql":
        return tuple(values)
    return "".join(f"\t{_as_copied(value)}" for value in values) + "\n"


def _as_copied(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).translate(ESCAPES)


def pour_rows(
    model: type[Model],
    varying: tuple[str, ...],
    rows: Iterable[tuple[tuple[int, ...], Shape]],
) -> None:
    """Write new rows by one statement; a row is its values of ``varying`` and its shape."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            cursor.executemany(_insert(model, varying), [(*keys, *shape) for keys, shape in rows])
        return
    line = "\t".join(["%d"] * len(varying))
    text = "".join([f"{line % keys}{shape}" for keys, shape in rows])
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(_copy(model, varying)) as lines,
    ):
        lines.write(text)


@cache
def _alike(model: type[Model], varying: tuple[str, ...]) -> list[Any]:
    return [field for field in given(model) if field.attname not in varying]


def _columns(model: type[Model], varying: tuple[str, ...]) -> list[str]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    named = [fields[name] for name in varying] + _alike(model, varying)
    return [connection.ops.quote_name(field.column) for field in named]


@cache
def _copy(model: type[Model], varying: tuple[str, ...]) -> str:
    table = connection.ops.quote_name(model._meta.db_table)
    return f"COPY {table} ({', '.join(_columns(model, varying))}) FROM STDIN"


@cache
def _insert(model: type[Model], varying: tuple[str, ...]) -> str:
    table, columns = connection.ops.quote_name(model._meta.db_table), _columns(model, varying)
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
