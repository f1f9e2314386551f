"""A clamd that is asked over its socket whether bytes hold a virus (``XIAOHAO_CLAMD``).

Nothing is installed for it: clamd's INSTREAM takes the bytes in pieces and answers with one line.
"""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

PIECE = 1 << 16
PATIENCE = 10.0  # seconds for each word
MOST = 200  # characters of what it says


class ScannerAway(Exception):
    """Nobody answered, or not about this file: it waits."""


def scan(data: bytes, address: str) -> str:
    """What clamd found, or nothing; ``address``: ``unix:/run/clamav/clamd.ctl`` or
    ``tcp://127.0.0.1:3310``. Raises ``ScannerAway``."""
    try:
        with _connected(address) as wire:
            wire.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), PIECE):
                piece = data[start : start + PIECE]
                wire.sendall(struct.pack(">I", len(piece)) + piece)
            wire.sendall(struct.pack(">I", 0))
            said = _answer(wire)
    except (OSError, ValueError) as error:
        raise ScannerAway(str(error)[:MOST]) from error
    if said.endswith("FOUND"):
        return said.removeprefix("stream: ").removesuffix("FOUND").strip()[:MOST] or "?"
    if not said.endswith("OK"):
        raise ScannerAway(said[:MOST] or "no answer")
    return ""


def _connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    if parts.scheme == "unix":
        wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        wire.settimeout(PATIENCE)
        try:
            wire.connect(parts.path)
        except OSError:
            wire.close()
            raise
        return wire
    return socket.create_connection((parts.hostname or "", parts.port or 3310), PATIENCE)


def _answer(wire: socket.socket) -> str:
    said = b""
    while len(said) < MOST * 2 and not said.endswith(b"\0"):
        more = wire.recv(1024)
        if not more:
            break
        said += more
    return said.rstrip(b"\0\n").decode("utf-8", "replace").strip()
