"""Entries of a measure's form: one row for each event or step, with a number or as one (001-06)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

ENTRIES, DONE_ON, NUMBER = "entries", "done_on", "number"


def counted(data: Mapping[str, Any], *, until: date = date.max) -> Decimal:
    """How much the entries come to by a day: their numbers, one where none is given."""
    rows = data.get(ENTRIES) or []
    done = (row for row in rows if str(row.get(DONE_ON) or "") <= until.isoformat())
    return sum((_number(row.get(NUMBER)) for row in done), Decimal(0))


def _number(value: Any) -> Decimal:
    return Decimal(1) if value in (None, "") else Decimal(str(value))
