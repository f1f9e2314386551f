"""What is counted once in a while: as of when, how long, and by one thread only."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from organisations import remembering
from organisations.remembering import LONGEST, SECONDS, remembered, told_anew
from tests.world import START, at

NOW = at(START)


class Clock:
    """Seconds that pass as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(remembering, "monotonic", lambda: self.now)

    def ask(self, said: str, takes: float = 0.0) -> tuple[Any, Any]:
        def look() -> str:
            self.now += takes
            return said

        return remembered("a list", look, NOW + timedelta(seconds=self.now))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(remembering, "_known", {})
    monkeypatch.setattr(remembering, "_turns", {})
    return Clock(monkeypatch)


def test_it_is_asked_again_after_a_while(clock: Clock) -> None:
    first = clock.ask("one")
    clock.now += SECONDS - 1
    assert clock.ask("two") == first
    clock.now += 2
    assert clock.ask("two")[0] == "two"


def test_what_takes_long_is_asked_less_often(clock: Clock) -> None:
    clock.ask("one", takes=5)
    clock.now += 99
    assert clock.ask("two")[0] == "one"
    clock.now += 2
    assert clock.ask("two", takes=60)[0] == "two"
    clock.now += LONGEST + 1
    assert clock.ask("three")[0] == "three"


def test_others_do_not_wait_for_who_asks_anew(clock: Clock) -> None:
    clock.ask("one")
    clock.now += SECONDS + 1
    others: list[str] = []

    def look() -> str:
        others.append(remembered("a list", lambda: "asked twice", NOW)[0])
        return "two"

    assert remembered("a list", look, NOW)[0] == "two"
    assert others == ["one"]


def test_what_failed_is_asked_by_the_next(clock: Clock) -> None:
    clock.ask("one")
    clock.now += SECONDS + 1

    def fail() -> str:
        raise OSError("the database is away")

    with pytest.raises(OSError, match="away"):
        remembered("a list", fail, NOW)
    assert clock.ask("two")[0] == "two"


def test_what_nobody_has_asked_yet_is_asked_by_one_of_many(clock: Clock) -> None:
    began, goes_on = threading.Event(), threading.Event()
    asked: list[str] = []

    def look() -> str:
        asked.append("once")
        began.set()
        assert goes_on.wait(10)
        return "one"

    def ask() -> str:
        return remembered("a list", look, NOW)[0]

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(ask)
        assert began.wait(10)
        others = [pool.submit(ask) for _ in range(2)]
        goes_on.set()
        assert [one.result(10) for one in (first, *others)] == ["one"] * 3
    assert asked == ["once"]


def test_what_failed_keeps_nobody_waiting_and_is_asked_by_one_at_a_time(clock: Clock) -> None:
    began, goes_on = threading.Event(), threading.Event()
    now, most = [0], [0]

    def fail() -> str:
        now[0] += 1
        most[0] = max(most[0], now[0])
        began.set()
        assert goes_on.wait(10)
        now[0] -= 1
        raise OSError("the database is away")

    def ask() -> None:
        with pytest.raises(OSError, match="away"):
            remembered("a list", fail, NOW)

    with ThreadPoolExecutor(4) as pool:
        every = [pool.submit(ask) for _ in range(4)]
        assert began.wait(10)
        goes_on.set()
        for one in every:
            one.result(10)
    assert most == [1]
    assert clock.ask("one")[0] == "one"


def test_nobody_is_told_what_is_older_than_five_minutes(clock: Clock) -> None:
    """In the afternoon nobody is told the morning's figure while somebody counts."""
    began, goes_on = threading.Event(), threading.Event()
    clock.ask("the morning's")
    clock.now += LONGEST + 1

    def look() -> str:
        began.set()
        assert goes_on.wait(10)
        return "the afternoon's"

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(remembered, "a list", look, NOW)
        assert began.wait(10)
        other = pool.submit(remembered, "a list", look, NOW)
        goes_on.set()
        assert [one.result(10)[0] for one in (first, other)] == ["the afternoon's"] * 2


def test_who_has_waited_long_enough_asks_himself(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remembering, "PATIENCE", 0.01)
    stuck = remembering._turns.setdefault("a list", threading.Lock())
    with stuck:
        assert clock.ask("one")[0] == "one"


def test_what_was_asked_beside_something_else_is_told(clock: Clock) -> None:
    clock.ask("one")
    told_anew("a list", "two", NOW)
    assert clock.ask("three") == ("two", NOW)
