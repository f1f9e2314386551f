"""The same figures by zone, county, competent department, liaison group or industry."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.industries import DIVISIONS
from organisations.rounding import half_up
from reports.figures.definitions import BY_KEY, INDICATORS, OF_CASES
from reports.figures.months import State, zones_of
from reports.figures.rows import FirmRow
from reports.figures.summing import sum_of, sums_of
from reports.figures.tally import Tally, tallies, tally
from workflows.text import localised

BY: Mapping[str, str | Promise] = {
    "county": gettext_lazy("County"),
    "zone": gettext_lazy("Zone"),
    "department": gettext_lazy("Competent department"),
    "group": gettext_lazy("Liaison group"),
    "industry": gettext_lazy("Industry"),
}


@dataclass(frozen=True)
class Line:
    """A part of the city; ``key``: what filters elsewhere ask for."""

    key: str | int
    name: str
    tally: Tally
    unknown: frozenset[str] = frozenset()

    def figures(self) -> dict[str, int | Decimal | None]:
        return {
            one.key: None if one.key in self.unknown else one.value(self.tally)
            for one in INDICATORS
        }


OTHER = ""  # the part of whatever belongs nowhere


def breakdown(state: State, by: str) -> list[Line]:
    """Parts in which something was counted: counties and zones in the order of the plan, others
    from the largest down. What belongs nowhere is a part of its own."""
    counted, names = _counted(state, by), _names(state, by)
    ordered = [key for key in names if key in counted]
    if by in ("department", "group", "industry"):
        ordered.sort(key=lambda key: -counted[key].counts["current"])
    lines = [Line(key, names[key], counted[key], state.unknown) for key in ordered]
    if OTHER in counted:
        lines.append(Line(OTHER, _("Without"), counted[OTHER], state.unknown))
    return lines


def seen_in(state: State, by: str, firms: Container[int]) -> dict[str, Tally]:
    """By part as an address writes it, what is counted of some firms alone: a number is opened by
    whoever sees all that it counts."""
    if state.sums is not None:
        filing, ledger = _part(state, by), _part(state, by, ledger=True)
        found = sums_of(state.sums, filing, state.pack.base, ledger=ledger, seen=True)
    else:
        found = _counted(state, by, [row for row in state.rows if row.firm in firms])
    return {str(key): one for key, one in found.items()}


def seen_of(state: State, firms: Container[int]) -> Tally:
    """The same of the whole city; ``firms`` are not asked where the database counts."""
    if state.sums is not None:
        return sum_of(state.sums, state.pack.base, seen=True)
    return tally((row for row in state.rows if row.firm in firms), state.pack.base)


def tallies_of(lines: Iterable[Line]) -> dict[str, Tally]:
    """The same for whoever sees every firm."""
    return {str(line.key): line.tally for line in lines}


def _counted(
    state: State, by: str, rows: Iterable[FirmRow] | None = None
) -> dict[str | int, Tally]:
    """Of every firm, or of ``rows`` alone."""
    filing, ledger = _part(state, by), _part(state, by, ledger=True)
    if rows is None and state.sums is not None:
        return sums_of(state.sums, filing, state.pack.base, ledger=ledger)
    return tallies(state.rows if rows is None else rows, filing, state.pack.base, ledger=ledger)


def whole(state: State) -> Line:
    """The city as a line."""
    return Line(OTHER, state.programme.city.name, state.total, state.unknown)


def rows_of(state: State, by: str, key: str, indicator: str) -> list[FirmRow]:
    """The firms that may count in a figure of a part, named as ``Line.key`` is in an address."""
    part = _part(state, by, ledger=indicator in OF_CASES)
    return [row for row in state.rows if str(part(row)) == key]


def needs_in(state: State, by: str, counts: Mapping[int, int]) -> dict[str, int]:
    """Counts by county, such as those of needs, by the names of parts that are made of counties;
    empty for others."""
    if by not in ("county", "zone", "group"):
        return {}
    names, zones = state.names.counties, zones_of(state.pack)
    words = _names(state, by)
    found: dict[str, int] = {}
    for county, name in names.items():
        key = {"county": county, "zone": zones.get(name), "group": state.names.groups.get(county)}
        if county in counts:
            part = words.get(key[by], _("Without"))
            found[part] = found.get(part, 0) + counts[county]
    return found


def named_part(state: State, by: str) -> Callable[[FirmRow], str]:
    """The part that the filing counts a row in, by the name of its line."""
    part, names = _part(state, by), _names(state, by)
    return lambda row: str(names.get(part(row)) or _("Without"))


def firms_in(rows: Iterable[FirmRow], indicator: str, base: str) -> list[FirmRow]:
    """The firms that a figure counts; of a rate its part. What a row counts in is asked of the
    same sums that make the figure, so list and number cannot differ."""
    part = BY_KEY[indicator].part
    return [row for row in rows if tally([row], base).counts[part]]


def parts_of(state: State, by: str, *, ledger: bool) -> dict[Any, str | int]:
    """Counties, units or industries, each with the part that it belongs to."""
    part, row = _part(state, by, ledger=ledger), FirmRow(0, "", "", 0)
    if by == "industry":
        return {one.code: part(replace(row, industry=one.code)) for one in DIVISIONS}
    if by == "department":
        return {pk: part(replace(row, department=pk)) for pk in state.names.units}
    return {pk: part(replace(row, county=pk)) for pk in state.names.counties}


def part_name(state: State, by: str, key: str) -> str:
    """As a line is called whose key stands in an address."""
    names = {str(one): name for one, name in _names(state, by).items()}
    return str(names.get(key, _("Without")))


def _part(state: State, by: str, *, ledger: bool = False) -> Callable[[FirmRow], str | int]:
    """The part that a row belongs to; of its case where the ledger's figures are asked."""
    key, names = _key(state, by, "works_in" if ledger else "county"), _names(state, by)

    def part(row: FirmRow) -> str | int:
        found = key(row)
        return found if found in names else OTHER

    return part


def _key(state: State, by: str, county: str) -> Callable[[FirmRow], str | int]:
    if by == "zone":
        zones, names = zones_of(state.pack), state.names.counties
        return lambda row: zones.get(names.get(getattr(row, county), ""), "")
    if by == "group":
        groups = state.names.groups
        return lambda row: groups.get(getattr(row, county), "")
    name = {"county": county, "department": "department", "industry": "division"}[by]
    return lambda row: getattr(row, name)


def _names(state: State, by: str) -> Mapping[Any, str]:
    if by == "zone":
        return {key: localised(title) for key, title in state.pack.zones.items()}
    if by == "county":
        return state.names.counties
    if by == "group":
        return {name: name for name in state.names.groups.values()}
    if by == "department":
        return state.names.units
    return {one.code: one.label for one in DIVISIONS}


def stage_lines(state: State, of: Tally | None = None) -> list[dict[str, Any]]:
    """Of each stage of the firms' own cases: how many stand there, working days of those that
    left it, on average; ``of``: of one part, else of all."""
    total, found = of or state.total, []
    for stage in state.pack.root.stages:
        days = total.days(stage.key)
        found.append(
            {
                "stage": stage.key,
                "label": localised(stage.state_label),
                "open": total.stages[stage.key],
                "left": total.spent.get(stage.key, (0, 0))[1],
                "days": None if days is None else half_up(days),
            }
        )
    return found
