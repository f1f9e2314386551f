"""What the trail says of a past day: of each case or step what stood before the first event after
it (docs/adr/0064). ``past.taken_back``, event by event, is the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import (
    BigIntegerField,
    DateField,
    F,
    Field,
    Min,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Collate, Concat, LPad, NullIf, Substr

from cases.models import CaseEvent
from reports.figures.past import OLD_COUNTY, end_of

Table = tuple[QuerySet[Any, Any], str]  # rows, and what their columns are called
DIGITS = 19  # of the largest key


def plainly() -> str:
    """The order in which Python has texts."""
    return "C" if connection.vendor == "postgresql" else "BINARY"


def turned(day: date) -> Table:
    """The stage that a case stood in: only what moves it is asked, as every event bears the stage
    that it found."""
    moved = ~Q(from_stage=F("to_stage"))
    return _first(day, "case_id", F("from_stage"), TextField(), moved), "pk, stage"


def handed(day: date) -> Table:
    there = Q(data__has_key="was") | Q(data__has_key="old_county")
    county = Coalesce(*(KT(name) for name in OLD_COUNTY))
    return _first(day, "case_id", county, BigIntegerField(), there), "pk, county"


def dated(day: date) -> Table:
    due, there = NullIf(KT("data__old_due"), Value("", TextField())), Q(data__has_key="old_due")
    return _first(day, "item_id", due, DateField(), there), "item, due"


def given(day: date) -> Table:
    """Whose an open step was before it was given to another unit."""
    unit, there = KT("data__was__item__unit"), Q(data__has_key="was")
    return _first(day, "item_id", unit, BigIntegerField(), there), "item, unit"


SINCE: Mapping[str, Callable[[date], Table]] = {
    "turned": turned,
    "handed": handed,
    "dated": dated,
    "given": given,
}


def _first(day: date, key: str, said: Any, kind: Field[Any, Any], there: Q) -> QuerySet[Any, Any]:
    """Of each ``key`` what the first event that says anything says: the smallest of its number and
    what it says as one text, which is found without sorting; ``there``: what is quickly asked of an
    event."""
    since = CaseEvent.objects.filter(there, at__gte=end_of(day), **{f"{key}__isnull": False})
    since = since.annotate(said=said).filter(said__isnull=False).order_by()
    number = LPad(Cast("pk", TextField()), DIGITS, Value("0"))
    told = Collate(Concat(number, Cast("said", TextField())), plainly())
    rows: QuerySet[Any, Any] = since.values(key).annotate(first=Min(told))
    return rows.values_list(key, Cast(Substr("first", DIGITS + 1), kind))
