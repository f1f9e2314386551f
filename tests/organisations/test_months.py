"""A month as an official types it."""

from __future__ import annotations

from datetime import date

import pytest

from organisations.days import month_of


@pytest.mark.parametrize(
    "text",
    ["2026-09", "2026年9月", "2026年09月份", "2026/9", "2026.09", "202609", " ２０２６年９月 "],
)
def test_a_month_is_understood_as_people_write_it(text: str) -> None:
    assert month_of(text) == date(2026, 9, 1)


@pytest.mark.parametrize("text", ["2026-13", "2026年", "9月", "26-09", "2026-09-15", ""])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  Python's own words for the month 13
        month_of(text)
