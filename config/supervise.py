"""Web server, worker, beat and builder as children of one process: restarted, none left behind."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import FrameType

log = logging.getLogger(__name__)

_LOOK_EVERY_SECONDS = 0.2
_GRACE_SECONDS = 20.0
_LONGEST_PAUSE_SECONDS = 30.0
_STEADY_AFTER_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1
# the worker behind the web server: a third of its weight (deploy/xiaohao-worker.service too)
BEHIND = 5


@dataclass(frozen=True)
class Child:
    """A command that is kept running; with ``once`` it is restarted only until it succeeds.

    ``after``: seconds that it lets those go first that somebody waits for. ``nice``: how far it
    stands back behind the others where the processor does not suffice.
    """

    name: str
    command: Sequence[str]
    once: bool = False
    after: float = 0.0
    nice: int = 0


@dataclass
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    failures: int = 0
    done: bool = False


@dataclass
class Supervisor:
    """Runs ``children`` until SIGTERM or SIGINT; ``on_look`` is called a few times a second."""

    children: Sequence[Child]
    on_look: Callable[[], None] = lambda: None
    grace: float = _GRACE_SECONDS
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Blocks; 0 after a signal, as being told to stop is no failure."""
        before = {s: signal.signal(s, self._on_signal) for s in (signal.SIGTERM, signal.SIGINT)}
        begun = time.monotonic()
        rows = [_Running(child, start_at=begun + child.after) for child in self.children]
        try:
            while not self._stop.is_set():
                for row in rows:
                    self._look_at(row)
                self.on_look()
                self._stop.wait(_LOOK_EVERY_SECONDS)
        finally:
            self._end(rows)
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()

    def _look_at(self, row: _Running) -> None:
        now = time.monotonic()
        if row.process is None:
            if not row.done and now >= row.start_at:
                self._start(row, now)
            return
        code = row.process.poll()
        if code is None:
            return
        _kill_group(row.process)  # whatever it had started itself
        row.process = None
        if row.child.once and code == 0:
            row.done = True
            return
        steady = now - row.started > _STEADY_AFTER_SECONDS
        row.failures = 1 if steady else row.failures + 1
        pause = min(2.0 ** (row.failures - 1), _LONGEST_PAUSE_SECONDS)
        row.start_at = now + pause
        log.warning("%s ended with %s; again in %.0f s", row.child.name, code, pause)

    def _start(self, row: _Running, now: float) -> None:
        row.started = now
        row.process = subprocess.Popen(
            row.child.command,
            stdin=subprocess.DEVNULL,
            # a group of its own: Ctrl-C reaches us alone, and we can end all that it started
            start_new_session=True,
            preexec_fn=partial(_in_child, row.child.nice),
        )

    def _end(self, rows: Sequence[_Running]) -> None:
        alive = [row.process for row in rows if row.process is not None]
        for process in alive:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + self.grace
        for process in alive:
            try:
                process.wait(timeout=max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s did not end in time: killed", process.args)
            _kill_group(process)
            process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # all of it is gone already
        os.killpg(process.pid, signal.SIGKILL)


def _in_child(nice: int) -> None:
    """If we are killed outright, the kernel tells the child to end (Linux)."""
    os.nice(nice)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def web(
    bind: str, port: int, workers: int, threads: int, certificate: tuple[str, str] | None = None
) -> Child:
    """The web server; loaded once, then forked, so that the first page does not wait twice.

    ``certificate``: its files, where no reverse proxy ends TLS in front of it.
    """
    tls = ("--certfile", certificate[0], "--keyfile", certificate[1]) if certificate else ()
    return Child(
        "web",
        [
            *(sys.executable, "-m", "gunicorn", "config.wsgi:application", "--preload"),
            *("--bind", f"{bind}:{port}"),
            *("--worker-class", "config.web.Worker"),
            *("--workers", str(workers), "--threads", str(threads)),
            *("--timeout", "60", "--graceful-timeout", "10", "--log-level", "warning"),
            *tls,
        ],
    )


def worker(concurrency: int, log_level: str) -> Child:
    """The Celery worker."""
    return Child(
        "worker",
        [
            # docs/operations.md says to run it as a user of its own; no need to repeat it here
            *(sys.executable, "-W", "ignore:You're running the worker", "-m", "celery"),
            *("-A", "config", "--quiet", "worker"),
            # Celery sets the root logger to this level, ours included
            *("--concurrency", str(concurrency), "--loglevel", log_level),
            *("--without-gossip", "--without-mingle"),
        ],
        nice=BEHIND,
    )


def beat(log_level: str) -> Child:
    """Wakes the worker each minute. A process of its own: inside of the worker nobody would notice
    that it has died, and nothing would tick any more."""
    command = (sys.executable, "-m", "celery", "-A", "config", "--quiet", "beat")
    return Child("beat", [*command, "--loglevel", log_level], after=2.0)


def builder(arguments: Sequence[str]) -> Child:
    """The demo's history, built behind the first page."""
    return Child("demo", [sys.executable, "manage.py", "demo", *arguments], once=True)
