"""Half-up on the exact fraction, wherever a figure is printed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cases.oversight import CountyRow
from organisations.rounding import half_up, percent


@pytest.mark.parametrize(
    ("part", "whole", "printed"),
    [
        (1, 16, "6.3"),
        (3, 16, "18.8"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (0, 7, "0.0"),
        (7, 7, "100.0"),
    ],
)
def test_a_rate_is_rounded_half_up(part: int, whole: int, printed: str) -> None:
    assert str(percent(part, whole)) == printed


def test_the_closing_rate_of_a_county_too() -> None:
    county = CountyRow(1, "甲县", firms=16, closed=1, overdue=0, late10=0, soon=0, remedies=0)
    assert str(county.closed_percent) == "6.3"


def test_of_nothing_there_is_no_rate() -> None:
    assert percent(0, 0) is None


def test_halves_go_away_from_zero() -> None:
    assert [str(half_up(Fraction(n, 20))) for n in (1, -1, 3, -3)] == ["0.1", "-0.1", "0.2", "-0.2"]
