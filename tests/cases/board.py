"""The board of the matrices: who acts, every verb, and one case in each state that there is.

Everything is brought about by the real verbs. What may come of a cell is said in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db import connection, transaction

from cases.actions import (
    endings,
    evidence,
    extending,
    filling,
    pauses,
    people,
    proposals,
    remarks,
    remedies,
    stages,
    witnessing,
)
from cases.errors import Refused
from cases.models import Case, Evidence, FormRecord
from cases.rulebook import calendar
from enterprises.models import Membership
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
REMEDY_STATES = ("open", "unplanned", "suspended", "firm suspended", *ENDED)
DONE = "done"
WAITING = "待审.pdf"
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


# the form that is filled in at a stage, and something to keep of it
FORMS = {"matching": "matching", "rectification": "closing", "open": "remedy_staff"}
DRAFT: dict[str, dict[str, object]] = {"open": {"measure": "建研发人员名册"}}


def wish(case: Case) -> date:
    """Two working days more; any day where there is no date."""
    item = case.task_set.filter(finished=None).first()
    return calendar().add(item.due_on, 2) if item and item.due_on else START + timedelta(days=30)


def handed_in() -> Callable[[Case], int]:
    """The firm's own paper that waits for a review; papers lie with the firm's case."""
    found = cache(lambda root: Evidence.objects.get(case=root, file_name=WAITING).pk)
    return lambda case: int(found(case.parent_id or case.pk))


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
    until, waiting = START + timedelta(days=7), handed_in()
    forms: dict[str, dict[str, object] | None] = {
        "survey": survey_form("B"),
        "matching": matching_form(),
    }
    return {
        "acknowledge": lambda c, a: stages.acknowledge(c.pk, by=a, at=LATER),
        "advance": lambda c, a: stages.advance(c.pk, by=a, at=LATER, form=forms.get(c.stage)),
        "send_back": lambda c, a: stages.send_back(c.pk, by=a, at=LATER, number=1, reason="缺页"),
        "apply_for_closure": lambda c, a: stages.apply_for_closure(
            c.pk, by=a, at=LATER, form=closing_form()
        ),
        "close": lambda c, a: stages.close(c.pk, by=a, at=LATER),
        "decline": lambda c, a: people.decline(c.pk, by=a, at=LATER, reason="不属本区"),
        "suspend": lambda c, a: pauses.suspend(c.pk, by=a, at=LATER, until=until, reason="停产"),
        "resume": lambda c, a: pauses.resume(c.pk, by=a, at=LATER),
        "reassign": lambda c, a: people.reassign(
            c.pk, by=a, at=LATER, reason="人手", post=target(world, a, c), knowing=True
        ),
        "urge": lambda c, a: remarks.urge(c.pk, by=a, at=LATER),
        "comment": lambda c, a: remarks.comment(c.pk, by=a, at=LATER, text="请关注"),
        "delist": lambda c, a: endings.delist(c.pk, by=a, at=LATER, reason="注销"),
        "withdraw": lambda c, a: endings.withdraw(c.pk, by=a, at=LATER, reason="重复建档"),
        "spawn": lambda c, a: remedies.spawn(c.pk, by=a, at=LATER, criterion="cooperation"),
        "submit": lambda c, a: evidence.submit(
            c.pk, by=a, at=LATER, criterion="staff", papers=[paper()]
        ),
        "accept": lambda c, a: evidence.accept(waiting(c), by=a, at=LATER),
        "return_": lambda c, a: evidence.return_(waiting(c), reason=1, by=a, at=LATER),
        "take_back": lambda c, a: evidence.take_back(waiting(c), by=a, at=LATER),
        "verify_offline": lambda c, a: evidence.verify_offline(
            c.pk, by=a, at=LATER, criterion="staff", witness="周示例", number="1号", dated=START
        ),
        "attest": lambda c, a: witnessing.attest(waiting(c), saw=True, by=a, at=LATER),
        "save_draft": lambda c, a: filling.save_draft(
            c.pk, by=a, at=LATER, form=FORMS.get(c.stage, "survey"), data=DRAFT.get(c.stage, {})
        ),
        "drop_proposal": lambda c, a: proposals.drop_proposal(
            c.pk, by=a, at=LATER, reason="已复产"
        ),
        "waive": lambda c, a: evidence.waive(
            c.pk, by=a, at=LATER, criterion="staff", reason="省系统已有"
        ),
        "request": lambda c, a: extending.request(
            c.pk, by=a, at=LATER, until=wish(c), reason="资料正在整理"
        ),
        "decide": lambda c, a: extending.decide(c.pk, by=a, at=LATER, is_granted=True),
        "reopen": lambda c, a: endings.reopen(
            c.pk, by=a, at=LATER, reason="复核", criteria=["staff"] if c.stage == "closed" else []
        ),
    }


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
    """A firm's case in each state, brought there by the real verbs."""
    worker, lead = world.actor(COUNTY[0]), world.actor(LEAD)
    found = opened(world, STATES)
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
    return ended(world, found)


def remedies_by_state(world: World) -> dict[str, Case]:
    """A 整改事项 in each state: what is due for 研发人员 in a firm's case that is in matching."""
    lead, until = world.actor(LEAD), START + timedelta(days=2)
    found = {}
    for state, root in opened(world, REMEDY_STATES).items():
        world.survey(root, "B")
        found[state] = Case.objects.get(parent=root, criterion="staff")
        by_worker = evidence.submit(
            root.pk, criterion="staff", papers=[paper()], by=world.actor(COUNTY[0]), at=LATER
        )
        # accepted by somebody who may not close, so that the remedy stays open
        Evidence.objects.filter(pk=by_worker[0].pk).update(state="county_accepted")
    FormRecord.objects.filter(case=found["unplanned"]).delete()
    pauses.suspend(found["suspended"].pk, by=lead, at=LATER, until=until, reason="检修")
    root = found["firm suspended"].parent_id
    assert root is not None
    pauses.suspend(root, by=lead, at=LATER, until=until, reason="检修")
    stages.close(found["closed"].pk, by=lead, at=LATER)
    return ended(world, found)


def opened(world: World, states: Iterable[str]) -> dict[str, Case]:
    """A case each of 甲乡, with a paper of the firm's that nobody has reviewed yet."""
    township = township_of(world)
    for state in states:
        world.firm(f"洛阳示例{state}有限公司").memberships.update(township=township)
    world.open()
    found = {}
    for state in states:
        case = Case.objects.get(parent=None, enterprise__name=f"洛阳示例{state}有限公司")
        assert case.enterprise is not None
        evidence.submit(
            case.pk, criterion="institution", papers=[paper(WAITING)],
            by=world.clerk(case.enterprise), at=at(START),
        )  # fmt: skip
        found[state] = case
    return found


def ended(world: World, found: Mapping[str, Case]) -> dict[str, Case]:
    """Two of them end without a closing; for all a pause is proposed, 研发人员 stands in the
    provincial system, and the bureau's list no longer names the firm, but those two again.
    """
    Membership.objects.update(left_on=START)
    endings.delist(found["delisted"].pk, by=world.office, at=LATER, reason="注销")
    endings.withdraw(found["withdrawn"].pk, by=world.office, at=LATER, reason="重复")
    for state in ("delisted", "withdrawn"):  # or nobody could take them up again
        world.back(found[state])
    ids = [case.pk for case in found.values()]
    Case.objects.filter(pk__in=ids).update(proposal="suspend", proposal_reason="停产")
    for case in found.values():
        world.in_province(case, "staff")
    return {state: Case.objects.get(pk=case.pk) for state, case in found.items()}


def actor_for(world: World, role: str, case: Case, other_firm: int) -> Actor:
    if role == "clerk":
        assert case.enterprise is not None
        return world.clerk(case.enterprise)
    if role == "other clerk":
        return Actor(world.people[COUNTY[0]], START, (), frozenset({other_firm}))
    if role == "nobody":
        return Actor(world.people["leader"], START, ())
    return world.actor(role)


def taken_back(point: str) -> None:
    """Roll back to a savepoint and leave it: each that stays open makes every write dearer."""
    transaction.savepoint_rollback(point)
    transaction.savepoint_commit(point)


class Writes:
    """Counts the statements that change something."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, *rest: Any) -> Any:
        self.count += sql.startswith(("INSERT", "UPDATE", "DELETE"))
        return execute(sql, *rest)


def attempt(act: Callable[[Case, Actor], Any], case: Case, actor: Actor, writes: Writes) -> str:
    """``done``, or the code of the refusal, which has changed nothing; undone again."""
    before, point = writes.count, transaction.savepoint()
    refusal: Refused | None = None
    try:
        act(case, actor)
    except Refused as refused:
        refusal = refused
    written = writes.count - before
    taken_back(point)
    if refusal is None:
        return DONE
    assert refusal.words
    assert written == 0, refusal.code
    return refusal.code


def played(
    world: World, found: Mapping[str, Case], only: str = ""
) -> dict[tuple[str, str, str], str]:
    """What came of every (verb, state, role), or of ``only`` one verb."""
    other, acts = world.firm("别家企业").pk, verbs(world)
    acts = {only: acts[only]} if only else acts
    cells, writes = {}, Writes()
    with connection.execute_wrapper(writes):
        for state, case in found.items():
            for role in ROLES:
                actor = actor_for(world, role, case, other)
                for verb, act in acts.items():
                    cells[verb, state, role] = attempt(act, case, actor, writes)
    return cells
