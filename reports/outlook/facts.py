"""Covered firms and their base at the end of several days at once, as the database counts them.
A frozen month is read from its freeze, once in a process.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from cases.rulebook import pack_of
from cases.stages import CLOSED
from enterprises.told import SAID, Day, Told, said_of_any, told_by_county
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


def asked_day(programme: Programme, pack: Pack, day: date) -> Day:
    """The register of the day, of the year's base alone where the plan says so."""
    fixed = base_day(programme, pack) if pack.base == ASSESSMENT else None
    return Day(day, min(fixed, day) if fixed else None)


def counts_on(programme: Programme, pack: Pack, days: Sequence[date]) -> list[Counts]:
    """As the firms' facts are known now; one statement, two on the year's base."""
    found: list[Counts] = []
    for lines in _told(programme, pack, days):
        counts: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0])
        for county, said, firms in lines:
            counts[county][0] += firms * _covers(pack, said)
            counts[county][1] += firms
        found.append({county: (part, whole) for county, (part, whole) in counts.items()})
    return found


def totals_on(
    programme: Programme, pack: Pack, days: Sequence[date]
) -> list[tuple[int, int] | None]:
    """The same of the city alone; None before anybody was covered, on the register or not. One
    statement more where nobody on the base was."""
    totals = [
        (
            sum(one.firms * _covers(pack, one.said) for one in lines),
            sum(one.firms for one in lines),
        )
        for lines in _told(programme, pack, days, by_county=False)
    ]
    without = [day for day, (covered, _base) in zip(days, totals, strict=True) if not covered]
    since, until = first_month(pack), last_month(pack)
    asked = [Day(day) for day in without]
    said = said_of_any(programme.city, asked, since=since, until=until) if asked else []
    none = {
        day
        for day, those in zip(without, said, strict=True)
        if not any(_covers(pack, one) for one in those)
    }
    return [None if day in none else one for day, one in zip(days, totals, strict=True)]


def _told(
    programme: Programme, pack: Pack, days: Sequence[date], *, by_county: bool = True
) -> list[list[Told]]:
    asked = [asked_day(programme, pack, day) for day in days]
    since, until = first_month(pack), last_month(pack)
    city = programme.city
    if not asked:
        return []
    return told_by_county(city, asked, since=since, until=until, by_county=by_county)


def _covers(pack: Pack, said: tuple[bool, ...] | None) -> bool:
    return said is not None and pack.is_covered(dict(zip(SAID, said, strict=True)))


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
