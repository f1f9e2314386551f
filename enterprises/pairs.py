"""A part of a firm's name by an index: pairs of neighbouring characters (docs/adr/0034).

PostgreSQL alone has it, over a narrow table of names that it keeps itself (``paired``). Elsewhere
names are read one after the other, which is quick enough for a city.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import BooleanField, Func, Q, QuerySet

# two pairings of the name, one begun a character later, cut at a sign that no name has
PAIRS = (
    "string_to_array(regexp_replace({0}, '(..)', E'\\\\1\\x1f', 'g') || E'\\x1f' || "
    "regexp_replace(substr({0}, 2), '(..)', E'\\\\1\\x1f', 'g'), E'\\x1f')"
)
CUT = "\x1f"


class _HasPairs(Func):
    """Whether a column holds every one of these pairs, in whatever order."""

    output_field = BooleanField()

    def __init__(self, column: Any, pairs: list[str] | None = None, **extra: Any) -> None:
        super().__init__(column, **extra)
        self.pairs = pairs or []

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> Any:  # type: ignore[override]
        sql, params = compiler.compile(self.source_expressions[0])
        return f"{PAIRS.format(sql)} @> %s::text[]", (*params, *params, self.pairs)


def named(part: str) -> QuerySet[Any, Any]:
    """The keys of firms whose folded name holds ``part``: what ``folded_name__contains`` finds."""
    if connection.vendor != "postgresql":
        firms = apps.get_model("enterprises", "Enterprise").objects.order_by()
        return firms.filter(folded_name__contains=part).values("pk")
    names = apps.get_model("enterprises", "PairedName")._default_manager.order_by()
    return names.filter(_holds(part)).values("firm")


def _holds(part: str) -> Q:
    plainly = Q(name__contains=part)
    if len(part) < 2 or CUT in part:
        return plainly
    pairs = sorted({part[n : n + 2] for n in range(len(part) - 1)})
    paired = Q(_HasPairs("name", pairs))
    # one pair is the part itself
    return paired if len(part) == 2 else paired & plainly
