"""What the tests of people at once share: deeds in threads of their own, and who waits for whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction

from cases.errors import Refused

Outcomes = list[object]


def together(*deeds: Callable[[], object]) -> Outcomes:
    """Run at the same moment, each in a thread of its own; results or refusals, in order."""
    barrier = threading.Barrier(len(deeds))
    found: dict[int, object] = {}

    def run(place: int, deed: Callable[[], object]) -> None:
        barrier.wait()
        try:
            found[place] = deed()
        except Exception as failure:  # an answer like any other, looked at by the test
            found[place] = failure
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[place] for place in range(len(deeds))]


def after(first: Callable[[], object], second: Callable[[], object]) -> object:
    """The answer of a second person who had to wait for the first one's transaction."""
    held, answer = threading.Event(), []

    def hold() -> None:
        with transaction.atomic():
            first()
            held.set()
            for _turn in range(200):
                if waiting():
                    break
                time.sleep(0.05)
            else:
                raise AssertionError("nobody waited")

    def follow() -> None:
        held.wait()
        try:
            answer.append(second())
        except Refused as refusal:
            answer.append(refusal)

    together(hold, follow)
    return answer[0]


def waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def meanwhile(
    where: tuple[Any, str],
    first: Callable[[], object],
    second: Callable[[], object],
    monkeypatch: pytest.MonkeyPatch,
) -> Outcomes:
    """Both answers, where the second begins in the midst of the first: once ``where`` is done, the
    first goes on when the second waits for it, or has come to its end."""
    held, over = threading.Event(), threading.Event()
    module, name = where
    real = getattr(module, name)

    def paused(*args: Any, **options: Any) -> Any:
        answer = real(*args, **options)
        if held.is_set():
            return answer
        held.set()
        while not over.wait(0.02) and not waiting():
            pass
        return answer

    def follow() -> object:
        held.wait()
        try:
            return second()
        finally:
            over.set()

    monkeypatch.setattr(module, name, paused)
    return together(first, follow)


def sweepers(sweep: Callable[[], object], n: int = 4, turns: int = 3) -> None:
    """Several at once, each several times over; none may fail."""

    def run() -> None:
        for _turn in range(turns):
            sweep()

    assert together(*[run] * n) == [None] * n
