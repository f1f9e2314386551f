"""发文字号 typed by hand: one shape, whatever a keyboard made of it."""

from __future__ import annotations

from datetime import date

import pytest

from cases.errors import Refused
from cases.outside_numbers import outside_number

DAY = date(2022, 9, 15)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("洛政办函〔2022〕12号", "洛政办函〔2022〕12号"),
        (" 洛政办函 [2022] 第012号", "洛政办函〔2022〕12号"),
        ("洛政办函（２０２１）１２号", "洛政办函〔2021〕12号"),
        ("", ""),
    ],
)
def test_brackets_and_widths_are_folded(typed: str, printed: str) -> None:
    assert outside_number(typed, DAY) == outside_number(typed, DAY, is_bulletin=True) == printed


def test_a_bulletin_has_its_issue() -> None:
    told = [outside_number(n, DAY, is_bulletin=True) for n in ("第14期", "2022年14期(总第020期)")]
    assert told == ["第14期", "2022年第14期（总第20期）"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12号", "number_shape"),
        ("第14期", "number_shape"),
        ("洛政办函2022-12", "number_shape"),
        ("洛政办函〔2022〕0号", "number_shape"),
        ("洛政办函〔2023〕1号", "number_year"),
    ],
)
def test_any_other_shape_is_refused_in_words(typed: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        outside_number(typed, DAY)
    assert refusal.value.code == code
    assert "号" in refusal.value.words
