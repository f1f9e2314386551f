"""Announced working days as people have them: a table, a pasted column, or the notice itself.

A table's line is a day (or a span), 休 or 班, and a name: `2027-02-06 休 春节`. The notice is the
State Council's text (国务院办公厅关于…部分节假日安排的通知), read by its own phrases.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

from workflows.days import announced_year

Days = dict[date, tuple[bool, str]]

DAY = r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?"
SPAN = re.compile(rf"{DAY}(?:\s*(?:至|到|~|—|–)\s*(?:{DAY}|(\d{{1,2}})日?))?")
TITLE = re.compile(r"(\d{4})年部分节假日")
# 一、元旦：…；二、春节：…
HOLIDAY = re.compile(r"[一二三四五六七八九十]+、\s*([^:：。\n]{2,12})[:：]([^\n]+)")
WEEKDAY = re.compile(r"[（(][^）)]*[）)]")
LONGEST_SPAN = 31
NAME_LENGTH = 40
WORKED = frozenset({"班", "上班", "补班", "工作日", "1", "yes", "true", "work", "worked"})
OFF = frozenset({"休", "放假", "休息", "休息日", "节假日", "0", "no", "false", "off"})


class Wrong(NamedTuple):
    """A line that cannot be read, and why."""

    line: int
    words: str


class AnnouncementError(Exception):
    """A text that is no list of days; ``wrong`` names its lines."""

    def __init__(self, wrong: list[Wrong]) -> None:
        self.wrong = wrong
        told = (_("Line %(n)d: %(words)s") % {"n": n, "words": words} for n, words in wrong)
        super().__init__("\n".join(told))


def read_days(text: str, *, whole_from: date | None = None) -> Days:
    """The days that a text states; raises ``AnnouncementError``.

    ``whole_from``: of years that end on that day or later every other day is worked from Monday to
    Friday, as an announcement says it of a whole year. The notice itself always does.
    """
    folded = unicodedata.normalize("NFKC", text.removeprefix("\ufeff"))
    title = TITLE.search(folded)
    if title is not None:
        return _whole(_notice(folded, int(title[1])))
    days = _table(folded)
    if whole_from is None:
        return days
    new = {day: said for day, said in days.items() if date(day.year, 12, 31) >= whole_from}
    return {**days, **_whole(new)}


def _whole(days: Days) -> Days:
    found: Days = {}
    for year in sorted({day.year for day in days}):
        mine = {day: said for day, said in days.items() if day.year == year}
        off = {day: name for day, (is_worked, name) in mine.items() if not is_worked}
        worked = [day for day, (is_worked, _name) in mine.items() if is_worked]
        found |= announced_year(year, off=off, worked=worked)
        found |= mine
    return found


# --- a table -------------------------------------------------------------------------------------
def _table(text: str) -> Days:
    days: Days = {}
    wrong: list[Wrong] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            days |= _line(line)
        except ValueError as error:
            if number > 1 or re.search(r"\d", line):  # the first line may be a head
                wrong.append(Wrong(number, str(error)))
    if not days and not wrong:
        wrong.append(Wrong(1, _("There is no day in this text.")))
    if wrong:
        raise AnnouncementError(wrong)
    return days


def _line(line: str) -> Days:
    match = SPAN.match(line.strip())
    if match is None or match[1] is None:
        raise ValueError(_("a line is a day with its year, whether it is worked, and a name."))
    said = [part for part in re.split(r"[\s,;、|]+", line.strip()[match.end() :]) if part]
    if not said or said[0].lower() not in WORKED | OFF:
        raise ValueError(_("after the day stands whether it is off or worked."))
    name = " ".join(said[1:])[:NAME_LENGTH]
    return {day: (said[0].lower() in WORKED, name) for day in _days(match, int(match[1]))}


# --- the notice ----------------------------------------------------------------------------------
def _notice(text: str, year: int) -> Days:
    days: Days = {}
    for match in HOLIDAY.finditer(text):
        name, words = match[1].strip(), WEEKDAY.sub("", match[2])
        days |= dict(_sentences(words, name, year))
    if not days:
        raise AnnouncementError([Wrong(1, _("No holiday was found in this notice."))])
    return days


def _sentences(words: str, name: str, year: int) -> Iterator[tuple[date, tuple[bool, str]]]:
    for sentence in re.split(r"[。;]", words):
        if "上班" not in sentence and "放假" not in sentence:
            continue
        for match in SPAN.finditer(sentence):
            for day in _days(match, year):
                yield day, ("上班" in sentence, name[:NAME_LENGTH])


def _days(match: re.Match[str], year: int) -> list[date]:
    """The days of `2月15日至23日`; a span may end in the next month or year."""
    first = _day(match[1] or year, match[2], match[3])
    if match[7]:
        last = _day(first.year, first.month, match[7])
    elif match[5]:
        last = _day(match[4] or first.year, match[5], match[6])
    else:
        last = first
    length = (last - first).days
    if not 0 <= length < LONGEST_SPAN:
        raise ValueError(_("the span %(text)s is no span of days.") % {"text": match[0]})
    return [first + timedelta(days=n) for n in range(length + 1)]


def _day(year: int | str, month: int | str, day: int | str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        words = _("there is no such day: %(year)s-%(month)s-%(day)s.")
        raise ValueError(words % {"year": year, "month": month, "day": day}) from None
