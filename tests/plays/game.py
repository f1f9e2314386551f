"""A plan as played: random people do random deeds, and now and then what the plan wants next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random

from django.db import connection

from cases.actions import handing_over, recurring
from cases.errors import Refused
from cases.models import Case, Evidence, WorkItem
from cases.rulebook import rules_of
from cases.sweeps import sweep
from organisations.errors import Refused as NotSo
from organisations.models import Region, Unit, User
from organisations.scope import Actor, actor_of
from tests.plays.seen import Trail
from tests.world import at
from workflows.form_examples import filled
from workflows.forms import HAVES
from workflows.models import Programme
from workflows.packs import Pack
from workflows.procedure import Move, Stage

START = date(2022, 3, 1)
YEAR_END = date(2022, 12, 20)  # from this day on open cases go over to the next year
EVENING = 18
Deed = Callable[["Game", Case, Actor], object]


@dataclass
class Game:
    """One plan and the next year's, three firms, everybody who works on them, and the day it is."""

    number: int
    seed: int
    programmes: tuple[Programme, Programme]
    pack: Pack
    units: dict[str, Unit]
    users: dict[str, User]
    luck: Random
    deeds: Mapping[str, Deed]
    # moves after which the year comes to its end
    year_ends_at: int = 0
    day: date = START
    hour: int = 9
    steps: int = 0
    papers: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    trail: Trail = field(default_factory=Trail)
    # by firm: the newest line of the trail when it had left the register
    left: dict[int, int] = field(default_factory=dict)
    # posts that got a new holder, with the day; who follows whom on a later day
    handed: set[tuple[int, date]] = field(default_factory=set)
    followers: dict[date, list[tuple[str, User]]] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)
    # until when what an actor may do stays as it is
    _fresh_until: dict[str, date] = field(default_factory=dict)
    _cases: dict[int, Case] = field(default_factory=dict)
    _stale: set[int] = field(default_factory=set)
    _last: int = 0
    _opened_on: date = START

    @property
    def programme(self) -> Programme:
        return self.programmes[0]

    def now(self) -> datetime:
        return at(self.day, self.hour)

    def actor(self, key: str) -> Actor:
        if key in self._fresh_until and self._fresh_until[key] <= self.day:
            del self._fresh_until[key]
            self._actors.pop(key, None)
        if key not in self._actors:
            self._actors[key] = actor_of(self.users[key], self.day)
        return self._actors[key]

    def stands_in(self, key: str, until: date) -> None:
        """Somebody may do more from now on, until a day."""
        self._actors.pop(key, None)
        self._fresh_until[key] = min(until, self._fresh_until.get(key, until))

    def forget(self, key: str) -> None:
        """His post has changed hands, and whoever stood in for him no longer does."""
        for one in (key, *self._fresh_until):
            self._actors.pop(one, None)

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
        if self.year_ends_at and self.steps >= self.year_ends_at:
            self.year_ends_at = 0
            self._year_ends(cases)
            return
        if not open_:
            case = self.luck.choice([case for case in cases if case.parent_id is None])
            # who is off the list is taken up by the list alone
            deed = "list" if case.enterprise_id in self.left else "reopen"
            self.play(deed, case, self.actor("office"))
            return
        case = self.luck.choice(open_ if self.luck.random() < 0.9 else cases)
        if draw < 0.15:
            self.wait(self.luck.choice((3, 8, 20, 30, 90)))
        elif draw < 0.35:
            self.proceed(case)
        else:
            verb = self.luck.choice(sorted(self.deeds))
            self.play(verb, case, self._somebody(case))

    def _year_ends(self, cases: list[Case]) -> None:
        """All of a sudden it is the end of the year: what was not said for months is said once, and
        what is open goes on in the next one.
        """
        self.day = max(self.day, YEAR_END - timedelta(days=1))
        self.hour = EVENING
        self.wait(EVENING + 1)
        self.play("carry_over", cases[0], self.actor("office"))

    def cases(self) -> list[Case]:
        """Every case; read anew are those of which the trail says something."""
        self._news()
        if self._stale:
            for case in Case.objects.filter(pk__in=self._stale):
                self._cases[case.pk] = self._dressed(case)
            self._cases = {pk: self._cases[pk] for pk in sorted(self._cases)}
            self._stale = set()
        return list(self._cases.values())

    def case(self, pk: int) -> Case:
        """A case as it is now."""
        self.cases()
        return self._cases[pk]

    def below(self, case: Case) -> list[int]:
        """The ids of its children."""
        return [one.pk for one in self.cases() if one.parent_id == case.pk]

    def _dressed(self, case: Case) -> Case:
        """With the rows beside it that the game knows."""
        case.programme = next(one for one in self.programmes if one.pk == case.programme_id)
        case.county = self.regions[case.county_id]
        case.competent_unit = self.units_by_pk[case.competent_unit_id]
        return case

    def _news(self) -> bool:
        """Whether the trail has grown since this was asked last."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, case_id FROM cases_caseevent WHERE id > %s", [self._last])
            rows = cursor.fetchall()
        self._stale |= {case for _pk, case in rows}
        self._last = max((pk for pk, _case in rows), default=self._last)
        return bool(rows)

    def newest(self) -> int:
        """The newest line of the trail."""
        self._news()
        return self._last

    @cached_property
    def units_by_pk(self) -> dict[int, Unit]:
        return {unit.pk: unit for unit in self.units.values()}

    @cached_property
    def regions(self) -> dict[int, Region]:
        return {unit.region_id: unit.region for unit in self.units.values()}

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
        self._news()
        refusal = self._refusal(verb, case, by)
        grown = self._news()
        if refusal is None:
            self.done[verb] += 1
            return True
        assert refusal.words
        assert not grown, (verb, refusal.code)
        self.refused[f"{verb}: {refusal.code}"] += 1
        return False

    def _refusal(self, verb: str, case: Case, by: Actor) -> Refused | NotSo | None:
        try:
            self.deeds[verb](self, case, by)
        except (Refused, NotSo) as refusal:
            return refusal
        return None

    def wait(self, hours: int) -> None:
        """Time only rises; nights are for sleeping; the sweep comes in the morning."""
        self.steps += 1
        self.hour += hours % 10
        self.day += timedelta(days=hours // 10)
        if self.hour > EVENING:
            self.hour, self.day = 9, self.day + timedelta(days=1)
        self.follow()
        if self.day > self._opened_on:
            self._opened_on = self.day
            self.done["by_calendar"] += recurring.open_due(self.now())
        self.done["rungs"] += sweep(self.now()).rungs

    def follow(self) -> None:
        """Whoever was named for a day has the post from that day on."""
        due = sorted(day for day in self.followers if day <= self.day)
        if not due:
            return
        handing_over.take_effect(self.now())
        for day in due:
            for key, user in self.followers.pop(day):
                self.users[key] = user
                self.forget(key)

    # -- what the plan wants next

    def proceed(self, case: Case) -> bool:
        """The next move of a case, by whoever may make it; whether anything was done."""
        item = WorkItem.objects.filter(process=case, finished=None).first()
        if item is None:
            return False
        office = self.actor("office")
        if item.is_suspended:
            # a remedy that rests with its firm's case is resumed with it
            rests = [self.case(case.parent_id)] if case.parent_id else []
            rests.append(case)
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
            for pk in self.below(case):
                if not self.case(pk).is_finished:
                    self.proceed(self.case(pk))
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
            return self.actor(self.member(item.unit, lead=stage.owner != "responsible"))
        keys = {
            "county": f"{county}/worker",
            "county_lead": f"{county}/lead",
            "department": f"{case.competent_unit.short_name}/lead",
            "liaison_group": "group",
            "office": "office",
        }
        return self.actor(keys[stage.owner])

    def member(self, unit: Unit, *, lead: bool) -> str:
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
        root = self.case(case.parent_id or case.pk)
        accepted = Evidence.objects.filter(case=root, state__in=Evidence.ACCEPTED)
        known = set(accepted.values_list("criterion", flat=True))
        wanted = [case.criterion] if case.criterion else [have.key for have in self.pack.haves]
        county = case.county.name
        for have in wanted:
            if anew or have not in known:
                self.have = have
                self.play("submit", root, self.actor(f"{county}/worker"))
        self.play("accept_all", root, self.actor(f"{county}/lead"))

    # set for the next deed: that it shall go well, the move, the have, who might take it over
    sure: bool = False
    wanted: Move | None = None
    have: str = ""
    takers: list[Unit] = field(default_factory=list)

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
            elif one.key == "provincial_check":
                answers[one.key] = "none"  # the province's lists are not played
            elif one.key == "satisfied":
                answers["satisfied"] = "yes" if self.sure or self.luck.random() < 0.7 else "no"
        return filled(form, today=self.day, answers=answers)
