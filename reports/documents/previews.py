"""Pages of evidence as pictures, to be printed behind a case file: drawn in a bounded child.

A paper whose file is gone or is no longer what was accepted is left out; the list names it still.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cases.models import Evidence
from reports.documents.content import Preview

CHILD = Path(__file__).with_name("previews_child.py")
PICTURES = ("application/pdf", "image/jpeg", "image/png")
A_PAPER, IN_ALL = 10, 40  # pages
PATIENCE = 60  # seconds a paper
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
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(CHILD), str(most)],
            input=data,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return []
    return _parts(done.stdout) if done.returncode == 0 else []


def _parts(stream: bytes) -> list[bytes]:
    parts, place = [], 0
    while place < len(stream):
        (length,) = struct.unpack_from(">Q", stream, place)
        parts.append(stream[place + 8 : place + 8 + length])
        place += 8 + length
    return parts
