"""Two values of a pack that read the same: a renamed key, a long text that parts late, an English
twin; said so that the difference is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from workflows.text import Text, localised

LEAD = 10  # characters before the place where two long texts part


def renamed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Titles by key of what went and came again under another key."""
    gone = {key: title for key, title in before.items() if key not in after}
    come = {key: title for key, title in after.items() if key not in before}
    both = {*gone.values()} & {*come.values()}
    return {key: title for key, title in (gone | come).items() if title in both}


def apart(old: Any, new: Any, shown: Callable[[Any], str]) -> tuple[str, str]:
    """What tells them apart; ``shown`` gives the words that are the same."""
    if isinstance(old, Text) and isinstance(new, Text):
        return _texts(old, new)
    if isinstance(old, str) and isinstance(new, str) and shown(old).endswith("…"):
        return _parting(old, new)
    return _keyed(old, shown), _keyed(new, shown)


def _texts(old: Text, new: Text) -> tuple[str, str]:
    words = localised(old), localised(new)
    if words[0] == words[1]:
        words = f"{old.zh} | {old.en}", f"{new.zh} | {new.en}"
    return _parting(*words)


def _parting(old: str, new: str) -> tuple[str, str]:
    alike = sum(
        1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))
    )
    start = alike - LEAD
    return (f"…{old[start:]}", f"…{new[start:]}") if start > 0 else (old, new)


def _keyed(value: Any, shown: Callable[[Any], str]) -> str:
    if isinstance(value, (tuple, list)):
        return pgettext("list of names", ", ").join(_keyed(one, shown) for one in value)
    words = shown(value)
    if not isinstance(value, str) or words == value:
        return words
    return _("%(name)s (%(key)s)") % {"name": words, "key": value}
