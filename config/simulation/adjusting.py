"""Changed assumptions, as a person types them: ``visits=30``, ``assistance.survey=3-15``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from config.simulation.assumptions import MOST_DAYS, NUMBERS, Assumptions, defaults
from organisations.errors import Refused
from workflows.packs import Pack

SPAN = re.compile(r"(\d{1,4})\s*[-–~]\s*(\d{1,4})")
PARTS = {"low": MOST_DAYS, "high": MOST_DAYS, "forgotten": 100, "returned": 100}
MOST = {name: most for name, _words, most in NUMBERS}


def adjusted(pack: Pack, changes: Iterable[str]) -> Assumptions:
    """The defaults with changes such as ``visits=30``; refuses what it does not know."""
    assumed = defaults(pack)
    for change in changes:
        name, equals, value = (part.strip() for part in change.partition("="))
        if not equals:
            raise Refused("assumption", _("An assumption is written name=number."))
        assumed = _changed(assumed, name, value)
    return assumed


def _changed(assumed: Assumptions, name: str, value: str) -> Assumptions:
    if name in MOST:
        return assumed.with_numbers(**{name: whole(name, value, MOST[name])})
    key, _dot, share = name.rpartition(".")
    if share in ("forgotten", "returned") and key in assumed.paces:
        return assumed.with_pace(key, **{share: whole(name, value, 100)})
    if name not in assumed.paces:
        known = ", ".join([*MOST, *assumed.paces])
        words = _("There is no assumption “%(name)s”. There are: %(known)s")
        raise Refused("assumption", words % {"name": name, "known": known})
    span = SPAN.fullmatch(value)
    if span is None:
        words = _("“%(name)s” is a span of working days, such as 3-15.")
        raise Refused("assumption", words % {"name": name})
    low, high = (whole(name, part, MOST_DAYS) for part in span.groups())
    return assumed.with_pace(name, low=min(low, high), high=max(low, high))


def from_form(pack: Pack, sent: Mapping[str, str]) -> Assumptions:
    """The page's fields: a number by its name, ``low-KEY``, ``high-KEY``, ``forgotten-KEY``,
    ``returned-KEY``; what is not sent stays as it is by default."""
    assumed = defaults(pack)
    given = {name: sent[name].strip() for name in MOST if sent.get(name, "").strip()}
    numbers = {name: whole(name, value, MOST[name]) for name, value in given.items()}
    assumed = assumed.with_numbers(**numbers)
    for key in list(assumed.paces):
        values = {part: sent.get(f"{part}-{key}", "").strip() for part in PARTS}
        changes = {p: whole(key, value, PARTS[p]) for p, value in values.items() if value}
        assumed = assumed.with_pace(key, **changes)
        pace = assumed.paces[key]
        if pace.low > pace.high:
            assumed = assumed.with_pace(key, low=pace.high, high=pace.low)
    return assumed


def changed_in(pack: Pack, sent: Mapping[str, str]) -> dict[str, str]:
    """The fields that differ from the defaults: what an address has to say; refuses wrong ones."""
    standard, found = defaults(pack), from_form(pack, sent)
    changed = {
        name: str(getattr(found.numbers, name))
        for name in MOST
        if getattr(found.numbers, name) != getattr(standard.numbers, name)
    }
    for key, pace in found.paces.items():
        for part in PARTS:
            if getattr(pace, part) != getattr(standard.paces[key], part):
                changed[f"{part}-{key}"] = str(getattr(pace, part))
    return changed


def whole(name: str, value: str, most: int) -> int:
    """A whole number from 0 to ``most``; a week's work is at least 1."""
    if not (value.isascii() and value.isdigit() and len(value) < 7 and int(value) <= most):
        words = _("“%(value)s” is not possible for “%(name)s”: a whole number from 0 to %(most)d.")
        raise Refused("assumption", words % {"value": value[:20], "name": name, "most": most})
    return int(value)
