"""A glance at a case behind its lock: no more than tells which kind it is of.

Whatever a decision about a firm's own open case may look at is its ``Kind`` (``alike``) and what
sits around it, which the mark stands for (``near``). Where both are known nothing else is asked of
the case, and no instance of it is made. Written by hand, as values are wanted as they lie, without
what Django makes of each; ``locking`` reads the whole case for everything else. docs/adr/0063.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, models

from cases import alike
from cases.models import Case, CaseEvent, WorkItem
from organisations import place_marks
from organisations.planned import ask, vendor


class Seen(NamedTuple):
    """An open firm's own case under lock, without children."""

    item: int
    # when something was last written about it
    last_at: datetime
    # the mark of what is around it (``near``)
    mark: str | None
    # the values of its ``Kind``, as the database writes them down
    told: str

    def kind(self) -> alike.Kind:
        return alike.Kind(
            *(
                value if value is None or turn is None else turn(value)
                for value, turn in zip(json.loads(self.told), _turns(), strict=True)
            )
        )


def at(pk: int) -> Seen | None:
    """Lock the case and look; None where it is no firm's own, is closed or has children."""
    if not connection.in_atomic_block:
        raise RuntimeError("glance.at needs a transaction")
    values = (pk,)
    rows = ask([(sql, values) for sql in _statements(vendor())])[-1]
    if len(rows) != 1:
        return None
    item, last_at, mark, told = rows[0]
    return Seen(item, _moment(last_at) if isinstance(last_at, str) else last_at, mark, told)


@cache
def _statements(kind: str) -> tuple[str, ...]:
    """The lock, and what is asked behind it: in one statement it would see what was there before
    whoever held the lock. On SQLite the transaction holds the whole file."""
    case, item, event = (
        connection.ops.quote_name(model._meta.db_table) for model in (Case, WorkItem, CaseEvent)
    )
    columns = ", ".join(
        (*(f"c.{name}" for name in alike.OF_CASE), *(f"i.{name}" for name in alike.OF_ITEM))
    )
    told = f"json_array({columns})" if kind == "sqlite" else f"json_build_array({columns})::text"
    last = f"(SELECT e.at FROM {event} e WHERE e.case_id = c.id ORDER BY e.id DESC LIMIT 1)"
    look = (
        f"SELECT i.id, COALESCE({last}, c.created), {place_marks.CURRENT[kind]}, {told} "
        f"FROM {case} c JOIN {item} i ON i.process_id = c.id AND i.finished IS NULL "
        "WHERE c.id = %s AND c.is_main AND c.finished IS NULL "
        f"AND NOT EXISTS (SELECT 1 FROM {case} o WHERE o.parent_id = c.id)"
    )
    lock = f"SELECT id FROM {case} WHERE id = %s FOR NO KEY UPDATE"
    return (look,) if kind == "sqlite" else (lock, look)


@cache
def _turns() -> tuple[Callable[[Any], Any] | None, ...]:
    """What makes of each value that which an instance holds."""
    fields = {field.attname: field for field in Case._meta.concrete_fields}
    fields |= {f"{alike.ITEM}{field.attname}": field for field in WorkItem._meta.concrete_fields}
    return tuple(_turn(fields[name]) for name in alike.Kind._fields)


def _turn(field: Any) -> Callable[[Any], Any] | None:
    if isinstance(field, models.DateTimeField):
        return _moment
    if isinstance(field, models.DateField):
        return date.fromisoformat
    # SQLite knows nought and one
    return bool if isinstance(field, models.BooleanField) else None


def _moment(text: str) -> datetime:
    """SQLite keeps moments of UTC without saying so."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
