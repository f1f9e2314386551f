"""One spelling for names and industries, and the text that a row is searched in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from organisations.regions import fold

# divisions 06–46 of GB/T 4754, with up to two digits more
_INDUSTRY = re.compile(r"(0[6-9]|[1-3]\d|4[0-6])\d{0,2}")
_BRACKETS = str.maketrans("[]{}〔〕【】", "()()()()")


def fold_name(text: str) -> str:
    """The key of a name: width, blanks, case and brackets folded."""
    return fold(text).translate(_BRACKETS)


def wrong_industries(codes: Iterable[str]) -> list[str]:
    """Those that are no prefix of an industrial code."""
    return [code for code in codes if not _INDUSTRY.fullmatch(code)]


def searched_text(*texts: str | Sequence[str]) -> str:
    """What a list is searched in: every part folded, kept apart by a blank."""
    parts = (part for text in texts for part in ([text] if isinstance(text, str) else text))
    return " ".join(filter(None, map(fold, parts)))


def industry_marks(codes: Iterable[str]) -> list[str]:
    """Industries in the searched text: "#34" finds #34 and #3451, and no telephone number."""
    return [f"#{code}" for code in codes]
