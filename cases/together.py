"""A move written as one statement, where the database writes several tables in one (PostgreSQL).

Cases, items, forms, events and pending events as parts of one WITH: one way there and back. What it
writes is what ``engine`` writes one after the other elsewhere; docs/adr/0021 says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from django.db import connection

from cases import parcels
from cases.models import CaseEvent, FormRecord, PendingEvent, WorkItem
from cases.statements import Part, give_numbers, given
from organisations.planned import planned_cursor

# what the database's answer is told apart by
CASE, ITEM, FORM = "case", "item", "form"
ITEM_KEY, FORM_KEY = ("process_id",), ("case_id", "form")


def write_together(
    cases: Part,
    items: tuple[Sequence[WorkItem], Part] | None,
    forms: tuple[Sequence[FormRecord], Part] | None,
    events: Sequence[tuple[CaseEvent, bool]],
) -> int:
    """Write the parts; how many cases were hit. New items and forms get their primary keys.

    An event comes with whether it is about the item that this very statement makes of its case.
    """
    parts = [cases, *(part for _rows, part in filter(None, (items, forms)))]
    params = [value for part in parts for value in part.params]
    sql = _sql(cases.sql, items[1].sql if items else "", forms[1].sql if forms else "")
    with planned_cursor() as cursor:
        cursor.execute(sql, [*params, _told(events)])
        answer = cursor.fetchall()
    for rows, kind, key in ((items, ITEM, ITEM_KEY), (forms, FORM, FORM_KEY)):
        if rows:
            told = [row[1 : 2 + len(key)] for row in answer if row[0] == kind]
            give_numbers(rows[0], key, told)
    return sum(row[0] == CASE for row in answer)


def _told(events: Sequence[tuple[CaseEvent, bool]]) -> str:
    """The events as a parcel, each with whether it is of the new item, and its place."""
    fields = given(CaseEvent)
    rows = (
        [*(getattr(event, field.attname) for field in fields), is_of_new, place]
        for place, (event, is_of_new) in enumerate(events)
    )
    return parcels.packed([name for name, _type in _columns()], [*fields, None, None], rows)


@cache
def _columns() -> list[tuple[str, str]]:
    named = [(str(field.column), parcels.type_of(field)) for field in given(CaseEvent)]
    return [*named, ("of_new", "boolean"), ("place", "integer")]


@lru_cache(maxsize=256)
def _sql(cases: str, items: str, forms: str) -> str:
    event, pending = (_name(model) for model in (CaseEvent, PendingEvent))
    fields = given(CaseEvent)
    columns = [connection.ops.quote_name(field.column) for field in fields]
    item = "COALESCE(v.item_id, made.id)" if items else "v.item_id"
    values = [item if column == '"item_id"' else f"v.{column}" for column in columns]
    # an open step is the only one of its case: the one that is made here
    made = (
        " LEFT JOIN item_rows made ON v.of_new AND made.process_id = v.case_id AND made.is_open"
        if items
        else ""
    )
    parts = [f"case_rows AS ({cases} RETURNING {_name_of_case()}.id)"]
    if items:
        parts.append(f"item_rows AS ({items}, finished IS NULL AS is_open)")
    if forms:
        parts.append(f"form_rows AS ({forms})")
    parts += [
        f"event_rows AS (INSERT INTO {event} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {parcels.unpacked(_columns())}{made} ORDER BY v.place RETURNING id)",
        f"pending_rows AS (INSERT INTO {pending} (event_id) SELECT id FROM event_rows ORDER BY id)",
    ]
    answers = [f"SELECT '{CASE}', id, NULL::bigint, NULL::text FROM case_rows"]
    if items:
        answers.append(f"SELECT '{ITEM}', id, process_id, NULL FROM item_rows")
    if forms:
        answers.append(f"SELECT '{FORM}', id, case_id, form FROM form_rows")
    return f"WITH {', '.join(parts)} {' UNION ALL '.join(answers)}"


def _name(model: Any) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _name_of_case() -> str:
    return _name(CaseEvent._meta.get_field("case").related_model)
