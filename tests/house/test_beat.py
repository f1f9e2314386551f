"""The beat goes on when the machine's clock is set back, and when its notes cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from config.beat import Scheduler
from config.celery import app


@pytest.fixture
def beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scheduler]:
    found = Scheduler(app, schedule_filename=str(tmp_path / "beat-schedule"))
    monkeypatch.setattr(found, "apply_async", lambda entry, **_more: sent.append(entry.name))
    sent.clear()
    yield found
    found.close()


sent: list[str] = []


def test_a_clock_that_was_a_day_ahead(beat: Scheduler) -> None:
    """Celery's own would wait until tomorrow has come again."""
    for entry in beat.schedule.values():
        entry.last_run_at += timedelta(days=1)
    assert beat.tick() <= 60
    now = beat.schedule["tick"].default_now()
    assert all(one.last_run_at <= now for one in beat.schedule.values())
    # a minute later all of what runs each minute is due, and the rest as it was
    for entry in beat.schedule.values():
        entry.last_run_at -= timedelta(seconds=60)
    beat._heap = None
    while beat.tick() == 0:
        pass
    assert {"tick", "send", "papers"} <= set(sent)


def test_neither_a_full_disk_nor_a_broker_that_is_away_ends_it(
    beat: Scheduler, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    def away(entry: object, **_more: object) -> None:
        raise OSError("Connection refused")

    monkeypatch.setattr(beat, "apply_async", away)
    beat.apply_entry(beat.schedule["tick"])
    assert [one.getMessage() for one in caplog.records] == [
        "tick cannot be called: Connection refused"
    ]
    with monkeypatch.context() as patch:
        patch.setattr(beat._store, "sync", full)
        beat._do_sync()
    beat._do_sync()
