"""What takes longest begins first: begun last it would end alone, while every other core waits."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

# files, and single tests, by what they took on two cores (``--durations``), the longest first; not
# those of the browser: as few workers as can be should start one
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
)


def long_ones_first(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """In an order of which xdist's ``worksteal`` gives each worker a part, from first to last: each
    begins with its share of the long ones. Tests of one file stay together, but for those."""
    rank = {one: _rank(one.nodeid) for one in items}
    long_ = sorted((one for one in items if rank[one] < len(LONG)), key=rank.__getitem__)
    rest = [one for one in items if rank[one] == len(LONG)]
    found: list[pytest.Item] = []
    left = len(items)
    for place in range(workers):
        size = left // (workers - place)
        head = long_[place::workers]
        taken = max(size - len(head), 0)
        found += [*head, *rest[:taken]]
        del rest[:taken]
        left -= len(head) + taken
    return found + rest


def _rank(name: str) -> int:
    return next((place for place, one in enumerate(LONG) if name.startswith(one)), len(LONG))
