"""Deep calls get a piece of memory of their own."""

from __future__ import annotations

import sys

import pytest

from config.frames import WORDS, roomy


def test_what_is_called_answers_and_fails_as_it_would() -> None:
    assert roomy(divmod, 7, 2) == (3, 1)
    assert roomy(sorted, [2, 1], reverse=True) == [2, 1]
    with pytest.raises(ZeroDivisionError):
        roomy(divmod, 7, 0)


def test_the_frame_below_is_as_large_as_it_is_meant_to_be() -> None:
    below = roomy(lambda: sys._getframe(1))
    assert below.f_code.co_stacksize == WORDS
