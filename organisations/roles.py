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
    DECIDE_EXTENSION = "decide_extension"
    COUNTY_REVIEW = "county_review"
    DEPARTMENT_REVIEW = "department_review"
    SEND_BACK = "send_back"
    REASSIGN = "reassign"
    SUSPEND = "suspend"
    RESUME = "resume"
    URGE = "urge"
    DELEGATE = "delegate"
    HAND_OVER = "hand_over"
    OPEN = "open"
    CLOSE = "close"
    CLOSE_REMEDY = "close_remedy"
    CLOSE_OWED = "close_owed"
    DELIST = "delist"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    CARRY_OVER = "carry_over"
    RELEASE_DRAFT = "release_draft"
    IMPORT = "import"
    ISSUE_PACK = "issue_pack"
    PROPOSE_SUPERVISION = "propose_supervision"
    ISSUE_SUPERVISION = "issue_supervision"
    ISSUE_DOCUMENT = "issue_document"
    WRITE_OWN_PAPERS = "write_own_papers"
    SIGN_OWN_PAPERS = "sign_own_papers"
    MANAGE_USERS = "manage_users"
    MANAGE_SETTINGS = "manage_settings"
    MANAGE_POLICY = "manage_policy"
    READ_SIGN_INS = "read_sign_ins"
    READ_AUDIT = "read_audit"
    ENTERPRISE_PORTAL = "enterprise_portal"
    EDIT_RESOURCES = "edit_resources"
    MANAGE_DELIVERIES = "manage_deliveries"


# "Leads and office also urge, delegate, hand over"
_LEADING = frozenset({Act.URGE, Act.DELEGATE, Act.HAND_OVER})

_COUNTY_WORK = frozenset(
    {
        Act.READ,
        Act.ACKNOWLEDGE,
        Act.ADVANCE,
        Act.RECORD_FORM,
        Act.REVIEW_EVIDENCE,
        Act.APPLY_FOR_CLOSURE,
        Act.SPAWN,
        Act.COMMENT,
        Act.REQUEST_EXTENSION,
        Act.DECLINE,
        # 代企业上传 is a first-class path (practice); four eyes: another one accepts the file
        Act.SUBMIT_EVIDENCE,
        # what goes out under the unit's own name: its report of the month
        Act.WRITE_OWN_PAPERS,
    }
)
_COUNTY_LEAD = (
    _COUNTY_WORK
    | _LEADING
    | {
        Act.COUNTY_REVIEW,
        Act.SEND_BACK,
        Act.REASSIGN,
        Act.SUSPEND,
        Act.RESUME,
        Act.DECIDE_EXTENSION,
        # "the county lead for remedy, issue, need"
        Act.CLOSE_REMEDY,
        Act.SIGN_OWN_PAPERS,
    }
)
_OFFICE = _LEADING | {
    Act.READ,
    Act.OPEN,
    Act.CLOSE,
    Act.DELIST,
    Act.WITHDRAW,
    Act.REOPEN,
    Act.REASSIGN,
    Act.DECIDE_EXTENSION,
    Act.ISSUE_SUPERVISION,
    Act.ISSUE_DOCUMENT,
    Act.ISSUE_PACK,
    Act.IMPORT,
    # "the office also accepts evidence, suspends, resumes, carries over, releases drafts"
    Act.REVIEW_EVIDENCE,
    Act.SUSPEND,
    Act.RESUME,
    Act.CARRY_OVER,
    Act.RELEASE_DRAFT,
    # beyond the table: the office's own remark (备注), a return that nobody else can make any
    # more, a child case of the city's own; units, posts and users are the office's set-up (ux)
    Act.COMMENT,
    Act.SEND_BACK,
    Act.SPAWN,
    Act.MANAGE_USERS,
    # the directory of resources and experts; a department's lead keeps the rows of his own unit
    Act.EDIT_RESOURCES,
    # what leaves the house: in doubt, failed, to be sent again
    Act.MANAGE_DELIVERIES,
}

POLICY: dict[str, frozenset[Act]] = {
    # townships call and visit (practice: the register); they owe items where a pack says so
    Role.TOWNSHIP_WORKER: frozenset(
        {Act.READ, Act.RECORD_FORM, Act.SUBMIT_EVIDENCE, Act.COMMENT, Act.SPAWN}
    ),
    Role.COUNTY_WORKER: _COUNTY_WORK,
    Role.COUNTY_LEAD: _COUNTY_LEAD,
    # a department answers a proposal under its own name, signed by its own lead
    Role.DEPARTMENT_OFFICER: frozenset(
        {Act.READ, Act.DECLINE, Act.COMMENT, Act.SPAWN, Act.WRITE_OWN_PAPERS}
    ),
    Role.DEPARTMENT_LEAD: _LEADING
    | {Act.READ, Act.DEPARTMENT_REVIEW, Act.REASSIGN, Act.DECLINE, Act.COMMENT, Act.SPAWN}
    | {Act.EDIT_RESOURCES, Act.WRITE_OWN_PAPERS, Act.SIGN_OWN_PAPERS},
    Role.LIAISON_MEMBER: frozenset({Act.READ, Act.COMMENT, Act.SPAWN, Act.URGE}),
    Role.OFFICE: _OFFICE,
    Role.SUPERVISOR: frozenset({Act.READ, Act.COMMENT, Act.PROPOSE_SUPERVISION}),
    Role.LEADER: frozenset({Act.READ, Act.COMMENT, Act.PROPOSE_SUPERVISION}),
    # "own firm: evidence, forms, answers, satisfaction": the portal is scoped by the firm
    Role.ENTERPRISE_CLERK: frozenset({Act.ENTERPRISE_PORTAL, Act.SUBMIT_EVIDENCE}),
    # three separated administrators, no case work
    Role.SYSTEM_ADMIN: frozenset({Act.MANAGE_SETTINGS, Act.MANAGE_USERS}),
    Role.SECURITY_ADMIN: frozenset({Act.MANAGE_POLICY, Act.READ_SIGN_INS}),
    Role.AUDIT_ADMIN: frozenset({Act.READ_AUDIT}),
}

# What a stand-in may not do with a post that is not his own: pass it on.
OF_ONES_OWN: frozenset[Act] = frozenset({Act.DELEGATE, Act.HAND_OVER})

# Whoever owes the open item may do these on it, whatever the role (design: "Who may do what").
OWED_ACTS: frozenset[Act] = frozenset(
    {
        Act.ACKNOWLEDGE,
        Act.DECLINE,
        Act.ADVANCE,
        Act.SEND_BACK,
        Act.COMMENT,
        Act.REQUEST_EXTENSION,
        # the forms of the step itself; a closing where the pack leaves it to whoever owes it
        Act.RECORD_FORM,
        Act.CLOSE_OWED,
    }
)
