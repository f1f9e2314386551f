"""What was decided for each kind of case, written for all of them: one statement on PostgreSQL.

Cases, steps that end or change, steps that begin, events and pending events, of 10,000 cases as of
one; what they have in common goes with it once for each kind (docs/adr/0041). It writes what
``engine.write`` writes case by case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, models

from cases import parcels
from cases.alike import Alike
from cases.errors import Stale
from cases.locking import stale_words
from cases.models import Case, CaseEvent, PendingEvent, WorkItem
from cases.statements import given
from cases.written import CASE_COLUMNS, ITEM_COLUMNS

# kinds of which a statement holds the values; of each there are as many cases as there are
KINDS = 400
# what differs from case to case; the database gives it
OF_ITS_OWN = {"process_id", "case_id", "item_id"}


class _Shape(NamedTuple):
    """Which columns are written: of the case, of the open step, of the step that begins (none where
    none does), of the event."""

    case: tuple[str, ...]
    item: tuple[str, ...]
    begun: tuple[str, ...]
    event: tuple[str, ...]
    bumps_version: bool


def write(ready: Iterable[Alike]) -> None:
    """A statement for all kinds of which the same columns change; by the order of the cases."""
    shapes: dict[_Shape, list[Alike]] = defaultdict(list)
    for one in ready:
        shapes[_shape_of(one)].append(one)
    for shape, alike in shapes.items():
        for start in range(0, len(alike), KINDS):
            _write(shape, alike[start : start + KINDS])


def _shape_of(one: Alike) -> _Shape:
    step, (case_was, item_was) = one.step, one.was
    changes_item = step.changes_item or step.to_stage is not None
    return _Shape(
        _changed(CASE_COLUMNS, case_was, vars(step.case)),
        _changed(ITEM_COLUMNS, item_was, vars(step.item)) if changes_item else (),
        _held(step.next_item) if step.next_item is not None else (),
        _held(_event_of(one)),
        step.bumps_version,
    )


def _changed(
    names: Sequence[str], was: Mapping[str, Any], now: Mapping[str, Any]
) -> tuple[str, ...]:
    return tuple(n for n in names if n in now and (n not in was or was[n] != now[n]))


def _held(row: models.Model) -> tuple[str, ...]:
    """What a new row has, beside what is the database's to say."""
    names = (f.attname for f in given(type(row)))
    return tuple(n for n in names if n in OF_ITS_OWN or vars(row)[n] is not None)


def _event_of(one: Alike) -> CaseEvent:
    if one.event is None:
        raise ValueError("nothing is planned for these cases")
    return one.event


def _write(shape: _Shape, alike: Sequence[Alike]) -> None:
    cases = [pk for one in alike for pk in one.cases]
    items = [pk for one in alike for pk in one.items]
    places = [place for place, one in enumerate(alike) for _pk in one.cases]
    columns = _columns(shape)
    rows = (
        [place, one.kind.version, *(vars(row)[name] for row, name in _values(shape, one))]
        for place, one in enumerate(alike)
    )
    told = parcels.packed(
        ["kind", "row_guard", *(column for column, _field in columns)],
        [None, None, *(field for _column, field in columns)],
        rows,
    )
    params: list[Any] = [*map(parcels.of_numbers, (cases, items, places)), told]
    with connection.cursor() as cursor:
        cursor.execute(_sql(shape, len(alike) == 1), params)
        [hit] = cursor.fetchone()
    if hit != len(cases):
        raise Stale("stale", stale_words())


def _values(shape: _Shape, one: Alike) -> list[tuple[Any, str]]:
    """Where each value is, in the order of ``_columns``."""
    step = one.step
    found: list[tuple[Any, str]] = [(step.case, name) for name in shape.case]
    found += [(step.item, name) for name in shape.item]
    found += [(step.next_item, name) for name in shape.begun if name not in OF_ITS_OWN]
    return found + [(one.event, name) for name in shape.event if name not in OF_ITS_OWN]


@lru_cache(maxsize=64)
def _columns(shape: _Shape) -> list[tuple[str, Any]]:
    """Every value of a kind as a column of the parcel, and the field that it goes to."""
    parts = (
        ("c_", Case, shape.case),
        ("i_", WorkItem, shape.item),
        ("b_", WorkItem, shape.begun),
        ("e_", CaseEvent, shape.event),
    )
    return [
        (f"{prefix}{name}", model._meta.get_field(name.removesuffix("_id")))
        for prefix, model, names in parts
        for name in names
        if name not in OF_ITS_OWN
    ]


@lru_cache(maxsize=64)
def _sql(shape: _Shape, is_one: bool) -> str:
    case, item, event, pending = map(_named, (Case, WorkItem, CaseEvent, PendingEvent))
    typed = [(column, parcels.type_of(field)) for column, field in _columns(shape)]
    kinds = parcels.unpacked(
        [("kind", "integer"), ("row_guard", "integer"), *typed], is_one=is_one, name="k"
    )
    version = ["version = t.version + 1"] if shape.bumps_version else ["version = t.version"]
    sets = version + [f"{name} = k.c_{name}" for name in shape.case]
    item_key = f"nextval(pg_get_serial_sequence('{item}', 'id'))" if shape.begun else "p.item_id"
    parts = [
        "places AS MATERIALIZED (SELECT p.*, "
        f"{item_key} AS its_item "
        # side by side in their tables, so that the pages are met once
        "FROM (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::integer[]) "
        "u(case_id, item_id, kind) ORDER BY case_id) p)",
        f"kinds AS MATERIALIZED (SELECT * FROM {kinds})",
        f"cases AS (UPDATE {case} t SET {', '.join(sets)} FROM places p JOIN kinds k USING (kind) "
        "WHERE t.id = p.case_id AND t.version = k.row_guard RETURNING 1)",
    ]
    after = ""
    if shape.item:
        changed = ", ".join(f"{name} = k.i_{name}" for name in shape.item)
        parts.append(
            f"items AS (UPDATE {item} t SET {changed} FROM places p JOIN kinds k USING (kind) "
            "WHERE t.id = p.item_id RETURNING 1)"
        )
        # the place of the step that ends is free first; and events are numbered once the steps were
        # waited for, behind those of rungs that a sweep fires meanwhile
        after = " WHERE (SELECT count(*) FROM items) >= 0"
    if shape.begun:
        begun = _new_rows(item, shape.begun, "b_", id="p.its_item")
        parts.append(f"begun AS ({begun}{after})")
    parts += [
        f"events AS ({_new_rows(event, shape.event, 'e_')}{after} ORDER BY p.case_id RETURNING id)",
        f"pending AS (INSERT INTO {pending} (event_id) SELECT id FROM events ORDER BY id)",
    ]
    return f"WITH {', '.join(parts)} SELECT count(*) FROM cases"


def _new_rows(table: str, names: Sequence[str], prefix: str, **more: str) -> str:
    own = {"process_id": "p.case_id", "case_id": "p.case_id", "item_id": "p.its_item"}
    values = ", ".join((*more.values(), *(own.get(n, f"k.{prefix}{n}") for n in names)))
    return (
        f"INSERT INTO {table} ({', '.join((*more, *names))}) SELECT {values} "
        "FROM places p JOIN kinds k USING (kind)"
    )


def _named(model: Any) -> str:
    return str(connection.ops.quote_name(model._meta.db_table))
