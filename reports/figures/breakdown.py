"""The same figures by zone, county, competent department, liaison group or industry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.industries import DIVISIONS
from reports.figures.definitions import INDICATORS
from reports.figures.months import State, zones_of
from reports.figures.rows import FirmRow
from reports.figures.tally import Tally, half_up, tallies
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

    def figures(self) -> dict[str, int | Decimal | None]:
        return {one.key: one.value(self.tally) for one in INDICATORS}


def breakdown(state: State, by: str) -> list[Line]:
    """Parts in which something was counted: counties and zones in the order of the plan, others
    from the largest down. What belongs nowhere is a part of its own."""
    counted = tallies(state.rows, _key(state, by), state.pack.base)
    names = _names(state, by)
    ordered = [key for key in names if key in counted]
    if by in ("department", "group", "industry"):
        ordered.sort(key=lambda key: -counted[key].counts["current"])
    strays = [key for key in counted if key not in names]
    other = _("Without")
    lines = [Line(key, names[key], counted[key]) for key in ordered]
    if strays:
        wanted = set(strays)
        key = _key(state, by)
        rest = tallies((row for row in state.rows if key(row) in wanted), lambda _row: "")
        lines.append(Line("", other, rest[""]))
    return lines


def _key(state: State, by: str) -> Callable[[FirmRow], str | int]:
    if by == "zone":
        zones, names = zones_of(state.pack), state.names.counties
        return lambda row: zones.get(names.get(row.county, ""), "")
    if by == "group":
        groups = state.names.groups
        return lambda row: groups.get(row.county, "")
    name = {"county": "county", "department": "department", "industry": "division"}[by]
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


def stage_lines(state: State) -> list[dict[str, Any]]:
    """Of each stage of the firms' own cases: how many stand there, working days of those that
    left it, on average."""
    total, found = state.total, []
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
