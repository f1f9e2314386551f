"""What a new version of a frozen month would change: by indicator and county, firm by firm."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports.figures.breakdown import breakdown, whole
from reports.figures.definitions import INDICATORS, Indicator
from reports.figures.months import State
from reports.figures.rows import FirmRow

# of one column of a firm: what it is called, what it says
Told = tuple[str, Callable[[FirmRow], str]]


@dataclass(frozen=True)
class Moved:
    """An indicator of a part (the city first) that would print otherwise."""

    part: str
    indicator: Indicator
    before: int | Decimal | None
    after: int | Decimal | None


@dataclass(frozen=True)
class FirmMoved:
    """A firm that would be kept otherwise; ``cells``: (column, before, after). ``county`` as it
    would be, else as it was."""

    firm: int
    name: str
    code: str
    county: str
    cells: tuple[tuple[str, str, str], ...]


def moved(before: State, after: State) -> list[Moved]:
    """Indicators that differ as printed, of the city and by county."""
    old = {line.name: line.figures() for line in (whole(before), *breakdown(before, "county"))}
    found = []
    for line in (whole(after), *breakdown(after, "county")):
        was, now = old.pop(line.name, {}), line.figures()
        for one in INDICATORS:
            if was.get(one.key) != now[one.key]:
                found.append(Moved(line.name, one, was.get(one.key), now[one.key]))
    for name, was in old.items():  # a county that nothing would be counted of any more
        found += [Moved(name, one, was[one.key], None) for one in INDICATORS if was[one.key]]
    return found


def firms_moved(
    before: State,
    after: State,
    columns: tuple[Sequence[Told], Sequence[Told]],
    seen: Container[int] | None = None,
) -> list[FirmMoved]:
    """Firms whose kept row would differ, by county and name; ``columns``: of both states, alike;
    ``seen``: whose rows the reader may open (default: all)."""
    old, new = ({row.firm: row for row in state.rows} for state in (before, after))
    found = []
    for firm in {**old, **new}:
        if seen is not None and firm not in seen:
            continue
        was, now = old.get(firm), new.get(firm)
        cells = tuple(
            (title, first, last)
            for (title, told), (_title, tells) in zip(*columns, strict=True)
            for first, last in [(told(was) if was else "", tells(now) if now else "")]
            if first != last
        )
        shown: Any = now or was
        names = after.names.counties if now else before.names.counties
        if cells:
            county = names.get(shown.county, "")
            found.append(FirmMoved(firm, shown.name, shown.code, county, cells))
    return sorted(found, key=in_order)


def in_order(one: FirmMoved) -> tuple[str, str, int]:
    return one.county, one.name, one.firm
