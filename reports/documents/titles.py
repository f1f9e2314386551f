"""Titles, mastheads and signing names: broken at word ends, in a shape that pleases. Pure.

GB/T 9704: 回行时，要做到词意完整，排列对称，长短适宜，间距恰当，标题排列应当使用梯形或菱形.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import ceil

from reports.documents.lexicon import NOT_FIRST, NOT_LAST, OF, UNIT
from reports.documents.paper import MASTHEAD_TYPE, MM, TEXT_WIDTH, TITLE_CHARACTERS

SHORT = 5


@dataclass(frozen=True)
class Masthead:
    """Lines of the name, type in points and how far the characters are narrowed."""

    lines: tuple[str, ...]
    points: float
    narrowed: float


def broken(text: str, width: int = TITLE_CHARACTERS, words: Collection[str] = ()) -> list[str]:
    """As few lines as needed of at most ``width`` characters, torn at word ends only."""
    text = " ".join(text.split())
    if len(text) <= width:
        return [text]
    units = list(_units(text, words))
    for lines in range(ceil(len(text) / width), len(units) + 1):
        found = _best(units, lines, width)
        if found:
            return found
    if words:
        # a name longer than the line is torn at its own words
        return broken(text, width)
    return [text[start : start + width] for start in range(0, len(text), width)]


def masthead(name: str, largest: float = MASTHEAD_TYPE, width: float = TEXT_WIDTH) -> Masthead:
    """One line as long as the characters stand with three fifths of their breadth, else two."""
    points = width * MM
    for narrowed in (1.0, 0.9, 0.8, 0.7, 0.6):
        if len(name) * largest * narrowed <= points:
            return Masthead((name,), round(largest, 1), narrowed)
    one = points / (len(name) * 0.6)
    if one >= largest * 0.55:
        return Masthead((name,), round(one, 1), 0.6)
    lines = broken(name, ceil(len(name) / 2) + 2)
    longest = max(len(line) for line in lines)
    type_size = largest * 0.95 / len(lines)
    narrowed = min(1.0, points / (longest * type_size))
    return Masthead(tuple(lines), round(type_size, 1), round(narrowed, 3))


def _units(text: str, words: Collection[str]) -> Iterator[str]:
    known = [re.escape(word) for word in sorted(words, key=len, reverse=True) if len(word) > 1]
    pattern = re.compile("|".join([*known, UNIT.pattern]), re.DOTALL) if known else UNIT
    return (match.group() for match in pattern.finditer(text))


def _best(units: list[str], lines: int, width: int) -> list[str] | None:
    """The division into so many lines that costs least; none where a line would be too long."""
    places = [i for i in range(1, len(units)) if not _is_torn(units[i - 1], units[i])]
    if len(places) > 60 or lines > 4:
        return _greedy(units, lines, width)
    best: tuple[float, list[str]] | None = None
    for cuts in combinations(places, lines - 1):
        edges = [0, *cuts, len(units)]
        parts = ["".join(units[a:b]).strip() for a, b in pairwise(edges)]
        if max(map(len, parts)) > width:
            continue
        cost = _shape([len(part) for part in parts]) + _tears(units, cuts)
        if best is None or cost < best[0]:
            best = (cost, parts)
    return best[1] if best else None


def _greedy(units: list[str], lines: int, width: int) -> list[str] | None:
    parts = [""]
    for unit in units:
        if len(parts[-1]) + len(unit) > width:
            parts.append("")
        parts[-1] += unit
    fits = len(parts) <= lines and max(map(len, parts)) <= width
    return [part.strip() for part in parts] if fits else None


def _is_torn(left: str, right: str) -> bool:
    return right[0] in NOT_FIRST or left[-1] in NOT_LAST


def _tears(units: list[str], cuts: tuple[int, ...]) -> float:
    """A cut between two characters that no word is known of may tear a word."""
    cost = 0.0
    for cut in cuts:
        left, right = units[cut - 1], units[cut]
        if len(left) == 1 and len(right) == 1:
            cost += 3
        elif len(left) == 1 or len(right) == 1:
            cost += 0 if left == OF else 1
        if right.startswith(OF):
            cost += 1
    return cost


def _shape(lengths: list[int]) -> float:
    """A trapezium or a diamond is wanted; no hourglass, no block, no stub at the end."""
    cost = (max(lengths) - min(lengths)) / 3
    if len(set(lengths)) == 1:
        cost += 1
    if min(lengths) < SHORT:
        cost += 4
    if len(lengths) == 3 and lengths[1] < min(lengths[0], lengths[2]):
        cost += 4
    return cost
