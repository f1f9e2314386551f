"""How commands read days and programmes, and how figures become JSON."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from config.management.talking import disk_words
from organisations import clock
from organisations.left_out import SEARCHED
from workflows.models import Programme

START_OF_WORK = time(9)
# what a programme can be about; outside of it a year is a slip of the finger
YEARS = range(2000, 2101)
MOST = 2**31 - 1
# digits of what may still be a number
LONGEST = 40


def moment(text: str | None) -> datetime:
    """``--at``: a moment; a bare date means 09:00 of that day; nothing means now."""
    if not text:
        return clock.now()
    day = _date(text)
    found = datetime.combine(day, START_OF_WORK) if day else _moment(text)
    if found is None:
        raise CommandError(
            _("“%(text)s” is no date. Write 2022-03-01 or 2022-03-01T14:30.") % {"text": text}
        )
    check_year(found.year, text)
    return found if timezone.is_aware(found) else timezone.make_aware(found)


def day(text: str | None) -> date:
    """``--as-of``, ``--until``: a day, meant to its end; nothing means today."""
    if not text:
        return clock.today()
    return timezone.localdate(moment(text))


def check_year(year: int, text: str) -> None:
    if year not in YEARS:
        words = _("“%(text)s” lies too far away: years from %(first)s to %(last)s.")
        raise CommandError(words % {"text": text, "first": YEARS[0], "last": YEARS[-1]})


def count(text: str) -> int:
    """``type=`` of an option that counts or numbers something: 0 or more."""
    if not text.strip().isdecimal() or int(text) > MOST:
        raise ArgumentTypeError(_("“%(text)s” is no number.") % {"text": text})
    return int(text)


def number(text: str) -> int:
    """``type=`` of what names a row by its number: a long one is a number that nothing has."""
    if not text.strip().isdecimal() or len(text) > LONGEST:
        raise ArgumentTypeError(_("“%(text)s” is no number.") % {"text": text})
    return int(text)


def search(text: str) -> str:
    """``type=`` of ``--search``: no longer than the pages take, or its end would be passed by."""
    if len(text.strip()) > SEARCHED:
        raise ArgumentTypeError(_("a search takes at most %(n)d signs.") % {"n": SEARCHED})
    return text


def at_least_one(text: str) -> int:
    """``type=`` of an option that cannot be 0."""
    if text.strip().startswith("-") or not text.strip().strip("0"):
        raise ArgumentTypeError(_("at least 1, not %(text)s.") % {"text": text})
    return count(text)


def programme(key: str) -> Programme:
    """The programme of a key; the words name those that there are."""
    found = Programme.objects.select_related("city").filter(key=key).first()
    if found is None:
        known = "、".join(Programme.objects.values_list("key", flat=True)) or "—"
        words = _("There is no programme “%(key)s”. There is: %(known)s.")
        raise CommandError(words % {"key": key, "known": known})
    return found


def typed(value: str) -> Any:
    """A value typed in a shell: JSON for lists and objects, else the text."""
    if value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def plain(value: Any) -> Any:
    """A value as JSON has it: decimals as numbers, days and moments as ISO text."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


class Told(CommandError):
    """A refusal whose JSON has been printed already."""


def text_of(name: str) -> str:
    """A text file's content."""
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as wrong:
        if isinstance(wrong, OSError):
            raise CommandError(disk_words(wrong)) from wrong
        raise CommandError(
            _("The file “%(name)s” cannot be read. Check the path; it must be a text in UTF-8.")
            % {"name": name}
        ) from wrong
