"""Some fifty rows of a ledger, found where an index has them in its order (docs/adr/0033).

The order of a ledger is by urgency, and what is overdue changes with the day; no index knows it.
But within each class of open steps (chased or resting, late or not) rows lie by date in one of two
partial indexes. So a page is read class by class, from its place on, and only so many as it shows;
a class is not begun while the ones before it fill the page. Where the reader's part of the map is
small, or a filter leaves few, those few are sorted instead: the statement counts up to ``FEW`` and
goes one way or the other by itself, whatever the planner believes.

``plainly`` is the same in plain ORM, the tests' reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby, product
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from cases import querysets as ask
from cases.ledger import DATED, FINISHED_TOO, Asked, Ledger
from cases.ledger_known import cut, known_by, page_lines
from cases.models import Case, WorkItem
from cases.querysets import CaseQuerySet
from cases.searching import matches
from cases.sheet_columns import calls
from cases.stages import TERMINAL
from organisations.asked_again import kept
from organisations.keyset import Key, Place

# so many rows are sorted; of more, the order is walked
FEW = 5000
URGENCY, DUE, PK = "urgency", "item__due_on", "pk"
# finished cases come last
ENDED = 3
IS_LONG = "SELECT NOT pk FROM small"
# so many classes are in the first statement: a page is full with them nearly always
SOON = 2
# the filters of a ledger that are columns of the case itself
OWN = {name: Asked.PATHS[name] for name in ("county", "township", "department")}
# as the partial indexes have it (``WorkItem.Meta``), of the step that ``with_item`` joins
CHASED = '"item"."is_chased" AND NOT "item"."is_suspended" AND NOT "item"."is_declined"'
RESTS = '("item"."is_suspended" OR "item"."is_declined" OR NOT "item"."is_chased")'
WATCHED = 'NOT ("item"."is_chased" OR "item"."is_suspended" OR "item"."is_declined")'
LOW, HIGH = f'NOT "item"."waits_higher" AND {CHASED}', f'"item"."waits_higher" AND {CHASED}'
CASE = '"cases_case"."id"'
DUE_ON, STEP_OF = '"item"."due_on"', '"item"."process_id"'
DATED_ROWS, UNDATED = f"{DUE_ON} IS NOT NULL", f"{DUE_ON} IS NULL"


@dataclass(frozen=True)
class Part:
    """SQL with its values."""

    sql: str
    values: tuple[Any, ...] = ()

    def __and__(self, other: Part) -> Part:
        return Part(f"{self.sql} AND {other.sql}", self.values + other.values)

    def ask(self) -> tuple[list[int], bool]:
        """Keys, and what the flag of ``_Statement.asking`` says."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.values)
            rows = cursor.fetchall()
        return [pk for pk, is_so in rows if is_so is None], any(is_so for _pk, is_so in rows)


@dataclass(frozen=True)
class Class:
    """Open steps of one urgency that lie together in an index: by date, or by key where they have
    none."""

    urgency: int
    question: Part
    is_dated: bool = True
    is_ended: bool = False


class Walk:
    """A page of the ledger: a statement for its keys, at most two, and one for its rows.

    ``is_long``: the last page was of a list of more than ``FEW``, as far as scope and places tell.
    On PostgreSQL; SQLite carries a city and sorts it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger, self.is_long = ledger, False

    def __call__(self, place: Place, limit: int) -> Sequence[Case]:
        """``limit`` rows from a place on, in the order of the list (backwards where the place says
        so), ready for ``columns.Reader``."""
        if connection.vendor != "postgresql":
            return list(plainly(self.ledger, place, limit))
        return self.walked(place, limit)

    def within(self) -> Q | None:
        """Bounds every case that the list's figures count, where the last page was of a short list:
        each part of the scope by its own index."""
        few = None if self.is_long or self.ledger.asked.stage else _few(self.ledger)
        if connection.vendor != "postgresql" or few is None:
            return None
        return Q(_is_among(few))

    def walked(self, place: Place, limit: int) -> Sequence[Case]:
        """The same on any database."""
        found, self.is_long = keys(self.ledger, place, limit)
        return page_lines(self.ledger, place, limit)(found)


def top(ledger: Ledger, limit: int) -> CaseQuerySet:
    """The first rows of a list that is of one urgency (overdue, soon due); one statement."""
    few, classes = _few(ledger), _classes(ledger)
    if connection.vendor != "postgresql" or not (few and classes):
        return plainly(ledger, Place(), limit)
    groups = _walked(ledger, classes, Place(), limit)
    keys = _begun(ledger, Place(), limit, few, groups).part()
    return cut(ledger.unordered(Q(_is_among(keys))), ledger.order, Place(), limit)


def _is_among(keys: Part) -> RawSQL:
    """As an array, by which the key's index is entered whatever the planner believes of the rest
    (PostgreSQL)."""
    sql = f"{CASE} = ANY(ARRAY({keys.sql}))"
    return RawSQL(sql, keys.values, output_field=BooleanField())


def plainly(ledger: Ledger, place: Place, limit: int) -> CaseQuerySet:
    """The same rows by sorting all that there are."""
    return cut(_beyond(ledger.unordered(), ledger, place), ledger.order, place, limit)


def _beyond(rows: CaseQuerySet, ledger: Ledger, place: Place) -> CaseQuerySet:
    return rows.filter(place.beyond(ledger.order)) if place.values else rows


# --- the keys -------------------------------------------------------------------------------------
def keys(ledger: Ledger, place: Place, limit: int) -> tuple[list[int], bool]:
    """The keys of the page, and of some rows behind it; and whether there are more than ``FEW``."""
    first, groups = _asking(ledger, place, limit)
    if first is None:
        return [], False
    found, is_long = first.ask()
    if not is_long or len(found) >= limit or not groups:
        return found, is_long
    # the end of a class: seldom, and nothing is walked twice
    rest = _Statement()
    rest.walk(groups, [], limit - len(found))
    return found + rest.asking().ask()[0], True


Asking = tuple["Part | None", Sequence[Sequence["Part | None"]]]


def _asking(ledger: Ledger, place: Place, limit: int) -> Asking:
    """The statement of a page, and the groups of one that may follow it; the top of a list is kept
    for whoever opens it again."""
    known = known_by(ledger)
    if known is None or place.values:
        return _compiled_page(ledger, place, limit)
    key, made_with = known
    named = ("keys", key, place.back, limit)
    return kept(named, lambda: _compiled_page(ledger, place, limit), by=made_with)


def _compiled_page(ledger: Ledger, place: Place, limit: int) -> Asking:
    few, classes = _few(ledger), _classes(ledger)
    if few is None:
        return None, ()
    if classes is None:
        every = ledger.listed().annotate(urgency=ledger.urgency())
        ordered = [[_in_order(every, ledger, place, limit)]]
        return _begun(ledger, place, limit, few, ordered).asking(IS_LONG), ()
    groups = _walked(ledger, classes, place, limit)
    return _begun(ledger, place, limit, few, groups[:SOON]).asking(IS_LONG), groups[SOON:]


def _begun(
    ledger: Ledger, place: Place, limit: int, few: Part, groups: Sequence[Sequence[Part | None]]
) -> _Statement:
    """The few in their order, or the first groups of the many."""
    statement = _Statement()
    statement.add("few", few)
    statement.add("small", Part(f"SELECT count(*) <= {FEW} FROM few"))
    inside = ledger.listed(Q(pk__in=RawSQL("SELECT pk FROM few", ())))
    sorted_ = _in_order(inside.annotate(urgency=ledger.urgency()), ledger, place, limit)
    statement.walk([[sorted_]], ["SELECT pk FROM small"], limit)
    statement.walk(groups, [IS_LONG], limit)
    return statement


def _in_order(rows: CaseQuerySet, ledger: Ledger, place: Place, limit: int) -> Part | None:
    return _compiled(cut(_beyond(rows, ledger, place), ledger.order, place, limit))


def _walked(
    ledger: Ledger, classes: Sequence[Class], place: Place, limit: int
) -> list[list[Part | None]]:
    """The groups of classes from the place on, each as keys in the order of its index."""
    way = "DESC" if place.back else "ASC"
    known: dict[bool, Part | None] = {}

    def part(one: Class, of_dates: str) -> Part | None:
        if one.is_ended not in known:
            of = Q(item__isnull=True) if one.is_ended else ask.is_open()
            known[one.is_ended] = _compiled(ledger.listed(of).order_by())
        rows = known[one.is_ended]
        if rows is None:
            return None
        by, chosen = f"{DUE_ON} {of_dates}, " if one.is_dated else "", rows & one.question
        order = f"{by}{CASE if one.is_ended else STEP_OF} {way}"
        return Part(f"{chosen.sql} ORDER BY {order} LIMIT {limit}", chosen.values)

    groups = _groups(classes, ledger.order, place)
    return [[part(one, of_dates) for one, of_dates in group] for group in groups]


class _Statement:
    """Parts of one WITH, each of a column ``pk``; a step is taken where its gates are open."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, Part]] = []
        self._steps: list[str] = []

    def add(self, name: str, part: Part) -> None:
        self._parts.append((name, part))

    def walk(
        self, groups: Sequence[Sequence[Part | None]], gates: Sequence[str], limit: int
    ) -> None:
        """A group is not begun while those before it give ``limit`` keys."""
        before: list[str] = []
        for group in groups:
            told = " + ".join(f"(SELECT count(*) FROM {name})" for name in before)
            asked = [*gates, *([f"SELECT {told} < {limit}"] if told else ())]
            before += [self._step(keys, asked) for keys in group if keys is not None]

    def _step(self, keys: Part, gates: Sequence[str]) -> str:
        name, gate = f"step{len(self._steps)}", " AND ".join(f"({one})" for one in gates)
        self._steps.append(name)
        where = f" WHERE {gate}" if gate else ""
        self.add(name, Part(f"SELECT * FROM ({keys.sql}) AS found{where}", keys.values))
        return name

    def part(self, answer: str = "SELECT pk FROM every") -> Part:
        """``answer``: what is asked of the keys, which are ``every``."""
        steps = (f"SELECT pk FROM {name}" for name in self._steps)
        found = " UNION ALL ".join(steps) or "SELECT 0 WHERE 1 = 0"
        parts = [*self._parts, ("every", Part(found))]
        told = ", ".join(f"{name}(pk) AS MATERIALIZED ({one.sql})" for name, one in parts)
        return Part(f"WITH {told} {answer}", tuple(v for _name, one in parts for v in one.values))

    def asking(self, flag: str = "SELECT false") -> Part:
        """For ``Part.ask``: keys, and what ``flag`` says."""
        return self.part(f"SELECT pk, NULL FROM every UNION ALL SELECT 0, ({flag})")


def _compiled(rows: QuerySet[Any, Any]) -> Part | None:
    """The keys of these rows; None where there can be none."""
    try:
        sql, params = rows.values("pk").query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return Part(sql, tuple(params))


# --- who may be on the list at all ----------------------------------------------------------------
def _few(ledger: Ledger) -> Part | None:
    """Keys of every case that the list can hold, and of others: one more than ``FEW`` at most. Each
    part of the reader's scope by its own index, as no index serves an OR over two tables."""
    found = [part for rows in _candidates(ledger) if (part := _compiled(rows[: FEW + 1]))]
    if not found:
        return None
    each = " UNION ALL ".join(
        f"SELECT * FROM ({one.sql}) AS part{n}" for n, one in enumerate(found)
    )
    values = tuple(value for one in found for value in one.values)
    return Part(f"SELECT * FROM ({each}) AS parts LIMIT {FEW + 1}", values)


def _candidates(ledger: Ledger) -> Iterator[QuerySet[Any, Any]]:
    asked, actor = ledger.asked, ledger.actor
    items = WorkItem.objects.filter(finished=None).order_by()
    own: dict[str, Any] = {n: pk for name, pk in asked.ids.items() if (n := OWN.get(name))}
    if asked.stage and asked.stage != "suspended":
        own["stage"] = asked.stage
    cases = Case.objects.filter(**own).order_by()
    if "post" in asked.ids or "unit" in asked.ids:
        named = {"post": "post_id", "unit": "unit_id"}
        chosen = {named[name]: pk for name, pk in asked.ids.items() if name in named}
        yield cases.filter(pk__in=items.filter(**chosen).values("process_id"))
    elif asked.of == "mine":
        owed = items.filter(unit_id__in=list(actor.unit_ids))
        yield cases.filter(pk__in=owed.values("process_id"))
    else:
        scope = [Q()] if actor.is_system else ask.parts_of(ask.scope_of(actor))
        found = matches(asked.q, phones=calls(actor)) if asked.q else Q()
        for seen, one in product(scope, ask.parts_of(found)):
            yield cases.filter(seen & one)


# --- the order, class by class --------------------------------------------------------------------
def _classes(ledger: Ledger) -> tuple[Class, ...] | None:
    """The classes that the list can hold; None where it is sorted by something else, or by papers
    that wait."""
    asked, on = ledger.asked, _day(ledger)
    paths = [key.path for key in ledger.order]
    if paths not in ([URGENCY, DUE, PK], [DUE, PK]) or asked.of == "review":
        return None
    ended = Class(ENDED, Part("1 = 1"), is_dated=False, is_ended=True)
    if asked.stage in TERMINAL:
        return (ended,)
    if asked.chip in DATED:
        # the chip itself says from when until when
        return tuple(Class(0, Part(one)) for one in (LOW, HIGH)[: 1 + ledger.own])
    before, after = Part(f"{DUE_ON} < %s", (on,)), Part(f"{DUE_ON} >= %s", (on,))
    come = Part(f"{DUE_ON} <= %s", (on,))
    higher = (
        (Class(0, Part(HIGH) & before), Class(1, Part(HIGH) & after))
        if ledger.own
        else (Class(1, Part(HIGH) & Part(DATED_ROWS)),)
    )
    return (
        Class(0, Part(LOW) & before),
        Class(1, Part(LOW) & after),
        *higher,
        Class(1, Part(RESTS) & come & Part(WATCHED)),
        Class(2, Part(f"{RESTS} AND {DATED_ROWS} AND NOT ({WATCHED} AND {come.sql})", come.values)),
        *(Class(2, Part(one) & Part(UNDATED), is_dated=False) for one in (LOW, HIGH, RESTS)),
        *([ended] if not asked.stage and (asked.q or asked.chip in FINISHED_TOO) else ()),
    )


def _day(ledger: Ledger) -> Any:
    return connection.ops.adapt_datefield_value(ledger.on)


def _groups(
    classes: Sequence[Class], order: Sequence[Key], place: Place
) -> Iterator[list[tuple[Class, str]]]:
    """Classes that are walked together, one group after the other, from the place on; each with
    the way of its dates."""
    by_urgency = order[0].path == URGENCY
    due_key = next(key for key in order if key.path == DUE)
    way = "DESC" if due_key.is_down != place.back else "ASC"

    def spot(urgency: int, *, is_dated: bool) -> tuple[int, bool]:
        way = -1 if order[0].is_down else 1
        # what has no date comes last, whatever the way
        return (way * urgency if by_urgency else 0), not is_dated

    def of(one: Class) -> tuple[int, bool]:
        return spot(one.urgency, is_dated=one.is_dated)

    ordered = sorted(classes, key=of, reverse=place.back)
    groups = [(at, list(group)) for at, group in groupby(ordered, key=of)]
    held = dict(zip((key.path for key in order), place.values, strict=False))
    urgency, due, pk = held.get(URGENCY, 0), held.get(DUE), held.get(PK)
    if place.values and not (isinstance(urgency, int) and isinstance(pk, int)):
        raise TypeError(place)
    here = spot(int(urgency or 0), is_dated=due is not None)
    sign = "<" if place.back else ">"
    later = Part(f"{STEP_OF} {sign} %s", (pk,))
    ended = Part(f"{CASE} {sign} %s", (pk,))
    for at, group in groups:
        if place.values and ((at > here) if place.back else (at < here)):
            continue
        if not place.values or at != here:
            yield [(one, way) for one in group]
        elif due is None:
            told = [(one, ended if one.is_ended else later) for one in group]
            yield [(replace(one, question=one.question & part), way) for one, part in told]
        else:
            day = connection.ops.adapt_datefield_value(date.fromisoformat(str(due)))
            same = Part(f"{DUE_ON} = %s", (day,)) & later
            behind = Part(f"{DUE_ON} {'<' if way == 'DESC' else '>'} %s", (day,))
            # of its very day first, where the key bounds the rows; then the days behind it
            for further in (same, behind):
                yield [(replace(one, question=one.question & further), way) for one in group]
