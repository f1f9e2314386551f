"""Waking the worker: at once if the broker answers, never at a person's cost if it does not."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
import redis as redis_client
from celery import current_app
from django.db import transaction
from kombu import Connection

from organisations import wake

BROKER = "config.broker:Transport"
TASK = "config.tasks.tick"
# two time-outs of a second, connecting and talking, and what a loaded machine adds
PATIENCE_SECONDS = 3.0


@pytest.fixture
def broker() -> Iterator[Any]:
    """Changes the app's broker for one test."""
    conf = current_app.conf
    before = conf.broker_url, conf.broker_transport_options

    def change(url: str, **options: Any) -> None:
        conf.broker_url = conf.broker_write_url = url
        conf.broker_transport = BROKER if url.startswith("file") else None
        conf.broker_transport_options = options

    yield change
    change(before[0], **before[1])


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accepts connections and never says a word: a hanging server."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        for connection in held:
            connection.close()
        server.shutdown(socket.SHUT_RDWR)


def publish() -> float:
    """Wake as a verb does, and how long the person waited."""
    start = time.monotonic()
    with transaction.atomic():
        wake.wake(TASK, 7)
    return time.monotonic() - start


@pytest.mark.django_db(transaction=True)
@pytest.mark.redis
def test_message_reaches_redis_after_commit(broker: Any, redis_url: str) -> None:
    broker(redis_url)
    queue = redis_client.Redis.from_url(redis_url)
    queue.delete("celery")
    with transaction.atomic():
        wake.wake(TASK, 7)
        assert queue.llen("celery") == 0
    assert queue.llen("celery") == 1
    queue.delete("celery")


@pytest.mark.django_db(transaction=True)
def test_message_of_a_transaction_that_fails_is_not_sent(broker: Any, tmp_path: Path) -> None:
    folder = _file_broker(broker, tmp_path)
    with transaction.atomic():
        wake.wake(TASK, 7)
        transaction.set_rollback(True)
    assert list(folder.iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_message_becomes_a_file(broker: Any, tmp_path: Path) -> None:
    folder = _file_broker(broker, tmp_path)
    publish()
    assert len(list(folder.glob("*.msg"))) == 1


@pytest.mark.django_db(transaction=True)
def test_hanging_broker_holds_nobody_up(
    broker: Any, silent_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    broker(f"redis://127.0.0.1:{silent_port}/0")
    before = wake.failures
    with caplog.at_level(logging.WARNING):
        assert publish() < PATIENCE_SECONDS
    assert wake.failures == before + 1
    assert TASK in caplog.text


@pytest.mark.django_db(transaction=True)
def test_refusing_broker_is_counted(broker: Any) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        broker(f"redis://127.0.0.1:{unused.getsockname()[1]}/0")
        before = wake.failures
        assert publish() < PATIENCE_SECONDS
    assert wake.failures == before + 1


@pytest.mark.django_db(transaction=True)
def test_unwritable_folder_is_counted(broker: Any, tmp_path: Path) -> None:
    folder = _file_broker(broker, tmp_path)
    folder.rmdir()
    folder.write_text("a file where the folder was")
    before = wake.failures
    assert publish() < PATIENCE_SECONDS
    assert wake.failures == before + 1


def test_a_reader_never_meets_half_a_message(tmp_path: Path) -> None:
    """Eight writers and a reader at once; kombu's own channel loses messages here."""
    folder = tmp_path / "messages"
    folder.mkdir()
    options = {"data_folder_in": str(folder), "data_folder_out": str(folder)}
    options["control_folder"] = str(tmp_path / "control")
    options["processed_folder"] = str(tmp_path)

    def channel() -> Any:
        connection = Connection("filesystem://", transport=BROKER, transport_options=options)
        return connection.channel()

    def write(writer: int) -> None:
        own = channel()
        for number in range(100):
            own._put("work", [writer, number])
            own._queue_bind("exchange", "", "", f"queue-{writer}-{number % 5}")

    writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for writer in writers:
        writer.start()
    reader = channel()
    read: list[tuple[int, int]] = []
    end = time.monotonic() + 60
    while len(read) < 800 and time.monotonic() < end:
        reader.get_table("exchange")
        with contextlib.suppress(Empty):
            read.append(tuple(reader._get("work")))
    for writer in writers:
        writer.join()
    assert sorted(read) == [(w, n) for w in range(8) for n in range(100)]
    assert len(reader.get_table("exchange")) == 40


def _file_broker(broker: Any, root: Path) -> Path:
    folders = {name: root / name for name in ("messages", "control", "processed")}
    for folder in folders.values():
        folder.mkdir()
    broker(
        "filesystem://",
        data_folder_in=str(folders["messages"]),
        data_folder_out=str(folders["messages"]),
        control_folder=str(folders["control"]),
        processed_folder=str(folders["processed"]),
    )
    return folders["messages"]
