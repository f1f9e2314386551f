"""Is every chain of seals whole? Recomputed from the first event to the head.

What stands in a place needs only the digest *kept* in the place before it: a chain is looked at in
spans, by several processes if somebody lends them. Rows are read as the database writes them, and
the text that was sealed is put together of them without the detour of Python's values; a place
that does not hold that way is computed once more as it was sealed, before it is called broken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from heapq import merge
from typing import Any

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from cases.models import CaseEvent, SealedEvent, SealHead
from cases.sealing import AUDIT, CASE, ENCODER, Break, Trail, digest, unsealed
from organisations.models import AuditEvent

SPAN = 10_000
TRAILS: dict[str, tuple[QuerySet[Any], tuple[str, ...]]] = {
    Trail.CASE: (CaseEvent._default_manager.all(), CASE),
    Trail.AUDIT: (AuditEvent._default_manager.all(), AUDIT),
}
MOMENTS = ("at", "recorded_at")
READER = json.JSONDecoder()
# all that was written stays in the text, so that no other moment reads the same
MOMENT = {
    "sqlite": "CASE length({0}) WHEN 26 THEN replace({0}, ' ', 'T') || '+00:00' "
    "WHEN 23 THEN replace({0}, ' ', 'T') || '000+00:00' "
    "WHEN 19 THEN replace({0}, ' ', 'T') || '.000000+00:00' ELSE {0} END",
    "postgresql": "CASE WHEN {0} > '0001-01-02' AND {0} < '9999-12-31' THEN "
    """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') END""",
}
# place, trail, event, kept digest; the columns before data, data (None: no such event), those after
Found = tuple[Any, ...]


@dataclass(frozen=True)
class Verdict:
    """What a look at all chains found; ``heads`` is worth writing down elsewhere."""

    sealed: int
    unsealed: int
    heads: dict[int, str]
    breaks: list[Break]


@dataclass(frozen=True)
class Span:
    """Places ``first`` to ``last`` of a chain, both looked at."""

    chain: int
    first: int
    last: int


Look = Callable[[Callable[[Span], "Break | None"], Iterable[Span]], Iterable["Break | None"]]


def verify(look: Look = map, span: int = SPAN) -> Verdict:
    """Recompute every chain from its first event; the first break of each.

    ``look`` is ``map``, or that of a pool of processes; never while a transaction is open then,
    as the others do not see it.
    """
    # head and last seal in one statement: what is sealed meanwhile is no break
    ends = SealedEvent.objects.filter(chain=OuterRef("chain")).order_by("-position")
    heads = SealHead.objects.annotate(
        last=Subquery(ends.values("position")[:1]), kept=Subquery(ends.values("digest")[:1])
    )
    ends_of = heads.order_by("chain").values_list("chain", "position", "digest", "last", "kept")
    found = list(ends_of)
    breaks = []
    for chain, position, head, last, kept in found:
        broken = _first_break(chain, last or 0, look, span)
        if broken is None and (position, head) != (last or 0, kept or ""):
            place = (last or 0) + 1
            broken = Break(chain, place, "", 0, "the end of the chain is missing")
        if broken:
            breaks.append(broken)
    return Verdict(
        sealed=SealedEvent.objects.count(),
        unsealed=sum(
            unsealed(events.all(), trail, every=True).count()
            for trail, (events, _columns) in TRAILS.items()
        ),
        heads={chain: head for chain, position, head, _last, _kept in found if position},
        breaks=breaks,
    )


def _first_break(chain: int, last: int, look: Look, span: int) -> Break | None:
    spans = [Span(chain, first, min(first + span - 1, last)) for first in range(1, last + 1, span)]
    return next(filter(None, look(first_break, spans)), None)


def first_break(span: Span) -> Break | None:
    """The first place of a span at which the chain does not hold."""
    before = _kept_before(span)
    place = span.first
    for position, trail, event, kept, ahead, data, behind in _seals(span):
        if position != place or before is None:
            return Break(span.chain, place, trail, event, "a seal is missing")
        if data is None:
            return Break(span.chain, place, trail, event, "the event is missing")
        if _quick(before, trail, ahead, data, behind) != kept != _slow(before, trail, event):
            return Break(span.chain, place, trail, event, "the event was changed")
        before = kept
        place += 1
    if place <= span.last:
        return Break(span.chain, place, "", 0, "a seal is missing")
    return None


def _kept_before(span: Span) -> str | None:
    """None where the seal before is missing: that is the break of the span before."""
    if span.first == 1:
        return ""
    before = SealedEvent.objects.filter(chain=span.chain, position=span.first - 1)
    return before.values_list("digest", flat=True).first()


def _seals(span: Span) -> Iterator[Found]:
    """The seals of a span in order, each with the columns of its event."""
    found = []
    with connection.cursor() as cursor:
        for trail in TRAILS:
            statement = _statement(trail, connection.vendor)
            cursor.execute(statement, [span.chain, trail, span.first, span.last])
            found.append(cursor.fetchall())
    return merge(*found)


@lru_cache
def _statement(trail: str, vendor: str) -> str:
    """The columns before ``data`` and after it as the JSON that was sealed, written in SQL."""
    events, columns = TRAILS[trail]
    told = [_as_json(events, column, vendor) for column in columns]
    at = columns.index("data")
    before, after = (" || ',' || ".join(part) for part in (told[:at], told[at + 1 :]))
    return (
        f"SELECT s.position, s.trail, s.event, s.digest, {before}, {told[at]}, {after} "
        f"FROM cases_sealedevent s LEFT JOIN {events.model._meta.db_table} e ON e.id = s.event "
        "WHERE s.chain = %s AND s.trail = %s AND s.position BETWEEN %s AND %s ORDER BY s.position"
    )


def _as_json(events: QuerySet[Any], column: str, vendor: str) -> str:
    """A column as Python's encoder writes it, where it is what we wrote."""
    name = "e." + str(events.model._meta.pk.column if column == "pk" else column)
    if column == "data":
        return f"{name}::text" if vendor == "postgresql" else name
    if column in MOMENTS:
        name = MOMENT[vendor].format(name)
    if vendor == "sqlite":
        return f"json_quote({name})"
    return f"coalesce(to_json({f'host({name})' if column == 'address' else name})::text, 'null')"


def _quick(before: str, trail: str, ahead: str, data: str, behind: str) -> str:
    """The digest, of columns as the database wrote them; "" where they are not as expected."""
    try:
        return sha256(
            f'["{before}","{trail}",{ahead},{_sorted(data)},{behind}]'.encode()
        ).hexdigest()
    except (TypeError, ValueError):
        return ""


def _slow(before: str, trail: str, event: int) -> str:
    """As it was sealed."""
    events, columns = TRAILS[trail]
    row = events.values_list(*columns).filter(pk=event).first()
    return digest(before, trail, row) if row else ""


# most lines say what many say
@lru_cache(maxsize=4096)
def _sorted(value: str) -> str:
    found, end = READER.raw_decode(value)
    if end != len(value):
        raise ValueError(value)
    return ENCODER.encode(found)
