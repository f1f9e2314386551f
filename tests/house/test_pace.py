"""Whoever clicks goes first: a long tick rests between its batches, and the worker stands back."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import supervise, tasks, ticking
from notifications import pulse
from organisations import pace
from tests.architecture import ROOT


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


def test_it_rests_as_long_as_it_worked_and_a_minute_altogether(slept: list[float]) -> None:
    pace.rest(pace.begin() - 2)  # a command waits for nobody
    with pace.giving_way(0.5):
        assert pace.is_giving_way()
        pace.rest(pace.begin() - 2)
        pace.rest(pace.begin() - 100)
        pace.rest(pace.begin() - 2)
    pace.rest(pace.begin() - 2)
    assert slept == pytest.approx([2.0, 58.0, 0.0], abs=0.1)
    with pace.giving_way(1):
        assert not pace.is_giving_way()
    with pytest.raises(ImproperlyConfigured):
        pace.share(0)


def test_the_workers_tick_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    ways: list[bool] = []

    def tick(_at: datetime) -> dict[str, int]:
        ways.append(pace.is_giving_way())
        return {}

    monkeypatch.setattr(ticking, "tick", tick)
    monkeypatch.setattr(pulse, "beat", lambda *_told, **_done: None)
    tasks.tick()
    assert ways == [True]


def test_the_worker_stands_behind_the_web_server() -> None:
    assert supervise.worker(1, "INFO").nice == supervise.BEHIND
    unit = (ROOT / "deploy/xiaohao-worker.service").read_text()
    assert f"\nNice={supervise.BEHIND}\n" in unit
