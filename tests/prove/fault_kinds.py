"""Kinds of fault: how each is brought about in a process, and that it has come about.

A fault is a context in which a flow runs. It counts how often it struck (``Struck``): one that did
not strike proves nothing. ``visible``: states in which it may leave a message for a person.
"""

from __future__ import annotations

import os
import resource
import signal
import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import OperationalError, connection

from organisations import wake
from tests.prove.post import Post

# at which statement of the flow the database fails: in the midst of its first transaction
PLACE = 9


class Struck:
    """How often a fault came about."""

    def __init__(self) -> None:
        self.times = 0


Fault = Callable[[Struck, Post], AbstractContextManager[None]]


@dataclass(frozen=True)
class Kind:
    """``on``: the databases that know it; ``visible``: see above."""

    name: str
    fault: Fault
    on: tuple[str, ...] = ("sqlite", "postgresql")
    visible: frozenset[str] = frozenset()


# --- the database ---------------------------------------------------------------------------------
def at_statement(strike: Callable[[], None], place: int = PLACE) -> Fault:
    """``strike`` just before the n-th statement."""

    @contextmanager
    def fault(struck: Struck, post: Post) -> Iterator[None]:
        seen = 0

        def statement(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            nonlocal seen
            seen += 1
            if seen == place:
                struck.times += 1
                strike()
            return execute(sql, params, many, context)

        with connection.execute_wrapper(statement):
            yield

    return fault


def _admin(statement: str) -> None:
    given = connection.settings_dict
    with psycopg.connect(
        host=given["HOST"], port=given["PORT"], user=given["USER"], dbname="template1"
    ) as admin:
        pid = connection.connection.info.backend_pid
        admin.execute(statement.encode(), [pid])


def terminated() -> None:
    _admin("SELECT pg_terminate_backend(%s)")
    time.sleep(0.05)


def cancelled() -> None:
    """The statement that runs just then: as soon as it has begun to wait."""
    connection.connection.execute("SET LOCAL statement_timeout = '20ms'")
    with connection.connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")


def reset() -> None:
    """The wire is cut underneath."""
    wire = socket.socket(fileno=os.dup(connection.connection.fileno()))
    wire.shutdown(socket.SHUT_RDWR)
    wire.close()


def raising(error: str) -> Callable[[], None]:
    def strike() -> None:
        raise OperationalError(error)

    return strike


def slow() -> None:
    time.sleep(1.5)


@contextmanager
def disk_full(struck: Struck, post: Post) -> Iterator[None]:
    """No file of this process may grow any more (SQLite): the system refuses the write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def statement(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        try:
            return execute(sql, params, many, context)
        except OperationalError:
            struck.times += 1
            raise

    commit = connection._commit  # type: ignore[attr-defined]

    def committed() -> Any:
        try:
            return commit()
        except OperationalError:
            struck.times += 1
            raise

    connection.ensure_connection()
    connection._commit = committed  # type: ignore[attr-defined]
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with connection.execute_wrapper(statement):
            yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        connection._commit = commit  # type: ignore[attr-defined]


@contextmanager
def unreachable(struck: Struck, post: Post) -> Iterator[None]:
    """The database is not there when the process wants to connect."""
    connection.close()
    connect = connection.connect

    def refused() -> None:
        struck.times += 1
        raise OperationalError("connection refused")

    connection.connect = refused  # type: ignore[method-assign]
    try:
        yield
    finally:
        connection.connect = connect  # type: ignore[method-assign]


# --- the mail server ------------------------------------------------------------------------------
def answering(**answers: str) -> Fault:
    """The server says this; it struck when the dialogue did not end well."""

    @contextmanager
    def fault(struck: Struck, post: Post) -> Iterator[None]:
        post.tell(**{("." if key == "BODY" else key): words for key, words in answers.items()})
        before = post.talks()
        yield
        struck.times += post.talks() - before
        post.tell()

    return fault


@contextmanager
def nobody_there(struck: Struck, post: Post) -> Iterator[None]:
    connect = smtplib.SMTP.connect

    def refused(self: smtplib.SMTP, *given: Any, **named: Any) -> Any:
        struck.times += 1
        raise ConnectionRefusedError(111, "refused")

    smtplib.SMTP.connect = refused  # type: ignore[method-assign]
    try:
        yield
    finally:
        smtplib.SMTP.connect = connect  # type: ignore[method-assign]


# --- the broker -----------------------------------------------------------------------------------
def broker(address: Callable[[], str]) -> Fault:
    """A Redis that refuses, or accepts and never says a word; every door wakes the worker."""

    @contextmanager
    def fault(struck: Struck, post: Post) -> Iterator[None]:
        from celery import current_app

        conf = current_app.conf
        conf.broker_url = conf.broker_write_url = address()
        before, begun = wake.failures, time.monotonic()
        wake.wake("config.tasks.tick")
        if time.monotonic() - begun < LONGEST_WAIT:
            struck.times += wake.failures - before
        yield

    return fault


LONGEST_WAIT = 3.0
_silent: list[socket.socket] = []


def hanging() -> str:
    """Accepted by the system, answered by nobody."""
    server = socket.create_server(("127.0.0.1", 0))
    _silent.append(server)
    return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def refusing() -> str:
    return "redis://127.0.0.1:1/0"


DOUBT, FAILED = frozenset({"in_doubt"}), frozenset({"failed"})
SQLITE, POSTGRES = ("sqlite",), ("postgresql",)
KINDS: tuple[Kind, ...] = (
    Kind("disk full", disk_full, on=SQLITE),
    Kind("disk full on the server", at_statement(raising("No space left on device"))),
    Kind("database away", unreachable),
    Kind("session terminated", at_statement(terminated), on=POSTGRES),
    Kind("connection reset", at_statement(reset), on=POSTGRES),
    Kind("statement cancelled", at_statement(cancelled), on=POSTGRES),
    Kind("deadlock", at_statement(raising("deadlock detected"))),
    Kind("not serializable", at_statement(raising("could not serialize access"))),
    Kind("database is locked", at_statement(raising("database is locked")), on=SQLITE),
    Kind("slow statement", at_statement(slow)),
    Kind("mail server away", nobody_there),
    Kind("421 at MAIL", answering(MAIL="421 closing")),
    Kind("451 at MAIL", answering(MAIL="451 later")),
    Kind("450 at RCPT", answering(RCPT="450 busy")),
    Kind("550 at RCPT", answering(RCPT="550 unknown"), visible=FAILED),
    Kind("421 at DATA", answering(DATA="421 closing")),
    Kind("451 after the body", answering(BODY="451 later")),
    Kind("554 after the body", answering(BODY="554 no"), visible=FAILED),
    Kind("hangs at RCPT", answering(RCPT="hang")),
    Kind("drops at MAIL", answering(MAIL="drop")),
    Kind("hangs after the body", answering(BODY="hang"), visible=DOUBT),
    Kind("drops after the body", answering(BODY="drop"), visible=DOUBT),
    Kind("Redis refuses", broker(refusing)),
    Kind("Redis hangs", broker(hanging)),
)
