"""Parts of a page that ask for themselves again until the worker has drawn them."""

from __future__ import annotations

from typing import Any

SOON, LATER = 2, 20  # seconds between two questions whether a picture is drawn
OFTEN = 15  # questions that come soon after one another


def waiting(part: str, parts: str, asked: int = 0) -> dict[str, Any]:
    """A part that asks for itself again: soon at first, then now and then (the worker is away)."""
    soon = asked < OFTEN
    return {
        "again": f"{parts}?part={part}&asked={asked + 1}",
        "delay": SOON if soon else LATER,
        "late": not soon,
    }
