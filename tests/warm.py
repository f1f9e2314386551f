"""The product's bounded children, forked from one that has loaded its libraries already.

Half a second of each document goes into loading what sets it. The first of a kind is started as
the product starts it; the next ones are forks of a process that waits (``python -I warm.py CHILD
FD``): of their own memory, limits and end, like a child that was started.
"""

from __future__ import annotations

import json
import os
import runpy
import selectors
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from threading import Lock
from types import ModuleType
from typing import IO, Any

MOST = 4  # that wait at a time
NUMBER = struct.Struct("i")


# --- where it is forked --------------------------------------------------------------------------
def serve(child: str, link: socket.socket) -> None:
    runpy.run_path(child, run_name="warm")
    while True:
        told, files, _flags, _address = socket.recv_fds(link, 1 << 16, 3)
        if not told:
            return
        pid = os.fork()
        if pid == 0:
            _become(child, json.loads(told), files)
        for one in files:
            os.close(one)
        link.sendall(NUMBER.pack(pid))
        link.sendall(NUMBER.pack(os.waitpid(pid, 0)[1]))


def _become(child: str, arguments: list[str], files: list[int]) -> None:
    """As if it had been started with them; never comes back."""
    code: Any = 0
    try:
        for place, one in enumerate(files):
            os.dup2(one, place)
        sys.argv = [child, *arguments]
        runpy.run_path(child, run_name="__main__")
    except SystemExit as left:
        code = left.code or 0
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 1)


# --- where it is asked for -----------------------------------------------------------------------
class _Waiting:
    """One process that waits to be forked."""

    def __init__(self, child: str, environment: Mapping[str, str]) -> None:
        self.link, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", __file__, child, str(theirs.fileno())],
                env=environment,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self.lock = Lock()

    def run(
        self, command: Sequence[str], given: bytes, timeout: float
    ) -> subprocess.CompletedProcess[bytes]:
        end = time.monotonic() + timeout
        with self.lock, tempfile.TemporaryFile() as standard:
            standard.write(given)
            standard.seek(0)
            outs = [os.pipe(), os.pipe()]
            theirs = [standard.fileno(), *(write for _read, write in outs)]
            told = json.dumps(list(command[3:])).encode()
            socket.send_fds(self.link, [told], theirs)
            for _read, write in outs:
                os.close(write)
            pid = self._number()
            said, is_late = _said([os.fdopen(read, "rb") for read, _write in outs], pid, end)
            code = os.waitstatus_to_exitcode(self._number())
        if is_late:
            raise subprocess.TimeoutExpired(command, timeout, *said)
        return subprocess.CompletedProcess(command, code, *said)

    def _number(self) -> int:
        (found,) = NUMBER.unpack(self.link.recv(NUMBER.size, socket.MSG_WAITALL))
        return int(found)

    def leave(self) -> None:
        self.link.close()
        self.process.wait()


def _said(pipes: list[IO[bytes]], pid: int, end: float) -> tuple[list[bytes], bool]:
    """What came of both pipes, and whether it had to be ended."""
    parts: dict[int, list[bytes]] = {pipe.fileno(): [] for pipe in pipes}
    numbers, is_late = list(parts), False
    with selectors.DefaultSelector() as waiting:
        for number in numbers:
            waiting.register(number, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(max(0, end - time.monotonic()) if not is_late else None)
            if not ready:
                os.kill(pid, signal.SIGKILL)
                is_late = True
            for key, _events in ready:
                if part := os.read(key.fd, 1 << 16):
                    parts[key.fd].append(part)
                else:
                    waiting.unregister(key.fd)
    for pipe in pipes:
        pipe.close()
    return [b"".join(parts[number]) for number in numbers], is_late


class Children:
    """In place of ``subprocess`` in a module that runs children of its own."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[Any, ...], _Waiting | None] = {}
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def run(self, command: Sequence[Any], **options: Any) -> subprocess.CompletedProcess[bytes]:
        found = self._found(command, options.get("env"))
        if found is None:
            return subprocess.run(command, **options)
        try:
            return found.run(command, options.get("input") or b"", options["timeout"])
        except (
            struct.error,
            OSError,
        ):  # nobody waits any more: what cannot be loaded says so itself
            return subprocess.run(command, **options)

    def _found(
        self, command: Sequence[Any], environment: Mapping[str, str] | None
    ) -> _Waiting | None:
        """Whoever waits for this; nobody the first time."""
        if list(command[:2]) != [sys.executable, "-I"] or environment is None:
            return None
        key = (command[2], *sorted(environment.items()))
        with self._lock:
            if key not in self._waiting:
                self._waiting[key] = None
            elif self._waiting[key] is None and sum(map(bool, self._waiting.values())) < MOST:
                self._waiting[key] = _Waiting(command[2], environment)
            return self._waiting[key]

    def serve(self, *modules: ModuleType) -> None:
        for one in modules:
            vars(one)["subprocess"] = self

    def leave(self) -> None:
        for one in filter(None, self._waiting.values()):
            one.leave()
        self._waiting.clear()


if __name__ == "__main__":
    serve(sys.argv[1], socket.socket(fileno=int(sys.argv[2])))
