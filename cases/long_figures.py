"""Figures of a very long ledger, for a while (docs/adr/0033), once for all who see the same.

The office, leaders and supervisors of a city see the same cases, so their chips say the same; only
what waits for a person's own review is his.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from datetime import datetime

from django.utils.translation import get_language

from cases.ledger import DATED, Asked, Ledger
from cases.ledger_choices import Choices, saved_by
from cases.ledger_known import counted, whichever_chip
from cases.querysets import works_in_part
from organisations.remembering import remembered, told_anew, told_now
from organisations.roles import Act
from organisations.scope import Actor

# chips and lists of what is somebody's own
PERSONAL = "review"
SHARED = ("", "all", "remedies")


def counts(ledger: Ledger, at: datetime) -> tuple[dict[str, int], datetime]:
    """``Ledger.counts``, all chips whichever is chosen, and when that was (``at``: now)."""
    plain = whichever_chip(ledger)
    key, is_shared = _key(plain)
    if is_shared:
        found, at = _shared(plain, key, at)
    else:
        found, at = remembered(key, lambda: counted(plain), at)
    return found | {"shown": found.get(ledger.asked.chip, found["shown"])}, at


def is_known_short(ledger: Ledger, few: int) -> bool:
    """Whether somebody was told a while ago that the list has so few rows, of very many that it
    chooses from; no statement. What chooses by date is found by its index however few there are."""
    if ledger.asked.chip in DATED:
        return False
    found = told_now(_key(whichever_chip(ledger))[0])
    return found is not None and found.get(ledger.asked.chip, found["shown"]) <= few


def _key(plain: Ledger) -> tuple[Hashable, bool]:
    """Under what the figures are kept, and whether for all who see the same."""
    asked, whose = plain.asked, seen(plain.actor)
    is_shared = whose is not None and asked.of in SHARED and not asked.q and asked.chip != PERSONAL
    by = whose if is_shared else _whose(plain.actor)
    return ("counts", tuple(plain.chips), by, *_what(plain)), is_shared


def _shared(plain: Ledger, key: Hashable, at: datetime) -> tuple[dict[str, int], datetime]:
    """What is the same for all who see the same, and what waits for this person's own review: few,
    found by the steps of his unit."""
    own = (PERSONAL, _whose(plain.actor), *_what(plain))

    def count() -> dict[str, int]:
        found = counted(plain)
        if PERSONAL in found:
            told_anew(own, found.pop(PERSONAL), at)
        return found

    def review() -> int:
        mine = replace(plain, asked=replace(plain.asked, chip=PERSONAL))
        found: int = mine.listed().count()
        return found

    found, when = remembered(key, count, at)
    if PERSONAL not in plain.chips:
        return found, when
    return found | {PERSONAL: remembered(own, review, at)[0]}, when


def offered(ledger: Ledger, ask: Callable[[], Choices], at: datetime) -> Choices:
    """What the filters offer: by places and people, whatever list of them is asked for. Filters
    that somebody kept are there as soon as they are."""
    asked = ledger.asked
    places = Asked(
        ids=asked.ids, grade=asked.grade, waits=asked.waits, idle=asked.idle, q=asked.q
    ).as_query()
    key = ("choices", _whose(ledger.actor), get_language(), ledger.on, ledger.version, places)
    fresh: list[Choices] = []

    def look() -> Choices:
        fresh.append(ask())
        return fresh[0]

    found = remembered(key, look, at)[0]
    return found if fresh else replace(found, saved=saved_by(ledger.actor))


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
