"""One prepared call of each verb about the time of a step, and of the second person's word."""

from __future__ import annotations

from cases.actions import evidence, extending, witnessing
from cases.models import Case
from cases.rulebook import calendar
from tests.cases.moves import Deed, move
from tests.cases.standing import LEAD, WORKER, rectifying, signed
from tests.world import START, World, at


def ask_for_more(world: World, case: Case) -> None:
    due = world.item(case).due_on
    assert due is not None
    until = calendar().add(due, 2)
    worker = world.actor(WORKER)
    extending.request(case.pk, by=worker, at=at(START, 11), until=until, reason="资料未齐")


@move("extending.request")
def _request(world: World) -> Deed:
    case, by = signed(world), world.actor(WORKER)
    due = world.item(case).due_on
    assert due is not None
    until = calendar().add(due, 2)
    return lambda: extending.request(case.pk, by=by, at=at(START, 10), until=until, reason="未齐")


@move("extending.decide", "a remedy, whose parent follows")
def _decide(world: World) -> Deed:
    case, by = rectifying(world), world.actor(LEAD)
    child = Case.objects.filter(parent=case).order_by("-task_set__due_on")[0]
    ask_for_more(world, child)
    return lambda: extending.decide(child.pk, by=by, at=at(START, 12), is_granted=True)


@move("extending.decide", "not granted")
def _refuse(world: World) -> Deed:
    case, by = signed(world), world.actor(LEAD)
    ask_for_more(world, case)
    return lambda: extending.decide(
        case.pk, by=by, at=at(START, 12), is_granted=False, reason="可以按期"
    )


@move("witnessing.attest", "not seen: its remedy starts anew")
def _not_seen(world: World) -> Deed:
    case, worker = rectifying(world), world.people[WORKER]
    row = evidence.verify_offline(
        case.pk, criterion="staff", witness=worker.username, number="1号", dated=START,
        by=world.actor(LEAD), at=at(START, 11),
    )  # fmt: skip
    by = world.actor(WORKER)
    return lambda: witnessing.attest(row.pk, saw=False, by=by, at=at(START, 12))
