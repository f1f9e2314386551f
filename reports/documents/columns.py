"""How wide the columns of a table are: their shares, but no date, code or short word is torn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import ceil

from reports.documents import paper
from reports.documents.content import Table
from reports.documents.lines import clean
from reports.documents.titles import broken

# a date, a code of 18 characters, a telephone number
WHOLE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.,:/+−–\-]{2,24}")
SHORT = 6  # characters: 包联第一组 stands on one line
DIGIT = 0.6  # em, a capital a little more
CAPITAL, BROAD = 0.72, 0.94  # of a capital, and of M and W
RULES = 1.0  # mm of a heading that bear none of it
PADDING = 2.8  # mm of a cell with its rules
LONGEST_LOOK = 400  # rows that are measured


def columns_of(table: Table, breadth: float) -> list[tuple[list[str], str]]:
    """Heading of each column in lines that fit, and its share of the ``breadth`` in mm."""
    found = []
    for column, width in zip(table.columns, widths_of(table, breadth), strict=True):
        fits = int(width * paper.MM / paper.TABLE)
        found.append((broken(clean(column.title), max(fits, 2)), f"{width / breadth * 100:.2f}%"))
    return found


def widths_of(table: Table, breadth: float) -> list[float]:
    """In mm. A column whose words would be torn takes from those that have room; where nobody has,
    the shares stand."""
    whole = sum(column.share for column in table.columns)
    widths = [column.share / whole * breadth for column in table.columns]
    needs = [_heading(clean(column.title)) for column in table.columns]
    for row in table.rows[:LONGEST_LOOK]:
        for place, text in enumerate(row):
            needs[place] = max(needs[place], _need(text))
    lacking = sum(max(0.0, need - width) for need, width in zip(needs, widths, strict=True))
    room = sum(max(0.0, width - need) for need, width in zip(needs, widths, strict=True))
    if not lacking or lacking > room:
        return widths
    return [
        need if need >= width else width - (width - need) / room * lacking
        for need, width in zip(needs, widths, strict=True)
    ]


def _heading(title: str) -> float:
    """mm of the longest line of a heading that stands on two or three."""
    lines = broken(title, max(2, ceil(len(title) / 2) + 1)) if title else [""]
    return max(map(_ems, lines)) * paper.TABLE / paper.MM + RULES


def _need(text: str) -> float:
    """mm of the longest piece of a cell that must stay on one line."""
    pieces: Sequence[str] = WHOLE.findall(text)
    if len(text) <= SHORT:
        pieces = [text]
    longest = max(map(_ems, pieces), default=0.0)
    return longest * paper.TABLE / paper.MM + PADDING if longest else 0.0


def _ems(text: str) -> float:
    return sum(map(_em, text))


def _em(c: str) -> float:
    if ord(c) > 0x2000:
        return 1.0
    return BROAD if c in "MW" else CAPITAL if c.isupper() else DIGIT
