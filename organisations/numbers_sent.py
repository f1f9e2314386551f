"""Numbers of rows as pages send them back: text that anybody may have written."""

from __future__ import annotations

from collections.abc import Iterable

# digits that a column of row numbers holds for sure (64 bits); more is a fault of the database's
LONGEST = 18


def number_of(text: str) -> int:
    """The number; 0, which no row has, for what is no number or longer than any."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else 0


def numbers_of(texts: Iterable[str]) -> set[int]:
    """Those that are numbers; one that no row can have is 0, so that it is not simply passed by."""
    return {number_of(text) for text in texts if text.strip().isdecimal()}
