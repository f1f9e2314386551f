"""走势: whatever the figures, no line leaves its picture."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from reports.charts import Ahead, Dot, Trend, Words

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
