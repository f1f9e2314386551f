"""Keys as one value of a statement (docs/adr/0068).

Of a long list Django makes a placeholder for each, which costs more than the rows that are found;
of a subquery PostgreSQL takes the joins of a row for those of the whole table.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet


class Among(Func):
    """A condition, the column is one of these keys: ``rows.filter(Among("enterprise", keys))``."""

    output_field = BooleanField()

    def __init__(self, name: str, keys: Collection[int]) -> None:
        super().__init__(F(name))
        self.keys = keys

    def as_sqlite(self, compiler: Any, connection: Any, **_more: Any) -> Any:
        column, params = compiler.compile(self.get_source_expressions()[0])
        return f"{column} IN (SELECT value FROM json_each(%s))", (
            *params,
            told(self.keys, "sqlite"),
        )

    def as_postgresql(self, compiler: Any, connection: Any, **_more: Any) -> Any:
        column, params = compiler.compile(self.get_source_expressions()[0])
        return f"{column} = ANY (%s::bigint[])", (*params, told(self.keys, "postgresql"))


def told(keys: Collection[int], vendor: str) -> str:
    """Keys as the one value of an ``Among``."""
    text = json.dumps([*keys])
    return f"{{{text[1:-1]}}}" if vendor == "postgresql" else text


class _AnyOf(Func):
    """A column is one of an array's values (PostgreSQL)."""

    output_field = BooleanField()
    template, arg_joiner = "%(expressions)s)", " = ANY("


def among_those(name: str, keys: QuerySet[Any, Any]) -> Q:
    """As ``__in`` of a subquery, by the column's index whatever else is joined."""
    if connection.vendor != "postgresql":
        return Q(**{f"{name}__in": keys})
    return Q(_AnyOf(F(name), ArraySubquery(keys)))
