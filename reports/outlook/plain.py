"""走势与预计 as plain values, for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reports.outlook.forecast import Outlook
from reports.outlook.outlooks import Outlooks


def trend_json(found: Outlooks) -> list[dict[str, Any]]:
    return [{**asdict(point), "rate": point.rate} for point in found.points]


def expected_json(found: Outlooks) -> dict[str, Any]:
    """``why`` says why nothing is foretold: too few closings, or the year is over."""
    told, check = found.forecast, found.check
    counties = told.counties or {}
    return {
        "by": found.by,
        "until": found.until,
        "why_not": found.why or None,
        "closings": told.closings,
        "open": told.open,
        "stuck": told.stuck,
        "covered_of_closed": round(float(told.take), 3),
        "city": _place(found, told.city) if told.city else None,
        "counties": [
            {"name": name, "own_durations": pk in told.own, **_place(found, counties[pk])}
            for pk, name in found.names.items()
            if pk in counties
        ],
        "check": check
        and {
            "day": check.day,
            "expected": asdict(check.expected),
            "actual": check.actual,
            "drawn_out": round(float(check.stretch), 2),
        },
    }


def _place(found: Outlooks, one: Outlook) -> dict[str, Any]:
    reach = one.reach
    return {
        "closed": asdict(one.closed),
        "covered": asdict(one.covered),
        "base": one.place.base,
        "target": one.place.target,
        "needed": one.place.needed,
        "reached_on": reach
        and {name: found.day(getattr(reach, name)) for name in ("low", "median", "high")},
        "chance": reach and round(float(reach.chance), 3),
    }
