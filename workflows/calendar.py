"""Working days, with the State Council's moved days (调休) where they are known."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType

DAY = timedelta(days=1)
MONTHS = 12

# Days off by regulation that fall on the same date every year (全国年节及纪念日放假办法).
STATUTORY = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


class WorkCalendar:
    """Answers in working days.

    `days` says of single days whether they are worked; `known_until` is the last day for which
    the official arrangement is known. Outside the data: Monday to Friday less the fixed
    statutory days, and `is_known` is false, so that deadlines can be marked provisional.
    """

    def __init__(self, days: Mapping[date, bool], known_until: date) -> None:
        self.days = MappingProxyType(dict(days))
        self.known_until = known_until
        # (first year, last year, ordinals of the working days): replaced whole, never changed,
        # so that threads may share one calendar.
        self._index: tuple[int, int, tuple[int, ...]] = (1, 0, ())

    def is_known(self, day: date) -> bool:
        return day <= self.known_until

    def is_working(self, day: date) -> bool:
        stated = self.days.get(day)
        return usual(day) if stated is None else stated

    def add(self, start: date, n: int) -> date:
        """The `n`-th working day after (before, when negative) `start`, which never counts."""
        if n == 0:
            return start
        ordinals = self._covering(start, abs(n))
        at = start.toordinal()
        if n > 0:
            return date.fromordinal(ordinals[bisect_right(ordinals, at) + n - 1])
        return date.fromordinal(ordinals[bisect_left(ordinals, at) + n])

    def between(self, a: date, b: date) -> int:
        """Working days after `a` up to and including `b`; negative when `b` is earlier."""
        if b < a:
            return -self.between(b, a)
        ordinals = self._years(a.year, b.year)
        return bisect_right(ordinals, b.toordinal()) - bisect_right(ordinals, a.toordinal())

    def on_or_before(self, day: date) -> date:
        """`day` itself when it is worked, else the last working day before it."""
        return day if self.is_working(day) else self.add(day, -1)

    def on_or_after(self, day: date) -> date:
        """`day` itself when it is worked, else the next working day."""
        return day if self.is_working(day) else self.add(day, 1)

    def last_working_day(self, month: date) -> date:
        """The last working day of the month in which the given day lies."""
        return self.on_or_before(end_of_month(month))

    def _covering(self, start: date, count: int) -> tuple[int, ...]:
        # A year has more than 200 working days; one year more on each side is room enough.
        reach = count // 200 + 1
        return self._years(max(1, start.year - reach), min(9998, start.year + reach))

    def _years(self, first: int, last: int) -> tuple[int, ...]:
        low, high, ordinals = self._index
        if high and low <= first and last <= high:
            return ordinals
        low, high = (min(low, first), max(high, last)) if high else (first, last)
        ordinals = tuple(
            ordinal
            for ordinal in range(date(low, 1, 1).toordinal(), date(high, 12, 31).toordinal() + 1)
            if self.is_working(date.fromordinal(ordinal))
        )
        self._index = (low, high, ordinals)
        return ordinals


def usual(day: date) -> bool:
    """Whether a day would be worked if nothing had been announced for its year."""
    return day.weekday() < 5 and (day.month, day.day) not in STATUTORY


def end_of_month(day: date) -> date:
    return first_of_next_month(day) - DAY


def first_of_next_month(day: date) -> date:
    return date(day.year + day.month // MONTHS, day.month % MONTHS + 1, 1)


def end_of_quarter(day: date) -> date:
    return end_of_month(date(day.year, (day.month - 1) // 3 * 3 + 3, 1))


def add_months(day: date, months: int) -> date:
    """The same day `months` later or earlier, at most the last day of that month."""
    count = day.year * MONTHS + day.month - 1 + months
    first = date(count // MONTHS, count % MONTHS + 1, 1)
    return first.replace(day=min(day.day, end_of_month(first).day))
