"""The web server's worker: an address that is longer than it reads is answered in words.

Such a request never becomes one: neither Django nor a middleware sees it, and gunicorn would
answer with a bare line of English.
"""

from __future__ import annotations

import contextlib
import socket
import time
from typing import Any

from django.conf import settings
from django.template import loader
from django.utils import translation
from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

# what is still on its way is read first: a browser that has not sent all of it may take the end of
# the connection for a fault, and show nothing
MOST_BYTES, SECONDS = 1024 * 1024, 2.0


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's own with threads (``--worker-class config.web.Worker``)."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("An address too long from %s: %s", addr and addr[0], exc)
        with contextlib.suppress(OSError):
            client.settimeout(SECONDS)
            client.sendall(too_long())
            client.shutdown(socket.SHUT_WR)
            read_on(client)


def too_long() -> bytes:
    """The whole answer; nobody is known yet, so it is in the city's language."""
    with translation.override(settings.LANGUAGE_CODE):
        page = loader.render_to_string("errors/414.html").encode()
    head = (
        "HTTP/1.1 414 URI Too Long\r\nConnection: close\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(page)}\r\n\r\n"
    )
    return head.encode() + page


def read_on(client: socket.socket) -> None:
    """Until the other side has closed, for a while."""
    left, end = MOST_BYTES, time.monotonic() + SECONDS
    while left > 0 and time.monotonic() < end and (got := client.recv(65536)):
        left -= len(got)
