"""Kind of case × stage × verb × person, beside assistance and remedies: who moves what.

Rights as in the design's policy table and in Luoyang's plan; nothing here asks the code what it
would answer.
"""

from __future__ import annotations

from datetime import date

from django.db import connection

from cases.actions import (
    endings,
    pauses,
    people,
)
from cases.acts import offers
from cases.models import Case, WorkItem
from cases.sheet import load
from tests.cases.board import ADMINISTRATORS, DONE, Writes, attempt
from tests.cases.matters_board import (
    BOTH,
    BUREAU,
    CHIEF,
    FAR,
    FAR_LEAD,
    FINANCE,
    FORCE,
    GROUP,
    LATER,
    LEAD,
    MOVING,
    OFFICE,
    OFFICERS,
    OTHER,
    PEOPLE,
    VERBS,
    WORKER,
    Board,
    Verb,
)
from tests.world import World, at

# kind and stage → verb → who may; everybody else is refused
TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    # led by the science bureau, which reviews; the county proves and applies, the office confirms
    "completion assigned": {"acknowledge": OFFICERS},
    "completion rectification": {"apply_for_closure": OFFICERS},
    "completion guide_review": {"advance": (BUREAU,), "send_back": (BUREAU, *BOTH)},
    "completion confirmation": {"close": BOTH, "send_back": BOTH},
    "consolidation proving": {"close": (LEAD,)},
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
    "reconciling checking": {"close": OFFICERS},
    # both wait for their children
    "monthly_report collecting": {},
    "meeting following": {},
}


def test_who_does_what_with_a_matter(world: World) -> None:
    """One board for all: setting it up takes longer than playing on it."""
    board = Board(world)
    who_moves_what(board)
    who_contests_rests_and_hands_on(board)
    the_bar_offers_nothing_of_a_firms(board)


def who_moves_what(board: Board) -> None:
    writes = Writes()
    actors = board.actors(PEOPLE)
    assert set(board.found) == set(TABLE)
    wrong = {}
    with connection.execute_wrapper(writes):
        for key, case in board.found.items():
            for name, verb in VERBS.items():
                asked = TABLE[key].get(name, ())
                playing = PEOPLE if asked else MOVING
                got = {who: attempt(verb, case, actors[who], writes) for who in playing}
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
        c.pk, by=a, at=at(LATER), reason="分工调整", unit=open_item(c).unit, knowing=True
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
ORDERED = {"supervision", "meeting", "monthly_report", "county_report", "measure_turn",
           "reconciling"}  # fmt: skip
BARRED: dict[str, set[str] | None] = {
    "decline": ORDERED | {"measure", "measure_part"},
    "suspend": ORDERED | {"order"},
    "reassign": set(),
    "delist": None,
}

# what the register opened ends with it, once the list no longer names the firm
LEAVING = dict.fromkeys(("completion", "consolidation"), "still_listed")


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


def who_contests_rests_and_hands_on(board: Board) -> None:
    """A county does not contest what the city orders, nor rest what a department handles."""
    writes, left_out = Writes(), (OTHER, GROUP, "supervisor", *ADMINISTRATORS[1:])
    actors = board.actors(who for who in PEOPLE if who not in left_out)
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
                why = (
                    "not_of_kind"
                    if name != "delist"
                    else LEAVING.get(case.procedure, "not_firms_own")
                )
                expected = {why} if is_barred else {DONE} if name == "suspend" else codes - {why}
                if name == "decline" and unit == "市专班办":  # it would have to answer itself
                    expected = {"answers_itself"}
                if may != side_right(name, unit) or codes != expected:
                    wrong[key, name] = got
    assert wrong == {}


def the_bar_offers_nothing_of_a_firms(board: Board) -> None:
    world, shown = board.world, {}
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
