"""Smaller limits of the work on a case that a city may set: plain figures, all in working days.

Source of the defaults: practice ("at most 30 working days a time, renewable; beyond 10 in all the
office decides"; "申请改派 within 2"). How often a step may be extended is in ``extensions``.
"""

from pydantic import Field

from workflows.text import Rule


class CaseLimits(Rule):
    """`suspend_days` a time at the most; up to `county_suspends` in all the county decides alone;
    a wrong assignment is contested `decline_within` days of signing; the same matter is urged by
    hand once in `urge_every` days. When a month is frozen: `behind_months` below the planned line
    running draft a supervision letter, `letters_before_talk` of those the proposal of a talk; 0
    drafts none."""

    suspend_days: int = Field(default=30, ge=1)
    county_suspends: int = Field(default=10, ge=0)
    decline_within: int = Field(default=2, ge=0)
    urge_every: int = Field(default=2, ge=0)
    behind_months: int = Field(default=2, ge=0, le=12)
    letters_before_talk: int = Field(default=3, ge=0)
