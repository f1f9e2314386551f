"""Machines and processes that start together: one prepares, the others wait for it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from config import prepare


def test_two_that_prepare_at_once_wait_for_each_other(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that collect static files into one folder took each other's files away."""
    settings.VAR_DIR = tmp_path
    inside, most = 0, 0

    def collect() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.05)
        inside -= 1

    monkeypatch.setattr(prepare, "compile_catalogues", lambda _root: 0)
    monkeypatch.setattr(prepare, "migrate", lambda: None)
    monkeypatch.setattr(prepare, "collect_static", collect)
    both = [threading.Thread(target=prepare.prepare) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert most == 1
