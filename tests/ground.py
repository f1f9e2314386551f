"""The small city that the tests of a file share: built once, in a transaction never committed.

Each test goes on from there inside a savepoint of its own, with copies of its own, and leaves the
city as it was. A test that commits (threads, a live server) builds for itself on an empty database.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction

from cases import decided, near, rulebook
from tests.world import build
from workflows.models import forget_calendar


class Ground:
    """What lies below the tests of one file."""

    def __init__(self) -> None:
        self._file = ""
        self._atomic: Any = None
        self._city = b""

    def stand(self, file: str, make: Callable[[], Any]) -> None:
        """Have the city, fresh for each file: what is rolled back still fills PostgreSQL."""
        if self._atomic is not None and self._file == file:
            return
        self.leave()
        forget()
        self._atomic, self._file = transaction.atomic(), file
        self._atomic.__enter__()
        self._city = pickle.dumps(make())

    def leave(self) -> None:
        """Have an empty database."""
        if self._atomic is None:
            return
        atomic, self._atomic = self._atomic, None
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)
        forget()

    def copy(self) -> Any:
        """The city, with objects that nobody else holds."""
        if self._atomic is None:
            raise RuntimeError("a test that commits builds its own city")
        return pickle.loads(self._city)


def forget() -> None:
    """Ids are reused after a rollback; a cache by id would lie across tests."""
    rulebook.pack_of.cache_clear()
    forget_calendar()
    decided.forget()
    near.forget()  # it needs no help, but what is counted does not depend on who came before


@pytest.fixture(scope="session")
def _ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[Ground]:
    ground = Ground()
    yield ground
    with django_db_blocker.unblock():
        ground.leave()


@pytest.fixture
def city_maker() -> Callable[[], Any]:
    """What ``shared_city`` is a copy of; a folder of tests may have another one."""
    return build


@pytest.fixture
def _below(
    request: pytest.FixtureRequest,
    _ground: Ground,
    city_maker: Callable[[], Any],
    django_db_blocker: Any,
) -> None:
    with django_db_blocker.unblock():
        if "shared_city" in request.fixturenames:
            _ground.stand(request.node.path.as_posix(), city_maker)
        else:
            _ground.leave()


@pytest.fixture
def _django_db_helper(_below: None, _django_db_helper: None) -> None:
    """Pytest-django's own, after the ground is laid."""


@pytest.fixture
def shared_city(_ground: Ground, db: None) -> Any:
    return _ground.copy()
