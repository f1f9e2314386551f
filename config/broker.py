"""Kombu's broker of files, with two windows closed in which a reader met a file that was empty.

Kombu (5.7) creates the file of a message or of a table of bindings, which makes it visible, and
writes it afterwards. A worker that looked in between ended with ``JSONDecodeError`` and the message
was gone. Here every file is written aside and renamed into place.
"""

from __future__ import annotations

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):  # type: ignore[misc]
    """One message one file, complete from the moment that it has its name."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:
        # sorted by name is sorted by time: the nanoseconds have 19 digits until the year 2286
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        _write(Path(self.data_folder_out) / name, dumps(payload))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        wanted = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        with self._bindings():
            known = self.get_table(exchange)
            if wanted not in known:
                _write(self._exchange_file(exchange), dumps([wanted, *known]))

    def _delete(self, queue: str, exchange: str, *args: Any, **kwargs: Any) -> None:
        with self._bindings():
            super()._delete(queue, exchange, *args, **kwargs)

    @contextmanager
    def _bindings(self) -> Iterator[None]:
        """One process at a time changes the tables; readers need no lock."""
        folder = self.control_folder
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):  # type: ignore[misc]
    Channel = Channel


def _write(path: Path, text: str) -> None:
    aside = path.parent / f".{uuid.uuid4()}"
    try:
        aside.write_text(text, encoding="utf-8")
        os.replace(aside, path)
    except OSError as error:
        with suppress(OSError):  # on a full disk an empty file is made all the same
            aside.unlink(missing_ok=True)
        raise ChannelError(f"cannot write {path}") from error
