"""While history is built, a visitor's write goes first.

SQLite has one writer, and its waiters look only every 100 ms: a builder that begins its next
transaction at once is met by nobody in between, until they give up. So a visitor raises a hand (a
shared file lock, which ends with the process), and the builder waits before it begins.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from config.demo import state

PATIENCE = 1.0  # seconds that the builder waits before one transaction: it comes to an end, too
LOOK_EVERY = 0.005
SLICE = 0.1  # seconds of acts in one transaction
READS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
WRITES = ("BEGIN", "INSERT", "UPDATE", "DELETE", "REPLACE")


class VisitorsFirst:
    """Raises the hand for each request that writes, while history is built on SQLite.

    A form raises it from its beginning; a page when it first writes after all: it renews a session,
    or notes an export in the trail.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.DEMO or connection.vendor != "sqlite" or not state.is_building():
            return self.get_response(request)
        with ExitStack() as hand:
            if request.method not in READS:
                hand.enter_context(hand_raised())
                return self.get_response(request)
            with connection.execute_wrapper(_raise_before_writing(hand)):
                return self.get_response(request)


def _raise_before_writing(hand: ExitStack) -> Callable[..., Any]:
    """Raises the hand before the first statement that needs SQLite's write lock, once."""
    is_up = False

    def run(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        nonlocal is_up
        if not is_up and sql.startswith(WRITES):
            is_up = True
            hand.enter_context(hand_raised())
        return execute(sql, params, many, context)

    return run


@contextmanager
def hand_raised() -> Iterator[None]:
    with _file() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def giving_way() -> AbstractContextManager[None]:
    """Within it each transaction of this process begins when no hand is up."""
    return connection.execute_wrapper(_wait_before_begin)


def _wait_before_begin(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    if sql.startswith("BEGIN"):
        _wait()
    return execute(sql, params, many, context)


def _wait() -> None:
    end = time.monotonic() + PATIENCE
    with _file() as file:
        while not _is_free(file) and time.monotonic() < end:
            time.sleep(LOOK_EVERY)


def _is_free(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _file() -> IO[bytes]:
    folder = state.folder()
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / "visitors").open("ab")
