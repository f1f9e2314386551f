"""A campaign in virtual time: every line of history is made by the verb that a person would use.

A queue of (moment, act) is worked off day by day; each act may put the next one into the queue.
What a verb refuses is counted and left, as in life.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from time import monotonic as time_now

from django.db import transaction
from django.utils import timezone

from cases.actions import evidence, opening, pauses, people, remarks, stages, witnessing
from cases.models import Case, Evidence
from cases.reconciling import has_in_province, is_in_province
from cases.suggestions import offered
from config.acting import actor_for
from config.demo import behaviour
from config.demo.behaviour import Pace
from config.demo.courtesy import SLICE
from config.demo.paper import demo_paper
from config.demo.partners import needs_of
from config.demo.people import City
from config.demo.workbooks import HAVES, DemoFirm
from config.ticking import tick
from organisations.compiled import Compiled
from organisations.days import day_of
from organisations.errors import Refused
from organisations.models import Post, Tenure, Unit
from organisations.roles import Role
from organisations.scope import Actor
from workflows.models import load_calendar

Act = Callable[[datetime], None]
RESTS = timedelta(days=14)  # when what a suspended case refused is tried again
BEFORE = "省系统已填报，经核对一致"
CaseAct = Callable[[Case, datetime], None]
# asked for before each of some thousand acts
CASE = Compiled(
    lambda pk: Case.objects.select_related("county", "enterprise", "programme").filter(pk=pk), int
)


@dataclass
class Campaign:
    """The state of the run: who acts for whom, what waits in the queue."""

    city: City
    firms: dict[str, DemoFirm]  # by credit code
    random: Random
    queue: list[tuple[datetime, int, Act]] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    _numbers: Iterator[int] = field(default_factory=count)
    _papers: Iterator[int] = field(default_factory=lambda: count(1))
    _actors: dict[tuple[int, str], list[Actor]] = field(default_factory=dict)
    _paces: dict[str, Pace] = field(default_factory=dict)

    def plan(self, at: datetime, act: Act) -> None:
        """Put an act into the queue, moved into the working day."""
        heapq.heappush(self.queue, (_in_office_hours(at), next(self._numbers), act))

    def run_day(self, day: date, until: datetime) -> None:
        """The ladder in the morning, then what people do; many acts in one transaction."""
        tick(at_hour(day, 8, 30))
        end = min(at_hour(day, 23), until)
        while self.queue and self.queue[0][0] <= end:
            self._run_slice(end)

    def _run_slice(self, end: datetime) -> None:
        """As many acts as make a commit worth while, and no more: a visitor may wait to write."""
        full = time_now() + SLICE
        with transaction.atomic():
            while self.queue and self.queue[0][0] <= end and time_now() < full:
                at, _number, act = heapq.heappop(self.queue)
                try:
                    with transaction.atomic():
                        act(at)
                except Refused as refusal:
                    self.refused[refusal.code] += 1
                    if refusal.code == "suspended":
                        self.plan(at + RESTS, act)

    # -- who acts

    def actor(self, unit_id: int, role: str, skip: int = 0) -> Actor:
        """A holder of a post of this role in a unit; ``skip`` takes another person."""
        key = (unit_id, role)
        if key not in self._actors:
            tenures = Tenure.objects.filter(post__unit_id=unit_id, post__role=role).select_related(
                "user"
            )
            day = self.city.work_from
            found = [actor_for(t.user, max(day, t.from_on)) for t in tenures.order_by("id")]
            self._actors[key] = found
        actors = self._actors[key]
        return actors[skip % len(actors)]

    def office(self, skip: int = 0) -> Actor:
        unit = Unit.objects.get(kind=Unit.Kind.OFFICE, region=self.city.programme.city)
        return self.actor(unit.pk, Role.OFFICE, skip)

    def worker(self, case: Case) -> Actor:
        return self.actor(case.responsible_unit_id, Role.COUNTY_WORKER)

    def lead(self, case: Case, skip: int = 0) -> Actor:
        return self.actor(case.responsible_unit_id, Role.COUNTY_LEAD, skip)

    def pace(self, county: str) -> Pace:
        if county not in self._paces:
            self._paces[county] = behaviour.pace_of(county, self.random)
        return self._paces[county]

    # -- the life of one case

    def open_wave(self, wave: str, at: datetime) -> None:
        opening.open_cases(self.city.programme, by=self.office(), at=at, wave=wave)
        waiting = Case.objects.filter(
            programme=self.city.programme, stage="assigned", wave=wave[:200], is_main=True
        ).select_related("county", "enterprise")
        for case in waiting:
            pace = self.pace(case.county.name)
            self.plan(
                at + behaviour.days(self.random, 0.2, 1.6, pace),
                self._step(case.pk, self._sign),
            )

    def _step(self, pk: int, act: CaseAct) -> Act:
        def run(at: datetime) -> None:
            [case] = CASE(pk)
            act(case, at)

        return run

    def _next(
        self,
        case: Case,
        at: datetime,
        low: float,
        high: float,
        act: CaseAct,
    ) -> None:
        """Plan the next act; now and then it is forgotten until the ladder has spoken a while."""
        pace = self.pace(case.county.name)
        delay = behaviour.days(self.random, low, high, pace)
        if self.random.random() < pace.forgets:
            delay += timedelta(days=self.random.uniform(*pace.for_days))
        self.plan(at + delay, self._step(case.pk, act))

    def _soon(self, case: Case, at: datetime, low: float, high: float, act: CaseAct) -> None:
        """Plan what nobody forgets: a paper or an application on the reviewer's desk."""
        delay = behaviour.days(self.random, low, high, self.pace(case.county.name))
        self.plan(at + delay, self._step(case.pk, act))

    def _sign(self, case: Case, at: datetime) -> None:
        if self.random.random() < 0.012:
            people.decline(case.pk, by=self.worker(case), at=at, reason="企业实际经营地不在本县区")
            self._next(case, at, 1, 3, self._answer_decline)
            return
        stages.acknowledge(case.pk, by=self.worker(case), at=at)
        self._next(case, at, 6, 18, self._survey)
        self._chatter(case, at)

    def _answer_decline(self, case: Case, at: datetime) -> None:
        unit = case.responsible_unit
        people.reassign(
            case.pk, by=self.office(), at=at, reason="经核实，仍按统计归属地办理", unit=unit
        )
        self._next(case, at, 0.5, 2, self._sign)

    def _survey(self, case: Case, at: datetime) -> None:
        firm = self.firm(case)
        grade = behaviour.grade_of(len(HAVES) - len(firm.haves), self.random)
        worker = self.worker(case)
        assert worker.user is not None
        form = behaviour.survey(
            grade, firm.haves, day_of(at), f"{worker.user.name}、入企工作小组", firm.contact
        )
        form["needs"] = needs_of(firm.industry, self.random)
        stages.advance(case.pk, by=worker, at=at, form=form)
        if grade == "D":
            self._plan_review(case, at)
        if grade in ("B", "C"):
            self._next(case, at, 12, 24 if grade == "B" else 48, self._match)
        self._remedies(case, at)

    def _watch(self, case: Case, at: datetime) -> None:
        """The quarterly review of class D: most stay watched."""
        stages.advance(case.pk, by=self.worker(case), at=at, to="watching")
        self._plan_review(case, at)

    def _plan_review(self, case: Case, at: datetime) -> None:
        """In the last two weeks before the review of a watched firm falls due."""
        due = case.task_set.get(finished=None).due_on
        left = (due - day_of(at)).days if due else 90
        early = min(self.random.uniform(1, 14), max(left - 1, 0))
        self.plan(at + timedelta(days=max(left - early, 1)), self._step(case.pk, self._watch))

    def _match(self, case: Case, at: datetime) -> None:
        worker = self.worker(case)
        found = offered(case, worker, on=day_of(at))
        form = behaviour.matching(day_of(at), self.random, found)
        stages.advance(case.pk, by=worker, at=at, form=form)
        self._remedies(case, at)

    def _remedies(self, case: Case, at: datetime) -> None:
        """Plan the papers of every remedy that has just been opened, and the application."""
        fresh = Case.objects.filter(parent=case, created=at).select_related("parent")
        for remedy in fresh:
            due = remedy.task_set.get(finished=None).due_on
            length = max((due - day_of(at)).days, 5) if due else 20
            self._next(case, at, length * 0.55, length * 0.98, self._submit(remedy.criterion))
        ready = Case.objects.get(pk=case.pk)
        if ready.stage == "rectification":
            self._next(case, at, 3, 6, self._apply)

    def _submit(self, criterion: str) -> CaseAct:
        def run(case: Case, at: datetime) -> None:
            row = self.submit(case, criterion, at)
            self._soon(case, at, 0.5, 4, self._review(row.pk, criterion))

        return run

    def submit(self, case: Case, criterion: str, at: datetime) -> Evidence:
        """代企业上传: the county's officer hands in the firm's paper."""
        paper, name = behaviour.PAPERS[criterion]
        papers = [demo_paper(name, next(self._papers))]
        worker = self.worker(case)
        [row] = evidence.submit(
            case.pk, criterion=criterion, paper=paper, papers=papers, by=worker, at=at
        )
        return row

    def _review(self, row: int, criterion: str) -> CaseAct:
        def run(case: Case, at: datetime) -> None:
            lead = self.lead(case)
            if self.random.random() < 0.13:
                reason = self.random.choice((1, 2, 4, 7, 8, 9))
                text = self.random.choice(behaviour.RETURNS)
                evidence.return_(row, reason=reason, text=text, by=lead, at=at)
                self._next(case, at, 2, 9, self._submit(criterion))
                return
            evidence.accept(row, by=lead, at=at)
            if self.random.random() < 0.7:  # the others have it, but have not filed it yet
                self.firm(case).haves.add(criterion)

        return run

    def _apply(self, case: Case, at: datetime) -> None:
        """Apply as soon as everything is there; else look again in a few days."""
        if Case.objects.filter(parent=case, finished=None).exists() or not case.grade:
            self.plan(
                at + timedelta(days=self.random.uniform(3, 6)), self._step(case.pk, self._apply)
            )
            return
        self.apply(case, at)
        self._soon(case, at, 0.5, 5, self._county_review)

    def apply(self, case: Case, at: datetime) -> None:
        """申请销号, after what the province has already is waived."""
        self._waive(case, at)
        worker = self.worker(case)
        assert worker.user is not None
        on = day_of(at)
        form = behaviour.closing(on, worker.user.name, in_province=is_in_province(case, on))
        stages.apply_for_closure(case.pk, by=worker, at=at, form=form)

    def _waive(self, case: Case, at: datetime) -> None:
        """免予提交: what the firm had from the start is in the provincial system, or was seen."""
        proven = Evidence.objects.filter(case=case).values_list("criterion", flat=True)
        opened = Case.objects.filter(parent=case).values_list("criterion", flat=True)
        for criterion in set(HAVES) - set(proven) - set(opened):
            lead = self.lead(case)
            if has_in_province(case, criterion, day_of(at)):
                evidence.waive(case.pk, criterion=criterion, reason=BEFORE, by=lead, at=at)
                continue
            witness = self.worker(case).user
            assert witness is not None
            seen = evidence.verify_offline(
                case.pk,
                criterion=criterion,
                witness=witness.username,
                number=behaviour.PAPERS[criterion][1].removesuffix(".pdf"),
                dated=day_of(at),
                by=lead,
                at=at,
            )
            witnessing.attest(seen.pk, saw=True, by=self.worker(case), at=at)

    def _county_review(self, case: Case, at: datetime) -> None:
        if self.random.random() < 0.05 and not case.is_finished:
            reason = "辅助账与省系统金额相差较大"
            stages.send_back(case.pk, by=self.lead(case), at=at, number=9, reason=reason)
            self._next(case, at, 2, 6, self._apply)
            return
        stages.advance(case.pk, by=self.lead(case), at=at)

    # -- what happens beside it

    def _chatter(self, case: Case, at: datetime) -> None:
        draw = self.random.random()
        if draw < 0.25:
            self._next(case, at, 8, 90, self._comment)
        elif draw < 0.30:
            self._next(case, at, 10, 100, self._suspend)
        elif draw < 0.33:
            self._next(case, at, 5, 60, self._change_handler)

    def _comment(self, case: Case, at: datetime) -> None:
        text = self.random.choice(behaviour.COMMENTS)
        remarks.comment(case.pk, by=self.worker(case), at=at, text=text)

    def _suspend(self, case: Case, at: datetime) -> None:
        until = load_calendar().add(day_of(at), self.random.randrange(5, 28))
        reason = self.random.choice(behaviour.DELAYS)
        pauses.suspend(case.pk, by=self.office(), at=at, until=until, reason=reason)

    def _change_handler(self, case: Case, at: datetime) -> None:
        """Twice: to the lead, and back to the worker."""
        posts = Post.objects.filter(unit_id=case.responsible_unit_id)
        item = case.task_set.filter(finished=None).first()
        if item is None:
            return
        other = posts.exclude(pk=item.post_id).order_by("id")[0]
        people.reassign(case.pk, by=self.lead(case), at=at, reason="人员分工调整", post=other)
        if item.post.role == Role.COUNTY_WORKER:
            self._next(case, at, 3, 20, self._change_handler)

    def prove_again(self, case: Case, criterion: str, at: datetime) -> None:
        """After a failed spot check: a new paper, and a new application."""
        self._next(case, at, 5, 15, self._submit(criterion))
        self._next(case, at, 16, 30, self._apply)

    def replan(self, at: datetime) -> None:
        """After an interruption: put the next act of every open case into the queue again."""
        acts = {
            "assigned": self._sign,
            "survey": self._survey,
            "matching": self._match,
            "rectification": self._apply,
            "county_review": self._county_review,
        }
        open_cases = Case.objects.filter(programme=self.city.programme, is_main=True, finished=None)
        for case in open_cases.select_related("county"):
            if case.stage in acts:
                self._next(case, at, 1, 14, acts[case.stage])
            for criterion in case.lacking if case.stage in ("matching", "rectification") else ():
                self._next(case, at, 1, 20, self._submit(criterion))
        for row in Evidence.objects.filter(state=Evidence.State.SUBMITTED).select_related(
            "case__county"
        ):
            self._soon(row.case, at, 0.5, 4, self._review(row.pk, row.criterion))

    def firm(self, case: Case) -> DemoFirm:
        assert case.enterprise is not None
        return self.firms[case.enterprise.credit_code or ""]


def at_hour(day: date, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def _in_office_hours(at: datetime) -> datetime:
    """Nobody works at night or on a day off."""
    local = timezone.localtime(at)
    day = load_calendar().on_or_after(local.date())
    if day != local.date() or local.hour < 8:
        return at_hour(day, 9, local.minute)
    if local.hour >= 18:
        return at_hour(load_calendar().add(day, 1), 9, local.minute)
    return at


def working_days(start: date, end: date) -> Iterator[date]:
    day = start
    while day <= end:
        if load_calendar().is_working(day):
            yield day
        day += timedelta(days=1)
