"""Kind of case × stage × verb × person, beside assistance and remedies: who moves what.

Rights as in the design's policy table and in Luoyang's plan; nothing here asks the code what it
would answer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, transaction

from cases.actions import (
    endings,
    filling,
    matters,
    pauses,
    people,
    plan_measures,
    recurring,
    stages,
)
from cases.actions.matters import Asked
from cases.acts import offers
from cases.errors import Refused
from cases.models import Case, WorkItem
from cases.sheet import load
from organisations.scope import Actor
from tests.cases.board import Writes
from tests.cases.test_matters import ANSWER, ISSUE, ORDER
from tests.world import START, World, at
from workflows.models import load_calendar

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
FAR, FAR_LEAD = "嵩县/county_worker", "嵩县/county_lead"
BUREAU, CHIEF = "市科技局/department_officer", "市科技局/department_lead"
OTHER, FINANCE = "市教育局/department_officer", "市财政局/department_officer"
GROUP, OFFICE, SECOND = "liaison_member", "office/1", "office/2"
WATCHERS = ("supervisor", "leader")
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
)
FORCE, BOTH = "涧西区工作专班", (OFFICE, SECOND)
DONE = "done"
DAY = START.isoformat()
LATER = date(2022, 3, 28)  # the counties' reports are open by then
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
    "send_back": lambda c, a: stages.send_back(c.pk, by=a, at=at(LATER), reason="请补充"),
    "close": lambda c, a: stages.close(c.pk, by=a, at=at(LATER)),
}
OFFICERS = (WORKER, LEAD)
# kind and stage → verb → who may; everybody else is refused
TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "issue assigned": {"acknowledge": (BUREAU,)},
    "issue handling": {"advance": (BUREAU,)},
    "issue call_back": {"close": (LEAD,), "send_back": (*OFFICERS, *BOTH)},
    "assist answering": {"advance": (FINANCE,)},
    "assist answered": {"close": (BUREAU,), "send_back": (BUREAU, *BOTH)},
    "need match": {"advance": (BUREAU,)},
    "need contact": {"advance": OFFICERS, "send_back": (*OFFICERS, *BOTH)},
    "need carrying": {"close": (LEAD,), "send_back": (*OFFICERS, *BOTH)},
    "measure running": {"advance": (BUREAU,)},
    "measure review": {"close": BOTH, "send_back": BOTH},
    "measure_part running": {"advance": OFFICERS},
    "measure_part review": {"close": (BUREAU,), "send_back": (BUREAU, *BOTH)},
    "measure_turn running": {"advance": (BUREAU,)},
    # proposed by a leader: only the office issues it
    "supervision drafting": {"advance": BOTH},
    "supervision assigned": {"acknowledge": OFFICERS},
    "supervision handling": {"advance": OFFICERS},
    "supervision review": {"close": BOTH, "send_back": BOTH},
    "meeting preparing": {"advance": BOTH},
    "order handling": {"advance": OFFICERS},
    "order review": {"close": BOTH, "send_back": BOTH},
    "county_report drafting": {"advance": (FAR, FAR_LEAD)},
    "county_report sealing": {"close": (LEAD,), "send_back": (LEAD, *BOTH)},
    # both wait for their children
    "monthly_report collecting": {},
    "meeting following": {},
}


class Board:
    """A case of each kind in each of its stages, brought there by the real verbs."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.found: dict[str, Case] = {}
        world.firm("洛阳示例轴承有限公司")
        world.open()
        self.firm = world.case()
        stages.acknowledge(self.firm.pk, by=world.actor(WORKER), at=at(START))
        self._issues()
        self._needs()
        self._orders()
        self._measures()
        self._reports()
        self._meetings()

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

    def _meetings(self) -> None:
        about = {"answers": {"topic": "调度会", "due_on": DAY}}
        self._keep(lambda: self._open("meeting", OFFICE, **about), ("advance", OFFICE))
        order = {"matter": "摸底提速"}
        self._keep(
            lambda: self._open("order", OFFICE, unit=FORCE, answers=order), ("advance", WORKER)
        )


def attempt(verb: Verb, case: Case, actor: Actor, writes: Writes) -> str:
    """``done``, or the code of a refusal that has changed nothing; undone again."""
    before, point = writes.count, transaction.savepoint()
    refusal: Refused | None = None
    try:
        verb(case, actor)
    except Refused as refused:
        refusal = refused
    written = writes.count - before
    transaction.savepoint_rollback(point)
    if refusal is None:
        return DONE
    assert refusal.words
    assert written == 0, refusal.code
    return refusal.code


def test_who_moves_what(world: World) -> None:
    board, writes = Board(world), Writes()
    actors = {who: world.actor(who) for who in PEOPLE}
    assert set(board.found) == set(TABLE)
    wrong = {}
    with connection.execute_wrapper(writes):
        for key, case in board.found.items():
            for name, verb in VERBS.items():
                asked = TABLE[key].get(name, ())
                got = {who: attempt(verb, case, actor, writes) for who, actor in actors.items()}
                done = {who for who, code in got.items() if code == DONE}
                # where the verb is legal, who may not is told so and nothing else
                codes = {code for code in got.values() if code != DONE} if asked else set()
                if done != set(asked) or codes - {"not_yours"}:
                    wrong[key, name] = got
    assert wrong == {}


# --- verbs beside the graph ----------------------------------------------------------------------
UNTIL = date(2022, 4, 8)
SIDE: dict[str, Verb] = {
    "decline": lambda c, a: people.decline(c.pk, by=a, at=at(LATER), reason="不属本单位职责"),
    "suspend": lambda c, a: pauses.suspend(
        c.pk, by=a, at=at(LATER), until=UNTIL, reason="等待上级答复"
    ),
    "reassign": lambda c, a: people.reassign(
        c.pk, by=a, at=at(LATER), reason="分工调整", unit=open_item(c).unit
    ),
    "delist": lambda c, a: endings.delist(c.pk, by=a, at=at(LATER), reason="注销"),
}
# by the unit that has the step: who works there, and who leads
HANDS = {
    FORCE: ((WORKER, LEAD), (LEAD,)),
    "嵩县工作专班": ((FAR, FAR_LEAD), (FAR_LEAD,)),
    "市科技局": ((BUREAU, CHIEF), (CHIEF,)),
    "市财政局": ((FINANCE,), ()),
    "市专班办": (BOTH, ()),
}
COUNTYS = {LEAD, FAR_LEAD}
# what a city orders or what comes back every month is neither contested nor rests
ORDERED = {"supervision", "meeting", "monthly_report", "county_report", "measure_turn"}
BARRED: dict[str, set[str] | None] = {
    "decline": ORDERED | {"measure", "measure_part"},
    "suspend": ORDERED | {"order"},
    "reassign": set(),
    "delist": None,
}


def open_item(case: Case) -> WorkItem:
    item: WorkItem = WorkItem.objects.select_related("unit").get(process=case, finished=None)
    return item


def side_right(verb: str, unit: str) -> set[str]:
    """Who may: those who have the step, or lead there, and the office."""
    hands, leads = HANDS[unit]
    return {
        "decline": set(hands),
        "suspend": COUNTYS & set(leads) | set(BOTH),
        "reassign": set(leads) | set(BOTH),
        "delist": set(BOTH),
    }[verb]


def test_who_contests_rests_and_hands_on_a_matter(world: World) -> None:
    """A county does not contest what the city orders, nor rest what a department handles."""
    board, writes = Board(world), Writes()
    actors = {who: world.actor(who) for who in PEOPLE if who not in (OTHER, GROUP, "supervisor")}
    wrong = {}
    with connection.execute_wrapper(writes):
        for key, case in board.found.items():
            unit = open_item(case).unit.short_name
            for name, verb in SIDE.items():
                got = {who: attempt(verb, case, actor, writes) for who, actor in actors.items()}
                may = {who for who, code in got.items() if code != "not_yours"}
                codes = {got[who] for who in may}
                barred = BARRED[name]
                is_barred = barred is None or case.procedure in barred
                why = "not_firms_own" if name == "delist" else "not_of_kind"
                expected = {why} if is_barred else {DONE} if name == "suspend" else codes - {why}
                if may != side_right(name, unit) or codes != expected:
                    wrong[key, name] = got
    assert wrong == {}


def test_the_bar_of_a_matter_offers_nothing_of_a_firms(world: World) -> None:
    board = Board(world)
    shown = {}
    for key in ("issue handling", "supervision handling", "county_report drafting"):
        sheet = load(Case.objects.get(pk=board.found[key].pk), LATER)
        who = OFFICE, (FAR_LEAD if key.startswith("county") else LEAD)
        found = [offer.verb for one in who for offer in offers(sheet, world.actor(one))]
        shown[key] = {"delist", "suspend", "decline"} & set(found)
    # an issue may rest; the county's lead has no part in one that a department handles
    assert shown == {
        "issue handling": {"suspend"},
        "supervision handling": set(),
        "county_report drafting": set(),
    }
