"""What a plan asks for besides its firms' cases: measures, reports of a month, issues of a visit.

Which of them there are, whose they are and by when is the pack's business; the same for every run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from config.simulation.assumptions import matter_procedures
from config.simulation.ground import Days, Ground, Place
from workflows import deadlines
from workflows.calendar import end_of_month
from workflows.deadlines import Phrase
from workflows.measures import COUNTIES, LIAISON_GROUPS, Measure
from workflows.procedure import Procedure, Stage

TURN = "each_turn"


@dataclass(frozen=True)
class Matter:
    """One of them, opened on the working day ``opens_at`` (by place) and owed by ``unit``.

    ``lead``: who looks at what a part did; ``given``: the date that it was given; ``parts``: units
    that each have a part; ``turns``: what opens below it later.
    """

    key: str
    procedure: Procedure
    unit: str
    lead: str
    opens_at: int = 0
    given: date | None = None
    parts: tuple[str, ...] = ()
    turns: tuple[Matter, ...] = ()

    def place(self, county: str) -> Place:
        """Where its steps lie, but for those that the pack gives to the office."""
        return Place(county, self.unit, self.lead, self.unit)


def matters(ground: Ground, days: Days) -> tuple[Matter, ...]:
    """Measures and what the calendar opens, in the order of the plan."""
    return (*_measures(ground, days), *_by_calendar(ground, days))


def below(ground: Ground, matter: Matter, stage: Stage, when: str) -> Iterator[Matter]:
    """The parts that entering, or leaving, a stage opens."""
    for spawn in stage.spawns:
        if spawn.when != when or spawn.for_ not in ("counties", "units"):
            continue
        names = (COUNTIES,) if spawn.for_ == "counties" else spawn.units
        units = _units(ground, names) if names else matter.parts
        procedure = ground.pack.procedure(spawn.procedure)
        for unit in units:
            key = f"{matter.key} {procedure.key} {unit}"
            yield Matter(key, procedure, unit, matter.unit, given=matter.given)


def issue(ground: Ground, lead: str, key: str) -> Matter | None:
    """What a visit leaves behind for the department; none where the plan knows no issues."""
    for procedure in matter_procedures(ground.pack):
        if procedure.call_back:
            return Matter(key, procedure, lead, lead)
    return None


def _measures(ground: Ground, days: Days) -> Iterator[Matter]:
    for measure in ground.pack.plan:
        procedure = ground.pack.procedure(measure.procedure)
        lead = next(iter(_units(ground, measure.leads)), ground.office)
        if measure.led_by_counties:
            lead = ground.office
        parts = tuple(_units(ground, measure.responsible))
        given = _last_day(ground, measure, days)
        one = Matter(f"measure {measure.key}", procedure, lead, lead, given=given, parts=parts)
        yield replace(one, turns=tuple(_turns(ground, days, one, measure)))


def _last_day(ground: Ground, measure: Measure, days: Days) -> date | None:
    if measure.time.every:
        return ground.pack.work_until
    return deadlines.compute(
        measure.time, start=days.days[0], calendar=ground.calendar,
        work_until=ground.pack.work_until,
    ).due_on  # fmt: skip


def _turns(ground: Ground, days: Days, one: Matter, measure: Measure) -> Iterator[Matter]:
    if not measure.time.every:
        return
    for stage in one.procedure.stages:
        for spawn in stage.spawns:
            if spawn.when != TURN:
                continue
            procedure = ground.pack.procedure(spawn.procedure)
            for due in turns(ground, measure.time, days):
                at = _opens_at(days, due)
                yield Matter(f"{one.key} {due}", procedure, one.unit, one.lead, at, due)


def _by_calendar(ground: Ground, days: Days) -> Iterator[Matter]:
    for procedure in ground.pack.procedures.values():
        opening = procedure.opening("calendar")
        if opening is None or opening.each is None:
            continue
        for due in turns(ground, opening.each, days):
            at = min(days.after(due - date.resolution), len(days) - 1)
            key = f"{procedure.key} {due}"
            yield Matter(key, procedure, ground.office, ground.office, at, end_of_month(due))


def turns(ground: Ground, phrase: Phrase, days: Days) -> list[date]:
    """Every turn of an ``every`` phrase within the run."""
    found: list[date] = []
    start, last = days.days[0] - date.resolution, days.days[-1]
    while True:
        due = deadlines.compute(
            phrase, start=start, calendar=ground.calendar, work_until=date.max
        ).due_on
        if due is None or due > last:
            return found
        found.append(due)
        start = due


def _opens_at(days: Days, due: date) -> int:
    """A turn opens with its month."""
    return days.after(due.replace(day=1) - date.resolution)


def _units(ground: Ground, names: Iterable[str]) -> list[str]:
    """Short names of units, each once; ``counties`` for every county's task force."""
    units = ground.pack.units
    found: dict[str, None] = {}
    for name in ground.pack.expanded(names):
        if name == COUNTIES:
            forces = (units.county_unit.of(one.name).short_name for one in ground.pack.counties)
            found |= dict.fromkeys(forces)
        elif name == LIAISON_GROUPS:
            found |= dict.fromkeys(unit.short_name for unit in units.liaison_groups)
        else:
            found[name] = None
    return list(found)
