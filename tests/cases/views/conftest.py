"""A browser without a browser: signed-in clients on the days of the small city."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client

from tests.world import START, World, at

Enter = Callable[[str], Client]


@pytest.fixture
def clock_at_start() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at(START, 9), tick=False) as traveller:
        yield traveller


@pytest.fixture
def enter(world: World, clock_at_start: object) -> Enter:
    """A client signed in as one of the world's people."""

    def signed_in(key: str) -> Client:
        client = Client()
        client.force_login(world.people[key], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def travel(clock_at_start: time_machine.Traveller) -> Callable[[date, int], None]:
    def move(day: date, hour: int = 9) -> None:
        clock_at_start.move_to(at(day, hour))

    return move
