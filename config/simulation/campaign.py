"""One run of a plan, working day by working day: who does what when, by the pack's own rules.

A step becomes ready after the days that it takes; then it waits until a desk of its unit has a
hand free, the earliest deadline first. What it leads to is the pack's business (``Ground``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from heapq import heappush

from config.simulation.assumptions import Pace
from config.simulation.firms import Firm
from config.simulation.given import Given
from config.simulation.ground import Days, Ground
from config.simulation.lives import WEEK, Desk, Life, Step, Watcher
from config.simulation.luck import Luck, number_of
from config.simulation.matters import Matter, below, issue
from workflows.calendar import WorkCalendar
from workflows.criteria import unmet
from workflows.ladder import Rung
from workflows.procedure import CLOSED, OF_HAVES, Move, Procedure, Stage, spawned

RETURNS = 3  # times that one step comes back, at most
LONG = 40  # working days after which what was forgotten comes up by itself
GIVEN = ("responsible", "responsible_lead")  # owners of a matter's steps: whoever was given it


class Campaign:
    """A run; ``returns``: whether anything comes back for correction."""

    def __init__(
        self,
        ground: Ground,
        days: Days,
        watcher: Watcher,
        *,
        seed: int,
        run: int = 0,
        returns: bool = True,
    ) -> None:
        self.ground, self.days, self.watcher = ground, days, watcher
        self.seed, self.run_number, self.returns = seed, run, returns
        self.assumed, self.pack = ground.assumed, ground.pack
        self.calendar: WorkCalendar = ground.calendar
        self._ready: list[list[Step]] = [[] for _day in range(len(days) + 1)]
        self._desks: dict[tuple[str, str], Desk] = {}
        self._numbers = 0
        self._factors: dict[str, int] = {}
        self._given = Given(ground, days, watcher)
        # matters by the day on which they open, with what they open below
        self._coming: defaultdict[int, list[tuple[Matter, Life | None]]] = defaultdict(list)

    def run(self, waves: Iterable[tuple[int, Firm]], matters: Iterable[Matter] = ()) -> None:
        """Open each firm's case and each matter on its day (by place), play until the last day."""
        opening: defaultdict[int, list[Firm]] = defaultdict(list)
        for place, firm in waves:
            opening[place].append(firm)
        for matter in matters:
            self._coming[matter.opens_at].append((matter, None))
        for now in range(len(self.days)):
            for firm in opening.get(now, ()):
                self.open(firm, now)
            for matter, parent in self._coming.pop(now, ()):
                if parent is None or parent.closed_on is None:
                    self.begin(matter, now, parent)
            self._work(now)

    def open(self, firm: Firm, now: int) -> Life:
        place = self.ground.place(firm)
        luck = Luck(self.seed, self.run_number, firm.key)
        haves = {have.key for have in self.pack.haves if have.fact in firm.facts}
        life = Life(firm, place, self.pack.root, luck, there=haves)
        life.acts = not luck.happens("never", self.assumed.numbers.never)
        self._enter(life, self.pack.root.stage(self.pack.root.initial), now)
        return life

    def begin(self, matter: Matter, now: int, parent: Life | None = None) -> Life:
        """A measure, a report, an issue, or a unit's part of one."""
        number = number_of(matter.key)
        county = self.ground.county_of.get(matter.unit, "")
        luck = Luck(self.seed, self.run_number, number)
        life = Life(Firm(number, county, "", ""), matter.place(county), matter.procedure, luck)
        life.matter, life.parent = matter, parent
        if parent is not None:
            parent.children.append(life)
        for turn in matter.turns:
            self._coming[max(turn.opens_at, now + 1)].append((turn, life))
        stage = life.procedure.stage(life.procedure.initial)
        self._branch(life, stage, "entering", now)
        self._enter(life, stage, now)
        return life

    def _branch(self, life: Life, stage: Stage, when: str, now: int) -> None:
        """The units' parts that a stage of a matter opens."""
        if life.matter is None:
            return
        there = {child.matter.key for child in life.children if child.matter is not None}
        for part in below(self.ground, life.matter, stage, when):
            if part.key not in there:
                self.begin(part, now, life)

    def _leave_issue(self, step: Step, now: int) -> None:
        """What a visit may leave behind: an issue that a department handles (004-18)."""
        life, share = step.life, self.assumed.numbers.issues
        turn = life.turns.get(step.stage.key, 1)
        if step.work != "visit" or not life.luck.happens(f"issue {step.stage.key}", share, turn):
            return
        key = f"issue {life.firm.key} {step.stage.key} {turn}"
        found = issue(self.ground, life.place.department, key)
        if found is not None:
            child = self.begin(found, now)
            child.firm, child.place = life.firm, life.place

    # -- a day

    def _work(self, now: int) -> None:
        for step in self._ready[now]:
            key = (step.unit, step.work)
            if key not in self._desks:
                days = 2 * WEEK if step.work == "turn" else 2  # a batch day is worked up to
                self._desks[key] = Desk(self.ground.week(step.unit, step.work), days)
            heappush(self._desks[key].waiting, step)
        for desk in list(self._desks.values()):
            for step in desk.day():
                self.finish(step, now)

    def finish(self, step: Step, now: int) -> None:
        """Somebody does the step: the case goes on as the pack says."""
        life, stage = step.life, step.stage
        day = self.days.days[now]
        self._look(life, stage, now)
        move = self._move(life, stage)
        if move is None:
            return  # a pack that ends here; nothing more is owed
        step.finished_on = day
        self.watcher.finished(step, now)
        self._leave_issue(step, now)
        if move.to == CLOSED:
            self._close(life, now)
            return
        target = life.procedure.stage(move.to)
        self._spawn(life, ((stage, "leaving"), (target, "entering")), now)
        self._enter(life, target, now, move)

    def _look(self, life: Life, stage: Stage, now: int) -> None:
        """What a form tells: which haves are in order, and the class."""
        if id(stage) in self.ground.finding:
            found = self.assumed.numbers.found
            keys = [have.key for have in self.pack.haves]
            fresh = [k for k in keys if k not in life.there and life.luck.happens(k, found)]
            life.there |= set(fresh)
            for have in fresh:
                self.watcher.has(life.firm, life.place, have, now)
            life.missing = tuple(key for key in keys if key not in life.there)
        if id(stage) in self.ground.classing and not life.grade:
            life.grade = self._class(life)

    def _class(self, life: Life) -> str:
        """The class that few or many missing haves make likely; some firms are only watched."""
        grades = self.pack.grades_of(self.pack.root)
        watched = [grade.key for grade in grades if not grade.chased]
        chased = [grade.key for grade in grades if grade.chased]
        if watched and life.luck.happens("watched", self.assumed.numbers.watched):
            return watched[0]
        n = len(life.missing if life.missing is not None else self.pack.haves)
        place = 0 if n <= 1 else 1 if n <= 3 and life.luck.happens("class", 75) else 2
        return chased[min(place, len(chased) - 1)]

    def _move(self, life: Life, stage: Stage) -> Move | None:
        turn = life.turns.get(stage.key, 1)
        if self.returns and stage.key in life.procedure.reviews and turn <= RETURNS:
            share = self._pace(life, stage).returned
            back = self.ground.back(life.procedure, stage, life.grade)
            if back is not None and life.luck.happens(f"back {stage.key}", share, turn):
                return back
        return self.ground.onward(life.procedure, stage, life.grade, turn)

    def _spawn(self, life: Life, stages: Iterable[tuple[Stage, str]], now: int) -> None:
        """The remedies that leaving and entering a stage call for (``remedies.spawn_between``)."""
        if life.matter is not None:
            for stage, when in stages:
                self._branch(life, stage, when, now)
            return
        rule = life.procedure.criteria_for(life.have)
        proven = {child.have: True for child in life.children if child.closed_on and child.have}
        lacking = unmet(rule, proven) if rule else []
        missing = [k for k in lacking if life.missing is None or k in life.missing]
        for stage, when in stages:
            wanted = spawned(
                stage,
                when,
                grade=life.grade,
                missing=missing,
                unaided=self.pack.unaided,
                present=[child.have for child in life.children if child.have],
            )
            for one in wanted:
                procedure = self.pack.procedure(one.procedure)
                luck = Luck(life.luck.base, number_of(one.criterion))
                child = Life(life.firm, life.place, procedure, luck, life, one.criterion)
                child.grade, child.acts = life.grade, life.acts
                life.children.append(child)
                self._enter(child, procedure.stage(procedure.initial), now)

    def _close(self, life: Life, now: int) -> None:
        life.step, life.closed_on = None, self.days.days[now]
        self.watcher.ended(life, now)
        parent = life.parent
        if parent is None:
            return
        if life.have:
            parent.there.add(life.have)
            self.watcher.has(life.firm, life.place, life.have, now)
        step = parent.step
        if step is not None and step.stage.waits_for and not self._waits(parent, step.stage):
            self._plan(step, now)

    # -- a step

    def _enter(self, life: Life, stage: Stage, now: int, move: Move | None = None) -> None:
        day = self.days.days[now]
        dues = [child.step.due.due_on for child in life.children if child.step is not None]
        due = self.ground.due(
            stage,
            grade=life.grade,
            have=life.have,
            start=day,
            override=move.time if move else None,
            children_due=max((due for due in dues if due), default=None),
            not_before=self._planned(life, stage, move) if move else None,
            given=life.matter.given if life.matter else None,
        )
        self._numbers += 1
        unit = self._unit(life, stage)
        work = self.ground.work(life.procedure, stage)
        chased = self.ground.is_chased(life.procedure, life.grade)
        step = Step(life, stage, unit, work, now, day, due, self._numbers, chased)
        life.step = step
        life.turns[stage.key] = life.turns.get(stage.key, 0) + 1
        life.given[stage.key] = due.due_on
        self.watcher.opened(step)
        if not self._waits(life, stage):
            self._plan(step, now)

    def _planned(self, life: Life, stage: Stage, move: Move) -> date | None:
        """What was told of the step ahead: whoever is early loses no day (``stages._planned``)."""
        if move.verb != "acknowledge":
            return life.given.get(stage.key) if move.verb == "send_back" else None
        told = life.step.due.due_on if life.step else None
        if told is None:
            return None
        return self.ground.due(
            stage, grade=life.grade, have=life.have, start=told, override=move.time
        ).due_on

    def _waits(self, life: Life, stage: Stage) -> bool:
        return any(
            child.closed_on is None and child.procedure.key in stage.waits_for
            for child in life.children
        )

    def _plan(self, step: Step, now: int) -> None:
        """When the step is ready to be done; what nobody acts on is never ready."""
        rest = self._given.rest(step)
        ready = self.ready_at(step, now)
        if ready is None:
            return
        ready += rest
        self._given.extend(step, ready)
        if ready < len(self.days):
            self._ready[max(ready, now + 1)].append(step)

    def _unit(self, life: Life, stage: Stage) -> str:
        """Who owes the step: of a matter whoever was given it, if the stage says so."""
        if life.matter is not None and stage.owner in GIVEN:
            return life.matter.unit
        return self.ground.unit(stage.owner, life.place)

    def ready_at(self, step: Step, now: int) -> int | None:
        """The working day, by place; None for never within the run."""
        life, stage = step.life, step.stage
        if step.work == "turn":
            due = step.due.due_on
            return None if due is None else max(self.days.after(due) - 1, now + 1)
        if not life.acts and (life.have or not self._has_children(life.procedure)):
            return None
        turn = life.turns.get(stage.key, 1)
        pace = self._pace(life, stage)
        length = life.luck.between(f"days {stage.key}", pace.low, pace.high, turn)
        length = (length * self._factor(life) + 50) // 100
        if life.have and self.returns and life.luck.happens("paper back", pace.returned):
            mend = self.assumed.numbers.correction
            length += life.luck.between("mend", 1, max(2 * mend - 1, 1))
        if life.matter is not None and step.work == "desk" and step.due.due_on is not None:
            early = life.luck.between(f"early {stage.key}", 0, self.assumed.numbers.early, turn)
            length = max(length, self.days.after(step.due.due_on) - 1 - early - now)
        if life.luck.happens(f"forgotten {stage.key}", pace.forgotten, turn):
            return max(self._reminded(step, turn), now + length)
        return now + length

    def _reminded(self, step: Step, turn: int) -> int:
        """The day after a reminder that helps, of those from the due date on."""
        due, luck = step.due.due_on, step.life.luck
        last = self.days.days[-1]
        climb = self.ground.climb(step.stage, step.due, step.started_on, last)
        for number, (day, rung) in enumerate(climb):
            if due is None or day < due or rung.digest_only:
                continue
            if luck.happens(f"wakes {step.stage.key} {number}", self.assumed.numbers.wakes, turn):
                return self.days.after(day) + luck.between(f"then {step.stage.key}", 0, 4, turn)
        return (self.days.after(due) if due else step.started) + LONG

    def _has_children(self, procedure: Procedure) -> bool:
        return any(s.for_ in OF_HAVES for stage in procedure.stages for s in stage.spawns)

    def _pace(self, life: Life, stage: Stage) -> Pace:
        return self.assumed.pace(f"{life.procedure.key}.{stage.key}", life.have)

    def _factor(self, life: Life) -> int:
        """How much of the usual time a firm takes, per cent: its county, and its class."""
        n = self.assumed.numbers
        county = life.place.county
        if county not in self._factors:
            luck = Luck(self.seed, self.run_number, number_of(county))
            self._factors[county] = 100 + luck.between("pace", -n.spread, n.spread)
        return self._factors[county] * self._class_factor(life.grade) // 100

    def _class_factor(self, grade: str | None) -> int:
        chased = [g.key for g in self.pack.grades if g.chased]
        if grade not in chased or len(chased) < 2:
            return 100
        if grade == chased[0]:
            return self.assumed.numbers.first_class
        return self.assumed.numbers.last_class if grade == chased[-1] else 100


def spoken(ground: Ground, step: Step, until: date) -> list[tuple[date, Rung]]:
    """The rungs that spoke while the step was open (a sweep comes before people do)."""
    if not step.is_chased:
        return []
    end = step.finished_on or until
    climb = ground.climb(step.stage, step.due, step.started_on, until)
    return [(day, rung) for day, rung in climb if day <= end]
