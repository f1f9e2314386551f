"""The ground on which a dry run moves: the pack's rules and the working days, asked once each.

Deadlines (``workflows.terms``), children, moves, rungs and assignment are the engine's own
functions; nothing of them is written a second time here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from config.simulation.assumptions import (
    Assumptions,
    finds_haves,
    gives_class,
    procedures,
    work_of,
)
from config.simulation.firms import Firm
from workflows import ladder
from workflows.calendar import WorkCalendar
from workflows.deadlines import Due, Phrase
from workflows.ladder import Rung
from workflows.packs import Pack
from workflows.procedure import CLOSED, Move, Procedure, Stage
from workflows.terms import term

COUNTY = ("county", "county_lead", "township", "responsible", "responsible_lead")
TURNS = 3  # visits of a stage after which a case takes the shortest way
MANY = 100_000  # a whole batch is signed for with one click
Spoken = tuple[date, Rung]


@dataclass(frozen=True)
class Place:
    """Who has to do with a firm: its county's task force, its department, its liaison group."""

    county: str
    force: str
    department: str
    group: str


class Ground:
    """A pack, a calendar and the assumptions; answers are kept, as few of them differ."""

    def __init__(self, pack: Pack, calendar: WorkCalendar, assumed: Assumptions) -> None:
        self.pack, self.calendar, self.assumed = pack, calendar, assumed
        self._dues: dict[tuple[object, ...], Due] = {}
        self._climbs: dict[tuple[object, ...], tuple[Spoken, ...]] = {}
        self._works: dict[tuple[str, str], str] = {}
        self._places: dict[tuple[str, str, str], Place] = {}
        self._ahead: dict[tuple[str, str | None], dict[str, int]] = {}
        self._onward: dict[tuple[str, str, str | None, bool], Move | None] = {}
        self._chased: dict[tuple[str, str | None], bool] = {}
        stages = [stage for one in procedures(pack) for stage in one.stages]
        # stages whose form says of which class a firm is, and which haves are there
        self.classing = frozenset(id(stage) for stage in stages if gives_class(pack, stage))
        self.finding = frozenset(id(stage) for stage in stages if finds_haves(pack, stage))

    # -- who

    def place(self, firm: Firm) -> Place:
        key = (firm.county, firm.industry, firm.ownership)
        if key not in self._places:
            self._places[key] = self._place(firm)
        return self._places[key]

    def _place(self, firm: Firm) -> Place:
        plan = self.pack.county(firm.county)
        force = self.pack.units.county_unit.of(plan.name).short_name
        chosen = self.pack.assign(ownership=firm.ownership, industry=firm.industry)
        return Place(plan.name, force, chosen.unit, plan.liaison_group or force)

    @cached_property
    def office(self) -> str:
        return self.pack.units.office.short_name

    def unit(self, owner: str, place: Place) -> str:
        """The unit that owes a stage (``cases.desks``), by its short name."""
        if owner in COUNTY:
            return place.force
        if owner in ("department", "lead"):
            return place.department
        return place.group if owner == "liaison_group" else self.office

    def week(self, unit: str, work: str) -> int:
        """How many steps of a kind of work a unit manages in a week."""
        n = self.assumed.numbers
        if work == "sign":
            return MANY
        if unit == self.office:
            return n.office
        if unit in self.forces:
            return {"visit": n.visits, "review": n.reviews}.get(work, n.county_desk)
        return n.liaison if unit in self._groups else n.department

    @cached_property
    def forces(self) -> frozenset[str]:
        unit = self.pack.units.county_unit
        return frozenset(unit.of(county.name).short_name for county in self.pack.counties)

    @cached_property
    def county_of(self) -> dict[str, str]:
        """Counties by the short name of their task force."""
        unit = self.pack.units.county_unit
        return {unit.of(county.name).short_name: county.name for county in self.pack.counties}

    @cached_property
    def _groups(self) -> frozenset[str]:
        return frozenset(unit.short_name for unit in self.pack.units.liaison_groups)

    # -- when

    def due(
        self,
        stage: Stage,
        *,
        grade: str | None,
        have: str | None,
        start: date,
        override: Phrase | None = None,
        children_due: date | None = None,
        not_before: date | None = None,
        given: date | None = None,
    ) -> Due:
        """The deadline of a step, as the engine computes it."""
        key = (id(stage), grade, have, start, id(override), children_due, not_before, given)
        if key not in self._dues:
            self._dues[key] = term(
                stage,
                grade=grade,
                have=have,
                start=start,
                calendar=self.calendar,
                work_until=self.pack.work_until,
                override=override,
                children_due=children_due,
                not_before=not_before,
                given=given,
            )
        return self._dues[key]

    def climb(self, stage: Stage, due: Due, start: date, until: date) -> tuple[Spoken, ...]:
        """Which rung speaks on which day, if nobody acts and a sweep looks every morning."""
        if stage.ladder is None:
            return ()
        key = (stage.ladder, stage.quiet_season, stage.waits_higher, due.due_on, due.budget, start)
        if key not in self._climbs:
            self._climbs[key] = tuple(self._rungs(stage, due, start, until))
        return self._climbs[key]

    def _rungs(self, stage: Stage, due: Due, start: date, until: date) -> Sequence[Spoken]:
        """The sweep (``cases.sweeps``), morning by morning."""
        rungs, quiet = self.pack.ladder(stage.ladder or ""), self.pack.quiet_for(stage)
        budget = None if due.budget is None else max(due.budget, 0)
        found: list[Spoken] = []
        fired: frozenset[str] = frozenset()
        day: date | None = start
        while day is not None and day <= until:
            reached = ladder.rungs_due(
                rungs, due_on=due.due_on, started_on=start, on=day, fired=fired,
                not_before=start, calendar=self.calendar, budget=budget, quiet=quiet,
            ) if day > start else ()  # fmt: skip
            speaking = ladder.speaking([rung for rung in reached if not spares(stage, rung)])
            if speaking is not None:
                found.append((day, speaking))
            fired |= {rung.key for rung in reached}
            day = ladder.next_check(
                rungs, due_on=due.due_on, started_on=start, after=day, calendar=self.calendar,
                budget=budget, fired=fired, not_before=start, quiet=quiet,
            )  # fmt: skip
        return found

    # -- where to

    def work(self, procedure: Procedure, stage: Stage) -> str:
        key = (procedure.key, stage.key)
        if key not in self._works:
            self._works[key] = work_of(self.pack, procedure, stage)
        return self._works[key]

    def is_chased(self, procedure: Procedure, grade: str | None) -> bool:
        key = (procedure.key, grade)
        if key not in self._chased:
            self._chased[key] = not grade or self.pack.grade(grade, procedure).chased
        return self._chased[key]

    def onward(
        self, procedure: Procedure, stage: Stage, grade: str | None, turn: int
    ) -> Move | None:
        """The move on from a stage: the pack's first, and the shortest way after several turns.

        A class that is only watched stays where the pack says so.
        """
        key = (procedure.key, stage.key, grade, turn > TURNS)
        if key not in self._onward:
            self._onward[key] = self._chosen(procedure, stage, grade, turn > TURNS)
        return self._onward[key]

    def _chosen(
        self, procedure: Procedure, stage: Stage, grade: str | None, shortest: bool
    ) -> Move | None:
        moves = [m for m in procedure.moves(stage.key, grade) if m.verb != "send_back"]
        if self.is_chased(procedure, grade):
            moves = [m for m in moves if m.to != stage.key] or moves
            if shortest:
                ahead = self._distances(procedure, grade)
                moves.sort(key=lambda move: ahead.get(move.to, 999))
        return moves[0] if moves else None

    def back(self, procedure: Procedure, stage: Stage, grade: str | None) -> Move | None:
        return procedure.move(stage.key, "send_back", None, grade)

    def _distances(self, procedure: Procedure, grade: str | None) -> dict[str, int]:
        """How many moves each stage is away from the end, for a class."""
        key = (procedure.key, grade)
        if key not in self._ahead:
            found = {CLOSED: 0}
            for _turn in procedure.stages:
                for stage in procedure.stages:
                    steps = [
                        found[m.to] + 1
                        for m in procedure.moves(stage.key, grade)
                        if m.to in found and m.verb != "send_back"
                    ]
                    if steps:
                        found[stage.key] = min(steps)
            self._ahead[key] = found
        return self._ahead[key]


def spares(stage: Stage, rung: Rung) -> bool:
    """◇ is not counted against the lower level: no letter to a county about the city's delay."""
    return stage.waits_higher and rung.act == "draft" and rung.addressee != "department"


class Days:
    """The working days of a dry run, by place; months as the months of the calendar."""

    def __init__(self, calendar: WorkCalendar, first: date, last: date) -> None:
        self.calendar = calendar
        day, found = calendar.on_or_after(first), []
        while day <= last:
            found.append(day)
            day = calendar.add(day, 1)
        self.days: tuple[date, ...] = tuple(found)
        self.months: tuple[str, ...] = tuple(dict.fromkeys(f"{day:%Y-%m}" for day in found))
        index = {month: place for place, month in enumerate(self.months)}
        self.month_of: tuple[int, ...] = tuple(index[f"{day:%Y-%m}"] for day in found)
        # the last working day of each month, by place
        self.ends: tuple[int, ...] = tuple(
            max(place for place, month in enumerate(self.month_of) if month == number)
            for number in range(len(self.months))
        )

    def __len__(self) -> int:
        return len(self.days)

    def after(self, day: date) -> int:
        """The place of the first working day after a day; the end where there is none."""
        return bisect_right(self.days, day)
