"""A day as officials type it: 2022.11.5, 11月5日, 11月底, an Excel date; or words why not.

A rule: no database.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

_EPOCH = date(1899, 12, 30)
_SERIAL = re.compile(r"[2-6]\d{4}(\.0)?")
_FULL = re.compile(r"(\d{4})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?")
_PACKED = re.compile(r"(20\d\d)(\d\d)(\d\d)")
_SHORT = re.compile(r"(\d{1,2})(?:月|[-/])(\d{1,2})[日号]?")
_END = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(?:底|末)")
# words after a day that change nothing of it
_TAIL = re.compile(r"(之前|以前|前|左右|完成|前完成)$")
# without a year it is the next such day, unless that is a long way off
_NEAR = timedelta(days=200)
_FAR = timedelta(days=731)


@dataclass(frozen=True)
class DayRefused(Exception):
    """``code`` is stable; ``words`` say how to write it."""

    code: str
    words: str


def expected_day(text: str, today: date) -> date | None:
    """The day that a cell says; None for an empty one. Raises ``DayRefused``."""
    folded = re.sub(r"\s+", "", text)
    if not folded:
        return None
    day = _read(_TAIL.sub("", folded), today)
    if day is None:
        words = _("“%(text)s” is not read as a day. Write it as %(example)s.")
        told = {"text": text[:40], "example": today.isoformat()}
        raise DayRefused("not_a_day", words % told)
    if day < today:
        words = _("%(day)s lies in the past. Write the day on which it will be done.")
        raise DayRefused("day_passed", words % {"day": day.isoformat()})
    if day - today > _FAR:
        words = _("%(day)s is more than two years ahead. See whether the year is right.")
        raise DayRefused("day_far", words % {"day": day.isoformat()})
    return day


def _read(text: str, today: date) -> date | None:
    if _SERIAL.fullmatch(text):
        return _EPOCH + timedelta(days=int(float(text)))
    if found := _FULL.fullmatch(text) or _PACKED.fullmatch(text):
        return _date(*(int(part) for part in found.groups()))
    if found := _END.fullmatch(text):
        year, month = found[1], int(found[2])
        if not 1 <= month <= 12:
            return None
        if year:
            return _last(int(year), month)
        return _coming(today, *(_last(today.year + n, month) for n in (0, 1)))
    if found := _SHORT.fullmatch(text):
        month, on = int(found[1]), int(found[2])
        return _coming(today, *(_date(today.year + n, month, on) for n in (0, 1)))
    return None


def _coming(today: date, this: date | None, following: date | None) -> date | None:
    """This year's; where that is past, next year's if it is near: in December one writes 1月5日."""
    if this is None or this >= today:
        return this
    is_near = following is not None and following - today <= _NEAR
    return following if is_near else this


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _last(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
