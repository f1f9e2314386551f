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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import product
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from cases import querysets as ask
from cases.ledger import Asked, Ledger
from cases.ledger_known import cut, known_by, page_lines
from cases.long_figures import is_known_short
from cases.models import Case, WorkItem
from cases.querysets import CaseQuerySet
from cases.searching import matches
from cases.sheet_columns import calls
from cases.walk_order import (
    BY_DATE,
    CASE,
    DUE,
    DUE_ON,
    ENDED,
    STEP_OF,
    Class,
    classes_of,
    groups_of,
)
from cases.walk_statement import Part, Statement, compiled
from organisations.among import Among
from organisations.asked_again import kept
from organisations.compiled import MARK
from organisations.keyset import Place

# so many rows are sorted; of more, the order is walked
FEW = 5000
# values that no row has, for the place of a page in a statement that serves every place
DAY = date(1, 1, 1)
IS_LONG = "SELECT NOT pk FROM small"
# so many classes are in the first statement: a page is full with them nearly always
SOON = 2
# where lists are long most pages lie within one date, and one class is planned in half the time;
# after one that did not, so many pages ask for two at once
AGAIN = 16
# the filters of a ledger that are columns of the case itself
OWN = {name: Asked.PATHS[name] for name in ("county", "township", "department")}


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
        if self.is_long or self.ledger.asked.stage:
            return None
        if self.searched is not None:
            return Q(Among("pk", self.searched))
        few = _few(self.ledger)
        if connection.vendor != "postgresql" or few is None:
            return None
        return Q(_is_among(few))

    def walked(self, place: Place, limit: int) -> Sequence[Case]:
        """The same on any database."""
        ledger, is_search = self.ledger, bool(self.ledger.asked.q)
        if is_search and self.searched is not None:
            return self._among(self.searched, place, limit)
        if is_known_short(ledger, FEW):
            # few of very many: a walk would look at most of them until it has a page
            every = list(ledger.listed().order_by().values_list("pk", flat=True)[: FEW + 1])
            if len(every) <= FEW:
                self.is_long = True
                return self._among(every, place, limit)
        found, self.is_long = keys(ledger, place, limit, is_long=is_search)
        return page_lines(ledger, place, limit)(found)

    def _among(self, keys: list[int], place: Place, limit: int) -> Sequence[Case]:
        rows = _beyond(self.ledger.unordered(Q(Among("pk", keys))), self.ledger, place)
        return list(cut(rows, self.ledger.order, place, limit))

    @cached_property
    def searched(self) -> list[int] | None:
        """Keys of everything that a search may find, asked once for page, figures and choices; None
        where they are many. Names are looked up for each part of the scope, which takes longer
        than all that is asked of what was found."""
        if not self.ledger.asked.q:
            return None
        few = _few(self.ledger)
        if few is None:
            return []
        with connection.cursor() as cursor:
            cursor.execute(few.sql, few.values)
            found = [pk for (pk,) in cursor.fetchall()]
        return found if len(found) <= FEW else None


def top(ledger: Ledger, limit: int) -> CaseQuerySet:
    """The first rows of a list that is of one urgency (overdue, soon due); one statement."""
    few, classes = _few(ledger), classes_of(ledger)
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
def keys(
    ledger: Ledger, place: Place, limit: int, *, is_long: bool = False
) -> tuple[list[int], bool]:
    """The keys of the page; and whether there are more than ``FEW``, as somebody may know."""
    heard = _heard(ledger)
    known = SOON if is_long else 0
    soon = heard.classes() if place.values and not is_long else known
    first, groups = _asking(ledger, place, limit, soon)
    if first is None:
        return [], False
    found, is_long = first.ask()
    heard.is_long = is_long
    if soon:
        is_short = soon < SOON and len(found) < limit
        heard.wary = AGAIN if is_short else max(heard.wary - 1, 0)
    if not is_long or len(found) >= limit or not groups:
        return found, is_long
    # the end of a class: seldom, and nothing is walked twice
    rest = Statement()
    rest.walk(groups, [], limit - len(found))
    ordered = _first(ledger, place, limit - len(found))
    return found + rest.asking(ordered).ask()[0], True


@dataclass
class Heard:
    """Whether a list was long when somebody last asked for its top: whoever reads on in it is not
    asked to count it again. Had it become short since, it would be walked: the same rows, later.

    ``wary``: pages to come that ask for ``SOON`` classes, as one was not enough.
    """

    is_long: bool = False
    wary: int = 0

    def classes(self) -> int:
        """How many are asked for at once; none where the list may be short."""
        return (SOON if self.wary else 1) if self.is_long else 0


def _heard(ledger: Ledger) -> Heard:
    known = known_by(ledger)
    return Heard() if known is None else kept(("length", known[0]), Heard, by=known[1])


Asking = tuple["Part | None", Sequence[Sequence["Part | None"]]]


def _asking(ledger: Ledger, place: Place, limit: int, soon: int) -> Asking:
    """The statement of a page, and the groups of one that may follow it; kept for whoever asks for
    the list again, from wherever in it (``Anywhere``)."""
    known = known_by(ledger)
    anywhere = Anywhere.of(ledger, place)
    if known is None or anywhere is None:
        return _compiled_page(ledger, place, limit, soon)
    key, made_with = known
    named = ("keys", key, anywhere.place, limit, soon)

    def compiled_page() -> Asking:
        first, groups = _compiled_page(ledger, anywhere.place, limit, soon)
        if soon and first is not None and connection.vendor == "postgresql":
            # a walk along an index from wherever: its plan does not depend on where
            first = first.planned({MARK, connection.ops.adapt_datefield_value(DAY)})
        return first, groups

    first, groups = kept(named, compiled_page, by=made_with)
    return anywhere.at(first), [[anywhere.at(one) for one in group] for group in groups]


@dataclass(frozen=True)
class Anywhere:
    """A place of its urgency in a list by dates, with marks for day and key: the statement of one
    is that of all, with other values."""

    place: Place
    due: date | None = None
    pk: int = 0

    @classmethod
    def of(cls, ledger: Ledger, place: Place) -> Anywhere | None:
        """None where a list has another order."""
        if not place.values:
            return cls(Place(back=place.back))
        paths = [key.path for key in ledger.order]
        if paths not in BY_DATE:
            return None
        *urgency, due, pk = place.values
        if urgency and urgency[0] not in range(ENDED + 1):
            return None
        if not isinstance(pk, int) or not (due is None or isinstance(due, str)):
            raise TypeError(place)
        marks = (*place.values[:-2], due and DAY.isoformat(), MARK)
        day = date.fromisoformat(due) if due else None
        return cls(Place(marks, place.back), day, pk)

    def at(self, part: Part | None) -> Part | None:
        """The statement from here on."""
        if part is None or not self.place.values:
            return part
        of_database = connection.ops.adapt_datefield_value
        told = {MARK: self.pk, of_database(DAY): of_database(self.due)}
        return replace(part, values=tuple(_told(one, told) for one in part.values))


def _told(value: Any, marks: Mapping[Any, Any]) -> Any:
    return marks.get(value, value) if isinstance(value, int | str | date) else value


def _compiled_page(ledger: Ledger, place: Place, limit: int, soon: int) -> Asking:
    classes, first = classes_of(ledger), _first(ledger, place, limit)
    if soon and classes is not None:
        groups, statement = _walked(ledger, classes, place, limit), Statement()
        statement.walk(groups[:soon], [], limit)
        return statement.asking(first, "SELECT true"), groups[soon:]
    few = _few(ledger)
    if few is None:
        return None, ()
    if classes is None:
        every = ledger.listed().annotate(urgency=ledger.urgency())
        ordered = [[_in_order(every, ledger, place, limit)]]
        return _begun(ledger, place, limit, few, ordered).asking(first, IS_LONG), ()
    groups = _walked(ledger, classes, place, limit)
    return _begun(ledger, place, limit, few, groups[:SOON]).asking(first, IS_LONG), groups[SOON:]


def _first(ledger: Ledger, place: Place, limit: int) -> str:
    """Of classes that were walked side by side no more than the page shows."""
    due = next(key for key in ledger.order if key.path == DUE)
    way, of_dates = ("DESC" if down else "ASC" for down in (place.back, due.is_down != place.back))
    return f"ORDER BY place, due {of_dates}, pk {way} LIMIT {limit}"


def _begun(
    ledger: Ledger, place: Place, limit: int, few: Part, groups: Sequence[Sequence[Part | None]]
) -> Statement:
    """The few in their order, or the first groups of the many."""
    statement = Statement()
    statement.add("few(pk)", few)
    statement.add("small(pk)", Part(f"SELECT count(*) <= {FEW} FROM few"))
    inside = ledger.listed(Q(pk__in=RawSQL("SELECT pk FROM few", ())))
    sorted_ = _in_order(inside.annotate(urgency=ledger.urgency()), ledger, place, limit)
    statement.walk([[sorted_]], ["SELECT pk FROM small"], limit)
    statement.walk(groups, [IS_LONG], limit)
    return statement


def _in_order(rows: CaseQuerySet, ledger: Ledger, place: Place, limit: int) -> Part | None:
    return compiled(cut(_beyond(rows, ledger, place), ledger.order, place, limit), "pk", DUE)


def _walked(
    ledger: Ledger, classes: Sequence[Class], place: Place, limit: int
) -> list[list[Part | None]]:
    """The groups of classes from the place on, each as keys in the order of its index."""
    way = "DESC" if place.back else "ASC"
    known: dict[bool, Part | None] = {}

    def part(one: Class, of_dates: str) -> Part | None:
        if one.is_ended not in known:
            of = Q(item__isnull=True) if one.is_ended else ask.is_open()
            known[one.is_ended] = compiled(ledger.listed(of).order_by(), "pk", DUE)
        rows = known[one.is_ended]
        if rows is None:
            return None
        by, chosen = f"{DUE_ON} {of_dates}, " if one.is_dated else "", rows & one.question
        order = f"{by}{CASE if one.is_ended else STEP_OF} {way}"
        return Part(f"{chosen.sql} ORDER BY {order} LIMIT {limit}", chosen.values)

    groups = groups_of(classes, ledger.order, place)
    return [[part(one, of_dates) for one, of_dates in group] for group in groups]


# --- who may be on the list at all ----------------------------------------------------------------
def _few(ledger: Ledger) -> Part | None:
    """Keys of every case that the list can hold, and of others: one more than ``FEW`` at most. Each
    part of the reader's scope by its own index, as no index serves an OR over two tables."""
    found = [
        part
        for rows in _candidates(ledger)
        if (part := compiled(rows[: FEW + 1], "process_id" if rows.model is WorkItem else "pk"))
    ]
    if not found:
        return None
    # what is searched for is found by each part once more, and would seem to be many
    joined = " UNION " if ledger.asked.q else " UNION ALL "
    each = joined.join(f"SELECT * FROM ({one.sql}) AS part{n}" for n, one in enumerate(found))
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
        owed = items.filter(unit_id__in=list(actor.unit_ids)).values("process_id")
        yield cases.filter(pk__in=owed) if own else owed
    else:
        scope = [Q()] if actor.is_system else ask.parts_of(ask.scope_of(actor))
        found = matches(asked.q, phones=calls(actor)) if asked.q else Q()
        for seen, one in product(scope, ask.parts_of(found)):
            yield cases.filter(ask.as_keys(seen) & one)
