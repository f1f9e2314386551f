"""The plan's aims and how far they are: rates as of a day, counts out of the measures' entries.

A goal that nothing here counts shows what its paper told (003-01); a tier is only named (000-15).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cases.models import FormRecord
from reports.indicators import Indicators, indicators_on
from workflows.forms_entries import counted
from workflows.models import Programme
from workflows.packs import Pack
from workflows.papers import Goal
from workflows.text import localised


@dataclass(frozen=True)
class Standing:
    """A goal on a day. ``actual``: in the goal's own unit, None where nothing is known; ``gap`` is
    actual − target; ``of_day``: on which day the actual was so.
    """

    goal: Goal
    actual: Decimal | None
    of_day: date | None

    @property
    def gap(self) -> Decimal | None:
        if self.actual is None or self.goal.target is None:
            return None
        return self.actual - self.goal.target

    @property
    def is_reached(self) -> bool | None:
        if self.gap is None:
            return None
        return self.gap <= 0 if self.goal.kind == "rank" else self.gap >= 0


def standings(programme: Programme, on: date, pack: Pack | None = None) -> list[Standing]:
    """Every goal of the plan as of the end of a day; a fixed number of queries."""
    pack = pack or programme.current.pack
    asks_growth = any(goal.of and goal.kind == "points" for goal in pack.goals)
    month_end = on.replace(day=1) - timedelta(days=1)
    found = indicators_on(programme, (on, month_end) if asks_growth else (on,), pack)
    now, before = found[0], found[-1]
    counts = _entries(programme, pack, on)
    return [_standing(goal, now, before, counts, on) for goal in pack.goals]


def _standing(
    goal: Goal, now: Indicators, before: Indicators, counts: dict[str, Decimal], on: date
) -> Standing:
    if goal.of:
        rate = getattr(now.city, goal.of)
        if goal.kind != "points":
            return Standing(goal, rate, on)
        earlier = getattr(before.city, goal.of)
        known = rate is not None and earlier is not None
        return Standing(goal, rate - earlier if known else None, on)
    if goal.measure:
        return Standing(goal, counts.get(goal.measure, Decimal(0)), on)
    told = Decimal(goal.rank) if goal.kind == "rank" and goal.rank else goal.told
    return Standing(goal, told, goal.told_on if told is not None else None)


def _entries(programme: Programme, pack: Pack, on: date) -> dict[str, Decimal]:
    """What the measures' forms say was done by a day, by measure; the newest form of each case."""
    keys = {goal.measure for goal in pack.goals if goal.measure}
    records = FormRecord.objects.filter(
        case__programme=programme, case__measure__in=keys, at__date__lte=on
    )
    rows = records.order_by("pk").values_list("case_id", "case__measure", "form", "data")
    newest: dict[tuple[int, str], tuple[str, Any]] = {
        (case, form): (measure, data) for case, measure, form, data in rows
    }
    return _summed(newest.values(), on)


def _summed(found: Iterable[tuple[str, Any]], on: date) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for measure, data in found:
        total[measure] = total.get(measure, Decimal(0)) + counted(data, until=on)
    return total


def goal_line(one: Standing) -> dict[str, Any]:
    """A line of the page: the aim, by when, how far, and what that means in words."""
    goal = one.goal
    unit = localised(goal.unit) if goal.unit else "%" if goal.kind in PERCENT else ""
    return {
        "title": localised(goal.title),
        "tier": localised(goal.tier),
        "unit": unit,
        "target": _number(goal.target),
        "by": goal.by,
        "actual": _number(one.actual),
        "of_day": one.of_day,
        "gap": _number(one.gap, signed=True),
        "reached": one.is_reached,
        "assessed": goal.assessed,
    }


# from here on a number that stands alone is grouped (docs/look.md)
FIVE_DIGITS = 10_000
PERCENT = ("full", "share", "growth")


def _number(value: Decimal | None, *, signed: bool = False) -> str:
    """At most one decimal; nothing for what is not known."""
    if value is None:
        return ""
    rounded = value.quantize(Decimal("0.1"))
    whole = rounded == rounded.to_integral_value()
    marks = "," if abs(rounded) >= FIVE_DIGITS else ""
    words = f"{int(rounded) if whole else rounded:{marks}}"
    return f"+{words}" if signed and rounded > 0 else words
