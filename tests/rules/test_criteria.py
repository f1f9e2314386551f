"""All, any, at least n, nested: what is met and what still lacks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workflows.criteria import Criteria, covered, satisfied, unmet

KEYS = ["institution", "staff", "spending", "cooperation"]
MET = st.fixed_dictionaries({key: st.booleans() for key in KEYS})


def criteria(value: Any) -> Criteria:
    return Criteria.model_validate(value)


ALL = criteria({"all": KEYS})
ANY = criteria({"any": KEYS})
TWO = criteria({"at_least": 2, "of": KEYS})
NESTED = criteria({"all": ["spending", {"any": ["institution", "staff"]}]})


@pytest.mark.parametrize(
    ("rule", "met", "lacking"),
    [
        (ALL, [], KEYS),
        (ALL, ["staff"], ["institution", "spending", "cooperation"]),
        (ALL, KEYS, []),
        (ANY, [], KEYS),
        (ANY, ["staff"], []),
        (TWO, ["staff"], ["institution", "spending", "cooperation"]),
        (TWO, ["staff", "spending"], []),
        (NESTED, [], ["spending", "institution", "staff"]),
        (NESTED, ["spending"], ["institution", "staff"]),
        (NESTED, ["staff"], ["spending"]),
        (NESTED, ["staff", "spending"], []),
    ],
)
def test_what_still_lacks_is_named_in_the_packs_order(
    rule: Criteria, met: list[str], lacking: list[str]
) -> None:
    assert unmet(rule, dict.fromkeys(met, True)) == lacking


@pytest.mark.parametrize("rule", [ALL, ANY, TWO, NESTED])
@given(met=MET)
def test_nothing_lacks_exactly_when_it_is_met(rule: Criteria, met: dict[str, bool]) -> None:
    assert (unmet(rule, met) == []) is satisfied(rule, met)
    assert all(not met[key] for key in unmet(rule, met))


@given(met=MET, key=st.sampled_from(KEYS))
def test_more_evidence_never_makes_it_worse(met: dict[str, bool], key: str) -> None:
    more = {**met, key: True}
    for rule in (ALL, ANY, TWO, NESTED):
        assert satisfied(rule, more) or not satisfied(rule, met)


def test_a_firm_without_facts_is_not_covered() -> None:
    assert not covered(criteria({"all": ["has_spending"]}), {})
    assert covered(criteria("has_spending"), {"has_spending": True})


def test_renaming_reaches_nested_rules() -> None:
    rule = criteria({"all": ["own", {"any": ["own", "staff"]}]}).renamed("own", "spending")
    assert rule.named() == ("spending", "staff")


@pytest.mark.parametrize(
    "value",
    [
        {"all": []},
        {"some": KEYS},
        {"all": KEYS, "any": KEYS},
        {"at_least": 5, "of": KEYS},
        {"at_least": 0, "of": KEYS},
        {"at_least": 2},
        3,
    ],
)
def test_rules_that_make_no_sense_are_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        criteria(value)
