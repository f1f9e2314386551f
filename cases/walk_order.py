"""The order of a ledger, class by class as the partial indexes over open steps have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from django.db import connection

from cases.ledger import DATED, FINISHED_TOO, Ledger
from cases.stages import TERMINAL
from cases.walk_statement import Part
from organisations.keyset import Key, Place

URGENCY, DUE, PK = "urgency", "item__due_on", "pk"
# finished cases come last
ENDED = 3
BY_DATE = ([URGENCY, DUE, PK], [DUE, PK])
# as the partial indexes have it (``WorkItem.Meta``), of the step that ``with_item`` joins
CHASED = '"item"."is_chased" AND NOT "item"."is_suspended" AND NOT "item"."is_declined"'
RESTS = '("item"."is_suspended" OR "item"."is_declined" OR NOT "item"."is_chased")'
WATCHED = 'NOT ("item"."is_chased" OR "item"."is_suspended" OR "item"."is_declined")'
LOW, HIGH = f'NOT "item"."waits_higher" AND {CHASED}', f'"item"."waits_higher" AND {CHASED}'
CASE = '"cases_case"."id"'
DUE_ON, STEP_OF = '"item"."due_on"', '"item"."process_id"'
DATED_ROWS, UNDATED = f"{DUE_ON} IS NOT NULL", f"{DUE_ON} IS NULL"


@dataclass(frozen=True)
class Class:
    """Open steps of one urgency that lie together in an index: by date, or by key where they have
    none."""

    urgency: int
    question: Part
    is_dated: bool = True
    is_ended: bool = False


def classes_of(ledger: Ledger) -> tuple[Class, ...] | None:
    """The classes that the list can hold; None where it is sorted by something else, or by papers
    that wait."""
    asked, on = ledger.asked, _day(ledger)
    paths = [key.path for key in ledger.order]
    if paths not in BY_DATE or asked.of == "review":
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


def groups_of(
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
