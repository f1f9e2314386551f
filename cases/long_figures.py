"""Figures of a very long ledger, for a while (docs/adr/0033), once for all who see the same.

The office, leaders and supervisors of a city see the same cases, so their chips say the same; only
what waits for a person's own review is his.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime

from django.utils.translation import get_language

from cases.ledger import Asked, Ledger
from cases.ledger_choices import Choices
from cases.ledger_known import counted, whichever_chip
from cases.querysets import works_in_part
from organisations.remembering import remembered
from organisations.roles import Act
from organisations.scope import Actor

# chips and lists of what is somebody's own
PERSONAL = "review"
SHARED = ("", "all", "remedies")


def counts(ledger: Ledger, at: datetime) -> tuple[dict[str, int], datetime]:
    """``Ledger.counts``, all chips whichever is chosen, and when that was (``at``: now)."""
    plain = whichever_chip(ledger)
    asked, whose = plain.asked, seen(plain.actor)
    chips = tuple(plain.chips)
    if whose is None or asked.of not in SHARED or asked.q or asked.chip == PERSONAL:
        key = ("counts", chips, _whose(plain.actor), *_what(plain))
        found, at = remembered(key, lambda: counted(plain), at)
    else:
        found, at = _shared(plain, ("counts", chips, whose, *_what(plain)), at)
    return found | {"shown": found.get(ledger.asked.chip, found["shown"])}, at


def _shared(plain: Ledger, key: Hashable, at: datetime) -> tuple[dict[str, int], datetime]:
    """What is the same for all who see the same, and what waits for this person's own review: few,
    found by the steps of his unit."""
    told: list[int] = []

    def count() -> dict[str, int]:
        found = counted(plain)
        told.append(found.pop(PERSONAL, 0))
        return found

    def review() -> int:
        if told:
            return told[0]
        mine = replace(plain, asked=replace(plain.asked, chip=PERSONAL))
        found: int = mine.listed().count()
        return found

    found, at = remembered(key, count, at)
    if PERSONAL not in plain.chips:
        return found, at
    own = (PERSONAL, _whose(plain.actor), *_what(plain))
    return found | {PERSONAL: remembered(own, review, at)[0]}, at


def offered(ledger: Ledger, ask: Callable[[], Choices], at: datetime) -> Choices:
    """What the filters offer: by places and people, whatever list of them is asked for."""
    places = Asked(ids=ledger.asked.ids, grade=ledger.asked.grade, waits=ledger.asked.waits,
                   idle=ledger.asked.idle, q=ledger.asked.q)  # fmt: skip
    key = ("choices", _whose(ledger.actor), get_language(), ledger.on, places.as_query())
    return remembered(key, ask, at)[0]


def seen(actor: Actor) -> Hashable | None:
    """The part of the map that is read, for whoever reads whole cities: where it is the same, lists
    hold the same. None for who works in a part of one: few share it."""
    standings = actor.standings_for(Act.READ)
    if any(map(works_in_part, standings)) or actor.enterprise_ids or actor.served_ids:
        return None
    parts = frozenset((s.region_level, s.region_path, s.city_id) for s in standings)
    return (actor.is_system, parts, actor.city_ids)


def _whose(actor: Actor) -> Hashable:
    posts = (actor.standings, actor.reading)
    return (actor.user and actor.user.pk, *posts, actor.enterprise_ids, actor.served_ids)


def _what(ledger: Ledger) -> tuple[Hashable, ...]:
    return ledger.on, ledger.version, replace(ledger.asked, sort="").as_query()
