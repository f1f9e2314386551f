"""The folds and checks of a row, for a column at a time: what is as it should be costs little.

Each function says of a column what the functions of ``folding`` say of its cells. What is not
plainly right is left to them: its place goes into ``odd``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Sequence
from operator import mul
from typing import Generic, TypeVar

from enterprises.importing.folding import (
    BRACKETS,
    CODE_LENGTH,
    SIGNS,
    WEIGHTS,
    fold_display,
    fold_name,
    fold_text,
)
from enterprises.importing.identity import NAME_LENGTH
from enterprises.importing.workbook import Cell

Odd = set[int]
C = TypeVar("C", bound=Hashable)

# normalised by itself and beside whatever stands before or behind it
_BETWEEN = "|"
# a sign's value, 255 for what no code has
_VALUE = bytes(SIGNS.index(chr(n)) if chr(n) in SIGNS else 255 for n in range(256))
# the last sign makes the sum a multiple of 31
_ALL_WEIGHTS = (*WEIGHTS, 1)


def is_plain(text: str) -> bool:
    """Nothing to fold, as ``fold_text`` sees it; of many texts at once, joined."""
    return text.isprintable() and " " not in text and unicodedata.is_normalized("NFKC", text)


def texts(column: Sequence[Cell], fold: Callable[[Cell], str] = fold_text) -> list[str]:
    """Each cell folded."""
    if set(map(type, column)) <= {str, type(None)}:
        found = [cell or "" for cell in column]
        if is_plain(_BETWEEN.join(found)):  # type: ignore[arg-type]
            return found  # type: ignore[return-value]
    return [c if type(c) is str and is_plain(c) else fold(c) for c in column]


def shorter(column: Sequence[str], limit: int, odd: Odd) -> None:
    """What is longer is cut, with a warning."""
    if max(map(len, column), default=0) > limit:
        odd.update(at for at, text in enumerate(column) if len(text) > limit)


def names(column: Sequence[Cell], odd: Odd) -> tuple[list[str], list[str]]:
    """(as shown, and folded)."""
    shown = texts(column, fold_display)
    joined = _BETWEEN.join(shown)
    if is_plain(joined):
        plain = joined.translate(BRACKETS).casefold() == joined
        keys = shown if plain else [fold_name(name) for name in shown]
    else:
        keys = [fold_name(cell) for cell in column]
    shorter(shown, NAME_LENGTH, odd)
    # nothing, an error of Excel, a line of the form
    odd.update(at for at, name in enumerate(shown) if len(name) < 2 or "#" in name)
    return shown, keys


def codes(column: Sequence[Cell], odd: Odd) -> list[str]:
    """Those that are right as they stand."""
    found = ["" if type(cell) is not str else cell for cell in column]
    joined = "".join(found)
    if not joined.isascii() or set(map(len, found)) != {CODE_LENGTH}:
        odd.update(n for n, c in enumerate(found) if not c.isascii() or len(c) != CODE_LENGTH)
        found = [c if n not in odd else "0" * CODE_LENGTH for n, c in enumerate(found)]
        joined = "".join(found)
    values = joined.encode().translate(_VALUE)
    for at in range(len(found)):
        own = values[at * CODE_LENGTH : (at + 1) * CODE_LENGTH]
        if sum(map(mul, own, _ALL_WEIGHTS)) % 31 or max(own) > 30:
            odd.add(at)
    return found


class Known(Generic[C]):
    """What cells of a few kinds mean, asked once each; None: not plainly anything."""

    def __init__(self, meaning: Callable[[C], str | None]) -> None:
        self._meaning = meaning
        self._known: dict[C, str | None] = {}

    def of(self, column: Sequence[C], odd: Odd) -> list[str]:
        for cell in set(column) - self._known.keys():
            self._known[cell] = self._meaning(cell)
        found = list(map(self._known.__getitem__, column))
        # True and 1 are one key
        if None in found or bool in set(map(type, column)):
            odd.update(
                at for at, one in enumerate(found) if one is None or type(column[at]) is bool
            )
        return [one or "" for one in found]
