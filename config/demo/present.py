"""While history is built, a page shows nothing from after its own today.

The builder moves the clock and writes the new day behind it, many times a minute. A page that began
on one day and read rows of the next would date them in its future; it is made again instead.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config.demo import state
from config.demo.courtesy import READS
from organisations import clock

TRIES = 5


class OneDay:
    """Reads are answered within one day of history; outermost, so that all is read anew."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.DEMO or request.method not in READS or not state.is_building():
            return self.get_response(request)
        for _number in range(TRIES):
            with clock.held():
                answer = self.get_response(request)
                # a file is as of its own day, named in it
                if answer.streaming or clock.still_today():
                    break
        return answer
