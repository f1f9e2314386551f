"""Opening a register on the embedded default: see ``opening``."""

from __future__ import annotations

from benchmarks.opening import on_sqlite as main

__all__ = ["main"]
