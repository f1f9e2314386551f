"""走访合并: one day is one call; when visits are to be joined. And until when a paper holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from workflows.carrying import good_until, still_holds
from workflows.form_visit import ROLES, VISIT, standard, visit_form
from workflows.pack_parts import EvidencePlan
from workflows.packs import PackError, parse_pack, shipped_text
from workflows.visits import VisitRule, tally

ON = date(2022, 9, 15)


def test_one_day_is_one_call_whatever_it_served() -> None:
    days = [date(2022, 3, 1), date(2022, 3, 1), date(2022, 5, 9), date(2021, 11, 2)]
    found = tally(days, ON)
    assert (found.in_year, found.last_on) == (2, date(2022, 5, 9))
    assert not found.asks_to_merge


def test_a_city_sets_its_own_numbers() -> None:
    rule = VisitRule(most_a_year=2, days_apart=10)
    found = tally([ON - timedelta(days=10), ON - timedelta(days=40)], ON, rule)
    assert (found.is_recent, found.is_often) == (False, True)
    assert tally([ON - timedelta(days=9)], ON, rule).is_recent


def test_what_lies_ahead_is_not_counted() -> None:
    assert tally([ON + timedelta(days=1)], ON).last_on is None


@pytest.mark.parametrize(("ago", "recent"), [(29, True), (30, False)])
def test_a_call_of_lately_asks_to_join_the_next(ago: int, recent: bool) -> None:
    assert tally([ON - timedelta(days=ago)], ON).asks_to_merge is recent


@pytest.mark.parametrize(("calls", "often"), [(4 - 1, False), (4, True)])
def test_so_many_in_a_year_ask_to_join(calls: int, often: bool) -> None:
    days = [date(2022, 1, 3) + timedelta(days=n) for n in range(calls)]
    assert tally(days, ON).is_often is often


@pytest.mark.parametrize(
    ("plan", "of_year", "valid_until", "holds", "until"),
    [
        ("kept", 2021, None, True, None),
        ("anew", 2021, None, False, date(2021, 12, 31)),
        ("anew", 2022, None, True, date(2022, 12, 31)),
        ("until_expiry", 2021, ON, True, ON),
        ("until_expiry", 2022, ON - timedelta(days=1), False, ON - timedelta(days=1)),
        ("until_expiry", 2021, None, True, None),
    ],
)
def test_until_when_a_paper_holds(
    plan: Any, of_year: int, valid_until: date | None, holds: bool, until: date | None
) -> None:
    given = {"acceptable_when": "有|yes", "usually_returned": "无|no", "next_year": plan}
    one = EvidencePlan.model_validate({"criterion": "staff", "main": (), **given})
    assert still_holds(one, of_year=of_year, for_year=2022, on=ON, valid_until=valid_until) is holds
    assert good_until(one, of_year, valid_until) == until


ASKS = "{key: asks, kind: text, max_length: 200"
WENT = "{key: people, role: people, kind: text, required: true"


@pytest.mark.parametrize(
    ("stands", "written", "code"),
    [
        (ASKS, "{key: photos, kind: text, max_length: 200", "key_taken"),
        (ASKS, "{key: asks, kind: file", "not_plain"),
        (ASKS, "{key: asks, kind: text, prefilled: due_on", "unknown_fact"),
        (ASKS, "{key: asks, kind: date, since_opening: true", "since_opening"),
        (ASKS, "{key: asks, kind: text, role: met", "role_twice"),
        (WENT, "{key: people, kind: text, required: true", "no_role"),
        (WENT, "{key: people, role: people, kind: text", "role_open"),
        (WENT, "{key: people, role: people, kind: number, required: true", "role_kind"),
        (
            WENT,
            "{key: people, role: people, kind: text, max_length: 999, required: true",
            "role_long",
        ),
        (
            "{key: visitors, kind: text,",
            "{key: visitors, role: people, kind: text,",
            "role_elsewhere",
        ),
    ],
)
def test_what_a_visit_record_may_ask(stands: str, written: str, code: str) -> None:
    """004-17: its page is taken along where there is no network, and the product finds in it who
    was there and when."""
    text = shipped_text("jincheng-2020")
    assert stands in text
    with pytest.raises(PackError) as wrong:
        parse_pack(text.replace(stands, written), "x")
    assert {one.code for one in wrong.value.findings} == {code}


def test_a_plan_without_one_asks_the_usual_and_an_older_one_its_own_as_well() -> None:
    usual = standard()
    luoyang = parse_pack(shipped_text("luoyang-2022"), "x")
    assert visit_form(None) == visit_form(luoyang) == usual
    fields = tuple(
        field.model_copy(update={"role": None})
        for field in parse_pack(shipped_text("jincheng-2020"), "x").form(VISIT).fields
        if not field.role
    )
    form = usual.model_copy(update={"fields": fields})
    older = luoyang.model_copy(update={"forms": {**luoyang.forms, VISIT: form}})
    assert visit_form(older).fields == (*usual.fields, *fields)
    assert {field.role for field in usual.fields} == set(ROLES)


def test_a_form_of_a_step_is_no_visits_though_it_is_called_so() -> None:
    pack = parse_pack(shipped_text("jincheng-2020"), "x")
    assert visit_form(pack) == pack.form(VISIT)
    text = shipped_text("luoyang-2022").replace("survey", "visit")
    assert visit_form(parse_pack(text, "x")) == standard()
