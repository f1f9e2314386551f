"""The invented plans are what they are meant to be: valid, and different from each other."""

from __future__ import annotations

from tests.plays.packs import random_pack
from workflows.packs import parse_pack
from workflows.procedure import CLOSED, leads_to, reachable

PLANS = range(60)


def test_every_invented_plan_is_valid_and_leads_to_a_closing() -> None:
    for number in PLANS:
        pack = parse_pack(random_pack(number), f"plan {number}")
        stages = {stage.key for stage in pack.root.stages}
        assert stages <= reachable(pack.root, pack.root.initial)
        assert stages <= leads_to(pack.root, CLOSED)


def test_plans_differ_in_stages_classes_criteria_ladders_and_phrases() -> None:
    packs = [parse_pack(random_pack(number), f"plan {number}") for number in PLANS]
    assert {len(pack.root.stages) for pack in packs} >= {4, 5, 6, 7, 8}
    assert {len(pack.grades) for pack in packs} == {0, 2, 3, 4}
    assert {len(pack.haves) for pack in packs} == {1, 2, 3, 4}
    assert {pack.root.closes_when.kind for pack in packs if pack.root.closes_when} == {
        "all",
        "any",
        "at_least",
    }
    assert {pack.root.closer for pack in packs} == {"office", "county_lead"}
    assert {ladder.counting for pack in packs for ladder in pack.ladders.values()} == {
        "working_days",
        "calendar_days",
    }
    phrases = {
        limit.phrase.main
        for pack in packs
        for procedure in pack.procedures.values()
        for stage in procedure.stages
        for limit in stage.time
    }
    assert phrases >= {
        "within", "by", "before", "first_ten_days_of", "every", "after", "next_batch_day",
        "latest", "ongoing",
    }  # fmt: skip


def test_the_same_number_is_the_same_plan() -> None:
    assert random_pack(7) == random_pack(7)
    assert random_pack(7) != random_pack(8)
