"""Pinyin and initials of a firm's name, for search; places read as their people read them.

A name begins with its places (洛阳市伊川县…): each is spelled by itself, so that 伊川县长城机械 is
read as what stands in 伊川县. What the dictionary gets wrong stands in ``readings``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, lru_cache

from enterprises.readings import PLACES, SIGNS, WORDS

OPENING = "(（"


@cache
def _speller() -> tuple[Callable[[str], list[str]], Callable[[str], list[str]]]:
    """pypinyin with our readings, and what cuts a name into its words; its tables take a third of a
    second: whoever spells waits."""
    from pypinyin import lazy_pinyin, load_phrases_dict, load_single_dict
    from pypinyin.converter import DefaultConverter
    from pypinyin.core import Pinyin

    known = PLACES | WORDS
    load_phrases_dict({name: [[s] for s in sound.split()] for name, sound in known.items()})
    load_single_dict({ord(sign): sound for sign, sound in SIGNS.items()})
    return lazy_pinyin, Pinyin(DefaultConverter()).seg


@lru_cache(maxsize=20_000)
def _sounds(word: str) -> tuple[str, ...]:
    """The plain syllables of a word, which sounds alike in every name: 机械 stands in thousands."""
    spelled, _cut = _speller()
    syllables = ("".join(c for c in s.lower() if c.isalnum()) for s in spelled(word))
    return tuple(s for s in syllables if s)


def spell(name: str, places: Iterable[str] = ()) -> tuple[str, str]:
    """(pinyin, initials) in lower case without blanks: ("luoyang…", "ly…").

    ``places``: names of the map, with which a firm's name may begin.
    """
    _spelled, cut = _speller()
    words = (word for part in parts_of(name, places) for word in cut(part))
    plain = [s for word in words for s in _sounds(word)]
    full = "".join(plain)
    initials = "".join([s[0] if s.isalpha() else s for s in plain])
    return full[:400], initials[:120]


@lru_cache(maxsize=20)
def _longest_first(places: tuple[str, ...]) -> list[str]:
    return sorted({place for place in places if len(place) > 1}, key=len, reverse=True)


def parts_of(name: str, places: Iterable[str]) -> list[str]:
    """洛阳市 | 伊川县 | 长城机械有限公司: the places that lead, then the rest."""
    known = _longest_first(tuple(places))
    found: list[str] = []
    rest = name
    while rest:
        begins = rest.lstrip(OPENING)
        place = next((one for one in known if begins.startswith(one)), "")
        if not place:
            break
        # 洛阳 leads 洛阳市, also where the map knows the short name alone
        end = len(rest) - len(begins) + len(place)
        end += rest[end : end + 1] in ("省", "市", "县", "区")
        found.append(rest[:end])
        rest = rest[end:]
    return [*found, rest] if rest else found
