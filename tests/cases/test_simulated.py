"""A simulated campaign and a real one, in which people do the same on the same days: every step
has the same dates and budgets, and the same rungs speak on the same days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from cases.actions import evidence, stages
from cases.models import Case, RungFired, WorkItem
from cases.rulebook import calendar
from cases.sweeps import sweep
from config.simulation.assumptions import defaults
from config.simulation.campaign import Campaign, spoken
from config.simulation.firms import Firm, from_database, key_of
from config.simulation.ground import Days, Ground
from config.simulation.lives import Life, Step, Watcher
from organisations.days import day_of
from tests.world import START, World, at, closing_form, matching_form, paper, survey_form
from workflows.packs import Pack

UNTIL = date(2022, 11, 30)
# (stage, started on, due on, budget) of each step of a case, in order
Dates = list[tuple[str, date, date | None, int | None]]
Spoken = set[tuple[str, date, str, date]]
HAVES = ("institution", "staff", "spending", "cooperation")


@dataclass
class Diary(Watcher):
    """Everything that happens in a run, as it happens."""

    steps: list[Step] = field(default_factory=list)
    done: defaultdict[date, list[Step]] = field(default_factory=lambda: defaultdict(list))

    def opened(self, step: Step) -> None:
        self.steps.append(step)

    def finished(self, step: Step, at: int) -> None:
        assert step.finished_on is not None
        self.done[step.finished_on].append(step)


def name_of(life: Life) -> tuple[int, str]:
    return life.firm.key, life.have or ""


def played(pack: Pack, firms: tuple[Firm, ...], seed: int) -> tuple[Diary, Ground]:
    """One run with few hands, so that steps queue and fall late."""
    assumed = defaults(pack).with_numbers(visits=3, county_desk=6, never=15, watched=30)
    # people here neither rest nor ask for more time, and their visits leave no issue behind
    assumed = assumed.with_numbers(rests=0, extends=0, issues=0)
    assumed = assumed.with_pace("assistance.county_review", returned=40)
    ground, diary = Ground(pack, calendar(), assumed), Diary()
    days = Days(calendar(), START, UNTIL)
    Campaign(ground, days, diary, seed=seed).run((0, firm) for firm in firms)
    return diary, ground


class Replay:
    """The same deeds, by the verbs that a person uses."""

    def __init__(self, world: World, diary: Diary) -> None:
        self.world, self.diary = world, diary
        rows = Case.objects.filter(parent=None).select_related("enterprise", "county")
        self.roots: dict[int, Case] = {
            key_of(case.enterprise.credit_code or ""): case for case in rows
        }

    def run(self) -> None:
        day = START
        while day <= UNTIL:
            if day > START and calendar().is_working(day):
                sweep(at(day, 8) + timedelta(minutes=30))
            for step in self.diary.done[day]:
                self.do(step, day)
            day += timedelta(days=1)

    def do(self, step: Step, day: date) -> None:
        case = self.case(step.life)
        county = case.county.name
        worker = self.world.actor(f"{county}/county_worker", day)
        lead = self.world.actor(f"{county}/county_lead", day)
        office = self.world.actor("office/1", day)
        now = at(day, 9)
        if step.life.have:
            self.prove(case.parent_id or 0, step.life.have, day)
            if not Case.objects.get(pk=case.pk).is_finished:
                stages.close(case.pk, by=lead, at=now)
        elif step.stage.key == "assigned":
            stages.acknowledge(case.pk, by=worker, at=now)
        elif step.stage.key == "survey":
            states = {have: "regular" for have in HAVES if have not in (step.life.missing or ())}
            form = survey_form(step.life.grade or "", day, **states)
            stages.advance(case.pk, by=worker, at=now, form=form)
        elif step.stage.key == "matching":
            stages.advance(case.pk, by=worker, at=now, form=matching_form(day))
        elif step.stage.key == "watching":
            stages.advance(case.pk, by=worker, at=now, to="watching")
        elif step.stage.key == "rectification":
            for have in Case.objects.get(pk=case.pk).lacking:
                self.prove(case.pk, have, day)
            stages.apply_for_closure(case.pk, by=worker, at=now, form=closing_form(day))
        elif self.came_back(step):
            by = office if step.stage.key == "confirmation" else lead
            stages.send_back(case.pk, by=by, at=now, number=1, reason="缺页")
        elif step.stage.key == "county_review":
            stages.advance(case.pk, by=lead, at=now)
        else:
            stages.close(case.pk, by=office, at=now)

    def came_back(self, step: Step) -> bool:
        """Whether the next step of the case in the simulation is a stage before this one."""
        ours = [one for one in self.diary.steps if one.life is step.life]
        after = ours[ours.index(step) + 1 :]
        return bool(after) and after[0].stage.key == "rectification"

    def prove(self, root: int, have: str, day: date) -> None:
        case = Case.objects.select_related("county").get(pk=root)
        worker = self.world.actor(f"{case.county.name}/county_worker", day)
        lead = self.world.actor(f"{case.county.name}/county_lead", day)
        [row] = evidence.submit(root, criterion=have, papers=[paper()], by=worker, at=at(day, 9))
        evidence.accept(row.pk, by=lead, at=at(day, 9))

    def case(self, life: Life) -> Case:
        root = self.roots[life.firm.key]
        if not life.have:
            return root
        found: Case = Case.objects.select_related("county").get(parent=root, criterion=life.have)
        return found


def simulated_dates(diary: Diary) -> dict[tuple[int, str], Dates]:
    found: defaultdict[tuple[int, str], Dates] = defaultdict(list)
    for step in diary.steps:
        budget = None if step.due.budget is None else max(step.due.budget, 0)
        line = (step.stage.key, step.started_on, step.due.due_on, budget)
        found[name_of(step.life)].append(line)
    return dict(found)


def real_dates() -> dict[tuple[int, str], Dates]:
    found: defaultdict[tuple[int, str], Dates] = defaultdict(list)
    for item in WorkItem.objects.select_related("process__enterprise").order_by("pk"):
        line = (item.stage, item.started_on, item.due_on, item.budget)
        found[_key(item)].append(line)
    return dict(found)


def _key(item: WorkItem) -> tuple[int, str]:
    case = item.process
    assert case.enterprise is not None
    return key_of(case.enterprise.credit_code or ""), case.criterion


def real_rungs() -> set[tuple[tuple[int, str], str, date, str, date]]:
    rows = RungFired.objects.filter(spoke=True).select_related("item__process__enterprise")
    return {
        (_key(row.item), row.item.stage, row.item.started_on, row.rung, day_of(row.at))
        for row in rows
    }


def simulated_rungs(
    diary: Diary, ground: Ground
) -> set[tuple[tuple[int, str], str, date, str, date]]:
    return {
        (name_of(step.life), step.stage.key, step.started_on, rung.key, day)
        for step in diary.steps
        for day, rung in spoken(ground, step, UNTIL)
    }


@pytest.mark.parametrize("seed", [3, 8])
def test_the_same_deeds_have_the_same_dates_and_reminders(world: World, seed: int) -> None:
    for number in range(7):
        firm = world.firm(f"洛阳示例第{number}有限公司", "涧西区" if number % 3 else "嵩县")
        if number % 4 == 1:
            world.fact(firm, date(2022, 2, 1), has_institution=True, has_staff=number > 4)
    world.open()
    pack = world.programme.versions.get().pack
    register = from_database(world.city, START)
    diary, ground = played(pack, register.firms, seed)
    Replay(world, diary).run()
    assert real_dates() == simulated_dates(diary)
    assert real_rungs() == simulated_rungs(diary, ground)
    # the run has reached what is worth comparing
    stages_ = {step.stage.key for step in diary.steps}
    assert {"watching", "county_review", "confirmation", "open"} <= stages_
    assert Case.objects.filter(parent=None, stage="closed").exists()
    assert RungFired.objects.filter(rung="work_note", spoke=True).exists()
