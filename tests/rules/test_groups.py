"""What a group must be made of; 004-13 and 004-15 as they stand in the paper."""

from __future__ import annotations

import pytest
from django.utils import translation

from workflows.groups import GroupRule, Member, faults, in_words

LIAISON = GroupRule(kind="liaison_group", members=5, ranks={"division": 1}, technical=1)
COUNTY = GroupRule(kind="task_force", members=3, ranks={"section": 1})
PLAIN = Member("甲")


def people(*marks: tuple[str, bool]) -> list[Member]:
    return [Member(f"成员{n}", rank, technical) for n, (rank, technical) in enumerate(marks)]


def test_five_with_a_division_cadre_and_a_technician_are_sound() -> None:
    """004-13: 5名成员，至少有1名处级干部，1名专业技术人员."""
    team = people(("division", False), ("", True), ("", False), ("", False), ("", False))
    assert faults(LIAISON, team) == []


def test_a_higher_rank_counts_for_a_lower_one_and_never_the_other_way() -> None:
    """004-15: 3名成员，至少有1名科级干部."""
    assert faults(COUNTY, people(("division", False), ("", False), ("", False))) == []
    assert len(faults(COUNTY, people(("", False), ("", False), ("", False)))) == 1
    lower = people(("section", False), ("", True), ("", False), ("", False), ("", False))
    assert len(faults(LIAISON, lower)) == 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", ["应有5人，现有1人", "应有处级以上1人，现有0人",
                     "应有专业技术人员1人，现有0人"]),
        ("en", ["needs 5 members, has 1", "needs 1 of rank division level or above, has 0",
                "needs 1 with a technical title, has 0"]),
    ],
)  # fmt: skip
def test_each_fault_is_a_sentence(language: str, words: list[str]) -> None:
    with translation.override(language):
        assert faults(LIAISON, [PLAIN]) == words


def test_the_rule_itself_is_said() -> None:
    assert in_words(LIAISON) == "5名成员、至少1名处级以上、至少1名专业技术人员"


def test_one_cadre_may_be_the_technician_too() -> None:
    team = people(("bureau", True), ("", False), ("", False), ("", False), ("", False))
    assert faults(LIAISON, team) == []
