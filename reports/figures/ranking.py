"""Counties in their order: by the gap to the month's planned line, by zone or plain. Plain values.

Before rounding, ties share a place and the next one is skipped (1, 1, 3). With targets of 50 to
85 % a rank by the rate alone is unfair; where a county has no target it has no place.
Source: 002-05, 002-06, 004-24; practice: "rank by gap to the month's planned line".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TypeVar

from organisations.rounding import half_up, points

# 第一方阵 (000-15): the first third of all counties, whole; who ties with the last of them is in it
FIRST_TIER = 3


@dataclass(frozen=True)
class Share:
    """Of a county in a month: ``part`` of ``whole`` firms, its target of the year in per cent."""

    part: int
    whole: int
    target: Decimal | None

    @property
    def exact(self) -> Fraction | None:
        return Fraction(100 * self.part, self.whole) if self.whole else None

    def gap(self, planned: Fraction) -> Fraction | None:
        """Points above the line; ``planned``: the part of the target that is due (0–1)."""
        if self.exact is None or self.target is None:
            return None
        return self.exact - Fraction(self.target) * planned

    def short(self, planned: Fraction) -> int | None:
        """How many firms more reach the line."""
        if self.target is None:
            return None
        return max(0, ceil(Fraction(self.target) * planned * self.whole / 100) - self.part)


@dataclass(frozen=True)
class Place:
    """A county's line. Rates and points as printed; ``moved``: places that it has risen since the
    month before; ``above``: its rate against the city's (None where equal or unknown)."""

    name: str
    zone: str
    share: Share
    rank: int | None = None
    rate: Decimal | None = None
    planned: Decimal | None = None
    gap: Decimal | None = None
    short: int | None = None
    change: Decimal | None = None
    moved: int | None = None
    above: bool | None = None
    first_tier: bool = False


@dataclass(frozen=True)
class Month:
    """Shares by county in the order of the plan, with the part of the year's target that is due."""

    shares: Mapping[str, Share]
    planned: Fraction


def places(
    now: Month, before: Month | None, zones: Mapping[str, str], *, by_zone: bool = True
) -> list[Place]:
    """Every county with its place, zone by zone in the order of the plan, the best first."""
    groups: dict[str, list[str]] = {}
    for name in now.shares:
        groups.setdefault(zones.get(name, "") if by_zone else "", []).append(name)
    city = _city(now.shares.values())
    tier = _first_tier(now)
    found: list[Place] = []
    for names in groups.values():
        ranks, were = _ranks(now, names), _ranks(before, names) if before else {}
        lines = [
            replace(
                _place(name, now, before, city),
                zone=zones.get(name, ""),
                rank=ranks.get(name),
                moved=were[name] - ranks[name] if name in were and name in ranks else None,
                first_tier=name in tier,
            )
            for name in names
        ]
        found += sorted(lines, key=lambda line: (line.rank is None, line.rank or 0))
    return found


def _place(name: str, now: Month, before: Month | None, city: Fraction | None) -> Place:
    share = now.shares[name]
    was = before.shares.get(name) if before else None
    target = share.target
    planned = None if target is None else half_up(Fraction(target) * now.planned)
    rate = None if share.exact is None else half_up(share.exact)
    earlier = None if was is None or was.exact is None else half_up(was.exact)
    above = None if share.exact is None or city is None else share.exact > city
    return Place(
        name,
        "",
        share,
        rate=rate,
        planned=planned,
        gap=points(rate, planned),
        short=share.short(now.planned),
        change=points(rate, earlier),
        above=None if share.exact == city else above,
    )


def _ranks(month: Month, names: Sequence[str]) -> dict[str, int]:
    gaps = {n: month.shares[n].gap(month.planned) for n in names if n in month.shares}
    return ranks({name: gap for name, gap in gaps.items() if gap is not None})


Key = TypeVar("Key", bound=Hashable)


def ranks(figures: Mapping[Key, Fraction]) -> dict[Key, int]:
    """The largest first; who ties shares a place and the next one is skipped (1, 1, 3)."""
    first: dict[Fraction, int] = {}
    for place, figure in enumerate(sorted(figures.values(), reverse=True), 1):
        first.setdefault(figure, place)
    return {key: first[figure] for key, figure in figures.items()}


def _first_tier(month: Month) -> frozenset[str]:
    ranks = _ranks(month, list(month.shares))
    last = ceil(len(ranks) / FIRST_TIER)
    return frozenset(name for name, rank in ranks.items() if rank <= last)


def _city(shares: Iterable[Share]) -> Fraction | None:
    """The average of all counties: the city's own rate, each firm counting once (002-05)."""
    given = list(shares)
    whole = sum(share.whole for share in given)
    return Fraction(100 * sum(share.part for share in given), whole) if whole else None
