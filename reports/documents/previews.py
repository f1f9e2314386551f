"""Pages of evidence as pictures, to be printed behind a case file: drawn in a bounded child.

Those that the worker drew for the screen are taken, none is drawn twice.
A paper whose file is gone or is no longer what was accepted is left out; the list names it still.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from cases import paper_files
from cases.actions.paper_files import draw
from cases.models import Evidence
from reports.documents.content import Preview

PICTURES = ("application/pdf", "image/jpeg", "image/png")
A_PAPER, IN_ALL = 10, 40  # pages
LARGEST = 20 << 20  # bytes of pictures in one document


@dataclass(frozen=True)
class Page:
    """One page: ``address`` is a ``data:`` one."""

    number: int
    of: int
    address: str


def pages_of(previews: Sequence[Preview]) -> dict[int, list[Page]]:
    """By evidence, in order, up to so many pages and bytes."""
    papers = Evidence.objects.in_bulk([preview.evidence for preview in previews])
    found: dict[int, list[Page]] = {}
    left, room = IN_ALL, LARGEST
    for preview in previews:
        paper = papers.get(preview.evidence)
        if paper is None or left <= 0:
            continue
        drawn = _drawn(paper, preview.sha256, min(A_PAPER, left))
        drawn = [one for one in drawn if (room := room - len(one)) > 0]
        found[preview.evidence] = [
            Page(n, len(drawn), "data:image/jpeg;base64," + base64.b64encode(one).decode())
            for n, one in enumerate(drawn, 1)
        ]
        left -= len(drawn)
    return found


def _drawn(paper: Evidence, sha256: str, most: int) -> list[bytes]:
    if not paper.file or paper.media_type not in PICTURES:
        return []
    try:
        with paper.file.open("rb") as source:
            data = source.read()
    except OSError:
        return []
    if hashlib.sha256(data).hexdigest() != sha256:
        return []
    there = [paper_files.path_of(sha256, number) for number in range(1, most + 1)]
    if not there[0].is_file():  # not looked at by anybody so far
        draw(paper)
    return [path.read_bytes() for path in takewhile(Path.is_file, there)]
