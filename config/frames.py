"""Room for deep calls.

CPython (3.11 and later) keeps the frames of a thread in pieces of 16 KB. Where a loop calls across
the edge of one, each call maps a piece of memory and each return gives it back: a page made by
Django spent a tenth of its time so, and more where the kernel is slow.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar

from django.http import HttpRequest, HttpResponse

P = ParamSpec("P")
T = TypeVar("T")

# words of a frame: with it the piece becomes 2 MB, of which what is called takes the other half;
# the kernel gives what is touched
WORDS = 1 << 17


def _call(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return call(*args, **kwargs)


_roomy = FunctionType(_call.__code__.replace(co_stacksize=WORDS), globals(), "_roomy")


def roomy(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """``call`` and everything that it calls, in one piece of memory."""
    found: T = _roomy(call, *args, **kwargs)
    return found


class Roomy:
    """Every request in one piece of memory."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return roomy(self.get_response, request)
