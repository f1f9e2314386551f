"""The small city, rebuilt for each test inside its transaction; caches follow."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from tests.ground import forget
from tests.world import START, World, at


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Ids are reused after a rollback; a cache by id would lie across tests."""
    forget()
    yield
    forget()


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Sets the day that the doors see."""

    def put(day: date) -> None:
        monkeypatch.setattr("organisations.clock.today", lambda: day)
        monkeypatch.setattr("organisations.clock.now", lambda: at(day))

    put(START)
    return put
