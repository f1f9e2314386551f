"""Luck that is the same on every machine and does not depend on who was asked first.

Each draw is a hash (splitmix64, public domain) of the seed, the run, the firm and what is drawn,
in whole numbers only: changing one assumption leaves everybody's other luck as it was, so that two
plans are compared under the same circumstances.
"""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mixed(number: int) -> int:
    """The finaliser of splitmix64: 64 bits in, 64 bits out."""
    number = (number + GOLDEN) & MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)


@lru_cache(maxsize=4096)
def number_of(what: str) -> int:
    """A name as a number; CRC-32, the same in every process."""
    return mixed(crc32(what.encode()))


class Luck:
    """The luck of one firm (or county) in one run."""

    __slots__ = ("base",)

    def __init__(self, *parts: int) -> None:
        base = 0
        for part in parts:
            base = mixed(base ^ (part & MASK))
        self.base = base

    def between(self, what: str, low: int, high: int, turn: int = 0) -> int:
        """A whole number from ``low`` to ``high``, both included; each as likely."""
        drawn = mixed(self.base ^ number_of(what) ^ mixed(turn))
        return low + drawn % (max(high, low) - low + 1)

    def happens(self, what: str, percent: int, turn: int = 0) -> bool:
        return self.between(what, 0, 9999, turn) < percent * 100
