"""Processes that look at a long trail together: each recomputes spans of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from django.db import connection, connections

from cases.chains import Span
from cases.sealing import Break

MOST = 4


def look_together(
    work: Callable[[Span], Break | None], spans: Iterable[Span]
) -> Iterable[Break | None]:
    """``map`` for ``chains.verify``, on as many processes as the machine lends.

    Only for a command, which is one thread; what an open transaction wrote others do not see.
    """
    asked = list(spans)
    count = min(MOST, len(os.sched_getaffinity(0)), len(asked) // 2)
    if count < 2 or connection.in_atomic_block:
        return map(work, asked)
    # a connection must not be inherited: each opens its own
    connections.close_all()
    with ProcessPoolExecutor(count, mp_context=get_context("fork")) as pool:
        return list(pool.map(work, asked))
