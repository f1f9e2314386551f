"""手工数字: figures that somebody typed, which no name links to the data; whoever checks sees them.

What is no figure is left alone: days and hours, time limits, ordinals, numbers of other documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reports.documents.content import LINK, Content
from reports.documents.lexicon import FIGURE, NO_FIGURE, SHIELDED


@dataclass(frozen=True)
class Bit:
    """A stretch of a paragraph as it reads; ``is_typed``: a figure that nothing links."""

    text: str
    is_typed: bool = False


def bits(paragraph: str, figures: dict[str, str]) -> list[Bit]:
    """The paragraph with its linked figures filled in, taken apart at the typed ones."""
    found: list[Bit] = []
    last = 0
    for link in LINK.finditer(paragraph):
        found += _plain(paragraph[last : link.start()])
        found.append(Bit(figures.get(link[1], link[0])))
        last = link.end()
    found += _plain(paragraph[last:])
    return [bit for bit in found if bit.text]


def typed_figures(content: Content) -> list[str]:
    """Every typed figure of the text, in its order."""
    of_all: Iterable[Bit] = (
        bit for text in content.paragraphs for bit in bits(text, content.figures)
    )
    return [bit.text for bit in of_all if bit.is_typed]


def _plain(text: str) -> list[Bit]:
    shielded = [one.span() for kind in SHIELDED for one in kind.finditer(text)]
    found: list[Bit] = []
    last = 0
    for figure in FIGURE.finditer(text):
        start, end = figure.span()
        inside = any(first <= start < until for first, until in shielded)
        if inside or NO_FIGURE.match(text, end):
            continue
        found += [Bit(text[last:start]), Bit(text[start:end], is_typed=True)]
        last = end
    return [*found, Bit(text[last:])]
