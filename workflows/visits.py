"""走访合并: how often a firm has been called at, and when one more call had better be joined with
another. Arithmetic on plain days; source: practice (who does what in a month; one firm, several
programmes). It advises, it never refuses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from workflows.text import Rule


class VisitRule(Rule):
    """From which call of a year on visits are to be joined, and how many days lie between two.

    Inferred defaults, as the papers name no number: a quarter's call each, a month between two.
    """

    most_a_year: int = Field(default=4, ge=1)
    days_apart: int = Field(default=30, ge=0)


DEFAULT = VisitRule()


@dataclass(frozen=True)
class Tally:
    """Calls of a calendar year until a day. Whoever came on the same day came once, whatever the
    number of programmes that it served."""

    in_year: int
    last_on: date | None
    is_recent: bool
    rule: VisitRule = DEFAULT

    @property
    def is_often(self) -> bool:
        return self.in_year >= self.rule.most_a_year

    @property
    def asks_to_merge(self) -> bool:
        return self.is_recent or self.is_often


def tally(days: Iterable[date], on: date, rule: VisitRule = DEFAULT) -> Tally:
    """`days`: of every call of every programme; those after `on` are not counted."""
    past = sorted({day for day in days if day <= on})
    last = past[-1] if past else None
    in_year = sum(day.year == on.year for day in past)
    is_recent = last is not None and (on - last).days < rule.days_apart
    return Tally(in_year, last, is_recent, rule)
