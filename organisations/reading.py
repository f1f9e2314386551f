"""Instances from the rows of a statement, without what Django asks anew for each of them.

What comes out is what ``Model.from_db`` makes: the same attributes, the same state. That is tried
once for each statement; a model that does more when an instance is made is refused (docs/adr/0030).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable
from django.db.models.sql.compiler import SQLCompiler

One = TypeVar("One", bound=Model)
Rows = Sequence[tuple[Any, ...]]


class Kind(NamedTuple):
    """One model of a statement: which columns are its, and what it holds of the others."""

    model: type[Any]
    names: tuple[str, ...]
    start: int
    stop: int
    key: int
    related: tuple[tuple[Kind, Callable[[Any, Any], None], Callable[[Any, Any], None]], ...]


def reader(queryset: QuerySet[Any, Any], compiler: SQLCompiler) -> Callable[[Rows], list[Any]]:
    """How the rows of a compiled statement become what the queryset answers with.

    Raises ``TypeError`` for a queryset that answers with something else than instances or rows.
    """
    converted = _converting(compiler, queryset.db)
    made = queryset._iterable_class
    if made is FlatValuesListIterable:
        return lambda rows: [row[0] for row in converted(rows)]
    if made is ValuesListIterable:
        return lambda rows: [tuple(row) for row in converted(rows)]
    if not issubclass(made, ModelIterable) or vars(queryset)["_prefetch_related_lookups"]:
        raise TypeError("this queryset is not compiled once")
    kind = _kind(compiler.klass_info or {}, compiler.select)
    _check(kind, queryset.db)
    more = tuple((compiler.annotation_col_map or {}).items())
    alias = queryset.db
    return lambda rows: [_whole(kind, row, more, alias) for row in converted(rows)]


def _converting(compiler: SQLCompiler, alias: str) -> Callable[[Rows], Iterable[Sequence[Any]]]:
    columns = [column for column, *_rest in compiler.select[: compiler.col_count]]
    converters = [
        (place, tuple(turned), column)
        for place, (turned, column) in compiler.get_converters(columns).items()
    ]
    if not converters:
        return lambda rows: rows
    # the database's own leave nothing at all as it is: of a step most moments are not there yet
    own = {place for place, turned, _column in converters if all(map(_is_databases, turned))}

    # what SQLite's backend makes of nought and one, without asking it for each
    flags = {
        place
        for place, turned, _column in converters
        if len(turned) == 1 and getattr(turned[0], "__name__", "") == "convert_booleanfield_value"
    }

    def converted(rows: Rows) -> Iterable[Sequence[Any]]:
        link = connections[alias]
        made = [list(row) for row in rows]
        for row in made:
            for place, turned, column in converters:
                value = row[place]
                if value is None and place in own:
                    continue
                if place in flags:
                    row[place] = bool(value) if value in (0, 1) else value
                    continue
                for turn in turned:
                    value = turn(value, column, link)
                row[place] = value
        return made

    return converted


def _is_databases(turn: Any) -> bool:
    """Whether a value is turned by Django's backend, not by a field."""
    return isinstance(getattr(turn, "__self__", None), BaseDatabaseOperations)


def _kind(info: dict[str, Any], select: Sequence[Any]) -> Kind:
    """As ``ModelIterable`` reads the same description."""
    if info.get("from_parent"):
        raise TypeError("a model's parent is not compiled once")
    places = info["select_fields"]
    start, stop = places[0], places[-1] + 1
    names = tuple(column[0].target.attname for column in select[start:stop])
    related = tuple(
        (_kind(one, select), one["local_setter"], one["remote_setter"])
        for one in info.get("related_klass_infos", ())
    )
    model = info["model"]
    return Kind(model, names, start, stop, start + names.index(model._meta.pk.attname), related)


def _check(kind: Kind, alias: str) -> None:
    """Whether an instance is nothing but its columns' values, whatever its fields are."""
    model = kind.model
    values = [object() for _ in kind.names]
    held = dict(vars(model.from_db(alias, kind.names, values)))
    del held["_state"]
    if held != dict(zip(kind.names, values, strict=True)):
        raise TypeError(f"{model.__name__} holds more than its columns")
    for one, _here, _there in kind.related:
        _check(one, alias)


def _whole(kind: Kind, row: Sequence[Any], more: Iterable[tuple[str, int]], alias: str) -> Any:
    one = _one(kind, row, alias)
    held = vars(one)
    for name, place in more:
        held[name] = row[place]
    return one


def _one(kind: Kind, row: Sequence[Any], alias: str) -> Any:
    one = object.__new__(kind.model)
    state = ModelState()
    state.adding, state.db = False, alias
    held = one.__dict__
    held["_state"] = state
    held.update(zip(kind.names, row[kind.start : kind.stop], strict=False))
    for other, here, there in kind.related:
        beside = None if row[other.key] is None else _one(other, row, alias)
        here(one, beside)
        if beside is not None:
            there(beside, one)
    return one


def again(one: One) -> One:
    """Another instance of the same row, without what was read or cached beside it."""
    model = type(one)
    mine: One = object.__new__(model)
    state = ModelState()
    state.adding, state.db = one._state.adding, one._state.db
    columns = _columns(model)
    mine.__dict__ = {name: value for name, value in vars(one).items() if name in columns}
    mine.__dict__["_state"] = state
    return mine


@cache
def _columns(model: type[Model]) -> frozenset[str]:
    return frozenset(field.attname for field in model._meta.concrete_fields)


def only(model: type[One], **values: Any) -> One:
    """A saved row's instance with these columns alone, by their attributes; whatever else is asked
    of it is read then."""
    one = _empty(model)
    state = ModelState()
    state.adding, state.db = False, DEFAULT_DB_ALIAS
    one.__dict__ = {"_state": state, **values}
    return one


def fresh(model: type[One], **values: Any) -> One:
    """A new instance, not saved, from attributes by the names of their columns (``unit_id``).

    As ``model(**values)`` makes it, at a tenth of the time.
    """
    plain, made = _defaults(model)
    one = _empty(model)
    held = vars(one)
    held["_state"] = ModelState()
    held.update(plain)
    for name, make in made:
        if name not in values:
            held[name] = make()
    held.update(values)
    if len(held) != len(plain) + 1:
        raise TypeError(f"{model.__name__} has no such columns: {sorted(values - plain.keys())}")
    return one


@cache
def _defaults(
    model: type[Model],
) -> tuple[dict[str, Any], tuple[tuple[str, Callable[[], Any]], ...]]:
    """What a new instance has of itself; what is made anew for each, apart."""
    made = tuple(
        (field.attname, field.get_default)
        for field in model._meta.concrete_fields
        if field.has_default() and callable(field.default)
    )
    plain = {name: value for name, value in vars(model()).items() if name != "_state"}
    return plain, made


def _empty(model: type[One]) -> One:
    made: One = object.__new__(model)
    return made
