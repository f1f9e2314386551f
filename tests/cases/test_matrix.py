"""Stages × verbs × roles, complete: every cell is either done or refused, as the table says.

The expectations stand here as literals, taken from the design's policy table, not from the code.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from cases.actions import endings, pauses, people, remarks, stages
from cases.errors import Refused
from cases.models import Case, CaseEvent
from organisations.models import Post
from organisations.scope import Actor
from tests.world import START, World, at, closing_form, matching_form, survey_form

HAVES = ("institution", "staff", "spending", "cooperation")
LATER = at(START, 18)

OPEN = (
    "assigned",
    "survey",
    "watching",
    "matching",
    "rectification",
    "county_review",
    "confirmation",
)
ENDED = ("closed", "delisted", "withdrawn")
STATES = (*OPEN, "suspended", "declined", *ENDED)
COUNTY = ("涧西区/county_worker", "涧西区/county_lead")
LEAD = "涧西区/county_lead"
DEPARTMENT = ("市工信局/department_officer", "市工信局/department_lead")
OFFICE = ("office/1", "office/2")
WATCHERS = ("supervisor", "leader")
LIAISON = "liaison_member"
OUTSIDERS = (
    "嵩县/county_worker",
    "嵩县/county_lead",
    "市住建局/department_lead",
    "clerk",
    "other clerk",
    "nobody",
)
ROLES = (*COUNTY, *DEPARTMENT, *OFFICE, *WATCHERS, LIAISON, *OUTSIDERS)
EVERYBODY_INSIDE = (*COUNTY, *DEPARTMENT, *OFFICE, *WATCHERS, LIAISON)

Cell = tuple[str, str, str]


def allowed() -> set[Cell]:
    """(state, verb, role) cells in which the verb is done."""
    cells: set[Cell] = set()

    def add(states: tuple[str, ...], verb: str, roles: tuple[str, ...]) -> None:
        cells.update((state, verb, role) for state in states for role in roles)

    add(("assigned",), "acknowledge", COUNTY)
    add(("survey", "watching", "matching"), "advance", COUNTY)
    # the worker applied; the lead reviews
    add(("county_review",), "advance", (LEAD,))
    add(("matching", "rectification"), "send_back", (*COUNTY, *OFFICE))
    add(("county_review",), "send_back", (LEAD, *OFFICE))
    add(("confirmation",), "send_back", (LEAD, *OFFICE))
    add(("rectification",), "apply", COUNTY)
    add(("confirmation",), "close", OFFICE)
    add(("assigned", "survey", "watching", "matching", "rectification"), "decline", COUNTY)
    add(("assigned", "survey", "watching", "matching", "rectification"), "decline", DEPARTMENT)
    add((*OPEN, "suspended"), "suspend", (LEAD, *OFFICE))
    add(("suspended",), "resume", (LEAD, *OFFICE))
    add((*OPEN, "suspended", "declined"), "reassign", OFFICE)
    # under review the step is the lead's own or the city's: nobody else in the county takes it
    add((*OPEN[:5], "suspended", "declined"), "reassign", (LEAD,))
    add(OPEN, "urge", (LEAD, DEPARTMENT[1], LIAISON, *OFFICE))
    add(STATES, "comment", EVERYBODY_INSIDE)
    add((*OPEN, "suspended", "declined"), "delist", OFFICE)
    add((*OPEN, "suspended", "declined"), "withdraw", OFFICE)
    add(("closed", "delisted", "withdrawn"), "reopen", OFFICE)
    return cells


def target(world: World, actor: Actor, case: Case) -> Post:
    """A place where this actor could send the case: another post of his own, or another county."""
    if any(s.role == "office" for s in actor.standings):
        return Post.objects.get(unit=world.units["嵩县工作专班"], role="county_worker")
    own = [s.post_id for s in actor.standings]
    item = case.task_set.filter(finished=None).first()
    posts = Post.objects.filter(unit__in=[s.unit_id for s in actor.standings])
    other = posts.exclude(pk=item.post_id if item else 0).first()
    return other or Post.objects.filter(pk__in=own).first() or Post.objects.all()[0]


def verbs(world: World) -> dict[str, Callable[[Case, Actor], Any]]:
    until = START + timedelta(days=7)
    forms: dict[str, dict[str, object] | None] = {
        "survey": survey_form("B"),
        "matching": matching_form(),
    }
    return {
        "acknowledge": lambda c, a: stages.acknowledge(c.pk, by=a, at=LATER),
        "advance": lambda c, a: stages.advance(c.pk, by=a, at=LATER, form=forms.get(c.stage)),
        "send_back": lambda c, a: stages.send_back(c.pk, by=a, at=LATER, reason="缺页"),
        "apply": lambda c, a: stages.apply_for_closure(c.pk, by=a, at=LATER, form=closing_form()),
        "close": lambda c, a: stages.close(c.pk, by=a, at=LATER),
        "decline": lambda c, a: people.decline(c.pk, by=a, at=LATER, reason="不属本区"),
        "suspend": lambda c, a: pauses.suspend(c.pk, by=a, at=LATER, until=until, reason="停产"),
        "resume": lambda c, a: pauses.resume(c.pk, by=a, at=LATER),
        "reassign": lambda c, a: people.reassign(
            c.pk, by=a, at=LATER, reason="人手", post=target(world, a, c)
        ),
        "urge": lambda c, a: remarks.urge(c.pk, by=a, at=LATER),
        "comment": lambda c, a: remarks.comment(c.pk, by=a, at=LATER, text="请关注"),
        "delist": lambda c, a: endings.delist(c.pk, by=a, at=LATER, reason="注销"),
        "withdraw": lambda c, a: endings.withdraw(c.pk, by=a, at=LATER, reason="重复建档"),
        "reopen": lambda c, a: endings.reopen(c.pk, by=a, at=LATER, reason="复核"),
    }


def cases_by_state(world: World) -> dict[str, Case]:
    """One case in each state, brought there by the real verbs."""
    worker, lead = world.actor(COUNTY[0]), world.actor(LEAD)
    for state in STATES:
        world.firm(f"洛阳示例{state}有限公司")
    world.open()
    found = {
        state: Case.objects.get(parent=None, enterprise__name=f"洛阳示例{state}有限公司")
        for state in STATES
    }
    for state in ("survey", "suspended"):
        stages.acknowledge(found[state].pk, by=worker, at=at(START))
    world.survey(found["watching"], "D")
    world.survey(found["matching"], "B")
    for state in ("rectification", "county_review", "confirmation", "closed"):
        world.survey(found[state], "B")
        stages.advance(found[state].pk, by=worker, at=at(START, 10), form=matching_form())
        for have in HAVES:
            world.prove(found[state], have)
    for state in ("county_review", "confirmation", "closed"):
        stages.apply_for_closure(found[state].pk, by=worker, at=at(START, 13), form=closing_form())
    for state in ("confirmation", "closed"):
        stages.advance(found[state].pk, by=lead, at=at(START, 14))
    stages.close(found["closed"].pk, by=world.office, at=at(START, 15))
    until = START + timedelta(days=2)
    pauses.suspend(found["suspended"].pk, by=lead, at=at(START), until=until, reason="检修")
    people.decline(found["declined"].pk, by=worker, at=at(START), reason="不属本区")
    endings.delist(found["delisted"].pk, by=world.office, at=at(START), reason="注销")
    endings.withdraw(found["withdrawn"].pk, by=world.office, at=at(START), reason="重复")
    return {state: Case.objects.get(pk=case.pk) for state, case in found.items()}


@pytest.mark.django_db
def test_every_cell(world: World) -> None:
    found = cases_by_state(world)
    other = world.firm("别家企业")
    expected, wrong, done = allowed(), [], 0
    for state, case in found.items():
        for role in ROLES:
            actor = actor_for(world, role, case, other.pk)
            for verb, act in verbs(world).items():
                happened = attempt(act, case, actor)
                done += 1
                if happened != ((state, verb, role) in expected):
                    wrong.append((state, verb, role, "done" if happened else "refused"))
    assert wrong == []
    assert done == len(STATES) * len(ROLES) * 14


def actor_for(world: World, role: str, case: Case, other_firm: int) -> Actor:
    if role == "clerk":
        assert case.enterprise is not None
        return world.clerk(case.enterprise)
    if role == "other clerk":
        return Actor(world.people[COUNTY[0]], START, (), frozenset({other_firm}))
    if role == "nobody":
        return Actor(world.people["leader"], START, ())
    return world.actor(role)


def attempt(act: Callable[[Case, Actor], Any], case: Case, actor: Actor) -> bool:
    """Whether the verb was done; undone again. A refusal must have written nothing."""
    before = CaseEvent.objects.count()
    point = transaction.savepoint()
    refusal: Refused | None = None
    try:
        act(case, actor)
    except Refused as refused:
        refusal = refused
    written = CaseEvent.objects.count() - before
    transaction.savepoint_rollback(point)
    if refusal is not None:
        assert refusal.words
        assert written == 0
    return refusal is None
