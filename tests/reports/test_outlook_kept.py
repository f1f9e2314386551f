"""A forecast that is kept answers its own question alone (``reports.outlook.outlooks``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

import pytest

from reports.outlook import outlooks
from reports.outlook.durations import Step, Waiting
from reports.outlook.forecast import Forecast, Place
from reports.outlook.reading import Known

STEP, WAITS = Step(1, "survey", 3, "closed", 40), Waiting(1, "survey", 2, True, 5)
COUNTY, CITY = Place(1, 40, 30, 60, Decimal(80)), Place(0, 40, 30, 60, Decimal(70))
ASKED: dict[str, Any] = {
    "known": Known([STEP], [WAITS]),
    "places": [COUNTY],
    "city": CITY,
    "by": 20,
    "horizon": 60,
    "marks": [5, 20],
    "take": Fraction(3, 4),
    "stretch": Fraction(1),
    "runs": 30,
}
OTHER_PLACES: dict[str, Any] = {"key": 2, "closed": 41, "covered": 31, "base": 61, "target": None}
OTHER_STEPS: dict[str, Any] = {
    "county": 2,
    "stage": "matching",
    "days": 4,
    "to": "survey",
    "cases": 41,
}
OTHER_WAITING: dict[str, Any] = {
    "county": 2,
    "stage": "matching",
    "days": 3,
    "counts": False,
    "cases": 6,
}


def _others() -> Iterator[dict[str, Any]]:
    """The same question but for one value."""
    yield {"by": 21}
    yield {"horizon": 61}
    yield {"marks": [5, 21]}
    yield {"take": Fraction(2, 3)}
    yield {"stretch": Fraction(5, 4)}
    yield {"runs": 60}
    for name, value in OTHER_PLACES.items():
        yield {"places": [replace(COUNTY, **{name: value})]}
        yield {"city": replace(CITY, **{name: value})}
    for name, value in OTHER_STEPS.items():
        yield {"known": Known([replace(STEP, **{name: value})], [WAITS])}
    for name, value in OTHER_WAITING.items():
        yield {"known": Known([STEP], [replace(WAITS, **{name: value})])}


def _foretold(asked: dict[str, Any]) -> Forecast:
    values = dict(asked)
    return outlooks._foretold(
        values.pop("known"), values.pop("places"), values.pop("city"), **values
    )


@pytest.fixture(autouse=True)
def foretold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each computation says which one it was; nothing is kept of other tests."""
    numbers = count(1)
    monkeypatch.setattr(outlooks, "forecast", lambda *_of, **_by: Forecast(next(numbers), 0))
    monkeypatch.setattr(outlooks, "_KEPT", {})


@pytest.mark.parametrize("other", list(_others()), ids=lambda one: next(iter(one)))
def test_another_question_is_foretold_anew(other: dict[str, Any]) -> None:
    """Else a page would say the figures of another city, day or band."""
    told = [_foretold(one).closings for one in (ASKED, ASKED | other, ASKED, ASKED | other)]
    assert told == [1, 2, 1, 2]


def test_so_many_are_kept_and_no_more() -> None:
    for by in range(outlooks.MOST_KEPT * 2 + 1):
        _foretold(ASKED | {"by": by})
        assert 0 < len(outlooks._KEPT) <= outlooks.MOST_KEPT


def test_in_whatever_order_it_was_told_it_is_the_same_question() -> None:
    other = replace(STEP, county=2)
    one, two = (Known(steps, [WAITS]) for steps in ([STEP, other], [other, STEP]))
    assert _foretold(ASKED | {"known": one}) is _foretold(ASKED | {"known": two})
