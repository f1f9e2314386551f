"""A mail server in a process of its own: what it accepted lies in a folder, a file each."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from notifications.channels.server import Server
from tests.mailbox import Mailbox, Talk, _Server

SENDER = "专班办 <office@example.gov.cn>"
_PR_SET_PDEATHSIG = 1
# twice as long as the most patient asks here (``breaking``)
HANGING_SECONDS = 4.0
TALKING, TALKED, MAIL, ANSWERS = "talking-", "talked-", "mail-", "answers.json"


@dataclass(frozen=True)
class Post:
    """Seen from outside: where it listens, and what it has."""

    folder: Path
    port: int

    def server(self, seconds: float = 2.0) -> Server:
        return Server("127.0.0.1", self.port, SENDER, seconds=seconds)

    def empty(self, **answers: str) -> None:
        self.rest()
        for path in self.folder.glob(f"{MAIL}*"):
            path.unlink()
        self.tell(**answers)

    def tell(self, **answers: str) -> None:
        """From now on the server answers so."""
        (self.folder / ANSWERS).write_text(json.dumps(answers))

    def talks(self) -> int:
        """How many conversations there were."""
        self.rest()
        return len(list(self.folder.glob(f"{TALKED}*")))

    def rest(self) -> None:
        """Waits until nobody is talked to any more: a killed sender's mail is in the folder."""
        end = time.monotonic() + 10
        while any(self.folder.glob(f"{TALKING}*")) and time.monotonic() < end:
            time.sleep(0.002)

    def mails(self) -> Counter[str]:
        """How often each message was accepted, by receiver and subject."""
        self.rest()
        return Counter(path.read_text() for path in self.folder.glob(f"{MAIL}*"))


class _Kept(list[EmailMessage]):
    """In place of a list in memory."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def append(self, mail: EmailMessage) -> None:
        path = self.folder / f"{MAIL}{time.time_ns()}-{threading.get_ident()}"
        path.write_text(f"{mail['To']} {mail['Subject']}")


class _Talk(Talk):
    def handle(self) -> None:
        folder = self.box.mails.folder  # type: ignore[attr-defined]
        mark = folder / f"{TALKING}{threading.get_ident()}"
        mark.touch()
        (folder / f"{TALKED}{time.time_ns()}").touch()
        self.box.answers = json.loads((folder / ANSWERS).read_text())
        try:
            super().handle()
        except OSError:
            pass  # whoever was talking is dead
        finally:
            mark.unlink()

    def _react(self, told: str) -> bool:
        if told == "hang":  # longer than anybody here waits
            time.sleep(HANGING_SECONDS)
            return False
        return super()._react(told)


def open_post(folder: Path) -> Post:
    """Starts it; it ends with the process that asked."""
    folder.mkdir()
    (folder / ANSWERS).write_text("{}")
    box = Mailbox()
    box.mails = _Kept(folder)
    server = _Server(("127.0.0.1", 0), type("TalkOfPost", (_Talk,), {"box": box}))
    port = int(server.server_address[1])
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        server.serve_forever(0.5)
        os._exit(0)
    server.server_close()
    return Post(folder, port)
