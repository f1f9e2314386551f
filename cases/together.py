"""A move written as one statement, where the database writes several tables in one (PostgreSQL).

Cases, items, forms, events and pending events as parts of one WITH: one way there and back. What it
writes is what ``engine`` writes one after the other elsewhere; docs/adr/0021 says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db import connection

from cases import parcels
from cases.models import CaseEvent, FormRecord, PendingEvent, WorkItem
from cases.statements import Part, give_numbers, given
from organisations.planned import hold, planned_cursor

# what the database's answer is told apart by
CASE, ITEM, FORM = "case", "item", "form"
# the parts that one of the others names
SAVED_ROWS, ITEM_ROWS = "saved_rows", "item_rows"
DIVISION_BY_ZERO = "22012"
ITEM_KEY, FORM_KEY = ("process_id",), ("case_id", "form")


class Whole(NamedTuple):
    """The parts of a move; ``events`` come with whether they are about the item that this very
    statement makes of their case. ``size``: how many cases there are.
    """

    cases: Part
    # steps that end or change, and those that begin
    saved: Part | None
    new: tuple[Sequence[WorkItem], Part] | None
    forms: tuple[Sequence[FormRecord], Part] | None
    events: Sequence[tuple[CaseEvent, bool]]
    size: int

    def told(self, *, strictly: bool) -> Part:
        """The whole statement; ``strictly``: it fails by itself unless every case is hit."""
        new, forms = (part and part[1] for part in (self.new, self.forms))
        parts = [self.cases, self.saved, new, forms]
        params = [value for part in parts if part for value in part.params]
        texts = (part.sql if part else "" for part in parts)
        sql = _sql(*texts, is_one=len(self.events) == 1, strictly=strictly)
        return Part(sql, [*params, _told(self.events), *([self.size] if strictly else [])])

    def take(self, answer: Sequence[Any]) -> None:
        """New items and forms get their primary keys."""
        for rows, kind, key in ((self.new, ITEM, ITEM_KEY), (self.forms, FORM, FORM_KEY)):
            if rows:
                told = [row[1 : 2 + len(key)] for row in answer if row[0] == kind]
                give_numbers(rows[0], key, told)


def write_together(whole: Whole) -> int:
    """Write the parts now; how many cases were hit."""
    with planned_cursor() as cursor:
        cursor.execute(*whole.told(strictly=False))
        answer = cursor.fetchall()
    whole.take(answer)
    return sum(row[0] == CASE for row in answer)


def write_at_end(whole: Whole, missed: Exception) -> bool:
    """Write the parts with the COMMIT, where that is possible; else nothing is done.

    Unless every case is hit the statement fails, the COMMIT behind it undoes everything, and
    ``missed`` is raised.
    """

    def otherwise(error: Exception) -> Exception | None:
        code = getattr(error.__cause__, "sqlstate", None)
        return missed if code == DIVISION_BY_ZERO else None

    part = whole.told(strictly=True)
    return hold(part.sql, part.params, then=whole.take, otherwise=otherwise)


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
def _sql(cases: str, saved: str, new: str, forms: str, *, is_one: bool, strictly: bool) -> str:
    event, pending = (_name(model) for model in (CaseEvent, PendingEvent))
    fields = given(CaseEvent)
    columns = [connection.ops.quote_name(field.column) for field in fields]
    item = "COALESCE(v.item_id, made.id)" if new else "v.item_id"
    values = [item if column == '"item_id"' else f"v.{column}" for column in columns]
    # an open step is the only one of its case: the one that is made here
    made = f" LEFT JOIN {ITEM_ROWS} made ON v.of_new AND made.process_id = v.case_id" if new else ""
    # numbered once the steps were waited for, behind a rung that a sweep fires meanwhile
    behind = f" WHERE (SELECT count(*) FROM {SAVED_ROWS}) >= 0" if saved else ""
    parts = [f"case_rows AS ({cases} RETURNING {_name_of_case()}.id)"]
    if saved:
        parts.append(f"{SAVED_ROWS} AS ({saved} RETURNING 1)")
    if new:
        parts.append(f"{ITEM_ROWS} AS ({new})")
    if forms:
        parts.append(f"form_rows AS ({forms})")
    parts += [
        f"event_rows AS (INSERT INTO {event} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {parcels.unpacked(_columns(), is_one=is_one)}{made}{behind} "
        "ORDER BY v.place RETURNING id)",
        f"pending_rows AS (INSERT INTO {pending} (event_id) SELECT id FROM event_rows ORDER BY id)",
    ]
    answers = [f"SELECT '{CASE}', id, NULL::bigint, NULL::text FROM case_rows"]
    if new:
        answers.append(f"SELECT '{ITEM}', id, process_id, NULL FROM {ITEM_ROWS}")
    if forms:
        answers.append(f"SELECT '{FORM}', id, case_id, form FROM form_rows")
    if strictly:
        # the only way of plain SQL to refuse
        hit = "1 / ((SELECT count(*) FROM case_rows) = %s)::integer"
        answers.append(f"SELECT 'all', {hit}, NULL, NULL")
    return f"WITH {', '.join(parts)} {' UNION ALL '.join(answers)}"


def _name(model: Any) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _name_of_case() -> str:
    return _name(CaseEvent._meta.get_field("case").related_model)
