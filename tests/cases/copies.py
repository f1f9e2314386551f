"""A small world made large: the rows of its firms, copied. The verbs made the first ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max, Model

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

# of every firm, besides itself
COPIED: tuple[type[Model], ...] = (
    Membership,
    MonthlyFact,
    ProgrammeFirm,
    Case,
    WorkItem,
    CaseEvent,
    Evidence,
    RungFired,
    PhoneReminder,
    DraftLine,
    Notice,
)


def grow(times: int) -> None:
    """Each firm with all that hangs on it, ``times`` more; a statement per table.

    A copy's id is its first one's plus its number times one width for all tables, and so is the id
    of everything it refers to.
    """
    width = 1 + max(
        model._default_manager.aggregate(most=Max("pk"))["most"] or 0 for model in COPIED
    )
    firms = list(Enterprise.objects.order_by("pk"))
    Enterprise.objects.bulk_create(
        [_copy(firm, n, width, len(firms)) for n in range(times) for firm in firms], batch_size=500
    )
    with connection.cursor() as cursor:
        for model in COPIED:
            columns, values = _columns(model)
            cursor.execute(
                "WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies"
                f" WHERE n < %s) INSERT INTO {model._meta.db_table} ({columns})"
                f" SELECT {values} FROM {model._meta.db_table}, copies",
                [times, *[width] * values.count("%s")],
            )
        for statement in connection.ops.sequence_reset_sql(no_style(), [Enterprise, *COPIED]):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


def _columns(model: type[Model]) -> tuple[str, str]:
    """What is written of each copy, and what it is made of."""
    names, values = [], []
    for field in model._meta.concrete_fields:
        if field.generated:
            continue
        name = connection.ops.quote_name(str(field.column))
        names.append(name)
        if field.primary_key or field.related_model in (Enterprise, *COPIED):
            values.append(f"{name} + n * %s")
        elif model is Case and field.name == "serial":
            values.append(f"{name} + n * 1000")
        else:
            values.append(name)
    return ", ".join(names), ", ".join(values)


def _copy(firm: Enterprise, number: int, width: int, size: int) -> Enterprise:
    kept = {
        field.attname: getattr(firm, field.attname)
        for field in Enterprise._meta.concrete_fields
        if not field.generated
    }
    new = Enterprise(**kept)
    new.pk = firm.pk + (number + 1) * width
    new.name = new.folded_name = f"{firm.name}{number}"
    new.credit_code = CODES.format(10_000 + number * size + firm.pk)
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
