"""Every deadline phrase of the papers, by tables and by properties."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.rules.test_calendar import OFFICIAL
from workflows.deadlines import Due, Phrase, compute, next_batch_day, shift

STARTS = st.dates(date(2021, 1, 1), date(2026, 6, 30))
QUARTER = "after: quarter_end, plus: 10 working_days, at_most: 65 working_days"
NEVER = date(2099, 12, 31)


def due(phrase: str, start: str, until: date = NEVER, child: str | None = None) -> Due:
    children_due = date.fromisoformat(child) if child else None
    return compute(
        phrase,
        start=date.fromisoformat(start),
        calendar=OFFICIAL,
        work_until=until,
        children_due=children_due,
    )


@pytest.mark.parametrize(
    ("phrase", "start", "expected"),
    [
        ("within: 1 working_days", "2026-09-30", "2026-10-08"),
        ("within: 15 working_days", "2022-03-01", "2022-03-22"),
        ("within: 20 working_days", "2026-09-14", "2026-10-16"),
        ("within: 7 calendar_days", "2026-09-30", "2026-10-07"),
        ("by: 2022-03-31", "2022-03-01", "2022-03-31"),
        ("by: end_of 2022-03", "2022-03-01", "2022-03-31"),  # 001-02: 2022年3月底
        ("by: end_of 2022-02", "2022-02-01", "2022-02-28"),
        ("before: 2020-12-30", "2020-12-01", "2020-12-30"),  # 12月30日前: the day included
        ("before: 2022-10-01", "2022-09-01", "2022-10-01"),  # a day off: never rolls
        ("first_ten_days_of: 2021-01", "2020-12-01", "2021-01-10"),  # 1月上旬
        ("every: month, day: 1", "2022-03-15", "2022-04-01"),  # 每月1日前
        ("every: month, day: 1", "2022-04-01", "2022-05-01"),
        ("every: month, day: 1, roll: back", "2022-04-15", "2022-04-29"),  # May Day
        ("every: month, day: 1, roll: back", "2022-09-15", "2022-09-30"),
        ("every: month, day: 1, roll: back", "2022-09-30", "2022-11-01"),
        ("every: month, day: 1, roll: forward", "2022-09-15", "2022-10-08"),
        ("every: month, day: 1, about: last_month, until: 2022-12-31", "2022-11-15", "2022-12-01"),
        ("every: month, day: 31", "2022-02-10", "2022-02-28"),
        ("every: month", "2022-02-10", "2022-02-28"),
        ("every: quarter", "2022-02-10", "2022-03-31"),
        ("every: quarter", "2022-03-31", "2022-06-30"),
        ("every: quarter, day: 15", "2022-03-16", "2022-06-15"),
        ("after: quarter_end", "2022-04-20", "2022-06-30"),
        ("after: quarter_end, plus: 10 working_days", "2022-04-20", "2022-07-14"),
        ("after: quarter_end, plus: 10 working_days", "2022-06-30", "2022-10-19"),
        (QUARTER, "2022-06-30", "2022-09-30"),
        ("within: 130 working_days, not_after: 2022-11-30", "2022-04-15", "2022-10-24"),
        ("within: 130 working_days, not_after: 2022-11-30", "2022-06-15", "2022-11-30"),
        ("every: week, day: 1", "2019-03-01", "2019-03-04"),  # 每周一例会 (003-14)
        ("every: week, day: 1", "2019-03-04", "2019-03-11"),
        ("every: week, day: 5, roll: back", "2019-05-01", "2019-05-10"),  # the 3rd is off
        ("every: week", "2019-03-01", "2019-03-03"),
        ("next_batch_day", "2026-09-01", "2026-09-15"),
        ("next_batch_day", "2026-09-15", "2026-09-30"),
        ("next_batch_day", "2026-09-30", "2026-10-15"),
        ("next_batch_day", "2026-08-01", "2026-08-14"),  # the 15th is a Saturday
        ("next_batch_day", "2026-02-13", "2026-02-14"),  # the 15th is off, the 14th is worked
        ("next_batch_day", "2026-12-31", "2027-01-15"),
        ("latest: child, otherwise: 20 working_days", "2022-03-01", "2022-03-29"),
    ],
)  # fmt: skip
def test_a_phrase_gives_its_day(phrase: str, start: str, expected: str) -> None:
    assert due(phrase, start).due_on == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("phrase", "start"),
    [
        ("ongoing", "2022-03-01"),  # 持续开展
        ("count: 5", "2022-03-01"),  # 举办5期
        ("every: month, day: 1, until: 2022-12-31", "2022-12-15"),
        ("every: week, day: 1, until: 2019-12-31", "2019-12-30"),
        ("latest: child", "2022-03-01"),
    ],
)
def test_a_phrase_without_a_day(phrase: str, start: str) -> None:
    assert due(phrase, start)[:2] == (None, None)


def test_a_count_target_is_due_when_its_time_ends() -> None:
    assert due("count: 5, until: 2022-12-31", "2022-03-01").due_on == date(2022, 12, 31)


def test_the_parent_is_due_with_its_latest_child() -> None:
    phrase = "latest: child, otherwise: 20 working_days"
    assert due(phrase, "2022-03-01", child="2022-08-05").due_on == date(2022, 8, 5)


def test_the_budget_is_counted_in_working_days() -> None:
    assert due("within: 15 working_days", "2022-03-01").budget == 15
    assert due("by: end_of 2022-03", "2022-03-01").budget == 22
    assert (
        due(
            "after: quarter_end, plus: 10 working_days, at_most: 65 working_days", "2022-06-30"
        ).budget
        == 65
    )


@pytest.mark.parametrize(
    ("phrase", "start", "provisional"),
    [
        ("within: 15 working_days", "2026-12-01", False),
        ("within: 30 working_days", "2026-12-01", True),
        ("next_batch_day", "2026-12-31", True),
        ("by: 2027-03-31", "2026-12-01", False),  # a named day cannot move
        ("within: 60 calendar_days", "2026-12-01", False),
        ("every: month, day: 1", "2026-12-15", False),
        ("every: month, day: 1, roll: back", "2027-01-15", True),
    ],
)
def test_a_date_that_needs_unannounced_days_is_provisional(
    phrase: str, start: str, provisional: bool
) -> None:
    assert due(phrase, start).provisional is provisional


def test_the_programmes_end_shortens_a_limit_but_leaves_five_working_days() -> None:
    end = date(2022, 12, 31)
    assert due("within: 130 working_days", "2022-10-10", end).due_on == end
    assert due("within: 15 working_days", "2022-12-29", end).due_on == date(2023, 1, 6)
    assert due("within: 3 working_days", "2022-12-29", end).due_on == date(2023, 1, 4)
    late = due("within: 130 working_days, not_after: 2022-11-30", "2022-12-15", end)
    assert late.due_on == date(2022, 12, 22)
    assert due("next_batch_day", "2022-12-30", end).due_on == date(2023, 1, 13)


@pytest.mark.parametrize(
    "phrase",
    [
        "within: 20 working_days",
        "within: 20 working_days, at_most: 65 working_days, not_after: 2022-11-30",
        "by: 2022-03-31",
        "before: 2020-12-30",
        "first_ten_days_of: 2021-01-10",
        "every: month, day: 28, roll: back, same_day, at_most: 3 working_days",
        "every: month, day: 1, about: last_month, until: 2022-12-31, roll: back",
        "ongoing",
        "count: 5",
        "until: 2022-12-31, count: 5, unit: 场 | events",
        "after: quarter_end, plus: 10 working_days, at_most: 65 working_days",
        "next_batch_day",
        "latest: child, otherwise: 20 working_days",
    ],
)
def test_a_stored_phrase_reads_as_it_was_written(phrase: str) -> None:
    assert str(Phrase.parse(phrase)) == phrase
    assert len(phrase) <= 80


@pytest.mark.parametrize(
    "phrase",
    [
        "",
        "soon",
        "within: 20 days of work",
        "within: 20 working_days, by: 2022-03-31",
        "at_most: 65 working_days",
        "by: 2022-02-30",
        "by: 2022-03-31, roll: back",
        "every: fortnight",
        "every: week, day: 8",
    ],
)
def test_nonsense_is_no_phrase(phrase: str) -> None:
    with pytest.raises(ValidationError):
        Phrase.parse(phrase)


@given(STARTS, st.integers(1, 200))
def test_within_ends_on_a_working_day_with_that_budget(start: date, n: int) -> None:
    found = compute(f"within: {n} working_days", start=start, calendar=OFFICIAL, work_until=NEVER)
    assert found.due_on is not None
    assert OFFICIAL.is_working(found.due_on)
    assert found.budget == n


@given(STARTS, st.integers(5, 200), st.integers(5, 200))
def test_a_cap_only_ever_shortens(start: date, n: int, cap: int) -> None:
    phrase = f"within: {n} working_days, at_most: {cap} working_days"
    found = compute(phrase, start=start, calendar=OFFICIAL, work_until=NEVER)
    assert found.budget == min(n, cap)


@given(STARTS)
def test_a_confirmation_day_comes_within_twelve_working_days(start: date) -> None:
    day = next_batch_day(start, OFFICIAL)
    assert day > start
    assert OFFICIAL.is_working(day)
    assert OFFICIAL.between(start, day) <= 13
    assert not any(
        next_batch_day(start - timedelta(1), OFFICIAL) == start + timedelta(n)
        for n in range(1, (day - start).days)
    )


@given(STARTS, st.sampled_from(["month", "quarter"]), st.integers(1, 31))
def test_a_recurring_day_lies_ahead(start: date, every: str, day: int) -> None:
    phrase = f"every: {every}, day: {day}, roll: back"
    found = compute(phrase, start=start, calendar=OFFICIAL, work_until=NEVER).due_on
    assert found is not None
    assert start < found <= start + timedelta(92 + 31)
    assert OFFICIAL.is_working(found)


@given(STARTS, st.integers(0, 60))
def test_lost_days_are_given_back(due_on: date, lost: int) -> None:
    moved = shift(due_on, lost, OFFICIAL)
    assert OFFICIAL.between(due_on, moved) == lost


def test_a_phrase_in_words() -> None:
    with override("en"):
        assert Phrase.parse("within: 20 working_days").words() == "within 20 working days"
        assert Phrase.parse("ongoing").words() == "ongoing"
        words = Phrase.parse("within: 130 working_days, not_after: 2022-11-30").words()
        assert words == "within 130 working days, not after 30 Nov 2022"
        assert Phrase.parse("count: 5, unit: 期 | events").words() == "5 events"
    with override("zh-hans"):
        assert Phrase.parse("count: 5, unit: 期 | events").words() == "5期"
        assert Phrase.parse("count: 4, unit: 家").words() == "4家"
        assert Phrase.parse("count: 3").words() == "3次"


# --- what had been planned ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("phrase", "start", "planned", "expected"),
    [
        ("within: 5 working_days", "2022-03-01", "2022-03-22", "2022-03-22"),  # returned early
        ("within: 5 working_days", "2022-03-01", "2022-03-08", "2022-03-08"),
        ("within: 5 working_days", "2022-03-21", "2022-03-22", "2022-03-28"),  # five of its own
        ("within: 15 working_days", "2022-03-01", "2022-03-23", "2022-03-23"),  # signed early
        ("within: 15 working_days", "2022-03-01", None, "2022-03-22"),
        # it was given: a back-stop that comes with the correction does not take it away
        ("within: 5 working_days, not_after: 2022-03-10", "2022-03-01", "2022-03-22", "2022-03-22"),
        ("ongoing", "2022-03-01", "2022-03-22", None),
    ],
)
def test_what_was_planned_is_never_shortened(
    phrase: str, start: str, planned: str | None, expected: str | None
) -> None:
    found = compute(
        phrase,
        start=date.fromisoformat(start),
        calendar=OFFICIAL,
        work_until=NEVER,
        not_before=date.fromisoformat(planned) if planned else None,
    )
    assert found.due_on == (date.fromisoformat(expected) if expected else None)
    if found.due_on is None:
        return
    assert found.budget == OFFICIAL.between(date.fromisoformat(start), found.due_on)
    # the stored phrase gives the same day again, and the pack's own is inside
    again = compute(
        found.phrase, start=date.fromisoformat(start), calendar=OFFICIAL, work_until=NEVER
    )
    assert again == found
    assert Phrase.parse(found.phrase).bare == Phrase.parse(phrase)


@given(STARTS, STARTS)
def test_nobody_loses_a_day_by_being_early(start: date, planned: date) -> None:
    found = compute(
        "within: 5 working_days",
        start=start,
        calendar=OFFICIAL,
        work_until=NEVER,
        not_before=planned,
    )
    assert found.due_on == max(planned, OFFICIAL.add(start, 5))
