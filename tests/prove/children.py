"""A piece of work in a process of its own, forked from a warm one; what became of it."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connections

# a child whose machine is shared takes its time; one that hangs says where
LONGEST_SECONDS = 240


@dataclass(frozen=True)
class Ended:
    """How a child ended: killed by a signal, or with an ``answer``, or with ``error`` in words."""

    signal: int
    answer: Any = None
    error: str = ""

    @property
    def is_killed(self) -> bool:
        return self.signal == signal.SIGKILL


def in_child(work: Callable[[int], Any]) -> Ended:
    """Run ``work`` in a fork with connections of its own; no child outlives LONGEST_SECONDS.

    ``work`` is given a pipe on which it can tell where it is killed.
    """
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _run(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    _pid, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return Ended(os.WTERMSIG(status), told)
    answer, error = pickle.loads(told)
    return Ended(0, answer, error)


def _run(work: Callable[[int], Any], writing: int) -> None:
    gc.disable()  # it would touch, and so copy, all that was inherited
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LONGEST_SECONDS)
    answer, error = None, ""
    try:
        answer = work(writing)
        connections.close_all()
    except BaseException:
        error = traceback.format_exc()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(pickle.dumps((answer, error)))
    os._exit(0)


def _too_long(number: int, frame: object) -> None:
    raise TimeoutError(f"not done after {LONGEST_SECONDS} s")
