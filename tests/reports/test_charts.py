"""走势: whatever the figures, no line leaves its picture; what its span is, said in one way."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, cast

import pytest

from reports.charts import Ahead, Dot, Trend, Words
from reports.outlook.forecast import Forecast
from reports.outlook.outlooks import Outlooks
from reports.views.outlook_words import how

WORDS = Words("", "", "", "", "", "", months=())


@pytest.mark.parametrize(
    ("most", "top"),
    [("79.9", 80), ("80", 80), ("80.1", 90), ("100", 100), ("0.4", 10), ("0", 10), ("70.5", 80)],
)
def test_the_axis_ends_above_the_highest_point(most: str, top: int) -> None:
    dots = [Dot(date(2022, 3, 31), Decimal(0)), Dot(date(2022, 4, 30), Decimal(most))]
    ahead = [Ahead(date(2022, 5, 31), Decimal(0), Decimal(0), Decimal(most), Decimal(most))]
    trend = Trend(dots, ahead, WORDS)
    points = re.findall(r'points="([^"]*)"', trend.svg())
    levels = [float(pair.split(",")[1]) for line in points for pair in line.split()]
    assert trend.high == top
    assert min(levels) >= trend.TOP
    assert max(levels) <= trend.TOP + trend.height


def test_the_span_is_that_of_all_runs() -> None:
    told, on = Forecast(30, 5, city=cast(Any, object()), runs=70), date(2022, 3, 31)
    words = "".join(how(Outlooks(on, on, on, {}, (), (), told)))
    assert "逐件推演70次" in words
    assert "70次推演结果的中位数，以及第10至第90百分位的区间" in words
    assert "100次" not in words
