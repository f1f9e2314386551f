"""Dates inside sentences, in the active language: 9月10日, 10 Sep; tables use the look's tags."""

from __future__ import annotations

from datetime import date

from django.utils import dateformat
from django.utils.translation import gettext_lazy

from organisations.days import long_day, short_day

# holidays as the seeded table names them
NAMES = {
    "New Year's Day": gettext_lazy("New Year's Day"),
    "Spring Festival": gettext_lazy("Spring Festival"),
    "Tomb-sweeping Day": gettext_lazy("Tomb-sweeping Day"),
    "Labour Day": gettext_lazy("Labour Day"),
    "Dragon Boat Festival": gettext_lazy("Dragon Boat Festival"),
    "Mid-autumn Festival": gettext_lazy("Mid-autumn Festival"),
    "National Day": gettext_lazy("National Day"),
    "Anti-Fascist 70th Day": gettext_lazy("70th anniversary of victory"),
}


def day_words(day: date | None, near: date | None = None) -> str:
    """9月10日; with the year where it is not that of ``near``."""
    if day is None:
        return ""
    if near is not None and near.year != day.year:
        return long_day_words(day)
    return short_day(day)


def long_day_words(day: date | None) -> str:
    return long_day(day) if day else ""


def weekday_words(day: date) -> str:
    """星期六, Saturday."""
    return dateformat.format(day, "l")


def holiday_words(name: str) -> str:
    """A holiday as the table names it, in the active language; what people entered stays."""
    return str(NAMES.get(name, name))
