"""Who leaves the register, who comes back, and what a new list may change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from enterprises.importing.refusal import ImportRefused
from enterprises.importing.register_apply import register_batch
from enterprises.models import Enterprise, Membership
from organisations.models import Region
from organisations.scope import Actor
from tests.enterprises.conftest import (
    AT,
    FEB,
    JAN,
    MAR,
    Load,
    Preview,
    make_region,
    many,
)
from tests.enterprises.sheets import HEADER, code_of, firm


@pytest.mark.parametrize(
    "refused",
    [
        firm(1, county="无此区"),
        firm(1, name=None),
        firm(1, code=code_of(1)[:-1]),
        firm(1, name=None, code=code_of(1)[:-1]),
        firm(1, name="改了名字", code=code_of(1)[:5] + code_of(1)[6:]),
        firm(1, name="改了名字", code=code_of(1)[:-1] + ("0" if code_of(1)[-1] != "0" else "1")),
        firm(1, code=None, county=None),
    ],
)
def test_a_firm_whose_row_was_refused_never_leaves(
    load: Load, preview: Preview, refused: list[Any]
) -> None:
    load([firm(1), firm(5000), *many(30)])
    plan = preview([refused, *many(30)], FEB)
    assert len(plan.refused) == 1
    assert [s.firm.enterprise.credit_code for s in plan.leaving if s.firm] == [code_of(5000)]


def test_leaving_is_dated_and_coming_back_starts_a_new_row(load: Load) -> None:
    load([firm(1), *many(30)])
    left = load(many(30), FEB)
    firm_id = Enterprise.objects.get(credit_code=code_of(1)).pk
    assert left.left == ((firm_id, "absent"),)
    back = load([firm(1), *many(30)], MAR)
    assert (back.returned_ids, back.joined_ids) == ((firm_id,), ())
    rows = Membership.objects.filter(enterprise_id=firm_id).order_by("id")
    assert [(m.joined_on, m.left_on, m.left_reason) for m in rows] == [
        (JAN, FEB, "absent"),
        (MAR, None, ""),
    ]
    for day, there in [(JAN, 1), (FEB - timedelta(1), 1), (FEB, 0), (MAR, 1)]:
        assert Membership.objects.on(day).filter(enterprise_id=firm_id).count() == there


def test_marked_firms_leave_and_an_unknown_one_counts_as_leaving(
    load: Load, preview: Preview
) -> None:
    load([firm(1), firm(2), *many(60)])
    rows = [firm(1, condition="破产"), firm(2, condition="注销"), firm(3, condition="注销")]
    plan = preview([*rows, *many(60)], FEB)
    assert plan.counts() == {"new": 0, "changed": 0, "leaving": 3, "unchanged": 60}
    assert plan.leaving_members == 2
    outcome = register_batch(plan, by=Actor.system(), at=AT)
    assert sorted(reason for _, reason in outcome.left) == ["bankrupt", "deregistered"]
    assert Enterprise.objects.get(credit_code=code_of(1)).condition == "bankrupt"
    third = Membership.objects.get(enterprise__credit_code=code_of(3))
    assert (third.joined_on, third.left_on) == (FEB, FEB)
    again = preview([*rows, *many(60)], FEB)
    assert again.counts() == {"new": 0, "changed": 0, "leaving": 0, "unchanged": 63}


def test_more_than_five_percent_leaving_needs_its_number(load: Load, preview: Preview) -> None:
    load(many(100))
    load(many(95), FEB)
    with pytest.raises(ImportRefused) as refused:
        load(many(90), MAR)
    assert refused.value.code == "too_many_leaving"
    assert "5" in refused.value.words
    for wrong in (0, 4, 6, 90):
        with pytest.raises(ImportRefused) as refused:
            load(many(90), MAR, confirm=wrong)
        assert refused.value.code == "leaving_differs"
    assert Membership.objects.on(MAR).count() == 95
    assert len(load(many(90), MAR, confirm=5).left) == 5


def test_a_changed_county_ends_one_row_and_starts_another(luoyang: Region, load: Load) -> None:
    township = make_region(luoyang.children.get(name="西工区"), "红山乡", Region.Level.TOWNSHIP, [])
    load([firm(1), firm(2)])
    header = [*HEADER, "乡镇（园区）"]
    outcome = load(
        [[*firm(1, county="西工区"), "红山乡"], [*firm(2), "红山乡"]], FEB, header=header
    )
    first = Enterprise.objects.get(credit_code=code_of(1))
    old, new = first.memberships.order_by("id")
    assert (old.county.name, old.left_on, old.left_reason) == ("涧西区", FEB, "moved")
    assert (new.county.name, new.joined_on, new.left_on) == ("西工区", FEB, None)
    assert new.township == township
    assert (new.industry_code, new.ownership) == (old.industry_code, old.ownership)
    assert outcome.moved == ((first.pk, old.county_id, new.county_id),)
    assert (outcome.left, outcome.joined_ids) == ((), ())
    report = outcome.batch.report
    assert [f["code"] for f in report["warnings"]] == ["unknown_township"]
