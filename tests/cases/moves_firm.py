"""One prepared call of each verb about a firm beside its cases: visits, papers used again.

They look into the firm's register row and its other papers first: ten statements, not eight. And
of each verb about a person's lists, which no case is about.
"""

from __future__ import annotations

from cases.actions import asking, calling, lists, reusing, routing, visiting
from cases.asking import QUESTION
from cases.models import Case, SavedList, Visit
from tests.cases.moves import Deed
from tests.cases.standing import WORKER, signed, surveyed
from tests.world import START, World, at

AT_MOST = 10
# what opens or ends a case of its own beside
MORE = {"asking.ask": 14, "asking.rate": 21, "asking.answer": 20}


def _visiting(world: World, case: Case) -> Deed:
    firm, by = case.enterprise, world.actor(WORKER)
    assert firm is not None
    return lambda: visiting.record_visit(
        firm, by=by, at=at(START, 11), visited_on=START, people="周示例", found="缺立项文件"
    )


def record_visit(world: World) -> Deed:
    return _visiting(world, signed(world))


def take_back_visit(world: World) -> Deed:
    _visiting(world, signed(world))()
    made, by = Visit.objects.get(), world.actor(WORKER)
    return lambda: visiting.take_back_visit(made.pk, by=by, at=at(START, 12), reason="重复")


def note_call(world: World) -> Deed:
    firm, by = signed(world).enterprise, world.actor(WORKER)
    assert firm is not None
    return lambda: calling.note_call(
        firm, by=by, at=at(START, 11), result="promised", next_step="visit"
    )


def plan_route(world: World) -> Deed:
    firm, by = signed(world).enterprise, world.actor(WORKER)
    assert firm is not None
    return lambda: routing.plan_route([firm.pk], on=START, by=by, at=at(START, 11))


def hand_in_again(world: World) -> Deed:
    case, by = surveyed(world, "A"), world.actor(WORKER)
    row = world.prove(case, "institution")
    return lambda: reusing.hand_in_again(
        row.pk, case.pk, criterion="staff", by=by, at=at(START, 14)
    )


def ask(world: World) -> Deed:
    case = signed(world)
    assert case.enterprise is not None
    by = world.clerk(case.enterprise)
    return lambda: asking.ask(case.firm_id, text="盖哪个章？", by=by, at=at(START, 11))


def rate(world: World) -> Deed:
    case = signed(world)
    assert case.enterprise is not None
    by = world.clerk(case.enterprise)
    return lambda: asking.rate(case.firm_id, satisfied="no", text="慢", by=by, at=at(START, 11))


def answer(world: World) -> Deed:
    ask(world)()
    made, by = Case.objects.get(procedure=QUESTION), world.actor(WORKER)
    return lambda: asking.answer(made.pk, text="盖公章", by=by, at=at(START, 12))


def save_list(world: World) -> Deed:
    by = world.actor(WORKER)
    return lambda: lists.save_list(by=by, at=at(START), name="逾期", query="chip=overdue")


def rename_list(world: World) -> Deed:
    save_list(world)()
    made, by = SavedList.objects.get(), world.actor(WORKER)
    return lambda: lists.rename_list(made.pk, by=by, at=at(START), name="超期")


def delete_list(world: World) -> Deed:
    save_list(world)()
    made, by = SavedList.objects.get(), world.actor(WORKER)
    return lambda: lists.delete_list(made.pk, by=by, at=at(START))


BESIDE = {
    "asking.ask": ask,
    "asking.rate": rate,
    "asking.answer": answer,
    "visiting.record_visit": record_visit,
    "visiting.take_back_visit": take_back_visit,
    "calling.note_call": note_call,
    "routing.plan_route": plan_route,
    "reusing.hand_in_again": hand_in_again,
    "lists.save_list": save_list,
    "lists.rename_list": rename_list,
    "lists.delete_list": delete_list,
}
