"""What is handed to a thread arrives whole and in order, and what goes wrong there is raised."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from cases.sheet_behind import MOST, behind


def test_pieces_arrive_in_their_order() -> None:
    came: list[bytes] = []
    with behind(came.append) as put:
        for n in range(5 * MOST):
            put(b"%d" % n)
    assert came == [b"%d" % n for n in range(5 * MOST)]


def test_a_full_disk_stops_whoever_hands_them_over() -> None:
    handed = count()

    def full(_piece: bytes) -> None:
        raise OSError("disk full")

    def many() -> None:
        with behind(full) as put:
            while next(handed) < 10_000:
                put(b"")

    with pytest.raises(OSError, match="disk full"):
        many()
    assert next(handed) < 10_000
    # also where it was the last one
    with pytest.raises(OSError, match="disk full"), behind(full) as put:
        put(b"")


def test_what_is_no_mere_error_is_raised_too() -> None:
    def leave(_piece: bytes) -> None:
        raise SystemExit

    with pytest.raises(SystemExit), behind(leave) as put:
        put(b"")


def test_no_thread_stays_behind_one_that_gave_up() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), behind(len):
        print(1 / 0)
    assert threading.active_count() == before
