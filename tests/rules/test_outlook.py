"""预计: from how long cases really took; the same facts always give the same words."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from reports.outlook.durations import NEVER, Spread, Step, Waiting, spread
from reports.outlook.forecast import ENOUGH_CLOSED, Forecast, Place, forecast

CITY = Place(0, 40, 50, 100, Decimal(60))


def steps(days: int = 5, count: int = 40, county: int = 1) -> list[Step]:
    """Two stages of so many days each; then closed."""
    first = [Step(county, "survey", days, "review") for _n in range(count)]
    return first + [Step(county, "review", days, "closed") for _n in range(count)]


def told(given: list[Step], waiting: list[Waiting], **more: object) -> Forecast:
    asked: dict[str, object] = {"end": "closed", "by": 8, "horizon": 20, **more}
    return forecast(given, waiting, [replace(CITY, key=1)], CITY, **asked)  # type: ignore[arg-type]


def test_where_all_took_as_long_the_day_is_certain() -> None:
    waiting = [Waiting(1, "survey", 2, counts=True) for _n in range(12)]
    found = told(steps(), waiting, marks=(7,))
    assert found.city is not None
    # 3 days are left of the first stage, then 5: none on the seventh day, all on the eighth
    assert vars(found.city.marks[0]) == {"low": 50, "median": 50, "high": 50}
    assert vars(found.city.covered) == {"low": 62, "median": 62, "high": 62}
    assert vars(found.city.closed) == {"low": 52, "median": 52, "high": 52}
    reach = found.city.reach
    assert reach is not None
    assert (reach.low, reach.median, reach.high, reach.chance) == (8, 8, 8, Fraction(1))
    assert found == told(steps(), waiting, marks=(7,))


def test_few_cases_say_nothing() -> None:
    few = steps(count=ENOUGH_CLOSED - 1)
    assert told(few, [Waiting(1, "survey", 0)]).city is None
    assert told(steps(count=ENOUGH_CLOSED), [Waiting(1, "survey", 0)]).city is not None


def test_what_stands_longer_than_any_is_taken_not_to_close() -> None:
    found = told(steps(), [Waiting(1, "review", 5, counts=True), Waiting(1, "review", 4)])
    assert found.stuck == 1
    assert found.city is not None
    assert (found.city.closed.low, found.city.closed.high) == (41, 41)
    assert found.city.covered.median == 50
    reach = found.city.reach
    assert reach is not None
    assert (reach.median, reach.chance) == (None, Fraction(0))


def test_open_cases_make_the_slow_ones_count() -> None:
    """Three of six left after ten days; the others have stood for twenty and are not forgotten."""
    left = [Step(1, "survey", 10, "review") for _n in range(3)]
    whole, alone = spread(left, {20: 3}), spread(left)
    assert (whole.upto[-1], alone.upto[-1]) == (0.5, 1.0)
    # who had stood for five days only may still leave on the tenth: no longer half and half
    early = spread(left, {5: 3})
    assert early.upto[-1] == pytest.approx(1.0)
    drawn = whole.drawn(Random(1))
    assert {drawn.later(10) for _n in range(40)} == {(NEVER, "")}


def test_without_any_end_nothing_goes_on() -> None:
    drawn = Spread((), (), 0, 4).drawn(Random(1))
    assert {drawn.any() for _n in range(40)} == {(NEVER, "")}


def test_a_county_with_enough_cases_goes_at_its_own_pace() -> None:
    slow, quick = steps(9, 40, county=1), steps(2, 60, county=2)
    waiting = [Waiting(1, "review", 0), Waiting(2, "review", 0), Waiting(3, "review", 0)]
    places = [replace(CITY, key=key, closed=0) for key in (1, 2, 3)]
    found = forecast([*slow, *quick], waiting, places, CITY, end="closed", by=2, horizon=9)
    assert found.own == {1, 2}
    assert found.counties is not None
    assert [found.counties[key].closed.high for key in (1, 2)] == [0, 1]
    # the third has none of its own: most cases of the city take two days
    assert found.counties[3].closed.high == 1


def test_a_span_is_drawn_out_but_never_past_what_is_open() -> None:
    mixed = [*steps(2, 30), *steps(30, 30)]
    waiting = [Waiting(1, "survey", 0, counts=True) for _n in range(20)]
    plain, wide = told(mixed, waiting), told(mixed, waiting, stretch=Fraction(4))
    assert plain.city is not None
    assert wide.city is not None
    assert wide.city.closed.median == plain.city.closed.median
    assert wide.city.closed.high > plain.city.closed.high
    assert wide.city.closed.high <= 40 + len(waiting)
    assert 40 <= wide.city.closed.low < plain.city.closed.low


def test_no_more_firms_are_covered_than_there_are() -> None:
    """The filing is ahead of the ledger: of 40 open cases ten firms are not covered yet."""
    mixed = [*steps(2, 30), *steps(30, 30)]
    waiting = [Waiting(1, "survey", 0, counts=n < 10) for n in range(40)]
    place = replace(CITY, base=100, covered=88, target=Decimal(99))
    found = forecast(
        mixed, waiting, [], place, end="closed", by=12, horizon=20, stretch=Fraction(4)
    )
    assert found.city is not None
    assert found.city.covered.high <= 98
    assert found.city.reach is not None
    assert found.city.reach.chance == 0


def test_only_the_share_that_the_filing_shows_is_covered() -> None:
    waiting = [Waiting(1, "review", 0, counts=True) for _n in range(100)]
    found = told(steps(), waiting, take=Fraction(1, 2))
    assert found.city is not None
    assert 90 < found.city.covered.low < 100 < found.city.covered.high < 110


def test_a_sample_stays_what_it_is_once_it_has_been_asked() -> None:
    """Drawn as it is asked for: never more than so many ends, the same again and again."""
    drawn = spread([Step(1, "survey", days, "review") for days in range(500)]).drawn(Random(3))
    many = {drawn.any() for _n in range(5000)}
    assert 100 < len(many) <= 200  # of 200, some of them twice
    assert {drawn.any() for _n in range(1000)} <= many
    late = {drawn.later(400) for _n in range(500)}
    assert late == {one for one in many if one is not None and one[0] > 400}
    # nothing took longer than that
    assert drawn.later(500) is None


def test_few_of_a_sample_are_as_likely_as_each_other() -> None:
    """One of fifty took long: who has stood for longer than the others gets that one, always."""
    ends = [*(Step(1, "survey", 1, "review") for _n in range(49)), Step(1, "survey", 9, "closed")]
    found = [spread(ends).drawn(Random(n)).later(1) for n in range(400)]
    # the sample of fifty has none of it in a third of all runs: (49/50)^50
    assert 110 < found.count(None) < 185
    assert set(found) == {None, (9, "closed")}
