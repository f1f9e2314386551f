"""What 恢复办理 did to the date: one reading for the case page and the notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cases.models import CaseEvent
from cases.rulebook import calendar
from organisations.days import day_of


@dataclass(frozen=True)
class Resumption:
    """``days``: working days of rest, which do not count; ``due_on``: None for a step without a
    date; ``late``: working days by which the moved date lies behind all the same.
    """

    days: int
    due_on: date | None
    late: int


def resumption(event: CaseEvent) -> Resumption:
    """Of an event ``resume``."""
    on, told = day_of(event.at), event.data.get("new_due")
    due_on = date.fromisoformat(str(told)) if told else None
    late = max(calendar().between(due_on, on), 1) if due_on and due_on < on else 0
    return Resumption(int(event.data.get("working_days", 0)), due_on, late)
