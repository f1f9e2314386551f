"""An address longer than the web server reads never reaches a page; it is answered in words."""

from __future__ import annotations

import logging
import socket

from gunicorn.http.errors import LimitRequestLine

from config import supervise
from config.web import Worker


def test_an_address_too_long_is_told_in_words() -> None:
    server, browser = socket.socketpair()
    with server, browser:
        # more than was read is still on its way; then the browser waits
        browser.sendall(b"x" * 50_000)
        browser.shutdown(socket.SHUT_WR)
        worker = object.__new__(Worker)
        worker.log = logging.getLogger(__name__)
        worker.handle_error(None, server, ("10.0.0.1", 1), LimitRequestLine(50_000, 8190))
        answer = b"".join(iter(lambda: browser.recv(65536), b"")).decode()
    head, _blank, page = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 414 ")
    assert f"Content-Length: {len(page.encode())}" in head
    assert "网址过长，无法打开" in page
    assert "config.web.Worker" in supervise.web("127.0.0.1", 1, 1, 1).command
