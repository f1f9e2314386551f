"""走访合并: how often a firm has been called at, and when one more call had better be joined with
another. Arithmetic on plain days; source: practice (who does what in a month; one firm, several
programmes). It advises, it never refuses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

# inferred: the papers name no number; a quarter's call each, and a month between two
MOST_A_YEAR = 4
APART = timedelta(days=30)


@dataclass(frozen=True)
class Tally:
    """Calls of a calendar year until a day. Whoever came on the same day came once, whatever the
    number of programmes that it served."""

    in_year: int
    last_on: date | None
    is_recent: bool

    @property
    def is_often(self) -> bool:
        return self.in_year >= MOST_A_YEAR

    @property
    def asks_to_merge(self) -> bool:
        return self.is_recent or self.is_often


def tally(days: Iterable[date], on: date) -> Tally:
    """`days`: of every call of every programme; those after `on` are not counted."""
    past = sorted({day for day in days if day <= on})
    last = past[-1] if past else None
    in_year = sum(day.year == on.year for day in past)
    return Tally(in_year, last, last is not None and on - last < APART)
