"""Cases as they stand, by the real verbs: signed, surveyed, proven, closed."""

from __future__ import annotations

from cases.actions import (
    evidence,
    stages,
)
from cases.models import Case
from tests.world import START, World, at, closing_form, matching_form, paper

HAVES = ("institution", "staff", "spending", "cooperation")
WORKER, LEAD, OFFICE = "涧西区/county_worker", "涧西区/county_lead", "office/1"


def opened(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return world.case()


def signed(world: World) -> Case:
    case = opened(world)
    return stages.acknowledge(case.pk, by=world.actor(WORKER), at=at(START))


def surveyed(world: World, grade: str = "B", **states: str) -> Case:
    return world.survey(opened(world), grade, START, **states)


def rectifying(world: World, **states: str) -> Case:
    """In rectification, with one open remedy per have."""
    case = surveyed(world, "B", **states)
    return stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())


def proven(world: World) -> Case:
    case = rectifying(world)
    for have in HAVES:
        world.prove(case, have)
    return case


def applied(world: World) -> Case:
    case = proven(world)
    return stages.apply_for_closure(
        case.pk, by=world.actor(WORKER), at=at(START, 13), form=closing_form()
    )


def reviewed(world: World) -> Case:
    return stages.advance(applied(world).pk, by=world.actor(LEAD), at=at(START, 14))


def closed(world: World) -> Case:
    return stages.close(reviewed(world).pk, by=world.actor(OFFICE), at=at(START, 15))


def handed_in(world: World, case: Case, have: str = "staff") -> int:
    [row] = evidence.submit(
        case.pk, criterion=have, papers=[paper()], by=world.actor(WORKER), at=at(START, 11)
    )
    return row.pk
