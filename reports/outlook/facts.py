"""Covered firms and their base at the end of several days at once: two statements, four where the
rates stand on the year's base. A frozen month is read from its freeze, once in a process.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from cases.rulebook import pack_of
from cases.stages import CLOSED
from enterprises.filing import HAVES
from enterprises.models import Membership, MonthlyFact
from reports.figures.nouns import Freeze, FrozenRows
from reports.figures.reading import base_day, first_month, last_month
from reports.figures.rows import FirmRow
from reports.figures.tally import ASSESSMENT, tallies
from workflows.models import Programme
from workflows.packs import Pack

Counts = Mapping[int, tuple[int, int]]  # by county: covered, base
# by the seal of what was frozen, which never changes
_FROZEN: dict[str, tuple[Counts, Mapping[int, int]]] = {}
MOST_KEPT = 200


@dataclass
class Coverage:
    """Of a programme's city: who is on the base and who is covered, as of the end of any day."""

    programme: Programme
    pack: Pack
    last: date
    _known: dict[tuple[bool, ...], bool] = field(default_factory=dict)

    @cached_property
    def _members(self) -> list[tuple[int, int, date, date | None]]:
        rows = Membership.objects.filter(city=self.programme.city_id, joined_on__lte=self.last)
        return list(rows.values_list("county_id", "enterprise_id", "joined_on", "left_on"))

    @cached_property
    def _facts(self) -> list[tuple[Any, ...]]:
        """The newest last, as ``enterprises.facts`` has it."""
        rows = MonthlyFact.objects.filter(
            city=self.programme.city_id,
            known_on__lte=self.last,
            about_month__gte=first_month(self.pack).replace(day=1),
            about_month__lte=last_month(self.pack),
        )
        ordered = rows.order_by("about_month", "known_on", "pk")
        return list(ordered.values_list("enterprise_id", "known_on", *HAVES))

    def base(self, day: date) -> dict[int, int]:
        """County by firm: the register of the day, or of the year's base."""
        return self._last_base if day == self.last else self._base(day)

    @cached_property
    def _last_base(self) -> dict[int, int]:
        """Of the day that is asked again and again."""
        return self._base(self.last)

    def _base(self, day: date) -> dict[int, int]:
        found = {
            firm: county
            for county, firm, joined, left in self._members
            if joined <= day and (left is None or left > day)
        }
        if self.pack.base != ASSESSMENT:
            return found
        on = min(self._base_day, day)
        fixed = {
            firm
            for _county, firm, joined, left in self._members
            if joined <= on and (left is None or left > on)
        }
        return {firm: county for firm, county in found.items() if firm in fixed}

    @cached_property
    def _base_day(self) -> date:
        return base_day(self.programme, self.pack)

    def covered(self, day: date) -> set[int]:
        return self._last_covered if day == self.last else self._covered(day)

    @cached_property
    def _last_covered(self) -> set[int]:
        return self._covered(self.last)

    def _covered(self, day: date) -> set[int]:
        newest = {row[0]: row[2:] for row in self._facts if row[1] <= day}
        return {firm for firm, haves in newest.items() if self._covers(haves)}

    def _covers(self, haves: tuple[bool, ...]) -> bool:
        if haves not in self._known:
            given = dict(zip(HAVES, map(bool, haves), strict=True))
            self._known[haves] = self.pack.is_covered(given)
        return self._known[haves]

    def counts(self, day: date) -> Counts:
        base, covered = self.base(day), self.covered(day)
        found: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        for firm, county in base.items():
            found[county][0] += firm in covered
            found[county][1] += 1
        return {county: (part, whole) for county, (part, whole) in found.items()}


def frozen_counts(freezes: Sequence[Freeze]) -> dict[date, Counts]:
    """By day, as frozen: one statement, none for what this process has read before."""
    return {day: counts for day, (counts, _closed) in _frozen(freezes).items()}


def frozen_closings(freezes: Sequence[Freeze]) -> dict[date, Mapping[int, int]]:
    """By day, firms closed in all by county, as frozen; read with ``frozen_counts``."""
    return {day: closed for day, (_counts, closed) in _frozen(freezes).items()}


def _frozen(freezes: Sequence[Freeze]) -> dict[date, tuple[Counts, Mapping[int, int]]]:
    missing = [freeze for freeze in freezes if freeze.seal not in _FROZEN]
    if len(_FROZEN) + len(missing) > MOST_KEPT:
        _FROZEN.clear()
        missing = list(freezes)
    packs = {freeze.pk: freeze for freeze in missing}
    for kept in FrozenRows.objects.filter(freeze__in=missing) if missing else ():
        freeze = packs[kept.freeze_id]
        rows = kept.firms
        counts = _counted(rows, pack_of(freeze.pack_version_id or 0).base)
        _FROZEN[freeze.seal] = counts, Counter(r.works_in for r in rows if r.stage == CLOSED)
    return {freeze.as_of: _FROZEN[freeze.seal] for freeze in freezes}


def _counted(rows: Sequence[FirmRow], base: str) -> Counts:
    found = tallies(rows, lambda row: row.county, base)
    return {
        int(county): (one.counts["with_rd"], one.counts["listed"]) for county, one in found.items()
    }


def total(counts: Counts, of: Iterable[int] | None = None) -> tuple[int, int]:
    """Of some counties, or of all."""
    wanted = counts.values() if of is None else (counts.get(key, (0, 0)) for key in of)
    parts = list(wanted)
    return sum(part for part, _whole in parts), sum(whole for _part, whole in parts)
