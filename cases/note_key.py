"""The hidden key of a row that a county takes away: which case, and how its three cells stood.

``pk.version.three digests.mark``: whoever drags the cell down or types one gets a wrong mark.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

FILLED = ("progress", "problem", "expected")
_DIGEST = 6
_MARK = 8
_SIGNS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# what a spreadsheet would take for a formula was written with an apostrophe before it
_GUARDED = re.compile(r"'(?=[=+\-@\t\r])")


@dataclass(frozen=True)
class RowKey:
    case: int
    version: int
    digests: Mapping[str, str]

    def text(self) -> str:
        body = f"{self.case}.{self.version}.{''.join(self.digests[name] for name in FILLED)}"
        return f"{body}.{_mark(body)}"


def key_of(case: int, version: int, values: Mapping[str, str]) -> RowKey:
    return RowKey(case, version, {name: digest(values[name]) for name in FILLED})


def read_key(text: str) -> RowKey | None:
    """None for what is no key of ours, or was changed."""
    body, _dot, mark = text.strip().rpartition(".")
    if not any(constant_time_compare(mark, one) for one in _marks(body)):
        return None
    case, version, joined = body.split(".")
    parts = (joined[at : at + _DIGEST] for at in range(0, 3 * _DIGEST, _DIGEST))
    return RowKey(int(case), int(version), dict(zip(FILLED, parts, strict=True)))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]


def clean(text: str) -> str:
    """A remark as it is kept: no control signs, no blanks at the ends of lines."""
    text = _SIGNS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip()
    return _GUARDED.sub("", text, count=1)


def day_text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _mark(body: str) -> str:
    return _marks(body)[0]


def _marks(body: str) -> list[str]:
    """Under each key that is still accepted: a workbook lies on somebody's desk for weeks."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac("cases.note_key", body, secret=k).hexdigest()[:_MARK] for k in keys]
