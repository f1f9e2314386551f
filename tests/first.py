"""The parts that workers take, what takes longest first: taken last it would end alone, while
every other core waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

# files, and single tests, by what they took on two cores (``--durations``), the longest first
LONG = (
    "tests/prove/test_quick",
    "tests/outsiders/test_links",
    "tests/cases/test_list_statements",
    "tests/outsiders/test_addresses",
    "tests/house/test_up",
    "tests/cases/test_matrix",
    "tests/config/test_demo.py::test_every_desk",
    "tests/cases/test_invariants.py::test_people_at_random",
    "tests/plays/test_plans",
    "tests/outsiders/test_lists",
    "tests/config/test_bad_input.py::test_nonsense",
    "tests/outsiders/test_another_firm",
    "tests/browser/test_main_pages",
)


@dataclass(frozen=True)
class Part:
    """Tests that one worker takes together: places among all that were collected."""

    places: tuple[int, ...]
    is_browsers: bool


def parts(items: Sequence[pytest.Item]) -> list[Part]:
    """A file each, but each long test alone."""
    found: dict[tuple[int, str], list[int]] = {}
    for place, one in enumerate(items):
        rank = _rank(one.nodeid)
        name = one.path.as_posix() if rank == len(LONG) else one.nodeid
        found.setdefault((rank, name), []).append(place)
    return [
        Part(tuple(places), any(_has_browser(items[place]) for place in places))
        for _key, places in sorted(found.items(), key=lambda pair: pair[0][0])
    ]


def _has_browser(item: pytest.Item) -> bool:
    return "chromium" in getattr(item, "fixturenames", ())


def _rank(name: str) -> int:
    return next((place for place, one in enumerate(LONG) if name.startswith(one)), len(LONG))
