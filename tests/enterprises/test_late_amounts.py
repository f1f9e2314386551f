"""Amounts that come in late: known from that day on, so that no past day moves (ADR 23)."""

from __future__ import annotations

from datetime import date

from enterprises.models import MoneyFigure
from tests.enterprises.test_filing import Filing, answer, apply
from tests.enterprises.test_filing import filing as filing  # a fixture


def test_amounts_that_come_late_are_known_from_that_day(filing: Filing) -> None:
    """Last year's list, and a source that is named for a list that is in: no past day moves."""
    march, april = date(2022, 3, 31), date(2022, 4, 9)
    apply(filing([answer(1)], month=march))
    for month in (date(2021, 3, 1), march):
        apply(filing([answer(1)], month=month, money_source="省科技厅授权", today=april))
    apply(filing([answer(1)], month=march, money_source="省科技厅授权", today=date(2022, 5, 6)))
    told = MoneyFigure.objects.order_by("on").values_list("on", "known_on")
    assert list(told) == [(date(2021, 3, 31), april), (march, april)]
    more = filing([answer(1, amount=13)], month=march, money_source="省科技厅授权", today=april)
    apply(more)  # once more on the day: what was typed wrong
    assert [str(n) for n in MoneyFigure.objects.values_list("amount", flat=True)] == [
        "12.5000", "13.0000",
    ]  # fmt: skip
