"""Digests through the outbox: ``bin/bench mails``.

Two workers send what waits in the outbox (claim, lease, the fence of each letter on the disk before
its body, settled behind it) to a mail server on this machine. The peer is a raw socket that hands
the very same bytes to the same server, one letter after the other over one connection, and keeps
nothing. The server (aiosmtpd) has a letter on the disk before it says 250, as RFC 5321 (6.1) asks
of every mail server; the same is measured with one that only counts. None may come twice.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import bed
from tests.servers import free_port

LETTERS, ROUNDS, QUICK = 2_000, 5, 60
WORKERS = 2
GOAL = 0.5
# a working Monday within the sending hours
AT = datetime(2022, 4, 11, 2, tzinfo=UTC)
SENDER = "专班办 <office@example.gov.cn>"
BODY = """【今日待办】涧西区工作专班经办人，4月12日 星期二
逾期 3 · 今日到期 1 · 3个工作日内到期 6 · 退回待补正 2 · 待您审核 0
先办这3件：
1. 洛阳示例{n}精密机械有限公司 整改中 逾期4个工作日 还差：研发机构、研发经费
2. 洛阳示例耐火材料有限公司 待签收 今日到期 下一步：签收
3. 洛阳示例轴承有限公司 对接中 3个工作日内到期 还差：产学研合作
本县（区）：已销号 12/68，只差一项的 9 家。
查看全部：请登录系统 退订或改时间：我的—消息设置"""


def main(is_quick: bool) -> dict[str, Any]:
    letters, rounds = (QUICK, 1) if is_quick else (LETTERS, ROUNDS)
    with bed.on_postgresql():
        people = _people(letters)
        return {
            f"digest mails, two workers, against a raw socket{words}": _against(
                kind, people, rounds, is_quick=is_quick
            )
            for kind, words in (("keeps", ""), ("counts", ", a server that keeps nothing"))
        }


def _against(kind: str, people: list[Any], rounds: int, *, is_quick: bool) -> dict[str, Any]:
    letters = len(people)
    with server(kind) as port:
        workers = [_worker(port) for _ in range(WORKERS)]
        taken: dict[str, list[float]] = {"raw": [], "ours": []}
        for number in range(rounds + 1):  # the first warms up
            texts = _texts(_waiting(people, f"{kind}{number}"))
            for way in ("raw", "ours") if number % 2 else ("ours", "raw"):
                begun = time.perf_counter()
                if way == "raw":
                    _raw(port, texts)
                else:
                    _all_send(workers, letters)
                if number:
                    taken[way].append(time.perf_counter() - begun)
        for worker in workers:
            worker.communicate("", timeout=20)
        twice = told_twice(port)
    raw, ours = statistics.median(taken["raw"]), statistics.median(taken["ours"])
    return {
        "ratio": round(raw / ours, 2),
        "goal": GOAL,
        "holds": is_quick or (raw / ours >= GOAL and not twice),
        "letters": letters,
        "ours_ms": round(ours * 1000 / letters, 3),
        "peer_ms": round(raw * 1000 / letters, 3),
        "twice": twice,
    }


# --- what waits ----------------------------------------------------------------------------------
def _people(count: int) -> list[Any]:
    from organisations.models import User

    names = (f"reader{n}" for n in range(count))
    return User.objects.bulk_create(
        [User(username=name, email=f"{name}@example.gov.cn") for name in names]
    )


def _waiting(people: list[Any], number: str) -> list[Any]:
    from notifications.models import Delivery

    return Delivery.objects.bulk_create(
        [
            Delivery(
                key=f"digest:{user.pk}:{number}:smtp",
                kind=Delivery.Kind.DIGEST,
                channel="smtp",
                recipient=user,
                subject="今日待办",
                body=BODY.format(n=user.pk),
                made_at=AT,
                next_try_at=AT,
            )
            for user in people
        ]
    )


def _texts(rows: list[Any]) -> list[tuple[str, bytes]]:
    """The bytes that our workers will say, under ids of their own."""
    from notifications.channels.line import Envelope
    from notifications.channels.smtp import written

    return [
        (
            row.recipient.email,
            written(
                Envelope((-row.pk,), "", "smtp", row.recipient.email, row.subject, row.body, AT),
                SENDER,
            ),
        )
        for row in rows
    ]


# --- the ways ------------------------------------------------------------------------------------
def _raw(port: int, texts: list[tuple[str, bytes]]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as talk:
        answers = talk.makefile("rb")

        def ask(words: bytes) -> None:
            talk.sendall(words)
            while (line := answers.readline())[3:4] == b"-":
                pass
            assert line[:1] in b"23", line

        answers.readline()
        ask(b"EHLO bench\r\n")
        for address, text in texts:
            ask(b"MAIL FROM:<office@example.gov.cn>\r\n")
            ask(f"RCPT TO:<{address}>\r\n".encode())
            ask(b"DATA\r\n")
            ask(text + b".\r\n")
        ask(b"QUIT\r\n")


def _all_send(workers: list[subprocess.Popen[str]], letters: int) -> None:
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    told = [json.loads(worker.stdout.readline()) for worker in workers if worker.stdout]
    assert sum(one["sent"] for one in told) == letters, told


def _worker(port: int) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mails", "worker", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


def work(port: int) -> None:
    import django

    django.setup()
    from django.conf import settings

    from notifications.channels.server import Server
    from notifications.sending import send

    settings.MAIL = Server("127.0.0.1", port, SENDER)
    settings.MAIL_PER_MINUTE = 10_000_000
    send(AT)
    print("ready", flush=True)
    for _line in sys.stdin:
        print(json.dumps(send(AT)), flush=True)


# --- the mail server -----------------------------------------------------------------------------
@contextmanager
def server(kind: str) -> Iterator[int]:
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.mails", "server", kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.kill()
        server.wait()


class _Post:
    """Knows how often each letter came; a letter to ``count@`` asks for those that came twice."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.seen: Counter[bytes] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if envelope.rcpt_tos == ["count@bench"]:
            return f"250 {sum(number > 1 for number in self.seen.values())}"
        found = re.search(rb"Message-ID: <([^>]*)>", envelope.content)
        assert found
        self.seen[found[1]] += 1
        if self.folder is not None:
            await asyncio.to_thread(_keep, self.folder / found[1].decode(), envelope.content)
        return "250 taken"


def _keep(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def serve(kind: str) -> None:
    controller = import_module("aiosmtpd.controller")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        post = _Post(Path(folder) if kind == "keeps" else None)
        kept = controller.Controller(post, hostname="127.0.0.1", port=port)
        kept.start()
        print(port, flush=True)
        sys.stdin.read()
        kept.stop()


def told_twice(port: int) -> int:
    import smtplib

    with smtplib.SMTP("127.0.0.1", port) as talk:
        talk.helo()
        talk.mail("a@bench")
        talk.rcpt("count@bench")
        _code, words = talk.data(b"how many\r\n")
        return int(words)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1] == "server":
        serve(sys.argv[2])
    else:
        work(int(sys.argv[2]))
