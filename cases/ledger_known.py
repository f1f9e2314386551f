"""What the statements of a ledger depend on, so that they are compiled once (docs/adr/0038)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Q

from cases import row_places
from cases.ledger import Ledger
from cases.models import Case
from cases.querysets import CaseQuerySet
from cases.rulebook import calendar
from cases.waiting import whose_move
from organisations.asked_again import asked_again, kept
from organisations.compiled import CompiledFor
from organisations.keyset import Key, Place
from organisations.scope import Actor
from workflows.models import stages_left_by

# what ``Ledger.counted`` counts besides the chips, in its order
SUMS = ("shown", "running", "resting", "closed")
# a key, and what has no equal and is compared by its identity
Known = tuple[tuple[Any, ...], tuple[object, ...]]


def known_to(actor: Actor, on: date | None) -> Known:
    """What a question depends on that a person asks on a day: posts, calendar, places of plans."""
    posts = (actor.standings, actor.reading)
    whose = (actor.user and actor.user.pk, posts, actor.enterprise_ids, actor.served_ids)
    return (whose, actor.day, on), (calendar(), stages_left_by("acknowledge"))


def known_by(ledger: Ledger) -> Known | None:
    """None where nobody asks the same again: a search."""
    if ledger.version is None or ledger.asked.q:
        return None
    key, made_with = known_to(ledger.actor, ledger.on)
    return (*key, ledger.asked.as_query()), (ledger.pack, *made_with)


def _lines(ledger: Ledger, narrowed: Q) -> CaseQuerySet:
    """``Ledger.unordered`` of some cases, whoever may see them, for ``row_places``."""
    cases: CaseQuerySet = Case.objects.with_item()
    return _as_lines(ledger, cases.filter(narrowed))


def _as_lines(ledger: Ledger, cases: CaseQuerySet) -> CaseQuerySet:
    return cases.as_lines().annotate(urgency=ledger.urgency(), lies_with=whose_move(ledger.on))


def cut(rows: CaseQuerySet, order: Sequence[Key], place: Place, limit: int) -> CaseQuerySet:
    found: CaseQuerySet = rows.order_by(*(key.order(back=place.back) for key in order))[:limit]
    return found


def page_lines(ledger: Ledger, place: Place, limit: int) -> Callable[[list[int]], list[Case]]:
    """The rows of some keys, in the order of the list."""
    known = known_by(ledger)
    if known is None or ledger.asked.of == "review":
        return lambda found: list(
            cut(ledger.unordered(Q(pk__in=found)), ledger.order, place, limit)
        )

    def build(found: Sequence[int]) -> CaseQuerySet:
        # who may be on the list has been asked for the keys
        return cut(_lines(ledger, Q(pk__in=found)), ledger.order, place, limit)

    # nothing of it is anybody's own
    named = ("lines", ledger.on, ledger.own, ledger.order, place.back, limit)
    lines: CompiledFor[Case] = kept(named, lambda: CompiledFor(build), by=known[1])

    def filled(found: list[int]) -> list[Case]:
        rows = lines(found)
        row_places.fill(rows)
        return rows

    return filled


def counted(
    ledger: Ledger, ahead: Q | None = None, within: Callable[[], Q | None] | None = None
) -> dict[str, int]:
    """``Ledger.counted``; without ``ahead`` compiled once for whoever asks it again.

    ``within``: what bounds it (``Walk.within``), where the list is short.
    """

    def count() -> dict[str, int]:
        return ledger.counted(ahead, within() if within else None)

    known = known_by(ledger) if ahead is None else None
    if known is None:
        return count()
    named = ("counts", within is None, ledger.chips, known[0])
    [row] = asked_again(named, lambda: [tuple(count().values())], by=known[1])
    return dict(zip((*ledger.chips, *SUMS), row, strict=True))


def whichever_chip(ledger: Ledger) -> Ledger:
    """The list whose counts hold those of this one: its chips are counted whichever is chosen, and
    what a chip shows is its count."""
    if ledger.asked.chip not in ledger.chips:
        return ledger
    return replace(ledger, asked=replace(ledger.asked, chip=""))
