"""PDFs and pictures looked at and drawn in a bounded child: whatever they are, this process lives.

The children (``paper_child``, ``picture_child``) have 300 MB and a few seconds; without an answer
the paper is unreadable.
"""

from __future__ import annotations

import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Literal

CHILD = Path(__file__).with_name("paper_child.py")
PICTURES = Path(__file__).with_name("picture_child.py")
# seconds by the clock: a busy machine gets longer than the child's own limit of the processor
PATIENCE = 30
# children of one process at a time: what they take together stays bounded, too
AT_ONCE = BoundedSemaphore(2)


@dataclass(frozen=True)
class Drawn:
    """The first page small, the first pages large (JPEG), and how many there are in all."""

    total: int
    small: bytes
    pages: tuple[bytes, ...]


def look(pdf: bytes, acts: str) -> str:
    """``fine``, ``locked``, ``active``, ``broken`` or ``heavy`` (over the child's limits).

    ``acts``: a pattern of what makes it active, wherever it is packed."""
    answer = _ask(pdf, "look", acts)
    if answer is None:
        return "heavy"
    return answer.decode("ascii", "replace").split()[0] if answer.strip() else "broken"


def redraw(picture: bytes, wanted: Literal["JPEG", "PNG"]) -> bytes | Literal["broken", "heavy"]:
    """A picture drawn anew (``picture_child``); ``heavy``: over the child's limits."""
    answer = _ask(picture, wanted, child=str(PICTURES))
    if answer is None:
        return "heavy"
    return answer.removeprefix(b"fine") if answer.startswith(b"fine") else "broken"


def draw(data: bytes, *, small: int, side: int, most: int) -> Drawn | None:
    """The pages as pictures; what was drawn before a limit was reached counts. None: nothing."""
    answer = _ask(data, "draw", small, side, most, partly=True) or b""
    if len(answer) < 8:
        return None
    parts = _parts(answer[8:])
    if len(parts) < 2:
        return None
    return Drawn(int(struct.unpack_from(">Q", answer)[0]), parts[0], tuple(parts[1:]))


def _ask(
    data: bytes, wish: str, *more: int | str, partly: bool = False, child: str = str(CHILD)
) -> bytes | None:
    command = [sys.executable, "-I", child, wish, *map(str, more)]
    try:
        with AT_ONCE:
            done = subprocess.run(
                command, input=data, capture_output=True, timeout=PATIENCE, check=False, env={}
            )
    except subprocess.TimeoutExpired as late:
        return late.stdout if partly else None
    return done.stdout if done.returncode == 0 or partly else None


def _parts(stream: bytes) -> list[bytes]:
    """Pictures behind their lengths; one that was cut off is left out."""
    parts, place = [], 0
    while place + 8 <= len(stream):
        (length,) = struct.unpack_from(">Q", stream, place)
        part = stream[place + 8 : place + 8 + length]
        if len(part) == length:
            parts.append(part)
        place += 8 + length
    return parts
