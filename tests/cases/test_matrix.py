"""Stages × verbs × roles, complete: every cell is either done or refused, as the table says.

The expectations stand here as literals, taken from the design's policy table, not from the code.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from cases.actions import (
    endings,
    evidence,
    extending,
    opening,
    pauses,
    people,
    remarks,
    remedies,
    stages,
)
from cases.errors import Refused
from cases.models import Case, CaseEvent, Evidence
from cases.rulebook import calendar
from organisations.models import Post, Region, Tenure, Unit
from organisations.scope import Actor
from tests.world import START, World, at, closing_form, matching_form, paper, person, survey_form

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
# 摸底 with an extension asked for by the worker
ASKED = "asked"
STATES = (*OPEN, ASKED, "suspended", "declined", *ENDED)
COUNTY = ("涧西区/county_worker", "涧西区/county_lead")
LEAD = "涧西区/county_lead"
DEPARTMENT = ("市工信局/department_officer", "市工信局/department_lead")
OFFICE = ("office/1", "office/2")
WATCHERS = ("supervisor", "leader")
LIAISON = "liaison_member"
TOWNSHIP = "township_worker"
# three separated administrators sit in the office and do no case work
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
OUTSIDERS = (
    *ADMINISTRATORS,
    "嵩县/county_worker",
    "嵩县/county_lead",
    "市住建局/department_lead",
    "clerk",
    "other clerk",
    "nobody",
)
ROLES = (TOWNSHIP, *COUNTY, *DEPARTMENT, *OFFICE, *WATCHERS, LIAISON, *OUTSIDERS)
EVERYBODY_INSIDE = (TOWNSHIP, *COUNTY, *DEPARTMENT, *OFFICE, *WATCHERS, LIAISON)

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
    # a remedy by hand: where something lacks that has none; and papers, while the clock runs
    add(("watching", "matching"), "spawn", (TOWNSHIP, *COUNTY, *DEPARTMENT, *OFFICE, LIAISON))
    add(OPEN, "submit", (TOWNSHIP, *COUNTY, "clerk"))
    add(OPEN, "waive", (LEAD, *OFFICE))
    # an extension: of what has a budget and is chased, not of signing, watching and reviewing
    add(("survey", "matching", "rectification"), "ask", COUNTY)
    # while one is asked for, everything else is as it was, but for a second one
    same = [cell for cell in cells if cell[0] == "survey" and cell[1] != "ask"]
    cells.update((ASKED, verb, role) for _state, verb, role in same)
    add((ASKED,), "grant", (LEAD, *OFFICE))
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
        "spawn": lambda c, a: remedies.spawn(c.pk, by=a, at=LATER, criterion="cooperation"),
        "submit": lambda c, a: evidence.submit(
            c.pk, by=a, at=LATER, criterion="staff", papers=[paper()]
        ),
        "waive": lambda c, a: evidence.waive(
            c.pk, by=a, at=LATER, criterion="staff", reason="省系统已有"
        ),
        "ask": lambda c, a: extending.request(
            c.pk, by=a, at=LATER, until=wish(c), reason="资料正在整理"
        ),
        "grant": lambda c, a: extending.decide(c.pk, by=a, at=LATER, is_granted=True),
        "reopen": lambda c, a: endings.reopen(c.pk, by=a, at=LATER, reason="复核"),
    }


def wish(case: Case) -> date:
    """Two working days more; any day where there is no date."""
    item = case.task_set.filter(finished=None).first()
    return calendar().add(item.due_on, 2) if item and item.due_on else START + timedelta(days=30)


def township_of(world: World) -> Region:
    """A township of the county, with somebody at its desk; and the three administrators."""
    county = Region.objects.get(pk=world.counties["涧西区"].pk)
    town = Region.objects.create(
        key="甲乡", name="甲乡", level=Region.Level.TOWNSHIP, parent=county
    )
    unit = Unit.objects.create(region=town, name="甲乡", kind=Unit.Kind.TOWNSHIP)
    office = Unit.objects.get(region=world.city, kind=Unit.Kind.OFFICE)
    for role, place in ((TOWNSHIP, unit), *((role, office) for role in ADMINISTRATORS)):
        post, _made = Post.objects.get_or_create(unit=place, name=role, defaults={"role": role})
        world.people[role] = person(role, role)
        Tenure.objects.create(post=post, user=world.people[role], from_on=date(2022, 1, 1))
    return town


def cases_by_state(world: World) -> dict[str, Case]:
    """One case in each state, brought there by the real verbs."""
    worker, lead = world.actor(COUNTY[0]), world.actor(LEAD)
    township = township_of(world)
    for state in STATES:
        firm = world.firm(f"洛阳示例{state}有限公司")
        firm.memberships.update(township=township)
    world.open()
    found = {
        state: Case.objects.get(parent=None, enterprise__name=f"洛阳示例{state}有限公司")
        for state in STATES
    }
    for state in ("survey", ASKED, "suspended"):
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
    extending.request(
        found[ASKED].pk, by=worker, at=at(START), until=wish(found[ASKED]), reason="资料正在整理"
    )
    people.decline(found["declined"].pk, by=worker, at=at(START), reason="不属本区")
    endings.delist(found["delisted"].pk, by=world.office, at=at(START), reason="注销")
    endings.withdraw(found["withdrawn"].pk, by=world.office, at=at(START), reason="重复")
    for case in found.values():
        world.in_province(case, "staff")
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
    assert done == len(STATES) * len(ROLES) * 19


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


@pytest.mark.django_db
def test_a_remedy_of_its_own(world: World) -> None:
    """整改事项: who closes it, who takes papers for it, and what is never done to it by itself."""
    township_of(world)
    firm = world.firm("洛阳示例轴承有限公司")
    firm.memberships.update(township=Region.objects.get(key="甲乡"))
    world.open()
    root = world.survey(world.case(), "B")
    world.in_province(root, "staff")
    lead_file = Actor(world.people[COUNTY[0]], START, world.actor(COUNTY[0]).standings)
    [row] = evidence.submit(root.pk, criterion="staff", papers=[paper()], by=lead_file, at=LATER)
    Evidence.objects.filter(pk=row.pk).update(state="county_accepted")
    child = Case.objects.get(parent=root, criterion="staff")
    allowed_to: dict[str, set[str]] = {
        "close": {LEAD},
        "suspend": {LEAD, *OFFICE},
        "comment": set(EVERYBODY_INSIDE),
        "urge": {LEAD, DEPARTMENT[1], LIAISON, *OFFICE},
        "delist": set(OFFICE),
        "withdraw": set(OFFICE),
        "submit": {TOWNSHIP, *COUNTY, "clerk"},
        "waive": {LEAD, *OFFICE},
        "ask": set(COUNTY),
    }
    other = world.firm("别家企业")
    wrong = []
    for role in ROLES:
        actor = actor_for(world, role, child, other.pk)
        for verb, act in verbs(world).items():
            if verb == "reassign":
                continue
            if attempt(act, child, actor) != (role in allowed_to.get(verb, ())):
                wrong.append((verb, role))
    assert wrong == []


@pytest.mark.django_db
def test_only_the_office_opens(world: World) -> None:
    township_of(world)
    firm = world.firm("洛阳示例轴承有限公司")
    for role in ROLES:
        actor = world.clerk(firm) if role in ("clerk", "other clerk") else None
        if role == "nobody":
            actor = Actor(world.people["leader"], START, ())
        point = transaction.savepoint()
        try:
            done = opening.open_cases(
                world.programme, by=actor or world.actor(role), at=LATER
            ).opened
        except Refused:
            done = 0
        transaction.savepoint_rollback(point)
        assert (done == 1) == (role in OFFICE), role
