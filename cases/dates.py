"""Dates inside sentences, in the active language: 9月10日, 10 Sep; tables use the look's tags."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import dateformat, timezone
from django.utils.translation import pgettext


def day_words(day: date | None, near: date | None = None) -> str:
    """9月10日; with the year where it is not that of ``near``."""
    if day is None:
        return ""
    if near is not None and near.year != day.year:
        return long_day_words(day)
    return dateformat.format(day, pgettext("date format", "j M"))


def long_day_words(day: date | None) -> str:
    return dateformat.format(day, pgettext("date format", "j M Y")) if day else ""


def moment_words(at: datetime) -> str:
    return dateformat.format(timezone.localtime(at), pgettext("date format", "j M G:i"))
