"""The place and its people, on one afternoon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib import auth
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseForbidden,
    HttpResponseNotFound,
)

from config import urls
from config.acting import actor_for
from tests.cases.conftest import _fresh_caches
from tests.outsiders.place import Place
from tests.world import START, at, build

__all__ = ["_fresh_caches"]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at(START, 17), tick=False) as traveller:
        yield traveller


@pytest.fixture
def place(db: None, clock: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    found = Place(build(), tmp_path)
    # nobody's posts change here: each person is looked up once, not for each of his requests
    monkeypatch.setattr("config.middleware.actor_for", cache(actor_for))
    monkeypatch.setattr(auth, "get_user", _remembered(auth.get_user))
    # of thousands of refusals only the words that differ; the pages around them: test_refusals
    monkeypatch.setattr(urls, "handler403", _forbidden, raising=False)
    monkeypatch.setattr(urls, "handler404", _not_found, raising=False)
    return found


def _remembered(get_user: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Whose a session is does not change either; each request has an object of its own."""
    known: dict[str, Any] = {}

    def found(request: HttpRequest) -> Any:
        session = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if session is None:
            return get_user(request)
        if session not in known:
            known[session] = get_user(request)
        return copy(known[session])

    return found


def _forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseForbidden(str(exception))


def _not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponseNotFound()
