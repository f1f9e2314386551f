"""An outcome as plain values: for ``--json``, and for the digest that tests compare."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from config.simulation.findings import findings
from config.simulation.outcome import CountyLine, Outcome, Range


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Everything that the page shows; ranges as [middle, low, high]."""
    plan = outcome.plan
    return {
        "programme": outcome.pack.key,
        "from": plan.start,
        "until": plan.until,
        "seed": plan.seed,
        "runs": plan.runs,
        "wave": plan.wave,
        "firms": outcome.firms,
        "opened": outcome.opened,
        "refused_rows": outcome.refused,
        "findings": [asdict(finding) for finding in findings(outcome)],
        "months": list(outcome.months),
        "units": [
            {
                "unit": line.unit,
                "open": _ranges(line.open),
                "visits": _ranges(line.visits),
                "matters": _ranges(line.matters),
                "overdue": _ranges(line.late),
            }
            for line in outcome.units
        ],
        "matters": [
            {"matter": line.title, "opened": _range(line.opened), "done": _range(line.done)}
            for line in outcome.matters
        ],
        "rests": _range(outcome.rests),
        "extensions": {"asked": _range(outcome.extensions), "granted": _range(outcome.granted)},
        "overdue": _ranges(outcome.late),
        "city": _county(outcome.city),
        "counties": [_county(line) for line in outcome.counties],
        "rungs": [
            {
                "rung": line.title,
                "is_paper": line.is_paper,
                "months": _ranges(line.months),
                "total": _range(line.total),
            }
            for line in outcome.rungs
        ],
        "steps": [
            {
                "step": line.title,
                "limit": line.limit,
                "begun": _range(line.begun),
                "late_percent": _range(line.late),
                "usual_days": line.usual,
                "nine_of_ten_days": line.most,
            }
            for line in outcome.steps
        ],
        "assumptions": {
            **asdict(outcome.assumed.numbers),
            "paces": {key: asdict(pace) for key, pace in outcome.assumed.paces.items()},
        },
    }


def _county(line: CountyLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "listed": line.listed,
        "target": line.target,
        "planned": list(line.planned),
        "covered": _ranges(line.covered),
        "coverage": [line.rate(found.middle) for found in line.covered],
        "closed": _ranges(line.closed),
    }


def _ranges(found: tuple[Range, ...]) -> list[list[int]]:
    return [_range(one) for one in found]


def _range(found: Range) -> list[int]:
    return [found.middle, found.low, found.high]
