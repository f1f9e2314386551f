"""变动清单: why a figure became another, firm by firm, between two states. Plain values.

Every firm whose row counts otherwise than before is named with what happened to it; the sums of a
figure's changes are exactly the difference of its two values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from cases.stages import CLOSED
from reports.figures.rows import FirmRow
from reports.figures.tally import ASSESSMENT, CURRENT

Bases = tuple[str, str]
_Rows = Mapping[int, FirmRow]

WORDS: Mapping[str, str | Promise] = {
    "joined": pgettext_lazy("change", "joined the register"),
    "left": pgettext_lazy("change", "left the register"),
    "moved": pgettext_lazy("change", "moved to another county"),
    "covered": pgettext_lazy("change", "newly covered"),
    "uncovered": pgettext_lazy("change", "no longer covered"),
    "filed": pgettext_lazy("change", "newly filed"),
    "unfiled": pgettext_lazy("change", "no longer filed"),
    "complete": pgettext_lazy("change", "all four reached"),
    "incomplete": pgettext_lazy("change", "one of the four lost"),
    "closed": pgettext_lazy("change", "closed"),
    "reopened": pgettext_lazy("change", "closing taken back"),
}
# the figures that are explained: (key, what a row counts there)
EXPLAINED = ("listed", "filed", "covered", "four_haves", "closed")
_SIGNED = {
    "filed": ("filed", "unfiled"),
    "covered": ("covered", "uncovered"),
    "four_haves": ("complete", "incomplete"),
    "closed": ("closed", "reopened"),
}


@dataclass(frozen=True)
class Change:
    """One firm: ``kinds`` in the order of ``WORDS``; counties before and after (0: none)."""

    firm: int
    name: str
    code: str
    was_in: int
    is_in: int
    kinds: tuple[str, ...]

    @property
    def county(self) -> int:
        return self.is_in or self.was_in


@dataclass(frozen=True)
class Explained:
    """A figure before and after, with the number of firms by what happened to them."""

    figure: str
    before: int
    after: int
    by_kind: Mapping[str, int]


def counts_in(row: FirmRow | None, figure: str, base: str = CURRENT) -> bool:
    """Whether a firm counts in a figure: those of the filing only while it is on the base, the
    register of the day or the year's (``tally``)."""
    if row is None:
        return False
    if figure == "closed":
        return row.stage == CLOSED
    on_it = row.assessed if base == ASSESSMENT else row.listed
    return on_it and (figure == "listed" or bool(getattr(row, figure)))


def changes(
    before: Iterable[FirmRow], after: Iterable[FirmRow], bases: Bases = (CURRENT, CURRENT)
) -> list[Change]:
    """Firms that count otherwise than before, by county and name; ``bases``: of both states."""
    old, new = ({row.firm: row for row in rows} for rows in (before, after))
    found = []
    for firm in {**old, **new}:
        was, now = old.get(firm), new.get(firm)
        kinds = _kinds(was, now, bases)
        shown = now or was
        if kinds and shown is not None:
            places = (
                was.county if was and was.listed else 0,
                now.county if now and now.listed else 0,
            )
            found.append(Change(firm, shown.name, shown.code, *places, kinds))
    return sorted(found, key=in_order)


def in_order(one: Change) -> tuple[int, str, int]:
    return one.county, one.name, one.firm


def _kinds(was: FirmRow | None, now: FirmRow | None, bases: Bases) -> tuple[str, ...]:
    pairs = zip((was, now), bases, strict=True)
    before, after = ({f: counts_in(row, f, base) for f in EXPLAINED} for row, base in pairs)
    kinds = []
    if before["listed"] != after["listed"]:
        kinds.append("joined" if after["listed"] else "left")
    elif was and now and after["listed"] and was.county != now.county:
        kinds.append("moved")
    for figure, (gained, lost) in _SIGNED.items():
        if "left" in kinds and figure != "closed":
            continue  # with the firm goes what it filed
        if before[figure] != after[figure]:
            kinds.append(gained if after[figure] else lost)
    return tuple(kinds)


def explained(
    before: Iterable[FirmRow], after: Iterable[FirmRow], bases: Bases = (CURRENT, CURRENT)
) -> list[Explained]:
    """Each figure with what made the difference; a firm that joins or leaves is counted as that,
    whatever else it brings along or takes away. ``bases``: what the rates of both states stand on.
    """
    first, last = list(before), list(after)
    kinds: dict[str, Counter[str]] = {figure: Counter() for figure in EXPLAINED}
    old, new = ({row.firm: row for row in rows} for rows in (first, last))
    for firm in {**old, **new}:
        on_it = [counts_in(rows.get(firm), "listed", base) for rows, base in _both(old, new, bases)]
        for figure in EXPLAINED:
            was, now = (counts_in(r.get(firm), figure, base) for r, base in _both(old, new, bases))
            if was != now:
                came = figure != "closed" and on_it[0] != on_it[1]
                kinds[figure][_reason(figure, gained=now, came=came)] += 1
    return [
        Explained(
            figure,
            sum(counts_in(row, figure, bases[0]) for row in first),
            sum(counts_in(row, figure, bases[1]) for row in last),
            dict(kinds[figure]),
        )
        for figure in EXPLAINED
    ]


def _both(old: _Rows, new: _Rows, bases: Bases) -> Iterable[tuple[_Rows, str]]:
    return zip((old, new), bases, strict=True)


def _reason(figure: str, *, gained: bool, came: bool) -> str:
    """``came``: the firm joined or left the base."""
    if came:
        return "joined" if gained else "left"
    return _SIGNED[figure][0 if gained else 1]
