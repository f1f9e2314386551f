"""How often and how long a step may be extended, and who decides: arithmetic on plain values.

Source: practice ("asked for before the due date, at most twice, together at most half of the
budget"); up to how many days the county decides alone is the measure of a suspension.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pydantic import Field

from workflows.calendar import WorkCalendar
from workflows.procedure import Procedure, Stage
from workflows.text import Rule

# whose steps a county decides on; what lies with a department or the city the office decides
COUNTYS = ("county", "township", "responsible", "responsible_lead")


class ExtensionRule(Rule):
    """The limits of one step: `times` granted, `share` per cent of its own budget in all,
    `county_days` working days in all that the county's reviewer grants alone. `stages` limits it
    to some stages (all whose time runs for somebody, when left out)."""

    times: int = Field(default=2, ge=0)
    share: int = Field(default=50, ge=0, le=100)
    county_days: int = Field(default=10, ge=0)
    stages: tuple[str, ...] | None = None

    def allows(self, procedure: Procedure, stage: Stage) -> bool:
        """Whether time can be asked for in a stage: nobody asks for more to sign or to review."""
        is_asked = stage.key in procedure.reviews or stage.leaves_by("acknowledge")
        if self.times == 0 or is_asked:
            return False
        return self.stages is None or stage.key in self.stages

    def county_decides(self, stage: Stage, in_all: int) -> bool:
        """Whether so many working days in all are the county's to grant."""
        return stage.owner in COUNTYS and in_all <= self.county_days


class Room(NamedTuple):
    """What may still be asked for: how often, and how many working days."""

    times: int
    days: int


def room(rule: ExtensionRule, *, budget: int, moved: int, granted: Sequence[int]) -> Room:
    """What is left of the limits.

    `budget`: working days from the start to the date as it stands; `moved`: of them those that the
    clock stood; `granted`: the days of each extension so far.
    """
    own = max(budget - moved - sum(granted), 0)
    days = max(own * rule.share // 100 - sum(granted), 0)
    return Room(max(rule.times - len(granted), 0), days)


def latest(due_on: date, left: Room, calendar: WorkCalendar, stop: date) -> date:
    """The last day that can be asked for; the date itself where nothing is left."""
    return max(due_on, min(calendar.add(due_on, left.days), stop))
