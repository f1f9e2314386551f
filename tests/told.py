"""What a bounded child said of a file once it says again: the same bytes start no second process.

A child knows nothing but the bytes and the limits it is given; refusals in time are not kept.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from cases import paper_reading
from enterprises.importing import workbook

MOST = 256  # answers


def remember_children() -> None:
    paper_reading.__dict__["_ask"] = _remembered(paper_reading._ask)
    workbook.__dict__["_ask_child"] = _remembered(workbook._ask_child)


def _remembered(ask: Callable[..., Any]) -> Callable[..., Any]:
    known: dict[str, bytes] = {}

    @wraps(ask)
    def asked(what: bytes | Path, *limits: Any, **more: Any) -> Any:
        content = what if isinstance(what, bytes) else what.read_bytes()
        key = f"{hashlib.sha256(content).hexdigest()} {limits} {more}"
        if key not in known:
            answer = ask(what, *limits, **more)
            if answer is None:
                return None
            while len(known) >= MOST:
                known.pop(next(iter(known)))
            known[key] = pickle.dumps(answer)
        return pickle.loads(known[key])

    return asked
