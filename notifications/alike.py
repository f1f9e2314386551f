"""Words that differ in a firm and its county alone are put together once (docs/adr/0047).

On a morning thousands of reminders say the same of other firms. Text, dates, what lacks and every
inflection of them are decided once for each kind and language; two characters that no name holds
stand where the firm and the county will.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

from cases.models import Case
from notifications import texts

# of Unicode's private use: no name has them
FIRM, COUNTY = "\ue000", "\ue001"
HELD = (FIRM, COUNTY)
# what could read as a part of the text around it
SIGNS = frozenset("：:“”【】{}" + FIRM + COUNTY)


class Alike(NamedTuple):
    """What the words of a message depend on besides firm and county, and what their end does."""

    words: Hashable
    suffix: Hashable


class Mould(NamedTuple):
    """A heading, and a body with places for the firm and the county."""

    title: str
    body: str

    def said_of(self, firm: str, county: str) -> tuple[str, str]:
        return self.title, self.body.replace(FIRM, firm).replace(COUNTY, county)


def is_plain(case: Case) -> bool:
    """Whether a firm's own case is named by the firm alone, in any language."""
    firm = case.enterprise
    return firm is not None and not case.is_matter and SIGNS.isdisjoint(firm.name)


def mould_of(
    key: str, case: Case, parts: dict[str, str], compose: Callable[..., tuple[str, str]]
) -> Mould | None:
    """None where heading or text would be another one of another firm."""
    title, body = compose(key, case, {**parts, "firm": FIRM, "county": COUNTY})
    if any(mark in title for mark in HELD):
        return None
    mould = Mould(title, body)
    # tried with the firm itself: what is no part of the text by itself does not fit
    same = mould.said_of(parts["firm"], parts["county"]) == compose(key, case, parts)
    return mould if same else None


class Said:
    """The words of one run. ``of`` answers with the same as composing each message by itself."""

    def __init__(self) -> None:
        self._moulds: dict[Hashable, Mould | None] = {}
        self._suffixes: dict[Hashable, str] = {}

    def begin_batch(self) -> None:
        """Who holds which post is read anew for each batch."""
        self._suffixes.clear()

    def known(self, alike: Alike, case: Case, language: str) -> tuple[str, str] | None:
        """Heading and whole body, if such a message was put together before."""
        mould = self._moulds.get((alike.words, language))
        suffix = self._suffixes.get((alike.suffix, language))
        if mould is None or suffix is None or case.enterprise is None:
            return None
        name = texts.short_name(case.enterprise.name)
        title, body = mould.said_of(name, case.county.name)
        return title, body + suffix

    def learn(
        self,
        alike: Alike,
        language: str,
        suffix: str,
        make: Callable[[], Mould | None],
    ) -> None:
        self._suffixes[alike.suffix, language] = suffix
        if (alike.words, language) not in self._moulds:
            self._moulds[alike.words, language] = make()
