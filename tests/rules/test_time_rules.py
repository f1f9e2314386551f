"""The deadlines as the five papers print them; the limits of an extension; where a year's cases go
on: plain values, no database."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rules.test_calendar import OFFICIAL
from workflows import carrying
from workflows.deadlines import compute
from workflows.extensions import ExtensionRule, Room, latest, room
from workflows.ladder import QuietSeason, is_quiet
from workflows.packs import parse_pack, shipped_text

NEVER = date(2099, 12, 31)


@pytest.mark.parametrize(
    ("printed", "phrase", "start", "expected"),
    [
        ("2022年3月底", "by: end_of 2022-03", "2022-02-10", "2022-03-31"),  # 001-02
        ("11月底", "by: end_of 2022-11", "2022-02-10", "2022-11-30"),
        ("12月底", "by: end_of 2022-12", "2022-02-10", "2022-12-31"),
        ("7月底前", "before: end_of 2022-07", "2022-02-10", "2022-07-31"),  # 003-09
        ("12月30日前", "before: 2020-12-30", "2020-07-01", "2020-12-30"),  # 004-20
        ("1月上旬", "first_ten_days_of: 2021-01", "2020-12-31", "2021-01-10"),  # 004-20
        # 004-23: on the 1st at the latest, about the month before; May Day is no working day
        ("每月1日前", "every: month, day: 1, roll: back", "2022-04-12", "2022-04-29"),
        ("每月1日前（10月）", "every: month, day: 1, roll: back", "2022-09-12", "2022-09-30"),
        ("每月1日前（1月）", "every: month, day: 1, roll: back", "2021-12-12", "2021-12-31"),
        # 001-05: once a month until the end of December
        ("每月1次，12月底", "every: month, until: 2022-12-31", "2022-05-10", "2022-05-31"),
        ("每月1次，12月底", "every: month, until: 2022-12-31", "2022-12-31", None),
        ("每季度", "every: quarter", "2022-05-10", "2022-06-30"),
        ("持续开展", "ongoing", "2022-02-10", None),  # 001-02
        ("举办5期", "count: 5", "2022-02-10", None),  # 001-06
        ("举办5期，12月底", "count: 5, until: 2022-12-31", "2022-02-10", "2022-12-31"),
        ("20个工作日内", "within: 20 working_days", "2022-09-14", "2022-10-17"),
        ("3个工作日内", "within: 3 working_days", "2022-09-29", "2022-10-09"),  # a worked Sunday
    ],
)  # fmt: skip
def test_what_the_papers_print_has_its_day(
    printed: str, phrase: str, start: str, expected: str | None
) -> None:
    found = compute(
        phrase, start=date.fromisoformat(start), calendar=OFFICIAL, work_until=NEVER
    ).due_on
    assert found == (date.fromisoformat(expected) if expected else None), printed


RULE = ExtensionRule()


@pytest.mark.parametrize(
    ("budget", "moved", "granted", "left"),
    [
        (15, 0, [], Room(2, 7)),  # half of fifteen, cut
        (19, 0, [4], Room(1, 3)),  # four granted: they are no budget
        (22, 0, [4, 3], Room(0, 0)),
        (25, 10, [], Room(2, 7)),  # ten days stood still: they are no budget either
        (1, 0, [], Room(2, 0)),
        (0, 0, [], Room(2, 0)),
        (40, 0, [], Room(2, 20)),
    ],
)
def test_what_is_left_of_the_limits(
    budget: int, moved: int, granted: list[int], left: Room
) -> None:
    assert room(RULE, budget=budget, moved=moved, granted=granted) == left


def test_the_last_day_that_can_be_asked_for() -> None:
    due, stop = date(2022, 9, 28), date(2022, 10, 8)
    assert latest(due, Room(2, 2), OFFICIAL, NEVER) == date(2022, 9, 30)
    assert latest(due, Room(2, 9), OFFICIAL, stop) == stop
    assert latest(due, Room(2, 0), OFFICIAL, stop) == due
    assert latest(due, Room(2, 5), OFFICIAL, date(2022, 9, 1)) == due


def test_what_may_be_extended_and_who_decides() -> None:
    procedure = parse_pack(shipped_text("luoyang-2022"), "luoyang-2022").root
    allowed = {stage.key for stage in procedure.stages if RULE.allows(procedure, stage)}
    assert allowed == {"survey", "watching", "matching", "rectification"}
    survey = procedure.stage("survey")
    assert RULE.county_decides(survey, 10)
    assert not RULE.county_decides(survey, 11)
    assert not RULE.county_decides(procedure.stage("confirmation"), 1)
    assert not ExtensionRule(times=0).allows(procedure, survey)
    assert not ExtensionRule(stages=("matching",)).allows(procedure, survey)


def test_where_a_years_cases_go_on() -> None:
    pack = parse_pack(shipped_text("luoyang-2022"), "luoyang-2022")
    procedure = pack.root
    assert carrying.earliest(pack) == date(2022, 12, 20)
    assert carrying.begins_on(pack, date(2021, 12, 28)) == pack.work_from
    assert carrying.begins_on(pack, date(2022, 12, 28)) == date(2022, 12, 28)

    def stage(key: str, is_lacking: bool) -> str:
        return carrying.stage_in(procedure, key, is_lacking=is_lacking, correction="rectification")

    assert stage("matching", is_lacking=True) == "matching"
    assert stage("county_review", is_lacking=True) == "rectification"
    assert stage("county_review", is_lacking=False) == "county_review"
    assert stage("talks of another year", is_lacking=True) == procedure.initial


def test_which_papers_count_on() -> None:
    pack = parse_pack(shipped_text("luoyang-2022"), "luoyang-2022")
    day = date(2023, 1, 1)

    def kept(criterion: str, valid_until: date | None = None) -> bool:
        plan = pack.evidence_for(criterion)
        return carrying.is_kept(plan, on=day, valid_until=valid_until)

    assert [kept(key) for key in ("institution", "staff", "spending")] == [True, False, False]
    assert kept("cooperation")
    assert kept("cooperation", day)
    assert not kept("cooperation", date(2022, 12, 31))


def test_the_quiet_first_quarter() -> None:
    season = QuietSeason.model_validate({"from": "01-01", "until": "03-31"})
    quiet = [is_quiet(date(2022, month, 15), [season]) for month in range(1, 13)]
    assert quiet == [True] * 3 + [False] * 9
    pack = parse_pack(shipped_text("luoyang-2022"), "luoyang-2022")
    resting = {stage.key for stage in pack.root.stages if pack.quiet_for(stage)}
    assert {"survey", "matching"} <= resting
