"""A paragraph broken into lines whose right edge is flush, by the rules of Chinese setting.

Justifying does nothing to Chinese text without spaces, so each line carries the letter spacing
that makes it exactly as wide as the text area. Pure; widths in em of the body.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from reports.documents.paper import CHARACTERS, MEASURE, PITCH

Width = Callable[[str, str], float]  # (character, face) → em

# 避头, 避尾: what no line begins with, and what none ends with
CLOSING = frozenset("，。、；：！？）》」』”’〕】％%…—·,.;:!?)]}℃")
OPENING = frozenset("（《「『“‘〔【([{")
# their right half is blank: at a line's end it may hang out of the text area
HALF = frozenset("，。、；：！？）》」』”’〕】")
# digits with their marks, Latin words, years and months are not torn apart
RUN = re.compile(r"[0-9A-Za-z][0-9A-Za-z.,:/%‰+\-]*|[^\S\n]|——|……|.", re.DOTALL)
WIDEST = 1 / 3  # em between characters: what would be wider stays ragged
LONGEST_RUN = 20  # a longer run of letters breaks anywhere


@dataclass(frozen=True)
class Run:
    """Text in one face."""

    text: str
    face: str = "body"


@dataclass(frozen=True)
class Line:
    """Runs; letter spacing in em; characters of indent."""

    runs: tuple[Run, ...]
    spacing: float
    indent: float = 0
    is_last: bool = False

    @property
    def left(self) -> float:
        """The indent in em."""
        return round(self.indent * (1 + PITCH), 4)

    @property
    def is_usual(self) -> bool:
        """Spaced as most lines are: the style sheet says it once for all."""
        return abs(self.spacing - PITCH) < 1e-5

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class _Atom:
    text: str
    face: str
    width: float


def clean(text: str) -> str:
    """Without what a hostile or careless hand left and nobody reads: controls, direction marks."""
    folded = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\u200b", ""))
    return "".join(c for c in folded if c == "\n" or unicodedata.category(c)[0] not in "C")


def composed(
    runs: Sequence[Run],
    width: Width,
    *,
    measure: float = CHARACTERS,
    first_indent: float = 2,
    indent: float = 0,
) -> list[Line]:
    """Lines of ``measure`` characters; the first starts ``first_indent`` characters in."""
    lines: list[Line] = []
    waiting = list(_atoms(runs, width))
    while waiting:
        inset = first_indent if not lines else indent
        room = _room(measure - inset)
        taken = _fitting(waiting, room)
        line, waiting = waiting[:taken], waiting[taken:]
        while waiting and waiting[0].text.isspace():
            waiting.pop(0)
        while len(line) > 1 and line[-1].text.isspace():
            line.pop()
        spacing = _spacing(line, room)
        if not waiting:
            spacing = min(spacing, PITCH)
        lines.append(Line(_joined(line), round(spacing, 5), inset, not waiting))
    return lines


def measured(text: str, width: Width, face: str = "body") -> float:
    """Em that a text takes at its natural width."""
    return sum(width(character, face) for character in text)


def _room(characters: float) -> float:
    """Em of natural width that so many characters of the grid have."""
    return MEASURE - (CHARACTERS - characters) * (1 + PITCH)


def _atoms(runs: Sequence[Run], width: Width) -> Iterator[_Atom]:
    for run in runs:
        for piece in RUN.findall(clean(run.text).replace("\n", " ")):
            parts = [piece] if len(piece) <= LONGEST_RUN else list(piece)
            for part in parts:
                yield _Atom(part, run.face, measured(part, width, run.face))


def _fitting(atoms: Sequence[_Atom], room: float) -> int:
    """How many of the atoms make the next line; at least one."""
    used, taken = 0.0, 0
    # the grid's own 28 characters are drawn together a little: a line may be that much too wide
    slack = room * -PITCH
    while taken < len(atoms):
        used += atoms[taken].width
        if used > room + slack:
            break
        taken += 1
    if taken == len(atoms):
        return taken
    closing = taken
    while closing < len(atoms) and atoms[closing].text in CLOSING:
        closing += 1
    if closing - taken == 1 and atoms[taken].text in HALF and used - 1 <= room + slack:
        return closing  # half of it hangs out, the rest is drawn in
    while taken > 1 and (atoms[taken].text in CLOSING or atoms[taken - 1].text in OPENING):
        taken -= 1
    return max(taken, 1)


def _spacing(line: Sequence[_Atom], room: float) -> float:
    """Em behind each character so that the line's ink ends at the right edge."""
    characters = sum(len(atom.text) for atom in line)
    if characters < 2:
        return PITCH
    natural = sum(atom.width for atom in line)
    if line[-1].text in HALF and natural > room * (1 - PITCH) + 0.01:
        natural -= 0.5
    spread = (room - natural) / (characters - 1)
    # a line with one long word in it is not torn apart: it stays ragged
    return spread if spread <= WIDEST else PITCH


def _joined(line: Sequence[_Atom]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for atom in line:
        if runs and runs[-1].face == atom.face:
            runs[-1] = Run(runs[-1].text + atom.text, atom.face)
        else:
            runs.append(Run(atom.text, atom.face))
    return tuple(runs)
