"""A statement that was compiled for a question, for whoever asks the same question again.

Django builds and compiles a query anew each time it is asked: of the page of a list that was half
of the time (docs/adr/0038). What is kept is the text of a statement and its values, or how it is
compiled, never what the database answered.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from organisations.reading import reader

Kept = TypeVar("Kept")
Row = TypeVar("Row", bound=tuple[Any, ...])

# questions that a process knows; some 2 KB each, as their texts are mostly alike
MOST = 5000
_known: dict[Hashable, tuple[Any, ...]] = {}


def asked_again(
    key: Hashable, ask: Callable[[], Iterable[Row]], *, by: tuple[object, ...] = ()
) -> list[Row]:
    """The rows of the one statement that ``ask`` makes, plain values in its order.

    ``key`` is everything that the statement depends on; what of it has no equal is given by ``by``,
    and compared by its identity.
    """
    named = (connection.vendor, key, *map(id, by))
    held = _known.get(named)
    if held is not None:
        with connection.cursor() as cursor:
            cursor.execute(held[0], held[1])
            found: list[Row] = cursor.fetchall()
            return found
    said: list[tuple[str, Any]] = []
    with connection.execute_wrapper(_noting(said)):
        rows = list(ask())
    if len(said) == 1:
        keep(named, (sys.intern(said[0][0]), said[0][1], by))
    return rows


def instances_again(
    key: Hashable, build: Callable[[], QuerySet[Any, Any]], *, by: tuple[object, ...] = ()
) -> list[Any]:
    """What the queryset of ``build`` answers with, instances too; nothing is prefetched."""
    named = (connection.vendor, key, *map(id, by))
    held = _known.get(named)
    if held is None:
        asked = build()
        compiler = asked.query.get_compiler(connection=connection)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:
            return []
        held = keep(named, (sys.intern(sql), values, reader(asked, compiler), by))
    with connection.cursor() as cursor:
        cursor.execute(held[0], held[1])
        found: list[Any] = held[2](cursor.fetchall())
        return found


def kept(key: Hashable, make: Callable[[], Kept], *, by: tuple[object, ...] = ()) -> Kept:
    """What ``make`` says, made once for a key: a compiled statement, a queryset to ask again."""
    named = (connection.vendor, key, *map(id, by))
    held = _known.get(named)
    if held is None:
        # with what its key names by identity, so that nothing else takes that
        held = keep(named, (make(), by))
    found: Kept = held[0]
    return found


def keep(named: Hashable, what: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(_known) >= MOST:
        _known.clear()
    _known[named] = what
    return what


def _noting(said: list[tuple[str, Any]]) -> Callable[..., Any]:
    def run(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        said.append((sql, params))
        return execute(sql, params, many, context)

    return run
