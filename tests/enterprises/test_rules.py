"""Each rule of the register import on a small list made for it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from enterprises.importing.refusal import ImportRefused
from enterprises.importing.register_apply import register_batch
from enterprises.importing.register_plan import RegisterPlan, preview_register, read_register
from enterprises.importing.undo import undo_import
from enterprises.models import Contact, Enterprise, Membership, MoneyFigure
from organisations.models import Region, Unit
from organisations.roles import Role
from organisations.scope import Actor
from tests.enterprises.conftest import (
    AT,
    FEB,
    JAN,
    Load,
    Preview,
    actor_in,
    many,
)
from tests.enterprises.sheets import HEADER, code_of, firm, write

WRONG_CODE = code_of(7)[:-1] + ("0" if code_of(7)[-1] != "0" else "1")


def codes(plan: RegisterPlan) -> dict[int, str]:
    return {finding.row: finding.code for finding in plan.refused}


def test_name_matches_only_where_one_side_has_no_code(load: Load, preview: Preview) -> None:
    load([firm(1), firm(2, code="")])
    plan = preview([firm(1, code=""), firm(2)])
    assert plan.counts() == {"new": 0, "changed": 1, "leaving": 0, "unchanged": 1}
    assert [(c.field, c.after) for c in plan.changed[0].changes] == [("credit_code", code_of(2))]
    register_batch(plan, by=Actor.system(), at=AT)
    assert Enterprise.objects.get(name="洛阳样本2有限公司").credit_code == code_of(2)


def test_same_name_with_another_code_is_another_firm_and_warned(
    load: Load, preview: Preview
) -> None:
    load([firm(1)])
    plan = preview([firm(1), firm(2, name=firm(1)[0])])
    assert plan.counts() == {"new": 1, "changed": 0, "leaving": 0, "unchanged": 1}
    assert [f.code for f in plan.warnings] == ["name_known_with_another_code"]


def test_code_and_name_of_two_firms_are_refused_and_neither_leaves(
    load: Load, preview: Preview
) -> None:
    load([firm(1), firm(2)])
    plan = preview([firm(1, name=firm(2)[0])])
    assert codes(plan) == {4: "two_firms"}
    assert plan.counts() == {"new": 0, "changed": 0, "leaving": 0, "unchanged": 0}


def test_a_name_of_several_firms_without_a_code_is_refused(load: Load, preview: Preview) -> None:
    load([firm(1), firm(2, name=firm(1)[0])])
    plan = preview([firm(1, code="")])
    assert codes(plan) == {4: "ambiguous_name"}


def test_a_firm_given_twice_names_the_first_row(preview: Preview) -> None:
    twice = [
        firm(1),
        firm(1, name="另一个名字有限公司"),
        firm(2, code=""),
        firm(2, name="洛阳 样本2 有限公司"),
        firm(3),
        firm(3, code=""),
        firm(4, county="无此区"),
        firm(4),
        firm(5, name=""),
        firm(6, name=""),
    ]
    plan = preview(twice)
    assert codes(plan) == {
        5: "same_firm_again",
        7: "same_firm_again",
        9: "same_firm_again",
        10: "unknown_county",
        12: "missing_name",
        13: "missing_name",
    }
    assert {f.row: f.params["first"] for f in plan.refused if "first" in f.params} == {
        5: "4",
        7: "6",
        9: "8",
    }
    # the row that was refused for its county takes nothing from the one that is right
    assert 11 in {step.row.raw.number for step in plan.new if step.row}


A, B = firm(1), firm(2)
A_WITH_B_S_CODE = firm(1, code=B[1])
RENAMED = firm(1, name="改名有限公司")
NO_COUNTY = firm(2, name=A[0], county=None)


@pytest.mark.parametrize("known", [[], [A], [B], [A, B]], ids=["none", "a", "b", "both"])
@pytest.mark.parametrize(
    ("rows", "at_fault", "code"),
    [
        ([A, A_WITH_B_S_CODE, B], 1, "two_firms"),
        ([A, NO_COUNTY, B], 1, "missing_county"),
    ],
)
def test_only_the_row_at_fault_is_refused_in_whatever_order(
    load: Load,
    preview: Preview,
    known: list[list[Any]],
    rows: list[list[Any]],
    at_fault: int,
    code: str,
) -> None:
    if known:
        load(known)
    for order in permutations(range(3)):
        plan = preview([rows[at] for at in order], FEB)
        assert codes(plan) == {4 + order.index(at_fault): code}, order
        assert len(plan.new) + len(plan.unchanged) == 2, order
        assert not plan.changed
        assert not plan.leaving


def test_the_known_name_of_a_code_wins_over_a_new_one(load: Load, preview: Preview) -> None:
    load([A])
    for rows, refused in (([RENAMED, A], 4), ([A, RENAMED], 5)):
        plan = preview(rows, FEB)
        assert codes(plan) == {refused: "same_firm_again"}
        assert len(plan.unchanged) == 1
    (renamed,) = preview([RENAMED], FEB).changed
    assert [change.field for change in renamed.changes] == ["name"]


def test_a_row_counts_once_and_says_everything_that_is_wrong(preview: Preview) -> None:
    plan = preview([firm(1, name="", code="123", county=""), firm(2, condition="停产", revenue=1)])
    (refused,) = plan.refused
    assert refused.codes == ("missing_name", "credit_code_length", "missing_county")
    assert (refused.row, refused.column, refused.cell) == (4, "企业名称", "A4")
    (warned,) = plan.warnings
    assert warned.codes == ("stopped", "revenue_below_threshold")
    assert set(warned.as_json()) == {"sheet", "row", "column", "code", "reason"}


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"code": code_of(1)[:-1]}, "credit_code_length"),
        ({"code": WRONG_CODE}, "credit_code_check_digit"),
        ({"code": "9141O300MA0000001X"}, "credit_code_character"),
        ({"code": 914103007319000960}, "credit_code_number"),
        ({"county": "洛南新区"}, "unknown_county"),
        ({"county": None}, "missing_county"),
        ({"name": None}, "missing_name"),
        ({"name": "长" * 121}, "name_too_long"),
        ({"name": "#REF!"}, "missing_name"),
        ({"code": " #N/A"}, "cell_error"),
    ],
)
def test_refusals(preview: Preview, cells: dict[str, Any], code: str) -> None:
    plan = preview([firm(1, **cells), firm(2)])
    assert codes(plan) == {4: code}
    assert len(plan.new) == 1


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"industry_code": "9999", "industry_name": "无名"}, "unknown_industry"),
        ({"industry_code": None, "industry_name": None}, "missing_industry"),
        ({"revenue": "约三千万"}, "revenue_not_number"),
        ({"revenue": 1999.9}, "revenue_below_threshold"),
        ({"condition": "停产"}, "stopped"),
        ({"condition": "神秘"}, "unknown_condition"),
        ({"ownership": "长" * 41}, "text_too_long"),
    ],
)
def test_warnings(preview: Preview, cells: dict[str, Any], code: str) -> None:
    plan = preview([firm(1, **cells)])
    assert [f.code for f in plan.warnings] == [code]
    assert len(plan.new) == 1


@pytest.mark.parametrize(
    "cells",
    [
        {"revenue": 2000},
        {"revenue": "3,000.5"},
        {"revenue": None},
        {"industry_code": "3660"},
        {"industry_code": 3670},
        {"industry_code": None, "industry_name": "通用设备制造业"},
        {"county": " 涧 西 区 "},
        {"county": "洛阳市涧西区"},
        {"county": "偃师市"},
        {"condition": None},
        {"listed": "2016年"},
        {"listed": "20161201"},
        {"listed": "—"},
    ],
)
def test_neither_refused_nor_warned(preview: Preview, cells: dict[str, Any]) -> None:
    plan = preview([firm(1, **cells)])
    assert (plan.refused, plan.warnings, len(plan.new)) == ((), (), 1)


def test_revenue_in_another_unit(preview: Preview) -> None:
    header = [h.replace("万元", "千元") for h in HEADER]
    assert preview([firm(1, revenue=20_000)], header=header).warnings == ()
    assert len(preview([firm(1, revenue=19_999)], header=header).warnings) == 1


def test_an_accepted_check_digit_is_kept_with_its_reason(load: Load, preview: Preview) -> None:
    row = firm(7, code=WRONG_CODE)
    assert codes(preview([row])) == {4: "credit_code_check_digit"}
    outcome = load([row], accept={("", 4): "营业执照如此"})
    stored = Enterprise.objects.get(pk=outcome.joined_ids[0])
    assert (stored.credit_code, stored.code_note) == (WRONG_CODE, "营业执照如此")
    # on record now: not asked again, and found by its code
    assert preview([row]).counts()["unchanged"] == 1
    # a reason cannot make a short code long
    short = preview([firm(8, code="914103")], accept={("", 4): "x"})
    assert codes(short) == {4: "credit_code_length"}
    assert codes(preview([row, firm(9, code=WRONG_CODE[:-2] + "00")], accept={("别", 5): "x"}))


def test_a_code_taken_anyway_names_the_firm_that_would_leave_for_it(
    load: Load, preview: Preview
) -> None:
    """One firm, typed with another check digit: new and leaving at once, its case would end."""
    load([firm(7), firm(8), firm(9)])
    typed = firm(7, code=WRONG_CODE)
    plan = preview([typed, firm(8), firm(9)], accept={("", 4): "营业执照如此"})
    assert plan.counts() == {"new": 1, "changed": 0, "leaving": 1, "unchanged": 2}
    [warned] = plan.warnings
    assert (warned.row, warned.codes[0]) == (4, "twice_unnamed")
    assert f"名单未列“{typed[0]}”（{code_of(7)}）" in warned.reason
    assert f"本行（{WRONG_CODE}）" in warned.reason
    # under another name too, where one sign of the code differs
    renamed = preview([firm(7, name="洛阳新名有限公司", code=WRONG_CODE), firm(8), firm(9)],
                      accept={("", 4): "营业执照如此"})  # fmt: skip
    assert [one.codes[0] for one in renamed.warnings] == ["twice_unnamed"]
    # named twice by the list itself: both rows
    both = preview([firm(7, condition="注销"), typed, firm(8), firm(9)],
                   accept={("", 5): "营业执照如此"})  # fmt: skip
    [warned] = both.warnings
    assert (warned.row, warned.codes[0], warned.params["first"]) == (5, "twice_by_row", "4")
    # who is new while somebody else leaves is no pair
    assert preview([firm(5), firm(8), firm(9)]).warnings == ()


def test_industry_ownership_name_and_contact_change_in_place(load: Load) -> None:
    load([firm(1)])
    changed = firm(
        1,
        name="洛阳新名有限公司",
        industry_code="3660",
        ownership="国有独资公司",
        contact="李示例",
        condition="停产",
    )
    outcome = load([changed], FEB)
    stored = Enterprise.objects.get()
    assert (stored.name, stored.initials, stored.condition) == (
        "洛阳新名有限公司",
        "lyxmyxgs",
        "stopped",
    )
    assert outcome.stopped_ids == (stored.pk,)
    row = stored.memberships.get()
    assert (row.industry_code, row.ownership, row.joined_on) == ("3660", "国有独资公司", JAN)
    assert Contact.objects.get().name == "李示例"
    assert load([changed], FEB).stopped_ids == ()


def test_blank_cells_say_nothing(load: Load, preview: Preview) -> None:
    load([firm(1)])
    blank = firm(
        1, industry_code=None, ownership=None, contact=None, phone=None, condition=None, listed=None
    )
    assert preview([blank], FEB).counts()["unchanged"] == 1


def test_money_is_not_stored_without_its_source(load: Load) -> None:
    load([firm(1)])
    assert MoneyFigure.objects.count() == 0
    source = "统计局授权〔2022〕1号"
    rows = [firm(1), firm(2, revenue="约三千万")]
    outcome = load(rows, money_source=source)
    figure = MoneyFigure.objects.get()
    assert (figure.amount, figure.source, figure.on) == (Decimal(5000), source, JAN)
    again = load(rows, money_source=source)
    assert again.batch.changes.count() == 0
    undo_import(outcome.batch, by=Actor.system(), at=AT)
    assert MoneyFigure.objects.count() == 0


def test_a_day_in_the_future_is_refused(preview: Preview) -> None:
    assert len(preview([firm(1)], JAN, today=JAN).new) == 1
    with pytest.raises(ImportRefused) as refused:
        preview([firm(1)], FEB, today=JAN)
    assert refused.value.code == "day_in_future"


def test_a_list_that_is_mostly_refused_is_the_wrong_one(load: Load) -> None:
    bad = [firm(n, county="城区") for n in range(200, 225)]
    with pytest.raises(ImportRefused) as refused:
        load([*bad, *many(10)])
    assert refused.value.code == "mostly_refused"
    with pytest.raises(ImportRefused) as refused:
        load(bad)
    assert refused.value.code == "another_city"
    # of a short list the good rows are taken, however many are wrong
    assert len(load([*bad[:9], firm(1)]).joined_ids) == 1


def test_an_earlier_day_than_the_newest_is_refused(load: Load, preview: Preview) -> None:
    load([firm(1)], FEB)
    with pytest.raises(ImportRefused) as refused:
        preview([firm(1)], FEB - timedelta(1))
    assert refused.value.code == "earlier_than_newest"
    assert preview([firm(1)], FEB).counts()["unchanged"] == 1


def test_a_stale_preview_is_refused(load: Load, preview: Preview) -> None:
    plan = preview([firm(1)])
    load([firm(2)])
    with pytest.raises(ImportRefused) as refused:
        register_batch(plan, by=Actor.system(), at=AT)
    assert refused.value.code == "stale_preview"
    assert Enterprise.objects.count() == 1


def test_only_the_office_of_this_city_may_import(
    luoyang: Region, jincheng: Region, office: Actor, preview: Preview
) -> None:
    plan = preview([firm(1)])
    stranger = actor_in(jincheng, Role.OFFICE, Unit.Kind.OFFICE, "stranger")
    county = luoyang.children.all()[0]
    worker = actor_in(county, Role.COUNTY_LEAD, Unit.Kind.TASK_FORCE, "worker")
    for outsider in (stranger, worker):
        with pytest.raises(ImportRefused) as refused:
            register_batch(plan, by=outsider, at=AT)
        assert refused.value.code == "not_allowed"
    outcome = register_batch(plan, by=office, at=AT)
    assert outcome.batch.by == office.user
    with pytest.raises(ImportRefused):
        undo_import(outcome.batch, by=worker, at=AT)
    undo_import(outcome.batch, by=office, at=AT)


def test_one_firm_on_two_cities_registers_is_one_row(
    load: Load, jincheng: Region, tmp_path: Path
) -> None:
    load([firm(1)])
    path = write(tmp_path / "other.xlsx", [firm(1, county="城区")])
    plan = preview_register(jincheng, read_register(path), as_of=JAN)
    outcome = register_batch(plan, by=Actor.system(), at=AT)
    assert (len(outcome.joined_ids), Enterprise.objects.count()) == (1, 1)
    assert Membership.objects.on(JAN).count() == 2
    assert Contact.objects.count() == 1
