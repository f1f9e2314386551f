"""Pinyin and initials of a firm's name, for search; places read as their people read them.

A name begins with its places (洛阳市伊川县…): each is spelled by itself, so that 伊川县长城机械 is
read as what stands in 伊川县. What the dictionary gets wrong stands in ``readings``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from enterprises.readings import PLACES, SIGNS, WORDS

OPENING = "(（"


@cache
def _speller() -> tuple[Callable[[str], list[str]], Callable[[str], list[str]]]:
    """pypinyin with our readings, and what cuts a name into its words; its tables take a third of a
    second: whoever spells waits."""
    from pypinyin import lazy_pinyin, load_phrases_dict, load_single_dict
    from pypinyin.constants import PHRASES_DICT, RE_HANS
    from pypinyin.seg import mmseg

    known = PLACES | WORDS
    load_phrases_dict({name: [[s] for s in sound.split()] for name, sound in known.items()})
    load_single_dict({ord(sign): sound for sign, sound in SIGNS.items()})
    beginnings: Any = mmseg.p_set
    return lazy_pinyin, _cutter(PHRASES_DICT, beginnings._set, RE_HANS)


def _cutter(
    phrases: dict[str, Any], beginnings: set[str], han: re.Pattern[str]
) -> Callable[[str], list[str]]:
    """The longest phrase from each place on, as pypinyin cuts; its own way takes several times as
    long, and half a million names are spelled in one import."""

    @lru_cache(maxsize=20_000)
    def is_han(sign: str) -> bool:
        return han.match(sign) is not None

    def cut(text: str) -> list[str]:
        found: list[str] = []
        if han.match(text):
            add_words(text, found)
            return found
        for spoken, signs in groupby(text, is_han):
            if spoken:
                add_words("".join(signs), found)
            else:
                found.append("".join(signs))
        return found

    def add_words(run: str, to: list[str]) -> None:
        begin, last = 0, len(run)
        while begin < last:
            found, end = begin + 1, begin + 2
            if run[begin] in beginnings:
                while end <= last and (word := run[begin:end]) in beginnings:
                    if word in phrases:
                        found = end
                    end += 1
                if end > last and found == begin + 1 and run[begin] not in phrases:
                    # the rest begins a phrase and is none
                    to.extend(run[begin:])
                    return
            to.append(run[begin:found])
            begin = found

    return cut


@lru_cache(maxsize=20_000)
def _sounds(word: str) -> tuple[str, str]:
    """The plain syllables of a word and their initials, which are alike in every name: 机械 stands
    in thousands."""
    spelled, _cut = _speller()
    syllables = ("".join(c for c in s.lower() if c.isalnum()) for s in spelled(word))
    plain = [s for s in syllables if s]
    return "".join(plain), "".join([s[0] if s.isalpha() else s for s in plain])


def spell(name: str, places: Iterable[str] = ()) -> tuple[str, str]:
    """(pinyin, initials) in lower case without blanks: ("luoyang…", "ly…").

    ``places``: names of the map, with which a firm's name may begin.
    """
    _spelled, cut = _speller()
    plain = [_sounds(word) for part in parts_of(name, places) for word in cut(part)]
    return "".join([s for s, _ in plain])[:400], "".join([s for _, s in plain])[:120]


@lru_cache(maxsize=20)
def _leading(places: tuple[str, ...]) -> re.Pattern[str]:
    """A place, the longest first; 洛阳 leads 洛阳市, also where the map knows the short name
    alone."""
    known = sorted({place for place in places if len(place) > 1}, key=len, reverse=True)
    any_of_them = "|".join(map(re.escape, known)) if known else "(?!)"
    return re.compile(f"[{OPENING}]*(?:{any_of_them})[省市县区]?")


def parts_of(name: str, places: Iterable[str]) -> list[str]:
    """洛阳市 | 伊川县 | 长城机械有限公司: the places that lead, then the rest."""
    leading = _leading(tuple(places))
    found: list[str] = []
    at = 0
    while place := leading.match(name, at):
        found.append(place[0])
        at = place.end()
    return [*found, name[at:]] if at < len(name) else found
