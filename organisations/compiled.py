"""A queryset compiled once, then asked again with other values (docs/adr/0017).

Django compiles a query anew each time it is asked; for the lock behind every move, or for who asks
for a page, that costs more than the database takes to answer. What comes back is made by Django.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain, pairwise, repeat
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

from organisations.planned import planned_cursor

Row = TypeVar("Row")

# values that no row has: they show the places of the real ones in a statement
MARK = -(10**15)
# longer lists are compiled as they come: there the rows cost more
MOST = 64


class Compiled(Generic[Row]):
    """``build`` makes a queryset of keys and days; nothing else of it may depend on them.

    ``Compiled(lambda pk, day: Tenure.objects.on(day).filter(user=pk), int, date)(7, today)`` is a
    list of tenures. On the default database, whose statements are kept for the life of the process.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *kinds: type) -> None:
        self._build = build
        self._marks = tuple(_mark(kind, place) for place, kind in enumerate(kinds))
        self._known: dict[str, _Statement[Row]] = {}

    def __call__(self, *values: int | date) -> list[Row]:
        key = connection.vendor
        if key not in self._known:
            self._known[key] = _Statement.of(self._build(*self._marks), self._marks)
        return self._known[key].ask(values)


class CompiledFor(Generic[Row]):
    """The same for lists of keys: ``CompiledFor(lambda ids: Case.objects.filter(pk__in=ids))``.

    The shape of the queryset depends on nothing but how many there are.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._known: dict[tuple[int, ...], Compiled[Row]] = {}

    def __call__(self, *lists: Sequence[int]) -> list[Row]:
        if not any(lists):
            return []
        if max(map(len, lists)) > MOST:
            return list(self._build(*lists))
        # the last one again and again: a handful of shapes instead of one for each length
        sizes = tuple(1 << (len(ids) - 1).bit_length() if ids else 0 for ids in lists)
        if sizes not in self._known:
            ends = list(accumulate(sizes, initial=0))
            self._known[sizes] = Compiled(
                lambda *keys: self._build(*(keys[a:b] for a, b in pairwise(ends))),
                *repeat(int, sum(sizes)),
            )
        filled = (
            (*ids, *repeat(ids[-1], size - len(ids)))
            for ids, size in zip(lists, sizes, strict=True)
            if size
        )
        return self._known[sizes](*chain.from_iterable(filled))


@dataclass(frozen=True)
class _Statement(Generic[Row]):
    queryset: QuerySet[Any, Row]
    # holds what the columns are …
    compiler: SQLCompiler
    # … and how each is read
    converters: Any
    sql: str
    # what goes with the statement: a value, or the place of the one that is asked for
    values: tuple[tuple[Any, int | None], ...]

    @classmethod
    def of(cls, queryset: QuerySet[Any, Row], marks: Sequence[Any]) -> _Statement[Row]:
        places = {_adapted(mark): place for place, mark in enumerate(marks)}
        compiler = queryset.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        told = tuple((one, places.get(one) if _may_be_mark(one) else None) for one in values)
        if {place for _one, place in told} - {None} != set(places.values()):
            raise ValueError("a value that is asked for is not in the statement")
        columns = [column for column, *_rest in compiler.select[: compiler.col_count]]
        return cls(queryset, compiler, compiler.get_converters(columns), sql, told)

    def ask(self, given: Sequence[int | date]) -> list[Row]:
        adapted = [_adapted(one) for one in given]
        values = tuple(one if place is None else adapted[place] for one, place in self.values)
        compiler = copy.copy(self.compiler)
        compiler.connection = _PLANNED  # each thread has its own
        vars(compiler)["as_sql"] = lambda *_args, **_options: (self.sql, values)
        vars(compiler)["get_converters"] = lambda _columns: self.converters
        asked = self.queryset.all()
        vars(asked.query)["get_compiler"] = lambda *_args, **_options: compiler
        return list(asked)


class _Planned:
    """The connection, but for the cursor that a compiler asks it for."""

    cursor = staticmethod(planned_cursor)

    def __getattr__(self, name: str) -> Any:
        return getattr(connection, name)


_PLANNED: Any = _Planned()


def _mark(kind: type, place: int) -> int | date:
    return date(1, 1, 1 + place) if issubclass(kind, date) else MARK - place


def _may_be_mark(value: object) -> bool:
    return isinstance(value, (int, str, date))


def _adapted(value: int | date) -> Any:
    """As the database's driver is given it."""
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
