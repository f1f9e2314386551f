"""The page of a dry run: fields, charts in per cent of their cell, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.simulation.assumptions import MOST_DAYS, MOST_RUNS, NUMBERS, Assumptions, kinds
from config.simulation.findings import findings, month_words, premise
from config.simulation.outcome import WAVES, CountyLine, Outcome, Plan, Range
from workflows.packs import Pack

WAVE_WORDS = {
    "once": gettext_lazy("All at once"),
    "class": gettext_lazy("The likeliest class first"),
    "zone": gettext_lazy("Zone by zone"),
}
MOST_SEED = 2**31 - 1


@dataclass(frozen=True)
class Bar:
    """A month's bar; x and widths in per cent of the cell."""

    label: str
    figure: str
    note: str
    width: str
    range_x: str
    range_end: str
    tick: str = ""
    behind: bool = False


def plan_fields(plan: Plan | None, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """Days, waves, seed and runs; as they were played, else as they were asked."""
    own = _("Left empty: the plan's own day")
    days = [
        ("start", _("Cases are opened on"), plan.start if plan else None),
        ("until", _("Played until"), plan.until if plan else None),
    ]
    numbers = [
        ("every", _("Working days between waves"), 15, 1, MOST_DAYS),
        ("seed", _("Seed of the luck"), 1, 0, MOST_SEED),
        ("runs", _("Number of runs"), 9, 1, MOST_RUNS),
    ]
    fields: list[dict[str, Any]] = [
        {"kind": "date", "name": n, "label": label, "value": day, "hint": own, "required": False}
        for n, label, day in days
    ]
    fields.append(
        {
            "kind": "select",
            "name": "wave",
            "label": _("How cases are opened"),
            "choices": [(key, WAVE_WORDS[key]) for key in WAVES],
            "value": asked.get("wave") or WAVES[0],
            "empty": False,
        }
    )
    for name, label, usual, low, most in numbers:
        held = asked.get(name) or usual
        fields.append(
            {"kind": "number", "name": name, "label": label, "value": held, "min": low,
             "max": most, "step": 1}
        )  # fmt: skip
    return fields


def assumption_fields(pack: Pack, assumed: Assumptions) -> dict[str, Any]:
    """The numbers as fields, and a row of four numbers for each kind of step."""
    numbers = [
        {"kind": "number", "name": name, "label": label, "min": 0, "max": most, "step": 1,
         "value": getattr(assumed.numbers, name)}
        for name, label, most in NUMBERS
    ]  # fmt: skip
    rows = []
    for kind in kinds(pack):
        if kind.work == "turn":
            continue
        pace = assumed.paces[kind.key]
        cells = [
            (f"{part}-{kind.key}", getattr(pace, part), most, f"{kind.title}: {label}")
            for part, label, most in (
                ("low", _("from"), MOST_DAYS),
                ("high", _("until"), MOST_DAYS),
                ("forgotten", _("forgotten, per cent"), 100),
                ("returned", _("comes back, per cent"), 100),
            )
        ]
        rows.append({"title": kind.title, "cells": cells})
    return {"numbers": numbers, "paces": rows}


def result(outcome: Outcome) -> dict[str, Any]:
    """Words first, then bars by month, then the tables."""
    months = [month_words(month) for month in outcome.months]
    first, found = premise(outcome), findings(outcome)
    busy = [line for line in outcome.units if _any(line.open)]
    return {
        "outcome": outcome,
        "told": [finding for finding in found if not finding.is_warning],
        "premise": first,
        "warned": [finding for finding in found[len(first) :] if finding.is_warning],
        "months": months,
        "coverage": list(_coverage_bars(outcome, months)),
        "overdue": list(_overdue_bars(outcome, months)),
        "loads": [_row(line.unit, line.open, months) for line in busy],
        "besides": [_row(line.unit, line.matters, months) for line in busy if _any(line.matters)],
        "matters": outcome.matters,
        "lates": [_row(line.unit, line.late, months) for line in busy if _any(line.late)],
        "counties": [_county(line) for line in outcome.counties],
        "rungs": [line for line in outcome.rungs if line.total.high],
        "steps": outcome.steps,
    }


def spread(found: Range) -> str:
    """40–52, or one number where all runs agree."""
    return f"{found.low}–{found.high}" if found.low != found.high else str(found.middle)


def _coverage_bars(outcome: Outcome, months: Sequence[str]) -> Iterable[Bar]:
    city = outcome.city
    for place, label in enumerate(months):
        found, planned = city.covered[place], city.planned[place]
        rate, low, high = (city.rate(n) for n in (found.middle, found.low, found.high))
        gap = city.gap(place)
        yield Bar(
            label,
            figure=f"{rate}%",
            note=_points(gap),
            width=_percent(rate),
            range_x=_percent(low),
            range_end=_percent(high),
            tick=_percent(planned) if planned is not None else "",
            behind=gap is not None and gap < 0,
        )


def _overdue_bars(outcome: Outcome, months: Sequence[str]) -> Iterable[Bar]:
    most = max((found.high for found in outcome.late), default=0) or 1
    for label, found in zip(months, outcome.late, strict=True):
        parts = [Decimal(100 * n) / most for n in (found.middle, found.low, found.high)]
        yield Bar(
            label,
            figure=str(found.middle),
            note=spread(found),
            width=_percent(parts[0]),
            range_x=_percent(parts[1]),
            range_end=_percent(parts[2]),
        )


def _any(found: Iterable[Range]) -> bool:
    return any(one.middle for one in found)


def _row(unit: str, found: Sequence[Range], months: Sequence[str]) -> dict[str, Any]:
    worst = max(range(len(found)), key=lambda place: found[place].middle)
    cells = [(one.middle, place == worst) for place, one in enumerate(found)]
    return {"unit": unit, "cells": cells, "worst": months[worst], "spread": spread(found[worst])}


def _county(line: CountyLine) -> dict[str, Any]:
    last = len(line.covered) - 1
    gap = line.gap(last)
    return {
        "line": line,
        "rates": [line.rate(found.middle) for found in line.covered],
        "low": line.rate(line.covered[last].low),
        "high": line.rate(line.covered[last].high),
        "planned": line.planned[last],
        "gap": _points(gap),
        "behind": gap is not None and gap < 0,
        "closed": line.closed[last].middle,
    }


def _points(gap: Decimal | None) -> str:
    if gap is None:
        return ""
    return f"+{gap}" if gap > 0 else f"−{abs(gap)}" if gap < 0 else "0.0"


def _percent(rate: Decimal) -> str:
    return f"{min(max(rate, Decimal(0)), Decimal(100)):.1f}%"
