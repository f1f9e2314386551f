"""What a bounded child said once it says again: the same bytes start no second process. And a Word
file of the same content is filled in once.

A child knows nothing but what it is given; refusals in time are not kept. A paper that each of
eight people takes away is laid out for the first of them.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any

from cases import paper_reading
from enterprises.importing import workbook
from reports.documents import render, word
from reports.documents.content import Content

MOST = 256  # answers
PAPERS = 64  # of up to a megabyte each


def remember_children() -> None:
    paper_reading.__dict__["_ask"] = _remembered(paper_reading._ask)
    workbook.__dict__["_ask_child"] = _remembered(workbook._ask_child)
    render.__dict__["_drawn"] = _drawn_once(render._drawn)
    word.__dict__["docx_of"] = _filled_once(word.docx_of)


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


def _drawn_once(draw: Callable[..., list[bytes]]) -> Callable[..., list[bytes]]:
    known: dict[str, list[bytes]] = {}

    @wraps(draw)
    def drawn(books: Sequence[Sequence[str]], title: str, limits: render.Limits) -> list[bytes]:
        told = json.dumps([[list(book) for book in books], title, asdict(limits)])
        key = hashlib.sha256(told.encode()).hexdigest()
        if key not in known:
            papers = draw(books, title, limits)
            while len(known) >= PAPERS:
                known.pop(next(iter(known)))
            known[key] = papers
        return list(known[key])

    return drawn


def _filled_once(fill: Callable[[Content, str, bytes], bytes]) -> Callable[..., bytes]:
    known: dict[str, bytes] = {}

    @wraps(fill)
    def filled(content: Content, number: str = "", template: bytes = b"") -> bytes:
        told = f"{content.model_dump_json()} {number} ".encode() + template
        key = hashlib.sha256(told).hexdigest()
        if key not in known:
            book = fill(content, number, template)
            while len(known) >= PAPERS:
                known.pop(next(iter(known)))
            known[key] = book
        return known[key]

    return filled
