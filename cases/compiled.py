"""A queryset compiled once, then asked again for other ids (docs/adr/0017).

Django compiles a query anew each time it is asked; for the lock behind every move that costs more
than the database takes to answer it. The rows are still made into objects by Django.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

M = TypeVar("M", bound=Model)

# ids that no row has: they show the places of the ids among a statement's values
MARK = -(10**15)
# longer lists are compiled as they come: there the rows cost more
MOST = 64


class Compiled(Generic[M]):
    """``build`` makes the queryset for some ids; its shape depends on nothing but their number.

    ``Compiled(lambda ids: Case.objects.filter(pk__in=ids))([7, 9])`` is a list of cases. On the
    default database, whose statements are kept for the life of the process.
    """

    def __init__(self, build: Callable[[Sequence[int]], QuerySet[M, M]]) -> None:
        self._build = build
        self._known: dict[tuple[str, int], _Statement[M]] = {}

    def __call__(self, ids: Sequence[int]) -> list[M]:
        if not ids:
            return []
        if len(ids) > MOST:
            return list(self._build(ids))
        # the last one again and again: a handful of shapes instead of one for each length
        size = 1 << (len(ids) - 1).bit_length()
        return list(self._statement(size).ask([*ids, *repeat(ids[-1], size - len(ids))]))

    def _statement(self, size: int) -> _Statement[M]:
        key = (connection.vendor, size)
        if key not in self._known:
            self._known[key] = _Statement.of(self._build([MARK - place for place in range(size)]))
        return self._known[key]


@dataclass(frozen=True)
class _Statement(Generic[M]):
    queryset: QuerySet[M, M]
    # holds what the columns are and how they are read
    compiler: SQLCompiler
    sql: str
    values: tuple[Any, ...]

    @classmethod
    def of(cls, queryset: QuerySet[M, M]) -> _Statement[M]:
        compiler = queryset.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        return cls(queryset, compiler, sql, tuple(values))

    def ask(self, ids: Sequence[int]) -> Iterator[M]:
        known = {MARK - place: pk for place, pk in enumerate(ids)}
        values = tuple(known.get(v, v) if isinstance(v, int) else v for v in self.values)
        compiler = copy.copy(self.compiler)
        compiler.connection = connection  # each thread has its own
        compiler.as_sql = lambda *_args, **_options: (self.sql, values)  # type: ignore[method-assign]
        asked = self.queryset.all()
        asked.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        return iter(asked)
