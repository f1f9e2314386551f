"""A plan as played: random people do random deeds, and now and then what the plan wants next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from cases.actions import recurring
from cases.errors import Refused
from cases.models import Case, CaseEvent, Evidence, WorkItem
from cases.rulebook import rules_of
from cases.sweeps import sweep
from organisations.models import Unit, User
from organisations.scope import Actor, actor_of
from tests.world import at
from workflows.form_examples import filled
from workflows.forms import HAVES
from workflows.models import Programme
from workflows.packs import Pack
from workflows.procedure import Move, Stage

START = date(2022, 3, 1)
EVENING = 18
PATIENCE = 90  # moves within which every case can be brought to its end
Deed = Callable[["Game", Case, Actor], object]


@dataclass
class Game:
    """One plan, three firms, everybody who works on them, and the day it is."""

    number: int
    seed: int
    programme: Programme
    pack: Pack
    units: dict[str, Unit]
    users: dict[str, User]
    luck: Random
    deeds: Mapping[str, Deed]
    day: date = START
    hour: int = 9
    steps: int = 0
    papers: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _actors: dict[str, Actor] = field(default_factory=dict)
    _cases: list[Case] | None = None

    def now(self) -> datetime:
        return at(self.day, self.hour)

    def actor(self, key: str) -> Actor:
        if key not in self._actors:
            self._actors[key] = actor_of(self.users[key], self.day)
        return self._actors[key]

    def forget_actors(self) -> None:
        """Somebody stands in from now on."""
        self._actors = {}

    @property
    def moves_days(self) -> bool:
        """In every second game days of work are moved; the other ones add up without them."""
        return self.seed % 2 == 1

    # -- a step

    def step(self) -> None:
        """One deed, or time that passes; when everything has ended, something is taken up again."""
        cases = self.cases()
        open_ = [case for case in cases if not case.is_finished]
        draw = self.luck.random()
        if not open_:
            case = self.luck.choice([case for case in cases if case.parent_id is None])
            self.play("reopen", case, self.actor("office"))
            return
        case = self.luck.choice(open_ if self.luck.random() < 0.9 else cases)
        if draw < 0.15:
            self.wait(self.luck.choice((3, 8, 20, 30, 90)))
        elif draw < 0.35:
            self.proceed(case)
        else:
            verb = self.luck.choice(sorted(self.deeds))
            self.play(verb, case, self._somebody(case))

    def cases(self) -> list[Case]:
        """Every case; read anew only after something was done."""
        if self._cases is None:
            rows = Case.objects.select_related("programme__city", "county", "competent_unit")
            self._cases = list(rows.order_by("serial"))
        return self._cases

    def _somebody(self, case: Case) -> Actor:
        """Anybody; more often somebody of the county, or of the office."""
        draw = self.luck.random()
        if draw < 0.2:
            return self.actor(self.luck.choice(("office", "office2")))
        if draw < 0.7 and f"{case.county.name}/worker" in self.users:
            return self.actor(f"{case.county.name}/{self.luck.choice(('worker', 'lead'))}")
        return self.actor(self.luck.choice(sorted(self.users)))

    def play(self, verb: str, case: Case, by: Actor) -> bool:
        """A deed; a refusal has words, and has written nothing."""
        self.steps += 1
        before = _last_event()
        refusal = self._refusal(verb, case, by)
        if refusal is None:
            self.done[verb] += 1
            self._cases = None
            return True
        assert refusal.words
        assert _last_event() == before, (verb, refusal.code)
        self.refused[f"{verb}: {refusal.code}"] += 1
        return False

    def _refusal(self, verb: str, case: Case, by: Actor) -> Refused | None:
        try:
            self.deeds[verb](self, case, by)
        except Refused as refusal:
            return refusal
        return None

    def wait(self, hours: int) -> None:
        """Time only rises; nights are for sleeping; the sweep comes in the morning."""
        self.steps += 1
        self.hour += hours % 10
        self.day += timedelta(days=hours // 10)
        if self.hour > EVENING:
            self.hour, self.day = 9, self.day + timedelta(days=1)
        opened = recurring.open_due(self.now())
        swept = sweep(self.now())
        self.done["rungs"] += swept.rungs
        self.done["by_calendar"] += opened
        if opened or swept.resumed or swept.rungs:
            self._cases = None

    # -- what the plan wants next

    def proceed(self, case: Case) -> bool:
        """The next move of a case, by whoever may make it; whether anything was done."""
        item = WorkItem.objects.filter(process=case, finished=None).first()
        if item is None:
            return False
        office = self.actor("office")
        if item.is_suspended:
            # a remedy that rests with its firm's case is resumed with it
            rests = [one for one in (case.parent, case) if one is not None]
            return any(self.play("resume", one, office) for one in rests)
        if item.is_declined:
            return self.play("take_on", case, office)
        stage = rules_of(case).stage
        assert stage is not None
        move = self._onward(case, stage)
        return self._make(case, stage, move) if move else False

    def _onward(self, case: Case, stage: Stage) -> Move | None:
        moves = [m for m in rules_of(case).moves(case.grade) if m.verb != "send_back"]
        if not moves:  # the form gives the class, and the class the way
            return next(move for move in stage.moves if move.verb == "advance")
        return self.luck.choice(moves)

    def _make(self, case: Case, stage: Stage, move: Move) -> bool:
        by = self.owner(case, stage)
        ends = move.verb in ("apply_for_closure", "close") and not case.is_matter
        if ends and self.luck.random() < 0.9:
            self.prove(case)
        if stage.waits_for:
            for child in Case.objects.filter(parent=case).order_by("serial"):
                if not child.is_finished:
                    child.refresh_from_db()
                    self.proceed(child)
        if move.verb == "close" and rules_of(case).procedure.closer == "county_lead":
            by = self.actor(f"{case.county.name}/lead")
        if move.verb == "close" and case.is_matter and stage.owner == "office":
            by = self._other_than_reported(case)
        self.wanted = move
        return self.play("onward", case, by)

    def _other_than_reported(self, case: Case) -> Actor:
        """What the office itself has reported is closed by a colleague."""
        told = case.events.filter(verb="advance").order_by("pk").last()
        keys = [key for key in ("office", "office2") if not told or self.users[key] != told.by]
        return self.actor(keys[0])

    def owner(self, case: Case, stage: Stage) -> Actor:
        county = case.county.name
        if stage.owner in ("responsible", "responsible_lead"):
            item = WorkItem.objects.get(process=case, finished=None)
            return self.actor(self._of(item.unit, lead=stage.owner != "responsible"))
        keys = {
            "county": f"{county}/worker",
            "county_lead": f"{county}/lead",
            "department": f"{case.competent_unit.short_name}/lead",
            "liaison_group": "group",
            "office": "office",
        }
        return self.actor(keys[stage.owner])

    def _of(self, unit: Unit, *, lead: bool) -> str:
        """Whoever works, or leads, in a unit."""
        pairs = {
            Unit.Kind.TASK_FORCE: (f"{unit.region.name}/worker", f"{unit.region.name}/lead"),
            Unit.Kind.DEPARTMENT: (f"{unit.short_name}/officer", f"{unit.short_name}/lead"),
            Unit.Kind.LIAISON_GROUP: ("group", "group"),
            Unit.Kind.OFFICE: ("office", "office2"),
            Unit.Kind.SUPERVISION: ("supervisor", "supervisor"),
            Unit.Kind.LEADERSHIP: ("leader", "leader"),
        }
        return pairs[Unit.Kind(unit.kind)][lead]

    def prove(self, case: Case, *, anew: bool = False) -> None:
        """Papers for whatever lacks, handed in by the worker and accepted by the lead; ``anew``:
        for all, as the lead closes no remedy that his own papers alone prove."""
        root = case.parent if case.parent_id else case
        assert root is not None
        accepted = Evidence.objects.filter(case=root, state__in=Evidence.ACCEPTED)
        known = set(accepted.values_list("criterion", flat=True))
        wanted = [case.criterion] if case.criterion else [have.key for have in self.pack.haves]
        county = case.county.name
        for have in wanted:
            if anew or have not in known:
                self.have = have
                self.play("submit", root, self.actor(f"{county}/worker"))
        self.play("accept_all", root, self.actor(f"{county}/lead"))

    # -- to the end

    def finish(self) -> None:
        """No dead end: whatever has happened, each case can be brought to its closing."""
        for root in Case.objects.filter(parent=None).order_by("serial"):
            if not root.is_finished:
                self._bring_home(root)

    def _bring_home(self, root: Case) -> None:
        for turn in range(PATIENCE):
            case = Case.objects.select_related("county", "competent_unit").get(pk=root.pk)
            if case.is_finished:
                return
            self.hour, self.day = 9, self.day + timedelta(days=1)
            self.luck_is_good(case, anew=turn % 10 == 9)
            if not self.proceed(case) and turn % 5 == 4:
                self._step_back(case)
        raise AssertionError(f"plan {self.number}: no way on from {case.stage}")

    def _step_back(self, case: Case) -> None:
        """Whoever may not confirm what he applied for himself sends it back; another applies."""
        stage = rules_of(case).stage
        moves = [move for move in stage.moves if move.verb == "send_back"] if stage else []
        if stage is not None and moves:
            self.wanted = moves[0]
            self.play("onward", case, self.owner(case, stage))

    def luck_is_good(self, case: Case, *, anew: bool) -> None:
        """Every item is proven and every remedy done, so that only the plan could hold it."""
        self.sure = True
        if self._rests(case):
            return
        if not case.is_matter:
            self.prove(case, anew=anew)
        for child in Case.objects.filter(parent=case).order_by("serial"):
            if not child.is_finished and not self.proceed(child):
                self._step_back(child)

    def _rests(self, case: Case) -> bool:
        rows = WorkItem.objects.filter(process=case, finished=None)
        return any(item.is_suspended or item.is_declined for item in rows)

    # set for the next deed: that it shall go well, the move, the have
    sure: bool = False
    wanted: Move | None = None
    have: str = ""

    def form_of(self, case: Case) -> Mapping[str, object] | None:
        """Sound answers, with a class and a state of each item by luck."""
        stage = rules_of(case).stage
        form = rules_of(case).pack.form_for(stage, case.criterion or None) if stage else None
        if form is None:
            return None
        answers: dict[str, object] = {}
        for one in form.inputs:
            if one.key == "grade":
                chased = [g.key for g in self.pack.grades if g.chased or not self.sure]
                answers["grade"] = self.luck.choice(chased)
            elif one.key == HAVES:
                states = {True: "regular", False: "none"}
                answers[HAVES] = {
                    have.key: {"state": states[self.luck.random() < 0.4], "note": ""}
                    for have in self.pack.haves
                }
            elif one.key == "satisfied":
                answers["satisfied"] = "yes" if self.sure or self.luck.random() < 0.7 else "no"
        return filled(form, today=self.day, answers=answers)


def _last_event() -> int:
    return CaseEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
