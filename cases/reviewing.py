"""How long a paper may wait for whoever reviews it, and the words that remind of it."""

from __future__ import annotations

from datetime import date, datetime

from cases.models import Case
from cases.rulebook import calendar, rules_of
from organisations.days import day_of
from workflows.ladder import Ladder
from workflows.procedure import Stage

REVIEW_WITHIN = 5  # working days, as for the county's review of a closing (defaults: Limits)


def review_from(handed_in: datetime, rested_until: date | None = None) -> date:
    """The day from which a review counts; what rested begins when it goes on."""
    return max(day_of(handed_in), rested_until or date.min)


def review_due(counted_from: date) -> date:
    """The last day of a review in time."""
    return calendar().add(counted_from, REVIEW_WITHIN)


def review_late(counted_from: date, on: date) -> int:
    """Working days by which a paper has waited longer than a review may take; 0: in time."""
    return max(calendar().between(counted_from, on) - REVIEW_WITHIN, 0)


def review_ladder(case: Case) -> tuple[Stage, Ladder] | None:
    """The ladder of the county's review: papers are reminded of as a closing is; none where the
    procedure has no such review."""
    rules = rules_of(case)
    for stage in rules.procedure.stages:
        if stage.owner == "county_lead" and stage.ladder is not None:
            return stage, rules.pack.ladder(stage.ladder)
    return None
