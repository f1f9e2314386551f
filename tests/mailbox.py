"""A mail server for tests: speaks SMTP, keeps what it accepts, and misbehaves as it is told."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from notifications.channels.server import Server


class Mailbox:
    """``answers``: a reply by command (MAIL, RCPT, DATA, "." for the body) or by the address of a
    reader, or ``hang`` / ``drop``.

    ``talks`` are the commands as they came; ``mails`` what was accepted.
    """

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.mails: list[EmailMessage] = []
        self.talks: list[str] = []
        self.leave = threading.Event()
        self.port = 0

    def server(self, seconds: float = 1.0) -> Server:
        return Server("127.0.0.1", self.port, "专班办 <office@example.gov.cn>", seconds=seconds)

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]

    def text(self) -> str:
        """The body of the only mail."""
        [mail] = self.mails
        return str(mail.get_content()).strip()


class Talk(socketserver.StreamRequestHandler):
    box: Mailbox

    def handle(self) -> None:
        self._say("220 tests")
        while line := self.rfile.readline():
            word = line.decode().strip().split(" ")[0].split(":")[0].upper()
            self.box.talks.append(word)
            if not self._answer(word, line.decode()):
                return

    def _answer(self, word: str, line: str) -> bool:
        address = line.partition("<")[2].partition(">")[0]
        told = self.box.answers.get(word) or (word == "RCPT" and self.box.answers.get(address))
        if word == "DATA" and not told:
            self._say("354 go on")
            return self._take()
        if word == "QUIT":
            self._say("221 bye")
            return False
        return self._react(told or "250 ok")

    def _take(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b"..") else line)
        told = self.box.answers.get(".", "250 taken")
        # a server that hangs or drops here has the mail all the same: that is the doubt
        if told in ("hang", "drop") or told.startswith("250"):
            read = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            self.box.mails.append(read)
        return self._react(told)

    def _react(self, told: str) -> bool:
        if told == "hang":
            self.box.leave.wait(20)
            return False
        if told == "drop":
            return False
        self._say(told)
        return True

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    handler = type("TalkOfBox", (Talk,), {"box": box})
    with _Server(("127.0.0.1", 0), handler) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box.leave.set()
            server.shutdown()
