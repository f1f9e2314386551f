"""How a single answer is read: what was typed becomes what is stored, or a reason in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from organisations.days import long_day
from organisations.phones import NOT_A_PHONE, is_phone
from workflows.calendar import add_months
from workflows.form_fields import Field

FEN = Decimal("0.01")
# a year of two digits would be one of the Romans'
FIRST_YEAR = 1900
# later than any agreement runs: a digit too many, or a wrong one
YEARS_AHEAD = 50
MONTH = re.compile(r"(\d{4})-(\d{1,2})")


def too_long(field: Field, text: str) -> str:
    values = {"limit": field.limit, "count": len(text)}
    return _("At most %(limit)d characters; there are %(count)d.") % values


def as_number(value: Decimal) -> int | str:
    """A figure as JSON keeps it: whole ones as int, others as text without idle noughts."""
    return int(value) if value == value.to_integral_value() else f"{value.normalize():f}"


def _text(field: Field, text: str, today: date) -> str:
    if len(text) > field.limit:
        raise ValueError(too_long(field, text))
    return text


def _phone(field: Field, text: str, today: date) -> str:
    if not is_phone(text):
        raise ValueError(str(NOT_A_PHONE))
    return text


def _number(field: Field, text: str, today: date) -> int | str:
    """Whole numbers as int; with places behind the point as text, as money is."""
    value = _decimal(field, text)
    if value != value.quantize(Decimal(1).scaleb(-field.decimals)):
        if not field.decimals:
            raise ValueError(_("Please give a whole number."))
        raise ValueError(_("At most %(n)d places behind the point.") % {"n": field.decimals})
    return as_number(value)


def _money(field: Field, text: str, today: date) -> str:
    value = _decimal(field, text)
    if value < 0:
        raise ValueError(_("An amount cannot be negative."))
    if value != value.quantize(FEN):
        raise ValueError(_("At most %(n)d places behind the point.") % {"n": 2})
    return str(value.quantize(FEN))


def _decimal(field: Field, text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueError(_("Please give a number.")) from None
    if not value.is_finite() or abs(value) > Decimal(10) ** 12:
        raise ValueError(_("Please give a number."))
    if field.least is not None and value < field.least:
        raise ValueError(_("At least %(least)d.") % {"least": field.least})
    if field.most is not None and value > field.most:
        raise ValueError(_("At most %(most)d.") % {"most": field.most})
    return value


def _date(field: Field, text: str, today: date) -> str:
    parts = [part for part in re.split(r"[-/.年月日]", text) if part]
    try:
        day = date(*(int(part) for part in parts))
        if not FIRST_YEAR <= day.year <= today.year + YEARS_AHEAD:
            raise ValueError(text)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(_("Please give a date such as 2026-09-15.")) from None
    if field.not_future and day > today:
        raise ValueError(_("This day has not come yet."))
    last = add_months(today, field.within_months) if field.within_months else None
    if last is not None and day > last:
        words = _("Cannot be later than %(day)s. Please check the year.")
        raise ValueError(words % {"day": long_day(last)})
    return day.isoformat()


def _month(field: Field, text: str, today: date) -> str:
    match = MONTH.fullmatch(text)
    if match is None or not 1 <= int(match[2]) <= 12:
        raise ValueError(_("Please give a month such as 2026-09."))
    month = f"{match[1]}-{int(match[2]):02d}"
    if int(match[1]) > today.year + YEARS_AHEAD:
        raise ValueError(_("Please give a month such as 2026-09."))
    if field.not_future and month > today.strftime("%Y-%m"):
        raise ValueError(_("This month has not come yet."))
    return month


def _choice(field: Field, text: str, today: date) -> str:
    if field.choice(text) is None:
        raise ValueError(_("Please choose one of the answers given."))
    return text


# how each kind of a single answer is read: (field, what was typed, today) → what is stored
READERS: dict[str, Callable[[Field, str, date], Any]] = {
    "text": _text,
    "long_text": _text,
    "phone": _phone,
    "number": _number,
    "money": _money,
    "date": _date,
    "month": _month,
    "choice": _choice,
}
