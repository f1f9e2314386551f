"""A moment's day. Stored moments are in UTC: their own ``date()`` is yesterday until 8 o'clock."""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from functools import lru_cache
from unicodedata import normalize

from django.utils import dateformat, timezone
from django.utils.translation import get_language, pgettext

# 年, 月 and 份 as people write them between and behind the numbers
MONTH = re.compile(
    r"(?P<year>[0-9]{4})(?:[-/.\u5e74](?P<m>[0-9]{1,2})\u6708?|(?P<n>[0-9]{2}))\u4efd?"
)


def day_of(at: datetime) -> date:
    """The day of a moment in the city's time zone."""
    # nobody activates another one: the product has one city's time
    return _day(at, timezone.get_default_timezone())


@lru_cache(maxsize=256)
def _day(at: datetime, zone: tzinfo) -> date:
    """Kept, as each move asks it several times of the same moment."""
    return timezone.localtime(at, zone).date()


def long_day(day: date) -> str:
    """2026年11月20日, 20 Nov 2026: a day as a sentence says it."""
    return _long(day, get_language())


@lru_cache(maxsize=2048)
def _long(day: date, _language: str | None) -> str:
    return dateformat.format(day, pgettext("date format", "j M Y"))


def short_day(day: date) -> str:
    """11月20日, 20 Nov."""
    return _short(day, get_language())


@lru_cache(maxsize=2048)
def _short(day: date, _language: str | None) -> str:
    """Kept, as the lines of a page say the same few days 150 times."""
    return dateformat.format(day, pgettext("date format", "j M"))


def month_of(text: str) -> date:
    """The first day of a month as people write it: 2026-09, 2026/9, 2026年9月, 202609, 全角 too.

    ValueError where it is none.
    """
    found = MONTH.fullmatch(normalize("NFKC", text).replace(" ", ""))
    if found is None:
        raise ValueError(text)
    return date(int(found["year"]), int(found["m"] or found["n"]), 1)
