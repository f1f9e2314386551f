"""A queryset compiled once, then asked again with other values (docs/adr/0017).

Django compiles a query anew each time it is asked; for the lock behind every move, or for who asks
for a page, that costs more than the database takes to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain, pairwise, repeat
from typing import Any, Generic, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

from organisations import among, planned
from organisations.reading import Rows, reader

Row = TypeVar("Row")

# values that no row has: they show the places of the real ones in a statement
MARK = -(10**15)
# what is asked where no row can be, as of somebody without any post
NOTHING = "SELECT 1 WHERE 1 = 0"
# longer lists are compiled as they come: there the rows cost more
MOST = 64


class Asked(NamedTuple):
    """A question with its values, to be sent alone or together with others (``ask``)."""

    sql: str
    values: Sequence[Any]
    made: Callable[[Rows], list[Any]]


def ask(*asked: Asked) -> list[list[Any]]:
    """The answers to several questions, one after the other: each sees what the database holds once
    the ones before it are answered. On PostgreSQL they travel together.
    """
    found = planned.ask([(one.sql, one.values) for one in asked])
    return [one.made(rows) for one, rows in zip(asked, found, strict=True)]


class AskedAhead:
    """The same, asked now; rows are read when they are wanted, and the server works meanwhile."""

    def __init__(self, *asked: Asked) -> None:
        self._asked = asked
        self._ahead = planned.Ahead([(one.sql, one.values) for one in asked])
        self.fetch, self.take = self._ahead.fetch, self._ahead.take

    def rows(self) -> list[list[Any]]:
        found = self._ahead.rows()
        return [one.made(rows) for one, rows in zip(self._asked, found, strict=True)]


def ask_for_its_values(asked: Asked) -> list[Any]:
    """The answer to a question that PostgreSQL is to plan for its values, not for any: how many
    rows lie behind a number depends on the number."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(asked.sql, asked.values)
        return asked.made(cursor.fetchall())


class Compiled(Generic[Row]):
    """``build`` makes a queryset of keys and days; nothing else of it may depend on them.

    ``Compiled(lambda pk, day: Tenure.objects.on(day).filter(user=pk), int, date)(7, today)`` is a
    list of tenures. On the default database, whose statements are kept for the life of the process.
    With ``as_sent`` rows come as the driver gives them: JSON is text.
    """

    def __init__(
        self, build: Callable[..., QuerySet[Any, Row]], *kinds: type, as_sent: bool = False
    ) -> None:
        self._build = build
        self._as_sent = as_sent
        self._marks = tuple(_mark(kind, place) for place, kind in enumerate(kinds))
        self._known: dict[str, _Statement] = {}

    def __call__(self, *values: int | date) -> list[Row]:
        return ask(self.asked(*values))[0]

    def asked(self, *values: int | date) -> Asked:
        key = planned.vendor()
        if key not in self._known:
            self._known[key] = _Statement.of(self._build(*self._marks), self._marks, self._as_sent)
        return self._known[key].asked(values)


class CompiledFor(Generic[Row]):
    """The same for lists of keys: ``CompiledFor(lambda ids: Case.objects.filter(pk__in=ids))``.

    The shape of the queryset depends on nothing but how many there are.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]], *, as_sent: bool = False) -> None:
        self._build = build
        self._as_sent = as_sent
        self._known: dict[tuple[int, ...], Compiled[Row]] = {}

    def __call__(self, *lists: Sequence[int]) -> list[Row]:
        if not any(lists):
            return []
        return ask(self.asked(*lists))[0]

    def asked(self, *lists: Sequence[int]) -> Asked:
        if max(map(len, lists)) > MOST:
            return _Statement.of(self._build(*lists), (), self._as_sent).asked(())
        # the last one again and again: a handful of shapes instead of one for each length
        sizes = tuple(1 << (len(ids) - 1).bit_length() if ids else 0 for ids in lists)
        if sizes not in self._known:
            ends = list(accumulate(sizes, initial=0))
            self._known[sizes] = Compiled(
                lambda *keys: self._build(*(keys[a:b] for a, b in pairwise(ends))),
                *repeat(int, sum(sizes)),
                as_sent=self._as_sent,
            )
        filled = (
            (*ids, *repeat(ids[-1], size - len(ids)))
            for ids, size in zip(lists, sizes, strict=True)
            if size
        )
        return self._known[sizes].asked(*chain.from_iterable(filled))


class CompiledAmong(Generic[Row]):
    """The same for keys that are one value of the statement (``Among``), however many there are."""

    def __init__(
        self, build: Callable[[Sequence[int]], QuerySet[Any, Row]], *, as_sent: bool = False
    ) -> None:
        self._build = build
        self._as_sent = as_sent
        self._known: dict[str, _Statement] = {}

    def asked(self, keys: Sequence[int]) -> Asked:
        kind = planned.vendor()
        if kind not in self._known:
            mark = among.told([MARK], kind)
            self._known[kind] = _Statement.of(self._build([MARK]), [mark], self._as_sent)
        return self._known[kind].asked([among.told(keys, kind)])


@dataclass(frozen=True)
class _Statement:
    sql: str
    # what goes with the statement: a value, or the place of the one that is asked for
    values: tuple[tuple[Any, int | None], ...]
    made: Callable[[Rows], list[Any]]

    @classmethod
    def of(cls, queryset: QuerySet[Any, Any], marks: Sequence[Any], as_sent: bool) -> _Statement:
        link = connections[DEFAULT_DB_ALIAS]
        places = {_adapted(mark): place for place, mark in enumerate(marks)}
        compiler = queryset.query.get_compiler(connection=link)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:
            return cls(NOTHING, (), list)
        told = tuple((one, places.get(one) if _may_be_mark(one) else None) for one in values)
        if {place for _one, place in told} - {None} != set(places.values()):
            raise ValueError("a value that is asked for is not in the statement")
        made = list if as_sent else reader(queryset, compiler)
        return cls(*_with_constants(sql, told), made)

    def asked(self, given: Sequence[int | str | date]) -> Asked:
        adapted = [_adapted(one) if isinstance(one, date) else one for one in given]
        values = [one if place is None else adapted[place] for one, place in self.values]
        return Asked(self.sql, values, self.made)


def _with_constants(
    sql: str, values: Sequence[tuple[Any, int | None]]
) -> tuple[str, tuple[tuple[Any, int | None], ...]]:
    """What never changes stands in the statement itself; the values that are left."""
    first, *rest = sql.replace("%%", "\0").split("%s")
    left, whole = [], [first]
    for (value, place), part in zip(values, rest, strict=True):
        is_text = place is None and isinstance(value, str) and value.isidentifier()
        if not is_text:
            left.append((value, place))
        whole += [f"'{value}'" if is_text else "%s", part]
    return "".join(whole).replace("\0", "%%"), tuple(left)


def _mark(kind: type, place: int) -> int | date:
    return date(1, 1, 1 + place) if issubclass(kind, date) else MARK - place


def _may_be_mark(value: object) -> bool:
    return isinstance(value, (int, str, date))


def _adapted(value: int | str | date) -> Any:
    """As the database's driver is given it."""
    if isinstance(value, date):
        return connections[DEFAULT_DB_ALIAS].ops.adapt_datefield_value(value)
    return value
