"""Values of the trail in words: keys of roles and kinds by their names, days as officials write
them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils import dateformat, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.models import MatchRecord
from organisations.days import long_day, month_of
from organisations.keeping import KINDS
from organisations.models import Unit, User
from organisations.roles import Role
from reports.documents.route import Step
from resources.models import Expert, Level, Resource

Words = str | Promise

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*")
HOUR = re.compile(r"\d{2}:\d{2}:\d{2}")
# what is kept as a key, by the field that holds it
KEYS: Mapping[str, Mapping[str, Words]] = {
    "role": dict(Role.choices),
    "rank": {str(one.value): one.label for one in User.Rank},
    "level": dict(Level.choices),
    "kind": {**dict(Resource.Kind.choices), **dict(Expert.Kind.choices)},
    "unit_kind": dict(Unit.Kind.choices),
    "result": dict(MatchRecord.Result.choices),
    "skips": dict(Step.choices),
    "deleted": {key: one.label for key, one in KINDS.items()},
}
LONGEST = 120


def in_words(key: str, value: Any) -> str:
    """A value for people: yes and no, a dash for nothing, not too long."""
    if value in (None, "", [], {}) and value is not False:
        return "—"
    # 1 is a number, though it equals True
    if value is True or value == "True":
        return _("yes")
    if value is False or value == "False":
        return _("no")
    known = KEYS.get(key, {})
    if isinstance(value, Mapping):
        value = [f"{_told(known, one)} {_told({}, n)}" for one, n in value.items() if n]
        return in_words("", value)
    if isinstance(value, list):
        value = _(", ").join(_told(known, one) for one in value)
    text = of_month(value) if key == "month" else _told(known, value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def of_month(value: Any) -> str:
    """2026-09 or its first day, as 2026年9月; what is none stays."""
    try:
        month = month_of(str(value)[:7])
    except ValueError:
        return str(value)
    return dateformat.format(month, pgettext("date format", "F Y"))


def day_words(text: str) -> str:
    """An ISO day, moment or hour as officials write it; what is none stays."""
    try:
        if DAY.fullmatch(text):
            return long_day(date.fromisoformat(text))
        if MOMENT.fullmatch(text):
            at = datetime.fromisoformat(text)
            local = timezone.localtime(at) if timezone.is_aware(at) else at
            return f"{long_day(local.date())} {local:%H:%M}"
        if HOUR.fullmatch(text):
            return f"{time.fromisoformat(text):%H:%M}"
    except ValueError:
        pass
    return text


def _told(known: Mapping[str, Words], value: Any) -> str:
    # what is no word has no name, and may be a list within a list
    if isinstance(value, str) and value in known:
        return str(known[value])
    # «drafts 1210»: so many of a kind that were deleted
    name, _space, count = str(value).rpartition(" ")
    return f"{known[name]} {count}" if name in known else day_words(str(value))
