"""A real HTTPS server for the tests, certified by ``bin/certificate``, stopped for real."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.test.testcases import QuietWSGIRequestHandler

from tests.servers import free_port

SCRIPT = Path(__file__).resolve().parent.parent / "bin" / "certificate"


@dataclass(frozen=True)
class Certificates:
    """What ``bin/certificate`` made in a folder for this machine."""

    folder: Path

    @classmethod
    def made_in(cls, folder: Path) -> Certificates:
        subprocess.run([SCRIPT, folder, "localhost", "127.0.0.1"], check=True, capture_output=True)
        return cls(folder)

    def server(self) -> ssl.SSLContext:
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        found.load_cert_chain(self.folder / "server.crt", self.folder / "server.key")
        return found

    def client(self) -> ssl.SSLContext:
        """Trusts the authority and nobody else, and asks for the name."""
        return ssl.create_default_context(cafile=str(self.folder / "authority.crt"))

    @property
    def fingerprint(self) -> str:
        """Of the certificate's public key: by it a browser of the tests takes it for good.

        (Chromium on Linux has no file of authorities; whether the chain holds, ``client`` asks.)
        """
        key = ["openssl", "x509", "-in", str(self.folder / "server.crt"), "-noout", "-pubkey"]
        told = subprocess.run(key, check=True, capture_output=True).stdout
        der = ["openssl", "pkey", "-pubin", "-outform", "DER"]
        whole = subprocess.run(der, check=True, capture_output=True, input=told).stdout
        return base64.b64encode(hashlib.sha256(whole).digest()).decode()


class _Server(ThreadedWSGIServer):
    """Knows its connections: browsers keep them, and would be answered after the port is shut."""

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, QuietWSGIRequestHandler)
        self.connections: list[socket.socket] = []

    def get_request(self) -> Any:
        found = super().get_request()
        self.connections.append(found[0])
        return found

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was cut is no news."""

    def cut(self) -> None:
        self.shutdown()
        self.server_close()
        for one in self.connections:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class SecureServer:
    """The product over TLS on a port of its own; ``cut`` closes it, ``start`` opens it again."""

    def __init__(self, certificates: Certificates) -> None:
        self.certificates, self.port = certificates, free_port()
        self.url = f"https://localhost:{self.port}"
        self._server: _Server | None = None
        self.start()

    def start(self) -> None:
        server = _Server(("127.0.0.1", self.port))
        # the handshake is each connection's own, so that one slow phone holds up nobody
        server.socket = self.certificates.server().wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.base_environ["HTTPS"] = "on"
        server.set_app(StaticFilesHandler(WSGIHandler()))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        self._server = server

    def cut(self) -> None:
        """Nobody answers at the port any more, on old connections neither."""
        if self._server is not None:
            self._server.cut()
            self._server = None
