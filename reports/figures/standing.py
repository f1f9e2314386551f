"""The ledger as it stood at the end of a past day: the light of each firm, the load of each unit.

Stage, date and lateness are those of the state, frozen or not; whether a clock ran, and who owed
the step, is told from the trail (``past``). Plain values; five statements.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cases.lights import soon_until
from cases.models import CaseEvent
from cases.rulebook import calendar
from cases.stages import TERMINAL
from reports.figures.months import State
from reports.figures.past import Past, end_of, stood

OVERDUE, SOON, FINE, REVIEWS, REST = LIGHTS = ("overdue", "soon", "fine", "reviews", "rest")


@dataclass(frozen=True)
class Standing:
    """``lights`` by firm, of open cases alone; ``units``: open cases by the unit that owed the
    step, with those of them that were overdue; ``owed``: that unit by firm, 0 where none did."""

    lights: Mapping[int, str] = field(default_factory=dict)
    units: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    owed: Mapping[int, int] = field(default_factory=dict)

    def count(self, light: str) -> int:
        return Counter(self.lights.values())[light]


def standing(state: State) -> Standing:
    """Firms' own cases; remedies and matters are not told of a past day."""
    past = stood(state.programme, state.as_of, calendar())
    near, owed = soon_until(state.as_of), _owed(state, past)
    lights: dict[int, str] = {}
    units: dict[int, tuple[int, int]] = {}
    owing: dict[int, int] = {}
    for row in state.rows:
        if not row.stage or row.stage in TERMINAL:
            continue
        step = past.open.get(row.case)
        light = REST
        if row.late:
            light = OVERDUE
        elif step is not None and step.runs:
            is_near = row.due is not None and row.due <= near
            light = SOON if is_near else FINE
        elif step is not None and step.watched and step.due and step.due <= state.as_of:
            light = REVIEWS
        lights[row.firm] = light
        unit = owing[row.firm] = owed.get(row.case, 0)
        n, late = units.get(unit, (0, 0))
        units[unit] = n + 1, late + (light == OVERDUE)
    return Standing(lights, units, owing)


def _owed(state: State, past: Past) -> dict[int, int]:
    """The unit of each open step on the day: today's, where it was given to none since."""
    moved = CaseEvent.objects.filter(
        case__programme=state.programme,
        case__is_main=True,
        at__gte=end_of(state.as_of),
        data__was__item__unit__isnull=False,
    )
    before: dict[int, int] = {}
    for item, unit in moved.order_by("pk").values_list("item_id", "data__was__item__unit"):
        before.setdefault(item, unit)
    return {case: before.get(step.item, step.unit) for case, step in past.open.items()}
