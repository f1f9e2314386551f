"""Many new rows at once: COPY on PostgreSQL, ``bulk_create`` elsewhere (docs/adr/0035)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models

from enterprises.importing.store import batches

# lines that are sent at a time
_SENT = 2000
# no folded text has such a sign in it
NULL = "\x01"


def create_rows(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Inserts the rows and gives them their keys. Their columns hold no JSON."""
    if not rows:
        return
    if connection.vendor == "postgresql":
        _copy(model, rows)
        return
    for part in batches(rows):
        model._default_manager.bulk_create(part)


def _copy(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    options = model._meta
    names = [field.attname for field in options.concrete_fields]
    columns = ", ".join(f'"{field.column}"' for field in options.concrete_fields)
    with connection.cursor() as cursor:
        for row, key in zip(rows, take_keys(model, len(rows)), strict=True):
            row.pk, row._state.adding, row._state.db = key, False, connection.alias
        cursor_: Any = cursor
        with (
            connection.wrap_database_errors,
            cursor_.copy(f'COPY "{options.db_table}" ({columns}) FROM STDIN') as lines,
        ):
            for row in rows:
                held = row.__dict__
                lines.write_row([held[name] for name in names])


def copy_lines(model: type[models.Model], columns: Sequence[str], lines: Iterator[str]) -> None:
    """Inserts rows that are lines already: values between tabs, ``NULL`` for none (PostgreSQL)."""
    named = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor_: Any = cursor
        with (
            connection.wrap_database_errors,
            cursor_.copy(
                f"""COPY "{model._meta.db_table}" ({named}) FROM STDIN (NULL '{NULL}')"""
            ) as to,
        ):
            while part := "\n".join(islice(lines, _SENT)):
                to.write(part.replace("\\", "\\\\") + "\n")


def take_keys(model: type[models.Model], count: int) -> list[int]:
    """The next keys of a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id'))::regclass) "
            "FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [key for (key,) in cursor.fetchall()]
