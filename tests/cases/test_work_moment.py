"""Whose day counts of work are of is read in the same moment as they are (docs/adr/0070)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from cases import work_counts
from cases.work_counts import count_due, kept
from organisations.planned import one_moment
from organisations.scope import Actor
from tests.world import START, World, at


def test_a_tick_of_the_next_day_is_not_read_as_this_days(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It commits just before the moment begins: nothing that was read earlier may be used."""
    monkeypatch.setattr(work_counts, "LARGE", 0)
    monkeypatch.setattr(work_counts, "_SMALL", work_counts._Small())
    world.firm("甲有限公司")
    world.open()
    count_due(at(START))
    system, moment = Actor.system(), one_moment
    assert kept(system, START) is not None

    @contextmanager
    def after_midnight() -> Iterator[None]:
        count_due(at(START + timedelta(days=1)))
        with moment():
            yield

    monkeypatch.setattr(work_counts, "one_moment", after_midnight)
    assert kept(system, START) is None
