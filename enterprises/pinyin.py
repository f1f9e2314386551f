"""Pinyin and initials of a firm's name, for search; place names that pypinyin gets wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

# read wrongly or ambiguously by pypinyin; places of Henan and its neighbours first
_PLACES = {
    "长葛": "cháng gě",
    "长垣": "cháng yuán",
    "长治": "cháng zhì",
    "单县": "shàn xiàn",
    "浚县": "xùn xiàn",
    "尉氏": "yù shì",
    "漯河": "luò hé",
    "洪洞": "hóng tóng",
    "繁峙": "fán shì",
    "乐陵": "lào líng",
    "东阿": "dōng ē",
    "会稽": "kuài jī",
    "铅山": "yán shān",
    "牟平": "mù píng",
}


@cache
def _speller() -> Callable[[str], list[str]]:
    """pypinyin with our places; its tables take a third of a second, so whoever spells waits."""
    from pypinyin import lazy_pinyin, load_phrases_dict

    load_phrases_dict({place: [[s] for s in sound.split()] for place, sound in _PLACES.items()})
    spelled: Callable[[str], list[str]] = lazy_pinyin
    return spelled


def spell(name: str) -> tuple[str, str]:
    """(pinyin, initials) in lower case without blanks: ("luoyang…", "ly…")."""
    syllables = [s.lower() for s in _speller()(name) if s.strip()]
    plain = ["".join(c for c in s if c.isalnum()) for s in syllables]
    full = "".join(plain)
    initials = "".join(s[0] if s.isalpha() else s for s in plain if s)
    return full[:400], initials[:120]
