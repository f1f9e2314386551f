"""One POST to a public address: pinned to what was looked up, no redirects, three seconds, signed.

Whoever may set an address must not be able to reach the machine's own network through us: the name
is resolved once, every address it stands for must be public, and the connection goes to that one.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from notifications.channels.line import Down, Never, NotNow, Unclear, in_short

SECONDS = 3.0
MOST = 4096  # of an answer that anybody reads
HTTPS_PORT = 443
LATER = frozenset({429, 503})
OK, NOT_FOUND_HERE, BROKEN = range(200, 300), range(300, 500), range(500, 600)


@dataclass(frozen=True)
class Answer:
    status: int
    text: str

    def json(self) -> dict[str, Any]:
        """The answer as an object; {} where it is none."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def signature(secret: str, moment: str, body: bytes) -> str:
    """``X-Xiaohao-Signature``: HMAC-SHA256 over the moment, a dot and the body."""
    return hmac.new(secret.encode(), moment.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(
    url: str, message: dict[str, Any], about_to_transmit: Callable[[], None], secret: str = "",
    moment: str = "", key: str = "",
) -> Answer:  # fmt: skip
    """The answer of a server that took it; raises how it failed otherwise."""
    body = json.dumps(message, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "xiaohao"}
    if secret:
        headers["X-Xiaohao-Timestamp"] = moment
        headers["X-Xiaohao-Signature"] = signature(secret, moment, body)
    if key:
        headers["Idempotency-Key"] = key
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise Never("only https addresses")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    talk, sock = _connect(parts.hostname, parts.port or HTTPS_PORT)
    # a server that sends one byte a second would hold us for ever: the whole has three seconds
    alarm = threading.Timer(SECONDS, _cut, (sock,))
    alarm.daemon = True
    try:
        about_to_transmit()
        alarm.start()
        return _judge(_exchange(talk, path or "/", body, headers))
    finally:
        alarm.cancel()
        talk.close()


def _connect(host: str, port: int) -> tuple[http.client.HTTPConnection, socket.socket]:
    try:
        address = _public_address(host, port)
        raw = socket.create_connection((address, port), timeout=SECONDS)
        sock = _encrypted(raw, host)
    except OSError as error:
        raise Down(in_short(error)) from error
    talk = http.client.HTTPConnection(host, port, timeout=SECONDS)
    talk.sock = sock
    return talk, sock


def _public_address(host: str, port: int) -> str:
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    if not found or not all(_is_public(address) for address in found):
        raise Never("not a public address")
    return sorted(found)[0]


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    return bool((mapped or ip).is_global) and not ip.is_multicast


def _encrypted(raw: socket.socket, host: str) -> socket.socket:
    return ssl.create_default_context().wrap_socket(raw, server_hostname=host)


def _cut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _exchange(
    talk: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]
) -> Answer:
    """From the first byte on silence means doubt."""
    try:
        talk.request("POST", path, body, headers)
        answer = talk.getresponse()
        return Answer(answer.status, answer.read(MOST).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException) as error:
        raise Unclear(in_short(error or type(error).__name__)) from error


def _judge(answer: Answer) -> Answer:
    said = f"{answer.status} {in_short(answer.text)}"
    if answer.status in LATER:
        raise NotNow(said)
    if answer.status in BROKEN:
        raise Unclear(said)
    if answer.status not in OK:
        raise Never(said)
    return answer
