"""Cells of a register that are told and not taken; what is told is what the sheet says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from enterprises.models import Membership
from tests.enterprises.conftest import JAN, Load, Preview
from tests.enterprises.sheets import code_of, firm

WRONG_CODE = code_of(7)[:-1] + ("0" if code_of(7)[-1] != "0" else "1")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2021年13月", "not_a_month"),
        ("昨天", "not_a_month"),
        ("1016-12", "not_a_month"),
        ("2031-05", "month_in_future"),
        ("2022年2月", "month_in_future"),
        (date(2031, 5, 1), "month_in_future"),
    ],
)
def test_no_month_of_listing_leaves_what_is_stored(
    load: Load, preview: Preview, typed: Any, code: str
) -> None:
    load([firm(1)])
    plan = preview([firm(1, listed=typed)], today=JAN)
    [warning] = plan.warnings
    assert (warning.code, warning.row, warning.column) == (code, 4, "入库时间")
    assert (len(plan.changed), len(plan.unchanged)) == (0, 1)
    load([firm(1, listed=typed), firm(2, listed=typed)], today=JAN)
    assert list(Membership.objects.order_by("pk").values_list("listed_text", flat=True)) == [
        "2016-12",
        "",
    ]


def test_a_month_between_the_lists_day_and_today_is_taken(preview: Preview) -> None:
    """A list entered late may say what came after its day: 晋城's of 2020-06 does."""
    rows = [firm(1, listed="2022-02")]
    assert preview(rows, today=date(2022, 2, 3)).warnings == ()
    assert len(preview(rows, today=date(2022, 1, 31)).warnings) == 1


def test_a_firm_is_told_as_the_sheet_writes_it(preview: Preview) -> None:
    """Its full-width brackets, also where another row quotes it."""
    name, other = "示例五洲煤业（云泽）有限责任公司", "示例四海煤业（云泽）有限责任公司"
    [refused] = preview([firm(1, name=name, code=WRONG_CODE)]).refused
    assert refused.firm == name
    [unnamed] = preview([firm(1, name=f"{name}#" * 8)]).refused
    assert unnamed.value.startswith(f"{name}#")
    # each row has the other's code
    rows = [firm(1, name=name), firm(2, name=other), firm(1, name=other), firm(2, name=name)]
    told = preview(rows).refused
    assert {one.params["by_code"] for one in told if one.code == "two_firms"} == {name, other}
