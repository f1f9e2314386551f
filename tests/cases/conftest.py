"""The small city, rebuilt for each test inside its transaction; caches follow."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from cases import rulebook
from tests.world import START, World, at, build
from workflows.models import forget_calendar


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Ids are reused after a rollback; a cache by id would lie across tests."""
    rulebook.pack_of.cache_clear()
    forget_calendar()
    yield
    rulebook.pack_of.cache_clear()
    forget_calendar()


@pytest.fixture
def world(db: None) -> World:
    return build()


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Sets the day that the doors see."""

    def put(day: date) -> None:
        monkeypatch.setattr("organisations.clock.today", lambda: day)
        monkeypatch.setattr("organisations.clock.now", lambda: at(day))

    put(START)
    return put
