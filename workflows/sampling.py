"""Draws that anybody can repeat with nothing but SHA-256: no random generator, no secret.

Each number of the population is hashed behind the seed (``seed:number``, UTF-8); of every group
those with the smallest hashes are drawn. The order in which numbers are given does not matter.
Whoever knows seed and population beforehand can reckon the result: so the seed is chosen after the
population is fixed, in the presence of others or by the machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence


def drawn(
    population: Mapping[str, Sequence[str]], *, percent: int, at_least: int, seed: str
) -> dict[str, list[str]]:
    """The numbers drawn of each group, sorted: ``percent`` of it rounded up, ``at_least`` so many
    where it has as many; groups without numbers are left out."""
    return {
        group: sorted(_first(numbers, _size(len(set(numbers)), percent, at_least), seed))
        for group, numbers in sorted(population.items())
        if numbers
    }


def _size(of: int, percent: int, at_least: int) -> int:
    return min(of, max(at_least, -(-of * percent // 100)))


def _first(numbers: Sequence[str], many: int, seed: str) -> list[str]:
    return sorted(set(numbers), key=lambda number: (rank(seed, number), number))[:many]


def rank(seed: str, number: str) -> str:
    """What a number is drawn by; ``printf '%s:%s' SEED NUMBER | sha256sum`` prints the same."""
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()
