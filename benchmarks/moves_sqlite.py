"""One guarded move on the embedded default: see ``moves``."""

from __future__ import annotations

from typing import Any

from benchmarks.moves import measure


def main(is_quick: bool) -> dict[str, Any]:
    return measure("sqlite", is_quick)
