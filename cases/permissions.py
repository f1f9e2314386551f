"""Who may: a person's posts against one case. What the state allows is in ``policies``.

Pairs: ``check_x()`` raises ``NotYours`` with words, ``can_x()`` answers.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.errors import NotYours
from cases.models import Case, WorkItem
from cases.querysets import DEPARTMENT, PART_ACTS, SERVED_ACTS, works_in_part
from cases.rulebook import is_in_review, procedure_of
from organisations.models import Region, Unit
from organisations.roles import OWED_ACTS, POLICY, Act, Role
from organisations.scope import Actor, Standing

HEADS = (Role.COUNTY_LEAD, Role.DEPARTMENT_LEAD)
# nobody decides on the papers of a firm whose clerk he is, whatever posts he holds
CLERK_NEVER = frozenset(
    {
        *(Act.REVIEW_EVIDENCE, Act.APPLY_FOR_CLOSURE, Act.COUNTY_REVIEW, Act.DEPARTMENT_REVIEW),
        *(Act.CLOSE, Act.CLOSE_REMEDY, Act.CLOSE_OWED),
    }
)
# units whose steps of a firm's own case are the county's as a whole
COUNTYS = (Unit.Kind.TASK_FORCE, Unit.Kind.TOWNSHIP)


def covers(standing: Standing, case: Case) -> bool:
    """Whether a post's part of the map holds the case; the same as ``querysets.scope_of``."""
    has_it = standing.unit_id in (case.competent_unit_id, case.responsible_unit_id)
    if standing.role in DEPARTMENT:
        shares = case.enterprise_id is None and standing.unit_id in case.unit_ids
        return has_it or shares
    if standing.unit_kind == Unit.Kind.LIAISON_GROUP:
        # a group's own plan, summary or report lies with the city, not with a county of its pair
        return has_it or case.county_id in standing.paired_county_ids
    if standing.region_level == Region.Level.TOWNSHIP:
        return case.township_id == standing.region_id
    if standing.region_level == Region.Level.COUNTY:
        return case.county_id == standing.region_id
    if standing.region_level == Region.Level.PROVINCE:
        return bool(case.programme.city.path.startswith(standing.region_path))
    return bool(case.programme.city_id == standing.region_id)


def takes_part(standing: Standing, case: Case) -> bool:
    """Whether the post's unit owes the open step of the case, leads it, does it or helps with it:
    nobody owes what he cannot open, wherever it lies.
    """
    if not works_in_part(standing):
        return False
    if standing.unit_id in (case.competent_unit_id, case.responsible_unit_id):
        return True
    return standing.unit_id in case.unit_ids or standing.unit_id == case.open_unit_id


def owes(actor: Actor, item: WorkItem | None) -> bool:
    """Whether the actor holds the post of the open item, or its like in the same unit."""
    if item is None:
        return False
    unit, post = item.unit_id, item.post_id
    for standing in actor.standings:
        if standing.unit_id == unit and (
            standing.post_id == post or standing.role == item.post.role
        ):
            return True
    return False


def _heads(actor: Actor, case: Case, item: WorkItem | None) -> bool:
    """Whether the actor heads the unit that owes the step, where the pack lets him close it too: a
    firm's question waits for nobody's holiday."""
    if item is None or procedure_of(case).closer != "unit":
        return False
    return any(s.unit_id == item.unit_id and s.role in HEADS for s in actor.standings)


def handed_up(actor: Actor, case: Case, item: WorkItem | None) -> bool:
    """Whether a colleague of the actor's own unit reviews what the actor handles."""
    return (
        item is not None
        and is_in_review(case)
        and item.unit_id in actor.unit_ids
        and not owes(actor, item)
    )


def can(
    actor: Actor,
    act: Act,
    case: Case,
    item: WorkItem | None = None,
    *,
    is_owing: bool | None = None,
) -> bool:
    """Whether the actor may do ``act`` on this case, whatever its state; ``is_owing``: what
    ``owes`` has just said."""
    if actor.is_system:
        return True
    if case.enterprise_id in actor.enterprise_ids:
        if act in CLERK_NEVER:
            return False
        clerk_may = POLICY[Role.ENTERPRISE_CLERK]
        if act in clerk_may:
            return True
    is_served = act in SERVED_ACTS and case.enterprise_id in actor.served_ids
    # what the city keeps to itself is no service officer's (``querysets.scope_of``)
    if is_served and case.county_id != case.programme.city_id:
        return True
    if act in OWED_ACTS and (owes(actor, item) if is_owing is None else is_owing):
        return True
    if act == Act.CLOSE_OWED and _heads(actor, case, item):
        return True
    if act in PART_ACTS:
        return any(covers(s, case) or takes_part(s, case) for s in actor.standings_for(act))
    if act in UNITS_ACTS and case.is_matter and item is not None:
        return any(
            (s.role == Role.OFFICE or _is_at(s, case, item))
            and (covers(s, case) or _has_step(s, case, item))
            for s in actor.standings_for(act)
        )
    return any(covers(s, case) for s in actor.standings_for(act))


# of a matter these are for the unit that has the step, and the office: a county neither contests
# nor rests what a department handles, a department hands on no county's share
UNITS_ACTS = frozenset({Act.DECLINE, Act.REASSIGN, Act.SUSPEND, Act.RESUME, Act.REQUEST_EXTENSION})
# what moves a step on, or fills in what moves it
OWNERS_ACTS = frozenset({Act.ACKNOWLEDGE, Act.ADVANCE, Act.SEND_BACK, Act.RECORD_FORM})


def can_move(actor: Actor, act: Act, case: Case, item: WorkItem | None) -> bool:
    """Whether the actor may move the open step: it belongs to the unit that owes it. Of a firm's
    own case what lies with the county is the county's as a whole, but nothing that a department, a
    group or the office owes; of any other matter nobody issues the order that is proposed against
    him, nor reviews what he reported. The office may send anything back. (Of a step that is
    contested ``policies`` says that it waits.)
    """
    if actor.is_system or item is None or act not in OWNERS_ACTS:
        return can(actor, act, case, item)
    if owes(actor, item):
        return can(actor, act, case, item, is_owing=True)
    return any(
        _is_at(standing, case, item)
        or (not case.is_matter and (item.unit.kind in COUNTYS or item.is_declined))
        or (act == Act.SEND_BACK and standing.role == Role.OFFICE)
        for standing in actor.standings_for(act)
        if covers(standing, case) or _has_step(standing, case, item)
    )


def _has_step(standing: Standing, case: Case, item: WorkItem | None) -> bool:
    """A colleague of whoever owes the step of a matter that lies elsewhere on the map: his lead
    contests it, hands it on inside the unit and asks for time like at home.
    """
    return case.is_matter and item is not None and standing.unit_id == item.unit_id


def _is_at(standing: Standing, case: Case, item: WorkItem) -> bool:
    """A post of the unit that owes the step, or of the county above its township."""
    if standing.unit_id == item.unit_id:
        return True
    return item.post.role == Role.TOWNSHIP_WORKER and standing.region_id == case.county_id


def check_move(actor: Actor, act: Act, case: Case, item: WorkItem | None) -> None:
    if not can_move(actor, act, case, item):
        raise NotYours("not_yours", refusal(act, case))


def acts_as(actor: Actor, role: Role, case: Case) -> bool:
    """Whether the actor holds a post of this role that covers the case."""
    return any(s.role == role and covers(s, case) for s in actor.standings)


def check(actor: Actor, act: Act, case: Case, item: WorkItem | None = None) -> None:
    if not can(actor, act, case, item):
        raise NotYours("not_yours", refusal(act, case))


def can_see(actor: Actor, case: Case) -> bool:
    return can(actor, Act.READ, case) or case.enterprise_id in actor.enterprise_ids


def refusal(act: Act, case: Case | None = None) -> str:
    """Who may instead, in words."""
    if case is not None and case.is_matter and (said := _of_matter(act)):
        return said
    words = {
        Act.COUNTY_REVIEW: _("Only the county's reviewer can review a closing."),
        Act.CLOSE: _("Only the city office can confirm a closing."),
        Act.REASSIGN: _("Only the county's reviewer, a department lead or the office reassigns."),
        Act.SUSPEND: _("Only the county's reviewer or the office suspends a case."),
        Act.RESUME: _("Only the county's reviewer or the office resumes a case."),
        Act.DELIST: _("Only the city office confirms that a firm left the register."),
        Act.WITHDRAW: _("Only the city office takes back a case opened by mistake."),
        Act.REOPEN: _("Only the city office reopens a case."),
        Act.REVIEW_EVIDENCE: _("Only the county or the office reviews evidence."),
        Act.URGE: _("Only a reviewer, a lead, a liaison group or the office urges."),
        Act.RELEASE_DRAFT: _("Only the city office decides on drafts."),
        Act.OPEN: _("Only the city office opens cases."),
        Act.CARRY_OVER: _("Only the city office carries cases over to the next year."),
        Act.REQUEST_EXTENSION: _("Whoever handles the step asks for an extension."),
        Act.DECIDE_EXTENSION: _("Only the county's reviewer or the office decides extensions."),
    }
    return words.get(act) or _("This is not yours to do. Please contact whoever handles the case.")


def _of_matter(act: Act) -> str:
    """What is said of firms' own cases would not be true of an issue or an order."""
    words = {
        Act.CLOSE: _("Only the city office closes this."),
        Act.REOPEN: _("Only the city office takes this up again."),
        Act.DECLINE: _("Only the unit that has the step asks for reassignment."),
        Act.REASSIGN: _("Only the unit that has the step, or the office, hands it on."),
        Act.SUSPEND: _("Only the unit that has the step, or the office, suspends it."),
        Act.RESUME: _("Only the unit that has the step, or the office, resumes it."),
    }
    return words.get(act, "")
