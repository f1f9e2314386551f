"""Rungs fire when their day comes, once, in order; downtime, changed dates, quiet seasons."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.test_calendar import OFFICIAL
from workflows.ladder import Ladder, QuietSeason, Rung, moment, next_check, rungs_due, speaking
from workflows.packs import parse_pack, shipped_text

PACK = parse_pack(shipped_text("luoyang-2022"))
COUNTY = PACK.ladder("county")
DUE = date(2022, 6, 15)
START = date(2022, 5, 5)
LETTERS = ("work_note", "reminder_letter", "supervision_letter", "talk")


def due_keys(on: date, fired: tuple[str, ...] = (), **changes: Any) -> list[str]:
    facts: dict[str, Any] = {
        "due_on": DUE,
        "started_on": START,
        "not_before": START,
        "calendar": OFFICIAL,
        "budget": 28,
        "ladder": COUNTY,
    } | changes
    return [rung.key for rung in rungs_due(on=on, fired=frozenset(fired), **facts)]


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("heads_up", "2022-06-08"),
        ("due_soon", "2022-06-10"),
        ("due_today", "2022-06-15"),
        ("overdue", "2022-06-20"),
        ("phone", "2022-06-22"),
        ("work_note", "2022-06-29"),
        ("reminder_letter", "2022-07-06"),
        ("supervision_letter", "2022-07-13"),
        ("talk", "2022-08-10"),
    ],
)
def test_rungs_stand_at_working_days_from_the_due_date(key: str, day: str) -> None:
    rung = COUNTY.rung(key)
    found = moment(rung, due_on=DUE, started_on=START, calendar=OFFICIAL)
    assert found == date.fromisoformat(day)


def test_who_hears_what_and_what_a_person_must_release() -> None:
    told = {rung.key: rung.audience for rung in COUNTY.rungs}
    assert told["due_soon"] == ("handler",)
    assert told["due_today"] == ("handler", "county_lead")
    assert told["overdue"] == ("handler", "county_lead", "liaison_group")
    drafts = {rung.key for rung in COUNTY.rungs if rung.act == "draft"}
    assert drafts == set(LETTERS)
    assert all(COUNTY.rung(key).release == "person" for key in LETTERS)
    assert all(COUNTY.rung(key).audience == ("office",) for key in LETTERS)


def test_no_pack_lets_the_system_send_a_letter() -> None:
    letters = [r for ladder in PACK.ladders.values() for r in ladder.rungs if r.draft_kind]
    assert letters
    assert {rung.release for rung in letters} == {"person"}


def test_nobody_is_warned_five_days_ahead_of_a_short_step() -> None:
    assert due_keys(date(2022, 6, 8), budget=29) == []
    assert due_keys(date(2022, 6, 8), budget=30) == ["heads_up"]
    assert due_keys(date(2022, 6, 8), budget=None) == []


# The same ladder without requirements: each rung stands on its own.
FREE = Ladder(
    key="free", rungs=tuple(r.model_copy(update={"requires": None}) for r in COUNTY.rungs)
)


def climb(until: date, **changes: Any) -> list[tuple[date, str]]:
    """A sweep each working day, as the engine makes it."""
    fired: list[str] = []
    spoke = []
    day = START
    while day <= until:
        if OFFICIAL.is_working(day):
            keys = due_keys(day, tuple(fired), **changes)
            fired += keys
            spoke += [(day, keys[-1])] if keys else []
        day += timedelta(1)
    return spoke


def test_when_nobody_acts_each_rung_fires_once_on_its_day() -> None:
    spoke = climb(date(2022, 12, 31))
    assert [key for _day, key in spoke] == [rung.key for rung in COUNTY.rungs][1:]
    assert spoke[0] == (date(2022, 6, 10), "due_soon")
    assert spoke[-1] == (date(2022, 8, 10), "talk")


def test_next_check_names_exactly_the_days_on_which_something_fires() -> None:
    day, days = START - timedelta(1), []
    while True:
        found = next_check(
            COUNTY, due_on=DUE, started_on=START, after=day, calendar=OFFICIAL, budget=28
        )
        if found is None:
            break
        days.append(found)
        day = found
    assert days == [day for day, _key in climb(date(2022, 12, 31))]


def test_after_downtime_only_the_highest_rung_speaks_and_letters_still_come_in_order() -> None:
    back = date(2022, 7, 20)  # +25: every rung up to the supervision letter has passed
    first = due_keys(back)
    assert first[-1] == "work_note"
    assert speaking(
        rungs_due(
            COUNTY,
            due_on=DUE,
            started_on=START,
            on=back,
            fired=frozenset(),
            not_before=START,
            calendar=OFFICIAL,
            budget=28,
        )
    ) == COUNTY.rung("work_note")
    assert due_keys(back, tuple(first)) == ["reminder_letter"]
    again = next_check(
        COUNTY,
        due_on=DUE,
        started_on=START,
        after=back,
        calendar=OFFICIAL,
        budget=28,
        fired=frozenset(first),
    )
    assert again == date(2022, 7, 21)


def test_a_changed_date_neither_repeats_letters_nor_forgives_the_next() -> None:
    after_rest = date(2022, 7, 4)  # the note's day, 29 June, lies behind it; the letter's does not
    said = frozenset({"overdue", "phone", "work_note"})
    late: dict[str, Any] = {"not_before": after_rest, "earlier": said}
    assert due_keys(date(2022, 7, 5), **late) == []
    assert due_keys(date(2022, 7, 6), **late) == ["reminder_letter"]
    # a note that no date has brought comes before the letter that builds on it, at once
    missing = late | {"earlier": frozenset({"overdue"})}
    assert due_keys(date(2022, 7, 5), **missing) == ["work_note"]
    assert due_keys(date(2022, 7, 6), ("work_note",), **missing) == ["reminder_letter"]
    facts: dict[str, Any] = {"due_on": DUE, "started_on": START, "calendar": OFFICIAL, "budget": 28}
    again = next_check(
        COUNTY, after=date(2022, 7, 20), not_before=after_rest, earlier=said,
        fired=frozenset({"reminder_letter"}), **facts,
    )  # fmt: skip
    assert again == date(2022, 7, 21)  # the supervision letter's day, 13 July, was missed


def test_silence_when_nothing_is_reached() -> None:
    assert due_keys(date(2022, 6, 9)) == []
    assert speaking(()) is None


def test_what_has_fired_does_not_fire_again() -> None:
    assert due_keys(date(2022, 6, 20), ("due_soon", "due_today", "overdue")) == []


def test_after_a_changed_deadline_only_what_lies_ahead_can_fire() -> None:
    extended = date(2022, 6, 24)
    keys = due_keys(date(2022, 6, 21), due_on=extended, not_before=date(2022, 6, 22))
    assert keys == []
    keys = due_keys(date(2022, 6, 24), due_on=extended, not_before=date(2022, 6, 22))
    assert keys == ["due_today"]


def test_a_rung_about_the_start_does_not_need_a_due_date() -> None:
    survey = PACK.ladder("survey")
    keys = due_keys(date(2022, 5, 11), ladder=survey, due_on=None)
    assert keys == ["first_contact"]
    assert due_keys(date(2022, 5, 10), ladder=survey, due_on=None) == []
    assert due_keys(date(2022, 12, 1), ladder=COUNTY, due_on=None) == []


def test_the_13710_ladder_counts_calendar_days() -> None:
    preset = PACK.ladder("13710")
    start = date(2022, 9, 28)
    days = {
        rung.key: moment(
            rung, due_on=None, started_on=start, calendar=OFFICIAL, counting=preset.counting
        )
        for rung in preset.rungs
        if rung.anchor == "start"
    }
    offsets = {key: (day - start).days for key, day in days.items() if day}
    assert offsets == {"assigned": 0, "feedback": 3, "settled": 7, "month": 30}


QUIET = PACK.quiet_seasons


def test_survey_and_matching_rest_from_january_to_march_and_nothing_else_does() -> None:
    resting = [stage.key for stage in PACK.root.stages if PACK.quiet_for(stage)]
    assert resting == ["assigned", "survey", "matching"]
    [season] = QUIET
    assert (season.from_, season.until) == ((1, 1), (3, 31))
    assert season.holds(date(2022, 3, 31))
    assert not season.holds(date(2022, 4, 1))
    assert not season.holds(date(2021, 12, 31))


def test_a_season_may_run_over_the_new_year() -> None:
    season = QuietSeason.model_validate({"from": "12-20", "until": "01-10"})
    assert season.holds(date(2022, 12, 31))
    assert season.holds(date(2023, 1, 10))
    assert not season.holds(date(2023, 1, 11))


def test_in_the_quiet_season_the_ladder_rests_and_afterwards_counts_from_its_end() -> None:
    began = date(2022, 2, 21)
    facts: dict[str, Any] = {"due_on": date(2022, 3, 10), "quiet": QUIET, "started_on": began}
    spoke = climb_from(began, date(2022, 5, 31), not_before=began, **facts)
    assert spoke[:2] == [(date(2022, 4, 6), "overdue"), (date(2022, 4, 8), "phone")]


def climb_from(start: date, until: date, **changes: Any) -> list[tuple[date, str]]:
    fired: list[str] = []
    spoke = []
    while start <= until:
        keys = due_keys(start, tuple(fired), **changes)
        fired += keys
        spoke += [(start, key) for key in keys]
        start += timedelta(1)
    return spoke


def test_a_reminder_that_falls_into_the_season_waits_for_its_end() -> None:
    spoke = climb_from(
        date(2022, 3, 1),
        date(2022, 4, 6),
        due_on=date(2022, 4, 2),
        started_on=date(2022, 3, 1),
        not_before=date(2022, 3, 1),
        quiet=QUIET,
    )
    assert spoke == [(date(2022, 4, 1), "due_soon"), (date(2022, 4, 2), "due_today")]


@given(
    st.dates(date(2022, 1, 1), date(2025, 12, 31)),
    st.integers(0, 60),
    st.dates(date(2022, 1, 1), date(2026, 6, 30)),
    st.booleans(),
)
def test_a_sweep_never_misses_what_next_check_promised(
    start: date, days: int, on: date, quiet: bool
) -> None:
    season = QUIET if quiet else ()
    due = start + timedelta(days)
    check = next_check(
        FREE, due_on=due, started_on=start, after=on, calendar=OFFICIAL, budget=30, quiet=season
    )
    if check is None:
        return
    facts: dict[str, Any] = {"due_on": due, "budget": 30, "quiet": season, "ladder": FREE}
    facts["not_before"] = on + timedelta(1)
    assert check > on
    assert due_keys(check - timedelta(1), **facts) == []
    assert due_keys(check, **facts) != []


def test_a_draft_needs_a_kind_and_a_person() -> None:
    with pytest.raises(ValueError, match="release"):
        Rung(key="a", offset=1, act="draft", draft_kind="talk")
    with pytest.raises(ValueError, match="draft_kind"):
        Rung(key="a", offset=1, act="draft", release="person")
    assert Ladder(key="x", rungs=()).rungs == ()
