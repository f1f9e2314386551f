"""The place and its people, on one afternoon."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
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
from reports.documents import render
from tests.cases.conftest import _fresh_caches
from tests.kept import kept
from tests.outsiders.place import Place
from tests.world import START, at, build

__all__ = ["_fresh_caches"]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at(START, 17), tick=False) as traveller:
        yield traveller


@pytest.fixture
def city_maker() -> Callable[[], Place]:
    return _place


@kept
def _place() -> Place:
    with TemporaryDirectory() as folder, time_machine.travel(at(START, 17), tick=False):
        return Place(build(), Path(folder))


@pytest.fixture
def place(shared_city: Place, clock: object, monkeypatch: pytest.MonkeyPatch) -> Place:
    # nobody's posts change here: each person is looked up once, not for each of his requests
    monkeypatch.setattr("config.middleware.actor_for", cache(actor_for))
    monkeypatch.setattr(auth, "get_user", _remembered(auth.get_user))
    # of thousands of refusals only the words that differ; the pages around them: test_refusals
    monkeypatch.setattr(urls, "handler403", _forbidden, raising=False)
    monkeypatch.setattr(urls, "handler404", _not_found, raising=False)
    # who gets a file is asked here; what it looks like, in the tests of papers and documents
    monkeypatch.setattr(render, "_drawn", lambda books, *_more: [b"%PDF-" for _book in books])
    for door in ("views.visit_sheets", "views.samples", "documents.printing"):
        monkeypatch.setattr(f"reports.{door}.docx_of", lambda *_content: b"a file")
    monkeypatch.setattr(render, "render_many", _drawn_once())
    return shared_city


def _drawn_once() -> Callable[..., list[bytes]]:
    """The same pages, asked for by one after the other, are the same PDF: it is made once."""
    made: dict[tuple[str, ...], list[bytes]] = {}
    draw = render.render_many

    def drawn(pages: Sequence[str], **options: Any) -> list[bytes]:
        key = tuple(pages)
        if key not in made:
            made[key] = draw(pages, **options)
        return made[key]

    return drawn


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
