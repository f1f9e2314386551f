"""Places at which a process can be killed: before and after each statement, COMMIT, SMTP command,
rename and new file. The process kills itself with SIGKILL: nobody tidies up behind it.
"""

from __future__ import annotations

import os
import signal
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

WORDS = 90


class Points:
    """Counts the places that a piece of work passes; at the ``fatal``-th one the process ends.

    ``late`` (µs) starts a killer there instead, which strikes a moment later from outside: in the
    midst of whatever follows. ``on_commit`` is called when a transaction has been committed.
    """

    def __init__(
        self,
        fatal: int = 0,
        *,
        late: int | None = None,
        on_commit: Callable[[], None] | None = None,
    ) -> None:
        self.fatal, self.late, self.on_commit = fatal, late, on_commit
        self.labels: list[str] = []
        self.told = -1
        self.is_off = False

    def reach(self, label: str) -> None:
        if self.is_off:
            return
        self.labels.append(" ".join(label.split())[:WORDS])
        if len(self.labels) != self.fatal:
            return
        if self.told >= 0:
            os.write(self.told, self.labels[-1].encode())
        if self.late is None:
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            _strike_later(self.late)

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """What happens inside is the test's own."""
        self.is_off, before = True, self.is_off
        try:
            yield
        finally:
            self.is_off = before

    @contextmanager
    def around(self, what: str) -> Iterator[None]:
        self.reach(f"before {what}")
        yield
        self.reach(f"after {what}")


def _strike_later(microseconds: int) -> None:
    victim = os.getpid()
    if os.fork() == 0:
        time.sleep(microseconds / 1e6)
        os.kill(victim, signal.SIGKILL)
        os._exit(0)


def install(points: Points) -> None:
    """Puts the places into this process, which is a child made for nothing else."""
    _watch_statements(points)
    _watch_commits(points)
    _watch_mail(points)
    _watch_files(points)


def _watch_statements(points: Points) -> None:
    def statement(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        with points.around(str(sql)):
            answer = execute(sql, params, many, context)
            # a statement that is a transaction by itself
            writes = str(sql).split(maxsplit=1)[0] in ("INSERT", "UPDATE", "DELETE")
            if points.on_commit and not points.is_off and writes and connection.get_autocommit():
                with points.quiet():
                    points.on_commit()
            return answer

    connection.execute_wrappers.append(statement)


def _watch_commits(points: Points) -> None:
    commit = connection._commit  # type: ignore[attr-defined]

    def committed() -> Any:
        with points.around("COMMIT"):
            answer = commit()
            if points.on_commit is not None and not points.is_off:
                with points.quiet():
                    points.on_commit()
                # what was read has begun another transaction where autocommit is still off
                connection.connection.rollback()
        return answer

    connection._commit = committed  # type: ignore[attr-defined]


def _watch_mail(points: Points) -> None:
    send, reply = smtplib.SMTP.send, smtplib.SMTP.getreply

    def sent(self: smtplib.SMTP, text: Any) -> None:
        with points.around(f"SMTP {text[:12]!r}"):
            send(self, text)

    def answered(self: smtplib.SMTP) -> Any:
        with points.around("SMTP reply"):
            return reply(self)

    smtplib.SMTP.send = sent  # type: ignore[method-assign, assignment]
    smtplib.SMTP.getreply = answered  # type: ignore[method-assign]


def _watch_files(points: Points) -> None:
    for name in ("rename", "replace", "unlink"):
        _watch_call(points, name)
    opened = os.open

    def open_(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if not flags & os.O_CREAT:
            return opened(path, flags, *more, **named)
        with points.around("new file"):
            return opened(path, flags, *more, **named)

    os.open = open_


def _watch_call(points: Points, name: str) -> None:
    real = getattr(os, name)

    def called(*given: Any, **named: Any) -> Any:
        with points.around(f"file {name}"):
            return real(*given, **named)

    setattr(os, name, called)
