"""A case of each kind beside assistance and remedies, in each of its stages; who acts on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from cases.actions import (
    filling,
    listed,
    matters,
    plan_measures,
    reconciling,
    recurring,
    stages,
)
from cases.actions.matters import Asked
from cases.models import Case
from enterprises.models import Enterprise
from organisations.models import Region
from organisations.scope import Actor
from tests.cases.board import ADMINISTRATORS, HAVES, TOWNSHIP, township_of
from tests.cases.standing import closed
from tests.cases.test_carrying import next_year
from tests.cases.test_matters import ANSWER, ISSUE, ORDER
from tests.world import START, World, at, closing_form
from workflows.models import load_calendar

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
FAR, FAR_LEAD = "嵩县/county_worker", "嵩县/county_lead"
BUREAU, CHIEF = "市科技局/department_officer", "市科技局/department_lead"
OTHER, FINANCE = "市教育局/department_officer", "市财政局/department_officer"
GROUP, OFFICE, SECOND = "liaison_member", "office/1", "office/2"
WATCHERS = ("supervisor", "leader")
CLERK = "clerk"  # of the firm that the cases are about
# no part in moving any of these: township and clerk add papers, administrators do no case work
OUTSIDERS = (TOWNSHIP, CLERK, *ADMINISTRATORS)
PEOPLE = (
    WORKER,
    LEAD,
    FAR,
    FAR_LEAD,
    BUREAU,
    CHIEF,
    OTHER,
    FINANCE,
    GROUP,
    OFFICE,
    SECOND,
    *WATCHERS,
    *OUTSIDERS,
)
# whoever moves anything at all; where no move is legal nobody else need be asked
MOVING = (WORKER, LEAD, FAR, BUREAU, FINANCE, OFFICE)
FORCE, BOTH = "涧西区工作专班", (OFFICE, SECOND)
DAY = START.isoformat()
LATER = date(2022, 3, 28)  # the counties' reports are open by then
REMEDY = {"measure": "补齐材料", "responsible": "李示例", "finish_on": "2022-03-31"}
FORMS: dict[str, dict[str, Any]] = {
    "issue handling": ANSWER,
    "assist answering": {"answer": "同意"},
    "need match": {"partners": "示例大学"},
    "need contact": {"partner": "示例大学", "met_on": DAY, "result": "agreement"},
    "measure running": {"summary": "已完成", "shortfall": "年内补足"},
    "measure_part running": {"summary": "已完成"},
    "measure_turn running": {"held_on": DAY, "place": "涧西区", "way": "online"},
    "supervision handling": {"report": "已办"},
    "order handling": {"report": "已办"},
    "county_report drafting": {"progress": "已走访"},
    "monthly_report collecting": {"progress": "已汇总"},
    "meeting preparing": {"held_on": DAY, "orders": [{"matter": "提速", "unit": FORCE}]},
}
Verb = Callable[[Case, Actor], Any]
VERBS: dict[str, Verb] = {
    "acknowledge": lambda c, a: stages.acknowledge(c.pk, by=a, at=at(LATER)),
    "advance": lambda c, a: stages.advance(
        c.pk, by=a, at=at(LATER), form=FORMS.get(f"{c.procedure} {c.stage}")
    ),
    "send_back": lambda c, a: stages.send_back(c.pk, by=a, at=at(LATER), number=1, reason="请补充"),
    "apply_for_closure": lambda c, a: stages.apply_for_closure(
        c.pk, by=a, at=at(LATER), form=closing_form()
    ),
    "close": lambda c, a: stages.close(c.pk, by=a, at=at(LATER)),
}
OFFICERS = (WORKER, LEAD)


class Board:
    """A case of each kind in each of its stages, brought there by the real verbs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: dict[str, Case] = {}
        township = township_of(world)
        before = closed(world)
        world.firm("洛阳示例锻造有限公司").memberships.update(township=township)
        world.open()
        self.firm = world.case(Enterprise.objects.get(name="洛阳示例锻造有限公司"))
        stages.acknowledge(self.firm.pk, by=world.actor(WORKER), at=at(START))
        self._issues()
        self._needs()
        self._orders()
        self._measures()
        self._reports()
        self._lists()
        self._meetings()
        self._completions(township)
        self._consolidation(before)

    def actors(self, people: Iterable[str]) -> dict[str, Actor]:
        assert self.firm.enterprise is not None
        clerk = self.world.clerk(self.firm.enterprise)
        return {who: clerk if who == CLERK else self.world.actor(who) for who in people}

    def _open(self, kind: str, by: str, **more: Any) -> Case:
        asked = Asked(kind, **more)
        return matters.open_matter(
            self.world.programme, asked, by=self.world.actor(by), at=at(START, 10)
        )

    def _go(self, case: Case, *moves: tuple[str, str]) -> Case:
        """Each move by its person; what a stage is left with comes from ``FORMS``."""
        for verb, who in moves:
            self.found.setdefault(f"{case.procedure} {case.stage}", case)
            case = Case.objects.get(pk=case.pk)
            VERBS[verb](case, self.world.actor(who))
            case = Case.objects.get(pk=case.pk)
        self.found.setdefault(f"{case.procedure} {case.stage}", case)
        return case

    def _keep(self, open_: Callable[[], Case], *moves: tuple[str, str]) -> None:
        """One case for each stage on the way."""
        for n in range(len(moves) + 1):
            self._go(open_(), *moves[:n])

    def _completions(self, township: Region) -> None:
        """提升: as many firms as stages, each with its papers and remedies done before applying."""
        moves = (("acknowledge", WORKER), ("apply_for_closure", WORKER), ("advance", BUREAU))
        for n in range(len(moves) + 1):
            firm = self.world.firm(f"洛阳示例{n}号轴承有限公司", spending=True)
            firm.memberships.update(township=township)
        listed.open_listed(self.world.programme, by=self.world.office, at=at(START, 10))
        for n, case in enumerate(Case.objects.filter(procedure="completion").order_by("pk")):
            self._go(case, *moves[: min(n, 1)])
            if n:
                self._prove(case)
                self._go(Case.objects.get(pk=case.pk), *moves[1:n])

    def _prove(self, case: Case) -> None:
        for have in HAVES:
            self.world.prove(case, have, LATER)
        for remedy in case.children.exclude(stage="closed"):
            filling.save_draft(
                remedy.pk, form=f"remedy_{remedy.criterion}", data=REMEDY,
                by=self.world.actor(WORKER), at=at(LATER, 12),
            )  # fmt: skip
            stages.close(remedy.pk, by=self.world.actor(LEAD), at=at(LATER, 12))

    def _consolidation(self, before: Case) -> None:
        """年度巩固 in the year after of what was closed, with its spending proved anew."""
        to, day = next_year(self.world), at(START, 16)
        assert before.enterprise_id is not None
        listed.open_listed(to, by=self.world.office, at=day, only={before.enterprise_id})
        case = Case.objects.get(procedure="consolidation")
        self.world.prove(case, "spending")
        self._go(Case.objects.get(pk=case.pk))

    def _issues(self) -> None:
        about = {"enterprise_id": self.firm.enterprise_id, "unit": "市科技局", "answers": ISSUE}
        signed = ("acknowledge", BUREAU)
        self._keep(lambda: self._open("issue", GROUP, **about), signed, ("advance", BUREAU))
        said = {"called_on": DAY, "person": "王工", "satisfied": "yes"}
        back = self.found["issue call_back"]
        filling.save_draft(
            back.pk, form="call_back", data=said, by=self.world.actor(WORKER), at=at(LATER)
        )
        main = self._go(self._open("issue", GROUP, **about), signed)
        part = {"parent_id": main.pk, "unit": "市财政局", "lead": "市科技局", "title": "资金意见"}
        self._keep(lambda: self._open("assist", BUREAU, **part), ("advance", FINANCE))

    def _needs(self) -> None:
        unit = self.firm.competent_unit.short_name
        owner = f"{unit}/department_officer"
        about = {"enterprise_id": self.firm.enterprise_id, "lead": "市科技局"}
        answers = {"need": "热处理", "kind": "technology"}
        assert owner in self.world.people
        moves = (("advance", BUREAU), ("advance", WORKER))
        self._keep(lambda: self._open("need", WORKER, answers=answers, **about), *moves)
        filling.save_draft(
            self.found["need carrying"].pk, form="need_result",
            data={"result": "已签订", "done_on": DAY}, by=self.world.actor(WORKER), at=at(LATER),
        )  # fmt: skip

    def _orders(self) -> None:
        self._keep(
            lambda: self._open("supervision", "leader", unit=FORCE, answers=ORDER),
            ("advance", OFFICE), ("acknowledge", WORKER), ("advance", WORKER),
        )  # fmt: skip

    def _measures(self) -> None:
        plan_measures.open_measures(
            self.world.programme, by=self.world.actor(OFFICE), at=at(START, 10)
        )
        recurring.open_due(at(START, 11))
        own = Case.objects.filter(parent=None, responsible_unit__short_name="市科技局")
        single = own.filter(procedure="measure", children=None).order_by("pk")
        self._go(single[0])
        self._go(single[1], ("advance", BUREAU))
        parts = Case.objects.filter(procedure="measure_part", parent__in=own)
        mine = list(parts.filter(responsible_unit__short_name=FORCE))
        other = parts.filter(responsible_unit__short_name="嵩县工作专班")[0]
        self._go(mine[0])
        self._go(other, ("advance", FAR))
        turn = Case.objects.filter(procedure="measure_turn").first()
        assert turn is not None
        self._go(turn)

    def _reports(self) -> None:
        day = load_calendar().on_or_before(START.replace(day=25))
        recurring.open_due(at(day))
        reports = Case.objects.filter(procedure="county_report")
        self._go(reports.get(responsible_unit__short_name="嵩县工作专班"))
        self._go(reports.get(responsible_unit__short_name=FORCE), ("advance", WORKER))
        parent = Case.objects.get(procedure="monthly_report")
        self._go(parent)

    def _lists(self) -> None:
        """What a frozen month asks of a county, its answer written already."""
        lists = {("unfiled", self.world.counties["涧西区"].pk): [1]}
        reconciling.open_lists(self.world.programme.current, lists, START, at=at(START, 10))
        case = Case.objects.get(procedure="reconciling")
        self._go(case)
        filling.save_draft(
            case.pk, form="reconciling_answer", data={"handled": "已核对"},
            by=self.world.actor(WORKER), at=at(LATER),
        )  # fmt: skip

    def _meetings(self) -> None:
        about = {"answers": {"topic": "调度会", "due_on": DAY}}
        self._keep(lambda: self._open("meeting", OFFICE, **about), ("advance", OFFICE))
        order = {"matter": "摸底提速"}
        self._keep(
            lambda: self._open("order", OFFICE, unit=FORCE, answers=order), ("advance", WORKER)
        )
