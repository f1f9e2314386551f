"""What a city may set in its own plan where the product once knew one answer: days of confirmation,
limits of pauses and reminders, the class that a filing makes likely, the reason of a reopening."""

from __future__ import annotations

from datetime import date

import pytest

from tests.plain import dumped, loaded
from workflows.calendar import WorkCalendar
from workflows.deadlines import Phrase, compute
from workflows.pack_parts import HAVE_FACTS
from workflows.packs import Pack, PackError, parse_pack, shipped_text

CALENDAR = WorkCalendar({}, date(2022, 12, 31))  # Monday to Friday
LUOYANG = shipped_text("luoyang-2022")


def luoyang(**parts: object) -> Pack:
    data = loaded(LUOYANG) | parts
    return parse_pack(dumped(data), "pack")


# --- days of confirmation ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "start", "due"),
    [
        ([10, "last"], date(2022, 3, 1), date(2022, 3, 10)),
        ([10, "last"], date(2022, 3, 10), date(2022, 3, 31)),
        ([25, 5], date(2022, 3, 7), date(2022, 3, 25)),
        ([5, 25], date(2022, 3, 25), date(2022, 4, 5)),
        ([5], date(2022, 3, 1), date(2022, 3, 4)),  # the 5th is a Saturday
    ],
)
def test_a_city_names_its_days_of_confirmation(
    days: list[int | str], start: date, due: date
) -> None:
    phrase = Phrase.model_validate({"next_batch_day": True, "days": days})
    assert Phrase.parse(str(phrase)) == phrase  # stored with the step, computed anew later
    found = compute(str(phrase), start=start, calendar=CALENDAR, work_until=date(2022, 12, 31))
    assert found.due_on == due


@pytest.mark.parametrize(
    "wrong",
    [
        {"within": "5 working_days", "days": [5]},
        {"next_batch_day": True, "days": [31]},
        {"next_batch_day": True, "days": ["first"]},
    ],
)
def test_days_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"days|last"):
        Phrase.model_validate(wrong)


# --- classes by the filing -----------------------------------------------------------------------
def filing(n: int, *, filed: bool = True) -> dict[str, bool]:
    return {"filed": filed, **dict.fromkeys(HAVE_FACTS[:n], True)}


def test_the_plan_says_which_class_a_filing_makes_likely() -> None:
    """Henan's first class lacks one thing, Luoyang's may lack two."""
    henan = parse_pack(shipped_text("henan-2023"))
    told = [luoyang().likely_grade(filing(n)) for n in range(4)]
    assert told == ["C", "B", "A", "A"]
    assert luoyang().likely_grade(filing(2, filed=False)) == "B"
    assert [henan.likely_grade(filing(n)) for n in range(4)] == ["B", "B", "B", "A"]
    assert henan.likely_grade({}) == "C"


def test_a_plan_that_does_not_say_has_its_classes_guessed_by_their_order() -> None:
    bare = [
        {key: value for key, value in grade.items() if key != "likely_when"}
        for grade in loaded(LUOYANG)["grades"]
    ]
    pack = luoyang(grades=bare)
    assert [pack.likely_grade(filing(n)) for n in range(4)] == ["C", "B", "A", "A"]
    assert parse_pack(shipped_text("jincheng-2020")).likely_grade({}) == ""  # it has no classes


# --- small figures -------------------------------------------------------------------------------
def test_limits_have_the_defaults_of_practice() -> None:
    limits = parse_pack(LUOYANG).limits
    assert (limits.suspend_days, limits.county_suspends) == (30, 10)
    assert (limits.decline_within, limits.urge_every) == (2, 2)
    assert luoyang(limits={"urge_every": 5}).figures["urge_every"] == 5


def test_one_reason_at_the_most_is_that_of_a_reopening() -> None:
    assert parse_pack(LUOYANG).reopening_reason == 0  # the office's own words say why
    once = LUOYANG.replace("{number: 5, ", "{number: 5, on_reopening: true, ", 1)
    assert parse_pack(once).reopening_reason == 5
    twice = once.replace("{number: 4, ", "{number: 4, on_reopening: true, ", 1)
    with pytest.raises(PackError) as caught:
        parse_pack(twice)
    assert [finding.code for finding in caught.value.findings] == ["twice"]


# --- former words --------------------------------------------------------------------------------
def test_an_issued_plan_may_still_say_last_year() -> None:
    text = LUOYANG.replace("when: closed_before", "when: closed_last_year", 1)
    found = parse_pack(text).listed_by("closed_before")
    assert found is not None
    assert found.key == "consolidation"
