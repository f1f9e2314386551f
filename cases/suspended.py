"""The ledger of suspensions: why, since when, until when, and the days that the clock stood."""

from __future__ import annotations

from datetime import date

from cases.models import Suspension
from cases.rulebook import calendar


def days_of(row: Suspension, on: date) -> int:
    """Working days that a row has taken so far; what the sweep was late counts for nobody."""
    return max(calendar().between(row.from_on, min(row.resumed_on or on, row.until_on)), 0)
