"""Working days with 调休, and what happens where nothing is announced yet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.calendar import WorkCalendar, add_months, end_of_month, end_of_quarter
from workflows.days import official_days

OFFICIAL = WorkCalendar({day: worked for day, worked, _name in official_days()}, date(2026, 12, 31))
DATES = st.dates(date(2005, 1, 1), date(2035, 12, 31))
COUNTS = st.integers(1, 400)

# Weekend days of 2026 that are worked, and days off in the middle of the week (facts).
WORKED_WEEKENDS = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


@pytest.mark.parametrize("day", WORKED_WEEKENDS)
def test_moved_days_of_2026_are_worked(day: str) -> None:
    moved = date.fromisoformat(f"2026-{day}")
    assert moved.weekday() >= 5
    assert OFFICIAL.is_working(moved)


def test_no_other_weekend_day_of_2026_is_worked() -> None:
    days = (date(2026, 1, 1) + timedelta(n) for n in range(365))
    worked = [f"{day:%m-%d}" for day in days if day.weekday() >= 5 and OFFICIAL.is_working(day)]
    assert worked == WORKED_WEEKENDS


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-09-18", 1, "2026-09-20"),  # Friday → the worked Sunday before the festivals
        ("2026-09-30", 1, "2026-10-08"),  # over the National Day week
        ("2026-10-08", 3, "2026-10-12"),  # Friday, the worked Saturday, Monday
        ("2026-02-13", 2, "2026-02-24"),  # worked Saturday, then after Spring Festival
        ("2026-10-08", -1, "2026-09-30"),
        ("2026-10-04", -1, "2026-09-30"),  # from inside the holiday
        ("2026-10-04", 1, "2026-10-08"),
        ("2026-10-04", 0, "2026-10-04"),
        ("2022-01-30", 1, "2022-02-07"),  # a worked Sunday is the start, it does not count
    ],
)
def test_counting_excludes_the_first_day_and_jumps_over_days_off(
    start: str, n: int, end: str
) -> None:
    assert OFFICIAL.add(date.fromisoformat(start), n) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("month", "last"),
    [
        ("2026-01-01", "2026-01-30"),
        ("2026-02-01", "2026-02-28"),  # a worked Saturday
        ("2026-05-20", "2026-05-29"),
        ("2026-10-31", "2026-10-30"),
    ],
)
def test_last_working_day_of_a_month(month: str, last: str) -> None:
    assert OFFICIAL.last_working_day(date.fromisoformat(month)) == date.fromisoformat(last)


def test_beyond_the_data_weekdays_count_except_the_fixed_days_off() -> None:
    assert not OFFICIAL.is_known(date(2027, 1, 1))
    assert OFFICIAL.is_known(date(2026, 12, 31))
    off = [(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)]
    assert not any(OFFICIAL.is_working(date(2027, *day)) for day in off)
    assert OFFICIAL.is_working(date(2027, 10, 4))
    assert OFFICIAL.add(date(2026, 12, 31), 1) == date(2027, 1, 4)


def test_a_stated_day_beats_the_usual_rule() -> None:
    calendar = WorkCalendar({date(2027, 1, 2): True, date(2027, 1, 4): False}, date(2027, 1, 31))
    assert calendar.add(date(2027, 1, 1), 2) == date(2027, 1, 5)


@given(DATES, COUNTS)
def test_going_forth_and_counting_agree(start: date, n: int) -> None:
    end = OFFICIAL.add(start, n)
    assert OFFICIAL.is_working(end)
    assert end > start
    assert OFFICIAL.between(start, end) == n
    assert OFFICIAL.between(end, start) == -n


@given(DATES, COUNTS)
def test_going_back_undoes_going_forth_from_a_working_day(start: date, n: int) -> None:
    start = OFFICIAL.on_or_after(start)
    assert OFFICIAL.add(OFFICIAL.add(start, n), -n) == start


@given(DATES, st.integers(0, 60))
def test_between_is_what_counting_on_fingers_gives(start: date, days: int) -> None:
    end = start + timedelta(days)
    passed = (start + timedelta(n) for n in range(1, days + 1))
    assert OFFICIAL.between(start, end) == sum(map(OFFICIAL.is_working, passed))


@given(DATES, COUNTS)
def test_a_fresh_calendar_answers_as_one_that_was_asked_before(start: date, n: int) -> None:
    fresh = WorkCalendar(OFFICIAL.days, OFFICIAL.known_until)
    assert fresh.add(start, n) == OFFICIAL.add(start, n)
    assert fresh.add(start, -n) == OFFICIAL.add(start, -n)


@given(DATES)
def test_months_and_quarters_end_on_their_last_day(day: date) -> None:
    assert end_of_month(day).month == day.month
    assert (end_of_month(day) + timedelta(1)).day == 1
    assert end_of_quarter(day).month in (3, 6, 9, 12)
    assert 0 <= (end_of_quarter(day) - day).days < 92


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-11-30", -9, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_months_later_on_the_same_day_or_the_last(day: str, months: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)
