"""The made-up city: the same rules as Luoyang's, with invented names and dates of its own."""

from datetime import date, timedelta
from typing import Any

import pytest

from workflows.pack_source import dated
from workflows.packs import Pack, parse_pack, shipped_text
from workflows.procedure import Procedure

LUOYANG = parse_pack(shipped_text("luoyang-2022"))


def demo(issued_on: date) -> Pack:
    return parse_pack(shipped_text("demo"), "demo.yaml", issued_on=issued_on)


@pytest.mark.parametrize("issued_on", [date(2026, 11, 21), date(2027, 1, 1), date(2028, 2, 29)])
def test_the_campaign_is_in_its_ninth_month_on_the_day_of_issue(issued_on: date) -> None:
    pack = demo(issued_on)
    passed = (issued_on.year - pack.work_from.year) * 12 + issued_on.month - pack.work_from.month
    assert passed == 8
    assert pack.work_from.day == 1
    assert pack.statistical_year == pack.work_from.year


@pytest.mark.parametrize("issued_on", [date(2026, 11, 21), date(2027, 1, 31)])
def test_the_days_written_out_are_the_days_that_count_from_the_issue(issued_on: date) -> None:
    text = dated(shipped_text("demo"), issued_on)
    assert parse_pack(text, issued_on=issued_on - timedelta(days=260)) == demo(issued_on)


def test_three_zones_of_seven_five_and_four_with_the_targets_of_the_paper() -> None:
    pack = demo(date(2026, 9, 15))
    zones = [county.zone for county in pack.counties]
    assert [zones.count(zone) for zone in pack.zones] == [7, 5, 4]
    theirs = sorted(c.targets[2022] for c in LUOYANG.counties)
    assert sorted(c.targets[2026] for c in pack.counties) == theirs


def test_no_county_of_the_demo_is_real_and_every_one_has_its_group() -> None:
    pack = demo(date(2026, 9, 15))
    assert not {c.name for c in pack.counties} & {c.name for c in LUOYANG.counties}
    assert "洛" not in shipped_text("demo")
    groups = {pack.unit(c.liaison_group or "").short_name for c in pack.counties}
    assert len(groups) == 8


def timeless(value: Any) -> Any:
    """A procedure without its back-stops: those follow the day of issue."""
    if isinstance(value, Procedure):
        return timeless(value.model_dump())
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key != "not_after"}
    return [timeless(item) for item in value] if isinstance(value, (list, tuple)) else value


def test_no_quiet_season_else_the_rules_of_luoyang() -> None:
    pack = demo(date(2026, 9, 15))
    assert not pack.quiet_seasons
    assert pack.ladders == LUOYANG.ladders
    # and the papers of proposals and policies, so that the demo knows every kind
    assert {key: pack.forms[key] for key in LUOYANG.forms} == LUOYANG.forms
    assert set(LUOYANG.procedures) < set(pack.procedures)
    assert pack.evidence == LUOYANG.evidence
    assert timeless(pack.root) == timeless(LUOYANG.root)
    ours, theirs = (
        [(rule.key, rule.unit, rule.ownership, rule.industry) for rule in p.assignment]
        for p in (pack, LUOYANG)
    )
    assert ours == theirs
