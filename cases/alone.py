"""A move of one case: one statement on PostgreSQL, whose values are parameters of their own.

A click moves one case, and what carries ten thousand rows (a parcel of JSON, ``together``) costs
one of them more than its rows. SQLite, which writes one table a statement, is told the same parts
one after the other. docs/adr/0039 says why; the reference is ``engine.write_plainly``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from django_fsm import FSMField

from cases import parcels
from cases.models import Case, CaseEvent, FormRecord, PendingEvent, WorkItem
from cases.statements import Part, given, preparing, put_part, put_rows
from cases.together import FORM_KEY
from cases.written import FORM_COLUMNS
from organisations.planned import Again, hold, planned_cursor

# PostgreSQL's word for it
DIVISION_BY_ZERO = "22012"
Names = tuple[str, ...]


class Alone(NamedTuple):
    """What is written about a case: the columns that differ where its version is still ``was``;
    ``kept``, the step that ends or changes; ``new``, the one that begins, which ``event`` is about
    if there is one.
    """

    case: Case
    was: int
    names: Names
    kept: tuple[WorkItem, Names] | None
    new: WorkItem | None
    forms: Sequence[FormRecord]
    event: CaseEvent

    def told(self, *, strictly: bool) -> Part:
        """All of it as one statement; ``strictly``: it fails by itself unless the case is hit."""
        values = [*_values(self.case, self.names), self.case.pk, self.was]
        kept_names = new_names = None
        if self.kept is not None:
            item, kept_names = self.kept
            values += [*_values(item, kept_names), item.pk]
        if self.new is not None:
            new_names = _known(self.new)
            values += _values(self.new, new_names)
        forms = put_part(FormRecord, self.forms, FORM_COLUMNS, FORM_KEY) if self.forms else None
        if forms is not None:
            values += forms.params
        values += _values(self.event, _of_event(with_item=self.new is None))
        text = forms.sql if forms is not None else ""
        return Part(_whole(self.names, kept_names, new_names, text, strictly=strictly), values)

    def take(self, answer: Sequence[Any]) -> None:
        """New rows get their primary keys."""
        if self.new is not None:
            _number(self.new, answer[0][1])
        keys = {form: number for _hit, _item, number, form in answer}
        for record in self.forms:
            if record.pk is None:
                _number(record, keys[record.form])


def write(alone: Alone) -> int:
    """Write it now; how many cases were hit."""
    if not parcels.is_possible():
        return _write_in_turn(alone)
    with planned_cursor() as cursor:
        cursor.execute(*alone.told(strictly=False))
        answer = cursor.fetchall()
    alone.take(answer)
    return int(answer[0][0])


def write_at_end(alone: Alone, missed: Callable[[], Exception]) -> bool:
    """Write it with the COMMIT, where that is possible; else nothing is done.

    Unless the case is hit the statement fails, the COMMIT behind it undoes everything, and
    ``missed`` is raised.
    """
    if not parcels.is_possible():
        return False

    part = alone.told(strictly=True)
    return hold(part.sql, part.params, then=alone.take, otherwise=_meaning(missed))


def _meaning(missed: Callable[[], Exception]) -> Callable[[Exception], Exception | None]:
    """What an error of the whole statement means."""

    def otherwise(error: Exception) -> Exception | None:
        code = getattr(error.__cause__, "sqlstate", None)
        return missed() if code == DIVISION_BY_ZERO else None

    return otherwise


class Template(NamedTuple):
    """A move of any case of a kind (``decided``): statements, and values with the places of what is
    each case's own. On PostgreSQL ``whole``, elsewhere the ``parts`` one after the other."""

    # that which refuses by itself, and that which answers how many cases were hit
    whole: Filled | None
    whole_now: str
    # case, step that ends, step that begins, event
    parts: tuple[Filled, Filled, Filled, Filled] | None


class Filled(NamedTuple):
    """A statement with its values; at these places of them goes the case's key, that of the step
    that ends, the moment, the key of the step that begins."""

    sql: str
    values: list[Any]
    cases: tuple[int, ...]
    items: tuple[int, ...]
    moments: tuple[int, ...]
    begun: tuple[int, ...]
    # how PostgreSQL is told the values that stay
    told: list[Any]

    def of(self, case: int, item: int, moment: Any, begun: int | None = None) -> list[Any]:
        return self._fill(self.values.copy(), case, item, moment, begun)

    def again(self, case: int, item: int, moment: Any) -> Again:
        places = (*self.cases, *self.items, *self.moments)
        values = Again(self.values, places, self.told)
        self._fill(values, case, item, moment)
        return values

    def _fill(
        self, values: list[Any], case: int, item: int, moment: Any, begun: int | None = None
    ) -> list[Any]:
        for places, value in (
            (self.cases, case),
            (self.items, item),
            (self.moments, moment),
            (self.begun, begun),
        ):
            for place in places:
                values[place] = value
        return values


def template(alone: Alone, at: datetime) -> Template:
    """Of a case that holds nothing but its kind, with one step that ends and one that begins."""
    case, new, event = alone.case, alone.new, alone.event
    if alone.kept is None or new is None:
        raise ValueError("a kind's case has both steps")
    kept, kept_names = alone.kept
    new_names = _known(new)
    keys = case.id, kept.id, at
    of_case = [*_raw(case, alone.names), (case.id, None), (alone.was, None)]
    of_kept = [*_raw(kept, kept_names), (kept.id, None)]
    of_new = _raw(new, new_names)
    if parcels.is_possible():
        every = [*of_case, *of_kept, *of_new, *_raw(event, _of_event(with_item=False))]
        strictly, now = (
            _whole(alone.names, kept_names, new_names, "", strictly=strictly)
            for strictly in (True, False)
        )
        return Template(_filled(strictly, every, *keys), now, None)
    with_item = _of_event(with_item=True)
    of_event = _filled(_insert(CaseEvent, with_item), _raw(event, with_item), *keys)
    parts = (
        _filled(_update(Case, alone.names, with_version=True), of_case, *keys),
        _filled(_update(WorkItem, kept_names, with_version=False), of_kept, *keys),
        _filled(_insert(WorkItem, new_names), of_new, *keys),
        of_event._replace(begun=(with_item.index("item_id"),)),
    )
    return Template(None, "", parts)


def _raw(row: Model, names: Names) -> list[tuple[Any, Callable[[Any], Any] | None]]:
    """Values as they lie, each with how it becomes what the driver is given."""
    held = vars(row)
    return [(held[name], turn) for name, turn in _turns(type(row), names)]


def _filled(
    sql: str,
    raw: list[tuple[Any, Callable[[Any], Any] | None]],
    case: object,
    item: object,
    at: datetime,
) -> Filled:
    def places(what: object) -> tuple[int, ...]:
        return tuple(place for place, (value, _turn) in enumerate(raw) if value is what)

    values = [
        None
        if value is case or value is item or value is at or value is None
        else value
        if turn is None
        else turn(value)
        for value, turn in raw
    ]
    return Filled(sql, values, places(case), places(item), places(at), (), [])


def write_again(
    template: Template, case: int, item: int, at: datetime, missed: Callable[[], Exception]
) -> None:
    """Write it about one case, as the last act of the block that is open; raises what is ``missed``
    unless the case is hit, on PostgreSQL where the block ends."""
    if template.whole is not None:
        whole = template.whole
        values = whole.again(case, item, at)
        if not hold(whole.sql, values, then=_nothing, otherwise=_meaning(missed)):
            with planned_cursor() as cursor:
                cursor.execute(template.whole_now, values)
                if cursor.fetchall()[0][0] != 1:
                    raise missed()
    elif template.parts is not None:
        _write_parts(template.parts, case, item, _moment(at), missed)


def _write_parts(
    parts: tuple[Filled, Filled, Filled, Filled],
    case: int,
    item: int,
    moment: Any,
    missed: Callable[[], Exception],
) -> None:
    of_case, kept, new, event = parts
    with planned_cursor() as cursor:
        cursor.execute(of_case.sql, of_case.of(case, item, moment))
        if cursor.rowcount != 1:
            raise missed()
        cursor.execute(kept.sql, kept.of(case, item, moment))
        cursor.execute(new.sql, new.of(case, item, moment))
        cursor.execute(event.sql, event.of(case, item, moment, cursor.lastrowid))
        cursor.execute(_insert(PendingEvent, ("event_id",)), [cursor.lastrowid])


def _nothing(_answer: Sequence[Any]) -> None:
    """Nobody asks for the new keys."""


def _moment(at: datetime) -> Any:
    turn = _turn(_fields(CaseEvent)["at"])
    return at if turn is None else turn(at)


def _write_in_turn(alone: Alone) -> int:
    """Nothing more is written once the case is not hit: whoever asked rolls back."""
    with planned_cursor() as cursor:
        values = [*_values(alone.case, alone.names), alone.case.pk, alone.was]
        cursor.execute(_update(Case, alone.names, with_version=True), values)
        if cursor.rowcount != 1:
            return 0
        if alone.kept is not None:
            item, names = alone.kept
            cursor.execute(
                _update(WorkItem, names, with_version=False), [*_values(item, names), item.pk]
            )
        if alone.new is not None:
            names = _known(alone.new)
            cursor.execute(_insert(WorkItem, names), _values(alone.new, names))
            _number(alone.new, cursor.lastrowid)
            alone.event.item_id = alone.new.pk
        put_rows(FormRecord, alone.forms, FORM_COLUMNS, key=FORM_KEY)
        names = _of_event(with_item=True)
        cursor.execute(_insert(CaseEvent, names), _values(alone.event, names))
        cursor.execute(_insert(PendingEvent, ("event_id",)), [cursor.lastrowid])
    return 1


def _number(row: Any, number: int) -> None:
    row.id = number
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _values(row: Model, names: Names) -> list[Any]:
    """As the driver is given them."""
    held = vars(row)
    return [
        value if (value := held[name]) is None or turn is None else turn(value)
        for name, turn in _turns(type(row), names)
    ]


@lru_cache(maxsize=256)
def _turns(model: type[Model], names: Names) -> list[tuple[str, Callable[[Any], Any] | None]]:
    fields = _fields(model)
    return [(name, _turn(fields[name])) for name in names]


@cache
def _turn(field: Any) -> Callable[[Any], Any] | None:
    # the state of a machine is a word like another
    return None if isinstance(field, FSMField) else preparing(field)


@cache
def _fields(model: type[Model]) -> dict[str, Any]:
    return {field.attname: field for field in model._meta.concrete_fields}


def _known(row: Model) -> Names:
    """The columns of a new row that somebody has a value for."""
    held = vars(row)
    return tuple([name for name in _given(type(row)) if held[name] is not None])


@cache
def _given(model: type[Model]) -> Names:
    return tuple(field.attname for field in given(model))


@cache
def _of_event(*, with_item: bool) -> Names:
    return tuple(name for name in _given(CaseEvent) if with_item or name != "item_id")


@lru_cache(maxsize=256)
def _update(model: type[Model], names: Names, *, with_version: bool) -> str:
    columns = [_fields(model)[name].column for name in names]
    sets = ", ".join(f'"{column}" = %s' for column in columns)
    guard = " AND version = %s" if with_version else ""
    return f"UPDATE {_table(model)} SET {sets} WHERE id = %s{guard}"


@lru_cache(maxsize=256)
def _insert(model: type[Model], names: Names) -> str:
    columns = ", ".join(f'"{_fields(model)[name].column}"' for name in names)
    marks = ", ".join(["%s"] * len(names))
    return f"INSERT INTO {_table(model)} ({columns}) VALUES ({marks})"


@lru_cache(maxsize=512)
def _whole(
    case: Names, kept: Names | None, new: Names | None, forms: str, *, strictly: bool
) -> str:
    parts = [f"case_rows AS ({_update(Case, case, with_version=True)} RETURNING id)"]
    behind = ""
    if kept is not None:
        saved = _update(WorkItem, kept, with_version=False)
        parts.append(f"saved_rows AS ({saved} RETURNING id)")
        # a case has one open step: the one that ends makes room; and its event is numbered once
        # the step was waited for, behind that of a rung which a sweep fires meanwhile
        behind = " WHERE (SELECT count(*) FROM saved_rows) >= 0"
    if new is not None:
        parts.append(f"item_rows AS ({_selected(WorkItem, new)}{behind} RETURNING id)")
    if forms:
        parts.append(f"form_rows AS ({forms})")
    if new is None:
        event = _selected(CaseEvent, _of_event(with_item=True)) + behind
    else:
        event = _selected(CaseEvent, _of_event(with_item=False), item_id="item_rows.id")
        event += " FROM item_rows"
    parts += [
        f"event_rows AS ({event} RETURNING id)",
        f"pending_rows AS (INSERT INTO {_table(PendingEvent)} (event_id) "
        "SELECT id FROM event_rows)",
    ]
    hit = "(SELECT count(*) FROM case_rows)"
    answer = [
        # the only way of plain SQL to refuse
        f"1 / {hit}" if strictly else hit,
        "(SELECT id FROM item_rows)" if new is not None else "NULL::bigint",
        *(("form_rows.id", "form_rows.form") if forms else ("NULL::bigint", "NULL::text")),
    ]
    rows = " FROM (SELECT 1) AS one LEFT JOIN form_rows ON true" if forms else ""
    return f"WITH {', '.join(parts)} SELECT {', '.join(answer)}{rows}"


def _selected(model: type[Model], names: Names, **more: str) -> str:
    """An INSERT whose row is asked for, so that it may depend on what another part did."""
    fields = [_fields(model)[name] for name in names]
    columns = ", ".join(f'"{column}"' for column in (*(f.column for f in fields), *more))
    values = ", ".join((*(f"%s::{parcels.type_of(f)}" for f in fields), *more.values()))
    return f"INSERT INTO {_table(model)} ({columns}) SELECT {values}"


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
