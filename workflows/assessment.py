"""年度考核: weighted indicators of a plan, and the points that a value earns. Only outcomes count:
never sign-ins, photos or time online (002-08, 004-21; 国办函〔2026〕12号).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Literal, Self

from django.utils.translation import gettext as _
from pydantic import model_validator

from workflows.text import Rule, Text

# what the product counts itself of every county; in per cent
Outcome = Literal[
    "registration_rate",
    "filing_rate",
    "coverage_rate",
    "four_haves_rate",
    "has_institution_rate",
    "has_staff_rate",
    "has_spending_rate",
    "has_cooperation_rate",
    "closing_rate",
    "on_time_rate",
    "overdue_rate",
]
TARGET = "target"
WHOLE = 100


class Scored(Rule):
    """One indicator: `of` names the rate that the product counts; `full` is the value that earns
    the whole `weight` (`target`: the county's own of the year), `zero` the one that earns nothing;
    between them points are in proportion. With `zero` above `full` less is better.
    """

    key: str
    title: Text
    of: Outcome
    weight: Decimal
    full: Decimal | Literal["target"]
    zero: Decimal = Decimal(0)

    @model_validator(mode="after")
    def _can_be_earned(self) -> Self:
        if self.weight <= 0:
            raise ValueError(_("an indicator's weight lies above 0"))
        if self.full == TARGET and self.of != "coverage_rate":
            raise ValueError(_("the county's target is one of coverage: write a number"))
        if self.full == self.zero:
            raise ValueError(_("“full” and “zero” are two values"))
        return self

    def full_for(self, target: Decimal | None) -> Decimal | None:
        return target if self.full == TARGET else Decimal(self.full)

    def points(self, value: Decimal, full: Decimal) -> Fraction:
        """Exact; never below nothing nor above the weight."""
        part = Fraction(value - self.zero) / Fraction(full - self.zero)
        return Fraction(self.weight) * min(max(part, Fraction(0)), Fraction(1))


class Assessment(Rule):
    """The indicators with their weights, together 100, and whom the lists propose: the first
    `commend_first` of those that reached their target, from `commend_from` points; for criticism
    whoever missed the target (`criticise_missed`) or earned less than `criticise_below`. A person
    decides, always.
    """

    indicators: tuple[Scored, ...]
    commend_first: int = 3
    commend_from: Decimal | None = None
    criticise_missed: bool = True
    criticise_below: Decimal | None = None
