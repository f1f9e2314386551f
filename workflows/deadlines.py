"""Deadline phrases of the papers and the arithmetic behind them (001-02, 001-05, 001-06)."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple, Self

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pydantic import model_validator

from workflows.calendar import (
    DAY,
    WorkCalendar,
    add_months,
    end_of_month,
    end_of_quarter,
    first_of_next_month,
)
from workflows.text import Rule, Text, localised

SPAN = re.compile(r"(\d+)\s*(working_days?|calendar_days?)")
MONTH = re.compile(r"(?:end_of\s+)?(\d{4})-(0?[1-9]|1[0-2])")
BARE = ("ongoing", "next_batch_day", "as_given", "same_day")
MAIN = (
    "within", "by", "before", "first_ten_days_of", "every", "ongoing", "count", "after",
    "next_batch_day", "latest", "as_given",
)  # fmt: skip
LAST = "last"
BATCH_DAYS: tuple[int | str, ...] = (15, LAST)  # where a pack names no others (practice.md)
WEEK = range(7)
# The programme's end shortens a limit, but never below the time of a 退回补正 (defaults.md).
SHORTEST = 5


class Span(Rule):
    """`20 working_days` or `7 calendar_days`."""

    n: int
    unit: Literal["working_days", "calendar_days"] = "working_days"

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        match = SPAN.fullmatch(value.strip())
        if match is None:
            raise ValueError(_("a time is written “20 working_days” or “7 calendar_days”"))
        return {"n": int(match[1]), "unit": match[2].rstrip("s") + "s"}

    def __str__(self) -> str:
        return f"{self.n} {self.unit}"

    def after(self, start: date, calendar: WorkCalendar) -> date:
        if self.unit == "working_days":
            return calendar.add(start, self.n)
        return start + timedelta(days=self.n)


class Phrase(Rule):
    """One official deadline, as data. Exactly one of the main keys, and its qualifiers.

    `within` excludes the starting day; `by` and `before` include the named day and never roll;
    `every: week, day: 1` is each Monday (003-14); `at_most` caps from the starting day;
    `next_batch_day` is the next of the month's `days` of confirmation (15th and `last` working day
    where none are named); `not_after` is a back-stop; `not_before` is a date that had been given
    already, `no_later` one that a return to oneself does not move (`compute` writes both);
    a turn on the starting day counts where it says `same_day`;
    `latest: child` takes the latest child's date, else `otherwise`; `as_given` the date that
    whoever opened the case set, else `otherwise`; `roll` may only go with `every`.
    `unit` goes with `count`: 家, 场, or both languages “场 | events”; 次 where none is said.
    `str(phrase)` and `Phrase.parse` are inverse, so a stored phrase can be computed anew.
    """

    within: Span | None = None
    by: date | None = None
    before: date | None = None
    first_ten_days_of: date | None = None
    every: Literal["week", "month", "quarter"] | None = None
    day: int = 0
    about: Literal["last_month"] | None = None
    until: date | None = None
    roll: Literal["back", "forward"] | None = None
    same_day: bool = False
    ongoing: bool = False
    count: int | None = None
    unit: str | None = None
    after: Literal["quarter_end"] | None = None
    plus: Span | None = None
    at_most: Span | None = None
    not_after: date | None = None
    not_before: date | None = None
    no_later: date | None = None
    next_batch_day: bool = False
    days: tuple[int | Literal["last"], ...] = ()
    latest: Literal["child"] | None = None
    as_given: bool = False
    otherwise: Span | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = _split(value)
        if not isinstance(value, dict):
            return value
        read = {key: _read(key, item) for key, item in value.items()}
        return {key: True if key in BARE and item is None else item for key, item in read.items()}

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if len(self._main()) != 1:
            words = _("a deadline has exactly one of: %(names)s")
            raise ValueError(words % {"names": ", ".join(MAIN)})
        if (self.roll or self.same_day) and not self.every:
            raise ValueError(_("“roll” goes with “every” only: a named day never moves"))
        if self.unit and (not self.count or "," in self.unit):
            raise ValueError(_("“unit” is one word and goes with “count” only"))
        if self.days and not self.next_batch_day:
            raise ValueError(_("“days” goes with “next_batch_day” only"))
        if any(day != LAST and not 1 <= int(day) <= 28 for day in self.days):
            raise ValueError(_("a day of confirmation is 1 to 28, or “last”"))
        if self.every == "week" and self.day > len(WEEK):
            raise ValueError(_("the day of a week is 1 (Monday) to 7 (Sunday)"))
        return self

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls.model_validate(text)

    def __str__(self) -> str:
        parts = []
        for key in self.model_fields_set:
            value = getattr(self, key)
            if value is None or value is False or value == ():
                continue
            said = " ".join(map(str, value)) if isinstance(value, tuple) else value
            parts.append((key, key if value is True else f"{key}: {said}"))

        order = list(type(self).model_fields)
        return ", ".join(text for _key, text in sorted(parts, key=lambda p: order.index(p[0])))

    @property
    def main(self) -> str:
        return self._main()[0]

    def dates(self) -> tuple[date, ...]:
        """Every date that the phrase names."""
        named = (self.by, self.before, self.first_ten_days_of, self.until, self.not_after)
        return tuple(day for day in named if day)

    @property
    def bare(self) -> Self:
        """The phrase as the pack wrote it, without a date that had been given before."""
        if not self.not_before and not self.no_later:
            return self
        return self.model_copy(update={"not_before": None, "no_later": None})

    def words(self) -> str:
        """The phrase for a case page, in the active language."""
        comma = pgettext("between two parts of a sentence", ", ")
        return comma.join(filter(None, [_main_words(self), *_cap_words(self)]))

    def _main(self) -> list[str]:
        return [key for key in MAIN if getattr(self, key) not in (None, False)]


class Due(NamedTuple):
    """A computed deadline. `due_on` None: no date (ongoing, a count target).

    `budget`: working days from the starting day to `due_on`; `provisional`: the date depends
    on working days that are not announced yet.
    """

    due_on: date | None
    budget: int | None
    phrase: str
    provisional: bool


def compute(
    phrase: Phrase | str,
    *,
    start: date,
    calendar: WorkCalendar,
    work_until: date,
    children_due: date | None = None,
    given: date | None = None,
    not_before: date | None = None,
    no_later: date | None = None,
) -> Due:
    """The deadline of a step that begins on `start`; source: the phrase of the pack.

    `not_before`: the date that had been planned. Whoever is early loses no day by it: 退回补正 has
    working days of its own beside those that were left, it takes none away (practice.md, the four
    stages), and who signs early keeps the day that 任务交办 named (wording.md, notices).
    `no_later`: the date that whoever takes back a step of his own had; nothing betters it, so that
    the step may be due before it begins.
    """
    phrase = Phrase.parse(phrase) if isinstance(phrase, str) else phrase
    told = children_due if phrase.latest else given
    due = _due_on(phrase, start, calendar, told)
    if due is not None:
        due = _capped(phrase, due, start, calendar, work_until)
    elif no_later is not None:
        due = no_later
    else:
        return Due(None, None, str(phrase), False)
    if no_later is not None:
        due = min(max(due, not_before or due), no_later)
        phrase = phrase.model_copy(update={"no_later": no_later})
    elif not_before is not None and due < not_before:
        phrase = phrase.model_copy(update={"not_before": not_before})
    due = max(due, phrase.not_before or due)
    counted = _counts_working_days(phrase) and due not in phrase.dates()
    provisional = counted and not calendar.is_known(due)
    return Due(due, calendar.between(start, due), str(phrase), provisional)


def shift(due_on: date, working_days: int, calendar: WorkCalendar) -> date:
    """A date moved by the working days lost while the clock stood."""
    return calendar.add(due_on, working_days)


def _due_on(phrase: Phrase, start: date, calendar: WorkCalendar, told: date | None) -> date | None:
    named = phrase.by or phrase.before or phrase.first_ten_days_of
    if named:
        return named
    if phrase.within:
        return phrase.within.after(start, calendar)
    if phrase.every:
        return _next_occurrence(phrase, start, calendar)
    if phrase.after:
        end = end_of_quarter(start + DAY)  # a step begun on the last day has no quarter left
        return phrase.plus.after(end, calendar) if phrase.plus else end
    if phrase.next_batch_day:
        return next_batch_day(start, calendar, phrase.days or BATCH_DAYS)
    if phrase.latest or phrase.as_given:
        otherwise = phrase.otherwise.after(start, calendar) if phrase.otherwise else None
        return told or otherwise
    return phrase.until  # ongoing or a count target: a date only where one is stated


def next_batch_day(
    start: date, calendar: WorkCalendar, days: Sequence[int | str] = BATCH_DAYS
) -> date:
    """The next day of confirmations after `start`: one of the month's `days`, or its `last` one.

    A day off takes the working day before it.
    """
    month = start.replace(day=1)
    while True:
        for day in sorted(_batch_day(one, month, calendar) for one in days):
            if day > start:
                return day
        month = first_of_next_month(month)


def _batch_day(day: int | str, month: date, calendar: WorkCalendar) -> date:
    if day == LAST:
        return calendar.last_working_day(month)
    return calendar.on_or_before(month.replace(day=int(day)))


def _next_occurrence(phrase: Phrase, start: date, calendar: WorkCalendar) -> date | None:
    first = start if phrase.same_day else start + DAY
    if phrase.every == "week":
        return _next_week(phrase, start, first, calendar)
    month = start.replace(day=1)
    for _turn in range(8):
        day = _rolled(phrase, _occurrence(phrase, month), calendar)
        if day >= first:
            return None if phrase.until and day > phrase.until else day
        month = add_months(month, 1)
    return None


def _next_week(phrase: Phrase, start: date, first: date, calendar: WorkCalendar) -> date | None:
    """The weekday from `first` on, Sunday where none is said; a day moved keeps its week's turn."""
    monday = start - timedelta(days=start.weekday())
    for turn in range(8):
        named = monday + timedelta(days=7 * turn + (phrase.day or 7) - 1)
        day = _rolled(phrase, named, calendar)
        if day >= first:
            return None if phrase.until and day > phrase.until else day
    return None


def _occurrence(phrase: Phrase, month: date) -> date:
    """The date of the turn in this month (of this quarter: in its last month)."""
    if phrase.every == "quarter":
        month = end_of_quarter(month).replace(day=1)
    last = end_of_month(month)
    return month.replace(day=min(phrase.day, last.day)) if phrase.day else last


def _rolled(phrase: Phrase, day: date, calendar: WorkCalendar) -> date:
    if phrase.roll == "back":
        return calendar.on_or_before(day)
    return calendar.on_or_after(day) if phrase.roll == "forward" else day


def _capped(
    phrase: Phrase, due: date, start: date, calendar: WorkCalendar, work_until: date
) -> date:
    """The date with its caps; a back-stop never leaves less than the shortest time."""
    if phrase.at_most:
        due = min(due, phrase.at_most.after(start, calendar))
    stops = [phrase.not_after] if phrase.not_after else []
    if phrase.within or phrase.after:
        stops.append(work_until)
    shortest = min(due, calendar.add(start, SHORTEST))
    return min(due, max(shortest, min(stops, default=due)))


def _counts_working_days(phrase: Phrase) -> bool:
    spans = (phrase.within, phrase.plus, phrase.at_most, phrase.otherwise)
    in_working_days = any(span and span.unit == "working_days" for span in spans)
    return bool(in_working_days or phrase.next_batch_day or phrase.roll)


def _split(text: str) -> dict[str, Any]:
    pairs = (part.partition(":") for part in text.split(","))
    return {key.strip(): value.strip() or None for key, _sep, value in pairs}


def _read(key: str, value: Any) -> Any:
    """`end_of 2022-03` → 2022-03-31, `first_ten_days_of: 2021-01` → 2021-01-10, `days: 5 last`."""
    if key == "days" and isinstance(value, str):
        return [int(day) if day.isdecimal() else day for day in value.split()]
    if not isinstance(value, str):
        return value
    match = MONTH.fullmatch(value.strip())
    if match is None or key == "every":
        return value
    month = date(int(match[1]), int(match[2]), 1)
    return month.replace(day=10) if key == "first_ten_days_of" else end_of_month(month)


def _main_words(phrase: Phrase) -> str:
    named = phrase.by or phrase.before or phrase.first_ten_days_of
    if named:
        return _("by %(day)s") % {"day": _day_words(named)}
    if phrase.within:
        return _("within %(span)s") % {"span": _span_words(phrase.within)}
    if phrase.every == "week":
        return _("every week")
    if phrase.every == "month":
        return _("every month")
    if phrase.every == "quarter":
        return _("every quarter")
    if phrase.after and phrase.plus:
        return _("%(span)s after the end of the quarter") % {"span": _span_words(phrase.plus)}
    if phrase.after:
        return _("by the end of the quarter")
    if phrase.next_batch_day:
        return _("on the next confirmation day")
    if phrase.latest:
        return _("when the latest remedy is due")
    if phrase.as_given:
        return _("by the day that was set")
    if phrase.count:
        return _count_words(phrase.count, phrase.unit)
    return _("ongoing")


def _count_words(count: int, unit: str | None) -> str:
    if unit is None:
        return _("%(count)d times") % {"count": count}
    said = localised(Text.model_validate(unit))
    return _("%(count)d %(unit)s") % {"count": count, "unit": said}


def _cap_words(phrase: Phrase) -> list[str]:
    words = []
    if phrase.at_most:
        words.append(_("at most %(span)s") % {"span": _span_words(phrase.at_most)})
    if phrase.not_after:
        words.append(_("not after %(day)s") % {"day": _day_words(phrase.not_after)})
    if phrase.not_before:
        words.append(_("kept at %(day)s as planned") % {"day": _day_words(phrase.not_before)})
    if phrase.no_later:
        day = _day_words(phrase.no_later)
        words.append(_("by %(day)s as before the return") % {"day": day})
    if phrase.until:
        words.append(_("until %(day)s") % {"day": _day_words(phrase.until)})
    return words


def _day_words(day: date) -> str:
    """A date of one case, as its page prints dates: 2022年6月24日."""
    return dateformat.format(day, pgettext("date format", "j M Y"))


def _span_words(span: Span) -> str:
    if span.unit == "working_days":
        return _("%(n)d working days") % {"n": span.n}
    return _("%(n)d days") % {"n": span.n}
