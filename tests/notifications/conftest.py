"""The same small city as for the cases, and a mail server beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cases.conftest import _fresh_caches, today, world
from tests.mailbox import Mailbox, mailbox

__all__ = ["_fresh_caches", "today", "world"]


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def box(server: Mailbox, settings: Any) -> Mailbox:
    server.answers, server.mails, server.talks = {}, [], []
    settings.MAIL = server.server()
    return server
