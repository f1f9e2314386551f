"""States × verbs × roles, complete: what comes of every cell, in a rule of its own.

Rights as in the design's policy table, states as in its words on suspension and contest; the
procedure is Luoyang's. Nothing here asks the code what it would answer.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from cases.actions import opening
from cases.errors import Refused
from cases.models import Case
from enterprises.models import Membership
from organisations.scope import Actor
from tests.cases.board import (
    ASKED,
    COUNTY,
    DEPARTMENT,
    DONE,
    ENDED,
    EVERYBODY_INSIDE,
    LATER,
    LEAD,
    LIAISON,
    OFFICE,
    OPEN,
    REMEDY_STATES,
    ROLES,
    STATES,
    TOWNSHIP,
    cases_by_state,
    played,
    remedies_by_state,
    township_of,
    verbs,
)
from tests.world import START, World

CHIEF = DEPARTMENT[1]
HANDLERS, REVIEWERS, FIRM = (TOWNSHIP, *COUNTY), (LEAD, *OFFICE), (TOWNSHIP, *COUNTY, "clerk")

# --- who may ------------------------------------------------------------------------------------
RIGHTS: dict[str, tuple[str, ...]] = {
    "acknowledge": COUNTY,
    "advance": COUNTY,
    "apply_for_closure": COUNTY,
    "send_back": REVIEWERS,
    "close": OFFICE,
    "decline": (*COUNTY, *DEPARTMENT),
    "suspend": REVIEWERS,
    "resume": REVIEWERS,
    "drop_proposal": REVIEWERS,
    "reassign": (*REVIEWERS, CHIEF),
    "urge": (*REVIEWERS, CHIEF, LIAISON),
    "comment": EVERYBODY_INSIDE,
    "delist": OFFICE,
    "withdraw": OFFICE,
    "reopen": OFFICE,
    "request": COUNTY,
    "decide": REVIEWERS,
    "spawn": (*HANDLERS, *DEPARTMENT, *OFFICE, LIAISON),
    "save_draft": HANDLERS,
    "submit": FIRM,
    "take_back": FIRM,
    "accept": (*COUNTY, *OFFICE),
    "return_": (*COUNTY, *OFFICE),
    "verify_offline": (*COUNTY, *OFFICE),
    "attest": (),  # whoever was named as the second person: test_witnessing
    "waive": (*COUNTY, *OFFICE),
}
# what whoever owes the open step may do on it, whatever the role
OF_THE_OWNER = {
    "acknowledge",
    "advance",
    "decline",
    "send_back",
    "comment",
    "save_draft",
    "request",
}
# what moves the open step, or fills in its form: for the unit that owes it
MOVING = {"acknowledge", "advance", "send_back", "save_draft"}
# of an ended case these say so to everybody: nothing is left to have a right to
ENDED_FOR_ALL = {
    "acknowledge", "advance", "send_back", "apply_for_closure", "decline", "reassign",
}  # fmt: skip
PAPERS = {"submit", "take_back", "accept", "return_", "verify_offline", "waive"}

# what a paper that was accepted leaves no room for
WITHOUT_FILE = {"verify_offline", "waive"}


def owners(state: str) -> tuple[str, ...]:
    """Who owes the open step; a contested one lies with the office."""
    if state in ENDED:
        return ()
    if state in ("confirmation", "declined"):
        return OFFICE
    return (LEAD,) if state == "county_review" else COUNTY


# what the office, which has the step, would have to answer itself
OWN_ANSWER = {("decline", "declined"), ("decline", "confirmation"), ("request", "declined")}


def may(verb: str, state: str, role: str) -> bool:
    if (verb, state) == ("advance", "county_review"):
        return role == LEAD  # the county's review is not the handler's
    if verb in MOVING and state == "confirmation":
        return role in owners(state)  # the county moves nothing that lies with the office
    return role in RIGHTS[verb] or (verb in OF_THE_OWNER and role in owners(state))


# --- what the state allows: the code of the refusal ---------------------------------------------
WHILE_SUSPENDED = {"resume", "suspend", "reassign", "delist", "withdraw", "comment"}
WHILE_DECLINED = {"reassign", "delist", "withdraw", "comment"}
# moves: the states that a verb leaves
MOVES = {
    "acknowledge": {"assigned"},
    "advance": {"survey", ASKED, "watching", "matching", "county_review"},
    "send_back": {"matching", "rectification", "county_review", "confirmation"},
    "apply_for_closure": {"rectification"},
    "close": {"confirmation"},
}


# all four haves are accepted by then
# an extension is of what has a budget and is chased, not of signing, watching and reviewing
NO_EXTENSION = {
    "assigned": "extension_stage", "county_review": "extension_stage",
    "confirmation": "extension_stage", "watching": "extension_no_date", ASKED: "extension_asked",
}  # fmt: skip
WITH_FORM = {"survey", ASKED, "matching", "rectification"}
PROVEN = {"rectification", "county_review", "confirmation", "closed"}


def refusal(verb: str, state: str) -> str:
    """Why the state does not allow it; empty where it does."""
    if verb == "reopen":
        return "" if state in ENDED else "not_closed"
    if verb == "spawn" and state not in ("watching", "matching"):
        # only there it is known what lacks, and something does
        return "met" if state in PROVEN else "not_surveyed"
    if state in ENDED:
        return "" if verb == "comment" else "finished"
    if verb == "resume":
        return "" if state == "suspended" else "not_suspended"
    if verb == "decide":
        return "" if state == ASKED else "extension_decided"
    if state == "suspended" and verb not in WHILE_SUSPENDED:
        return "suspended"
    if state == "declined" and verb not in WHILE_DECLINED:
        return "declined"
    if verb in MOVES:
        return "" if state in MOVES[verb] else "no_such_move"
    if verb == "decline":
        return "decline_late" if state in ("county_review", "confirmation") else ""
    if verb == "request":
        return NO_EXTENSION.get(state, "")
    if verb == "save_draft":
        return "" if state in WITH_FORM else "no_form"
    return ""


def outcome(verb: str, state: str, role: str) -> str:
    """``done``, or the code with which the verb refuses."""
    why = refusal(verb, state)
    if why == "finished" and verb in ENDED_FOR_ALL:
        return why
    if not may(verb, state, role):
        return "not_yours"
    if role == "clerk" and why == "declined" and verb in ("submit", "take_back"):
        return DONE  # whose work the firm is, is no matter of its own
    if role in OFFICE and role in owners(state) and (verb, state) in OWN_ANSWER:
        return "answers_itself"
    if why:
        return why
    if verb == "waive" and role == COUNTY[0]:
        return "not_yours"  # the reviewer waives, not the handler
    if verb == "take_back" and role != "clerk":
        return "not_your_file"
    if verb == "reassign" and (role == CHIEF or (role == LEAD and state in OPEN[5:])):
        return "no_such_move"  # the step lies with another unit
    if verb in WITHOUT_FILE and state in PROVEN:
        return "met"
    return DONE


def remedy_outcome(verb: str, state: str, role: str) -> str:
    """Of a 整改事项: papers lie with the firm's case, which goes on in matching."""
    rests = state in ("suspended", "firm suspended")
    if verb in PAPERS:
        code = outcome(verb, "suspended" if state == "firm suspended" else "matching", role)
        return "met" if code == DONE and verb in WITHOUT_FILE else code
    plain = state if state in ENDED else "suspended" if rests else "matching"
    if plain in ENDED and verb in ENDED_FOR_ALL:
        return "finished"
    if not (role == LEAD if verb == "close" else may(verb, plain, role)):
        return "not_yours"
    if verb == "reopen":
        return "reopen_child" if state in ENDED else "not_closed"
    if verb == "spawn":
        return "not_root"
    why = refusal(verb, plain)
    if why in ("finished", "suspended", "not_suspended", "extension_decided"):
        return why
    if state == "firm suspended" and verb in ("suspend", "resume"):
        return "parent_suspended"
    if verb == "close":
        return "measure_missing" if state == "unplanned" else DONE
    if verb == "reassign":
        return {LEAD: DONE, CHIEF: "no_such_move"}.get(role, "reassign_child")
    if verb in MOVES:
        return "no_such_move"
    return "decline_child" if verb == "decline" else DONE


# --- the cells -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_every_cell_of_a_firms_case(world: World) -> None:
    cases = cases_by_state(world)
    found = played(world, cases)
    assert len(found) == len(STATES) * len(ROLES) * len(verbs(world))
    assert found == {cell: outcome(*cell) for cell in found}
    check_delist_while_listed(world, cases, outcome)


@pytest.mark.django_db
def test_every_cell_of_a_remedy(world: World) -> None:
    cases = remedies_by_state(world)
    found = played(world, cases)
    assert len(found) == len(REMEDY_STATES) * len(ROLES) * len(verbs(world))
    assert found == {cell: remedy_outcome(*cell) for cell in found}
    check_delist_while_listed(world, cases, remedy_outcome)


def check_delist_while_listed(
    world: World, cases: dict[str, Case], usual: Callable[[str, str, str], str]
) -> None:
    """Whoever may delist may not while the bureau's list names the firm."""
    Membership.objects.update(left_on=None)
    found = played(world, cases, only="delist")
    for cell, code in found.items():
        wanted = usual(*cell)
        assert code == ("still_listed" if wanted == DONE else wanted), cell


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
