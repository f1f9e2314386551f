"""A small world made large: the rows of its firms, copied. The verbs made the first ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import Model

from cases.models import (
    Case,
    CaseEvent,
    DraftLine,
    Evidence,
    PhoneReminder,
    ProgrammeFirm,
    RungFired,
    WorkItem,
)
from enterprises.models import Enterprise, Membership, MonthlyFact
from notifications.models import Notice
from tests.world import CODES

ROOTS: dict[str, Any] = {"parent": None}
# in the order in which they refer to each other
COPIED: tuple[tuple[type[Model], dict[str, Any]], ...] = (
    (Enterprise, {}),
    (Membership, {}),
    (MonthlyFact, {}),
    (ProgrammeFirm, {}),
    (Case, ROOTS),
    (Case, {"parent__isnull": False}),
    (WorkItem, {}),
    (CaseEvent, {}),
    (Evidence, {}),
    (RungFired, {}),
    (PhoneReminder, {}),
    (DraftLine, {}),
    (Notice, {}),
)


def grow(times: int) -> None:
    """Each firm with all that hangs on it, ``times`` more; some statements per table."""
    maps: list[dict[tuple[type[Model], Any], Any]] = [{} for _n in range(times)]
    for model, only in COPIED:
        rows: list[Any] = list(model._default_manager.filter(**only).order_by("pk"))
        made = [
            (number, row.pk, _copy(row, maps[number], number, len(rows)))
            for number in range(times)
            for row in rows
        ]
        model._default_manager.bulk_create([new for _n, _pk, new in made], batch_size=500)
        for number, pk, new in made:
            maps[number][model, pk] = new.pk
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _copy(row: Any, known: dict[tuple[type[Model], Any], Any], number: int, size: int) -> Any:
    model = type(row)
    values = {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.generated:
            continue
        value = getattr(row, field.attname)
        other = field.related_model
        values[field.attname] = known.get((other, value), value) if other else value
    new = model(**values)
    if model is Enterprise:
        place = 10_000 + number * size + row.pk
        new.name = new.folded_name = f"{row.name}{number}"
        new.credit_code = CODES.format(place)
    if model is Case:
        new.serial = row.serial + (number + 1) * 1000
    return new


def again(model: type[Model], row: Any, n: int, **values: Callable[[int], Any]) -> list[Any]:
    """``n`` more of one row, each with what ``values`` give for its place; one statement."""
    kept = {
        field.attname: getattr(row, field.attname)
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.generated
    }
    made = [model(**kept | {name: give(k) for name, give in values.items()}) for k in range(n)]
    return model._default_manager.bulk_create(made, batch_size=500)
