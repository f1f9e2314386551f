"""What a case is called that was closed: 已销号 is for firms and orders, the rest is 已办结."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from cases.labels import ending_label
from cases.stages import CLOSED
from cases.views.ledger_choices import stage_choices
from workflows.packs import Pack, parse_pack, shipped_text

SAID = {
    "assistance": "已销号",
    "completion": "已销号",
    "supervision": "已销号",
    "remedy": "已办结",
    "issue": "已办结",
    "measure": "已办结",
    "meeting": "已办结",
    "order": "已办结",
    "need": "已落实",
    "consolidation": "已巩固",
    "monthly_report": "已上报",
    "county_report": "已报送",
    "proposal": "已办结",
    "joint_opinion": "已签发",
}


@pytest.fixture(scope="module")
def packs() -> list[Pack]:
    keys = ("luoyang-2022", "sanmenxia-2022")
    return [parse_pack(shipped_text(key), key) for key in keys]


def test_each_kind_ends_in_its_own_words(packs: list[Pack]) -> None:
    with override("zh-hans"):
        found = {
            key: ending_label(procedure, CLOSED)
            for pack in packs
            for key, procedure in pack.procedures.items()
            if key in SAID
        }
    assert found == SAID


def test_the_ledger_of_a_kind_asks_for_its_own_ends(packs: list[Pack]) -> None:
    with override("zh-hans"):
        orders = dict(stage_choices(packs[0], "supervision"))
        needs = dict(stage_choices(packs[0], "need"))
    assert orders["closed"] == "已销号"
    assert needs["closed"] == "已落实"
    # what is about no firm does not leave a register
    assert "delisted" not in orders
