"""申请改派 and 改派: until when an assignment is contested, and which steps a lead may hand on."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from cases import permissions
from cases.errors import Refused
from cases.models import Case, WorkItem
from cases.policies import check_clock
from cases.rulebook import calendar, rules_of
from organisations.roles import Act, Role
from organisations.scope import Actor

# whose steps a lead may hand to somebody else
REACH: dict[str, tuple[str, ...]] = {
    Role.COUNTY_LEAD: ("county", "township", "liaison_group", "responsible", "responsible_lead"),
    Role.DEPARTMENT_LEAD: ("department", "lead", "responsible", "responsible_lead"),
}


def taken_on(acknowledged_on: date | None, reassigned_on: date | None) -> date | None:
    """The day from which 申请改派 has its time: signed for, or handed over since."""
    if acknowledged_on is None or reassigned_on is None:
        return acknowledged_on
    return max(acknowledged_on, reassigned_on)


def check_asker(actor: Actor, case: Case, item: WorkItem | None, verb: str) -> None:
    """The office asks nobody to reassign what lies with it; nor, while 申请改派 waits for its own
    answer, for more time."""
    if item is None or item.unit_id not in actor.unit_ids:
        return
    asks = verb == "decline" or item.is_declined
    if asks and permissions.acts_as(actor, Role.OFFICE, case):
        raise Refused("answers_itself", _("It lies with the city office, which reassigns it."))


def check_decline(case: Case, item: WorkItem | None, taken_on: date | None, on: date) -> None:
    """申请改派: before signing for it, or within two working days after (or after a 改派)."""
    within = rules_of(case).pack.limits.decline_within
    check_clock(case, item, "decline")
    if case.criterion:
        raise Refused("decline_child", _("Ask on the firm's own case, not on a single remedy."))
    if case.reviewed_by_id or case.applied_by_id:
        raise Refused("decline_late", _("The case is being closed; it can no longer be declined."))
    if taken_on and calendar().between(taken_on, on) > within:
        raise Refused(
            "decline_late",
            _("A reassignment is asked for within %(n)d working days of signing. Call the office.")
            % {"n": within},
        )


def check_reach(actor: Actor, case: Case) -> None:
    """改派 by a lead: only of a step that lies with his own; a review any lead may do anyway."""
    stage = rules_of(case).stage
    if actor.is_system or permissions.acts_as(actor, Role.OFFICE, case) or stage is None:
        return
    if not any(stage.owner in REACH.get(s.role, ()) for s in actor.standings_for(Act.REASSIGN)):
        raise Refused(
            "no_such_move",
            _("This step lies with another unit. Only the city office reassigns it."),
        )
