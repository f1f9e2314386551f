"""Roles and what each may do: the default policy table, read like prose.

Scope (region subtree × unit) always applies on top; see ``organisations/scope.py``.
Source: design table "Who may do what"; wording of roles in the domain's words.
"""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a post is for; a person's roles are those of the posts held on the day."""

    TOWNSHIP_WORKER = "township_worker", _("Township (park) liaison")
    COUNTY_WORKER = "county_worker", _("County handler")
    COUNTY_LEAD = "county_lead", _("County reviewer")
    DEPARTMENT_OFFICER = "department_officer", _("Department liaison officer")
    DEPARTMENT_LEAD = "department_lead", _("Department lead")
    LIAISON_MEMBER = "liaison_member", _("Liaison group member")
    OFFICE = "office", _("City office")
    SUPERVISOR = "supervisor", _("Supervision office")
    LEADER = "leader", _("City leader")
    ENTERPRISE_CLERK = "enterprise_clerk", _("Enterprise contact")
    SYSTEM_ADMIN = "system_admin", _("System administrator")
    SECURITY_ADMIN = "security_admin", _("Security administrator")
    AUDIT_ADMIN = "audit_admin", _("Audit administrator")


class Act(StrEnum):
    """Everything that a person can be allowed to do; the verbs of the engine and a few more."""

    READ = "read"
    ACKNOWLEDGE = "acknowledge"
    DECLINE = "decline"
    ADVANCE = "advance"
    APPLY_FOR_CLOSURE = "apply_for_closure"
    RECORD_FORM = "record_form"
    SUBMIT_EVIDENCE = "submit_evidence"
    REVIEW_EVIDENCE = "review_evidence"
    SPAWN = "spawn"
    COMMENT = "comment"
    REQUEST_EXTENSION = "request_extension"
    COUNTY_REVIEW = "county_review"
    DEPARTMENT_REVIEW = "department_review"
    SEND_BACK = "send_back"
    REASSIGN = "reassign"
    SUSPEND = "suspend"
    RESUME = "resume"
    URGE = "urge"
    OPEN = "open"
    CLOSE = "close"
    CLOSE_REMEDY = "close_remedy"
    DELIST = "delist"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    RELEASE_DRAFT = "release_draft"
    IMPORT = "import"
    ISSUE_PACK = "issue_pack"
    PROPOSE_SUPERVISION = "propose_supervision"
    MANAGE_USERS = "manage_users"
    READ_AUDIT = "read_audit"
    ENTERPRISE_PORTAL = "enterprise_portal"


_COUNTY_WORK = frozenset(
    {
        Act.READ,
        Act.ACKNOWLEDGE,
        Act.DECLINE,
        Act.ADVANCE,
        Act.APPLY_FOR_CLOSURE,
        Act.RECORD_FORM,
        Act.SUBMIT_EVIDENCE,
        Act.REVIEW_EVIDENCE,
        Act.SPAWN,
        Act.COMMENT,
        Act.REQUEST_EXTENSION,
    }
)
_COUNTY_LEAD = _COUNTY_WORK | {
    Act.COUNTY_REVIEW,
    Act.SEND_BACK,
    Act.REASSIGN,
    Act.SUSPEND,
    Act.RESUME,
    Act.URGE,
    Act.CLOSE_REMEDY,
}

POLICY: dict[str, frozenset[Act]] = {
    Role.TOWNSHIP_WORKER: frozenset(
        {Act.READ, Act.RECORD_FORM, Act.SUBMIT_EVIDENCE, Act.COMMENT, Act.SPAWN}
    ),
    Role.COUNTY_WORKER: _COUNTY_WORK,
    Role.COUNTY_LEAD: _COUNTY_LEAD,
    Role.DEPARTMENT_OFFICER: frozenset({Act.READ, Act.COMMENT, Act.SPAWN, Act.DECLINE}),
    Role.DEPARTMENT_LEAD: frozenset(
        {
            Act.READ,
            Act.DEPARTMENT_REVIEW,
            Act.REASSIGN,
            Act.DECLINE,
            Act.COMMENT,
            Act.SPAWN,
            Act.URGE,
        }
    ),
    Role.LIAISON_MEMBER: frozenset({Act.READ, Act.COMMENT, Act.SPAWN, Act.URGE}),
    Role.OFFICE: frozenset(
        {
            Act.READ,
            Act.COMMENT,
            Act.SEND_BACK,
            Act.REASSIGN,
            Act.SUSPEND,
            Act.RESUME,
            Act.URGE,
            Act.OPEN,
            Act.CLOSE,
            Act.DELIST,
            Act.WITHDRAW,
            Act.REOPEN,
            Act.REVIEW_EVIDENCE,
            Act.RELEASE_DRAFT,
            Act.IMPORT,
            Act.ISSUE_PACK,
            Act.SPAWN,
        }
    ),
    Role.SUPERVISOR: frozenset({Act.READ, Act.COMMENT, Act.PROPOSE_SUPERVISION}),
    Role.LEADER: frozenset({Act.READ, Act.COMMENT, Act.PROPOSE_SUPERVISION}),
    Role.ENTERPRISE_CLERK: frozenset({Act.ENTERPRISE_PORTAL, Act.SUBMIT_EVIDENCE}),
    Role.SYSTEM_ADMIN: frozenset({Act.MANAGE_USERS}),
    Role.SECURITY_ADMIN: frozenset({Act.READ_AUDIT}),
    Role.AUDIT_ADMIN: frozenset({Act.READ_AUDIT}),
}

# Whoever owes the open item may do these on it, whatever the role (design: "Who may do what").
OWED_ACTS: frozenset[Act] = frozenset(
    {
        Act.ACKNOWLEDGE,
        Act.DECLINE,
        Act.ADVANCE,
        Act.SEND_BACK,
        Act.COMMENT,
        Act.REQUEST_EXTENSION,
    }
)
