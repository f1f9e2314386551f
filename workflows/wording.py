"""What a city calls things otherwise: a province's office says 省辖市 where others say 县区.

The plan's `wording` is put over the translations of one request, of one document or of one notice:
what we say changes, names and texts that people wrote do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import trans_real

from workflows.models import wordings

# what a sentence is filled in with later is no word of it
HOLES = r"%\(\w+\)|\{\w+\}"


class Renamed:
    """A translation whose words are exchanged in one pass, the longest first; the rest is its own.

    Stands where Django keeps the active translation of the thread.
    """

    def __init__(self, base: Any, words: Mapping[str, str]) -> None:
        self._base, self._words = base, words
        keys = sorted(words, key=len, reverse=True)
        self._pattern = re.compile("|".join([HOLES, *map(re.escape, keys)]))

    def gettext(self, message: str) -> str:
        return self._say(self._base.gettext(message))

    def ngettext(self, singular: str, plural: str, n: float) -> str:
        return self._say(self._base.ngettext(singular, plural, n))

    def _say(self, text: str) -> str:
        return self._pattern.sub(lambda found: self._words.get(found[0], found[0]), text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)


@lru_cache(maxsize=32)
def _renamed(language: str, words: tuple[tuple[str, str], ...]) -> Renamed:
    return Renamed(trans_real.translation(language), dict(words))


def speak_as(city_ids: Iterable[int], language: str) -> None:
    """Speak as these cities do until the next activation of a language; no statement of its own
    once a process knows the plans.
    """
    known = wordings()
    if not known:
        return
    words = {key: said for city in sorted(city_ids) for key, said in known.get(city, {}).items()}
    if words:
        _active().value = _renamed(language, tuple(sorted(words.items())))


@contextmanager
def speaking(language: str, *city_ids: int) -> Iterator[None]:
    """What is written outside a request, or for other readers than its user: in this language and
    in the words of these cities; afterwards whatever was active speaks on, its own words too.
    """
    before = getattr(_active(), "value", None)
    translation.activate(language)
    try:
        speak_as(city_ids, language)
        yield
    finally:
        if before is None:
            translation.deactivate()
        else:
            _active().value = before


def _active() -> Any:
    """Where Django keeps the translation of this thread; it has no public way to put one there."""
    return trans_real._active  # type: ignore[attr-defined]
