"""The policy table of the design, cell by cell: every role × every act."""

from __future__ import annotations

import pytest

from organisations.roles import OWED_ACTS, POLICY, Act, Role

# What the table says, in its own words; the names are those of the acts.
TABLE: dict[Role, str] = {
    Role.COUNTY_WORKER: "acknowledge advance record_form review_evidence apply_for_closure spawn "
    "comment request_extension decline",
    Role.COUNTY_LEAD: "acknowledge advance record_form review_evidence apply_for_closure spawn "
    "comment request_extension decline county_review send_back reassign suspend resume "
    "decide_extension urge delegate hand_over",
    Role.DEPARTMENT_LEAD: "department_review reassign decline comment spawn "
    "urge delegate hand_over",
    Role.LIAISON_MEMBER: "comment spawn urge",
    Role.OFFICE: "open close delist withdraw reopen reassign decide_extension issue_supervision "
    "issue_document issue_pack import urge delegate hand_over review_evidence suspend resume "
    "carry_over release_draft",
    Role.SUPERVISOR: "read comment propose_supervision",
    Role.LEADER: "read comment propose_supervision",
    Role.ENTERPRISE_CLERK: "enterprise_portal submit_evidence",
    Role.SYSTEM_ADMIN: "manage_settings manage_users",
    Role.SECURITY_ADMIN: "manage_policy read_sign_ins",
    Role.AUDIT_ADMIN: "read_audit",
    # two roles that the table does not name
    Role.TOWNSHIP_WORKER: "",
    Role.DEPARTMENT_OFFICER: "",
}
# What we add, and where it comes from.
BEYOND: dict[Role, str] = {
    # everybody who works on cases reads them; 代企业上传 is a first-class path (practice)
    Role.COUNTY_WORKER: "read submit_evidence write_own_papers",
    # the county lead closes remedies, issues and needs (the paragraph below the table)
    Role.COUNTY_LEAD: "read submit_evidence close_remedy write_own_papers sign_own_papers",
    # the directory of resources: the office, and the competent unit's lead for his own rows
    # what goes out under a unit's own name its own people write and its own lead signs (practice)
    Role.DEPARTMENT_LEAD: "read edit_resources write_own_papers sign_own_papers",
    Role.LIAISON_MEMBER: "read",
    # the office's remark and return, a child case of the city's own; set-up of people (screens);
    # letters in doubt are shown to the office (design of the delivery)
    Role.OFFICE: "read comment send_back spawn manage_users edit_resources manage_deliveries",
    # townships do the calling (practice); what they owe, OWED_ACTS gives them
    Role.TOWNSHIP_WORKER: "read record_form submit_evidence comment spawn",
    # an officer answers for the department, its lead decides
    Role.DEPARTMENT_OFFICER: "read decline comment spawn write_own_papers",
}
CELLS = [(role, act) for role in Role for act in Act]


def _granted(role: Role) -> set[str]:
    return set(TABLE[role].split()) | set(BEYOND.get(role, "").split())


@pytest.mark.parametrize(("role", "act"), CELLS, ids=[f"{r}-{a}" for r, a in CELLS])
def test_every_cell_of_the_table(role: Role, act: Act) -> None:
    assert (act in POLICY[role]) is (act.value in _granted(role))


def test_the_table_names_every_role_and_no_unknown_act() -> None:
    assert set(POLICY) == set(Role) == set(TABLE)
    assert set().union(*map(_granted, Role)) <= {act.value for act in Act}


def test_every_act_can_be_done_by_somebody() -> None:
    # what only whoever owes a step may do (closing where the pack leaves it to him) is no role's
    assert set(Act) == frozenset().union(*POLICY.values()) | OWED_ACTS


def test_what_the_debtor_of_an_item_may_do() -> None:
    assert {
        Act.ACKNOWLEDGE,
        Act.DECLINE,
        Act.ADVANCE,
        Act.SEND_BACK,
        Act.COMMENT,
        Act.REQUEST_EXTENSION,
        # a matter's step may ask for a form, or end the matter, whoever has it
        Act.RECORD_FORM,
        Act.CLOSE_OWED,
    } == OWED_ACTS


@pytest.mark.parametrize(
    "role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN, Role.ENTERPRISE_CLERK]
)
def test_administrators_and_clerks_read_no_cases(role: Role) -> None:
    assert Act.READ not in POLICY[role]
