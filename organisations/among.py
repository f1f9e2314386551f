"""A long list of keys as one value: Django makes a placeholder of each, which costs more than the
rows that are found."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from django.db.models import BooleanField, F, Func


class Among(Func):
    """A condition, the column is one of these keys: ``rows.filter(Among("enterprise", keys))``."""

    output_field = BooleanField()

    def __init__(self, name: str, keys: Collection[int]) -> None:
        super().__init__(F(name))
        self.keys = json.dumps([*keys])

    def as_sqlite(self, compiler: Any, connection: Any, **_more: Any) -> Any:
        column, params = compiler.compile(self.get_source_expressions()[0])
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, self.keys)

    def as_postgresql(self, compiler: Any, connection: Any, **_more: Any) -> Any:
        column, params = compiler.compile(self.get_source_expressions()[0])
        return f"{column} = ANY (%s::bigint[])", (*params, f"{{{self.keys[1:-1]}}}")
