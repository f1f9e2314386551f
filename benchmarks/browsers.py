"""A person's browser over real HTTP: cookies, forms as they stand on the page, redirects followed.

Each request is counted under its kind: how long, or why it was no answer. A page that says that
somebody else was first (409, or the verb's own words, 422) is told apart from an error.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

# without types of its own
markup: Any = import_module("lxml.html")
OK, FOUND, GONE, CONFLICT, REFUSED = 200, 302, 404, 409, 422
# what somebody had in hand may belong to another county by now
IN_HAND = "case in hand"
File = tuple[str, str, bytes]  # field, name, content
Values = Mapping[str, str | Sequence[str]]


@dataclass
class Seen:
    """What everybody met: seconds by kind, errors, and what another one had done first."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)
    # deeds that the product has said yes to, by the name of their verb
    deeds: Counter[str] = field(default_factory=Counter)
    # the same by case, where the address names one: (verb, number of the case)
    by_case: Counter[tuple[str, int]] = field(default_factory=Counter)
    # cases that were in somebody's hand and are not his to see any more
    gone: set[int] = field(default_factory=set)

    def add(self, other: Seen) -> None:
        """What was done in another phase too."""
        self.deeds += other.deeds
        self.by_case += other.by_case
        self.gone |= other.gone


class Page(NamedTuple):
    """An answer, its redirect followed."""

    status: int
    path: str
    body: bytes

    @property
    def tree(self) -> Any:
        return markup.document_fromstring(self.body.decode())

    @property
    def is_ok(self) -> bool:
        return self.status == OK

    def form(self, action: str) -> Form | None:
        """The first form of the page whose address contains ``action``."""
        for one in self.tree.forms:
            if action in (one.action or self.path):
                return Form(one.action or self.path, list(one.form_values()))
        return None

    def links(self, part: str) -> list[str]:
        """Addresses on the page that contain ``part``, each once."""
        found = self.tree.xpath("//*[@href]/@href | //*[@hx-get]/@hx-get")
        return list(dict.fromkeys(str(one) for one in found if part in one))


@dataclass
class Form:
    """A form with what stands in its fields."""

    action: str
    values: list[tuple[str, str]]

    def filled(self, **more: str | Sequence[str]) -> list[tuple[str, str]]:
        """With these fields instead of what stood there."""
        kept = [(name, value) for name, value in self.values if name not in more]
        for name, value in more.items():
            held = [value] if isinstance(value, str) else value
            kept += [(name, one) for one in held]
        return kept


class Browser:
    """One person signed in on one device."""

    def __init__(self, port: int, name: str, seen: Seen) -> None:
        self.port, self.name, self.seen = port, name, seen
        self.cookies: dict[str, str] = {}

    async def sign_in(self, password: str) -> Page:
        page = await self.get("/sign-in/", "the page to sign in")
        form = page.form("/sign-in/")
        assert form is not None, page.status
        sent = form.filled(username=self.name, password=password)
        return await self.post(form.action, "sign in", sent)

    async def get(self, path: str, kind: str) -> Page:
        return await self._ask("GET", path, kind)

    async def post(
        self, path: str, kind: str, values: Sequence[tuple[str, str]], files: Sequence[File] = ()
    ) -> Page:
        """A form is sent; the page that it leads to is a request of its own, as in a browser."""
        sent = [(name, value) for name, value in values if name != "csrfmiddlewaretoken"]
        sent.append(("csrfmiddlewaretoken", self.cookies.get("csrftoken", "")))
        if files:
            body, media = _multipart(sent, files)
        else:
            body, media = urlencode(sent).encode(), "application/x-www-form-urlencoded"
        return await self._ask("POST", path, kind, body, media)

    async def _ask(
        self, verb: str, path: str, kind: str, body: bytes = b"", media: str = ""
    ) -> Page:
        begun = time.perf_counter()
        status, heads, found = await self._speak(verb, path, body, media)
        took = time.perf_counter() - begun
        for held in heads.get("set-cookie", ()):
            name, _is, value = held.split(";")[0].partition("=")
            self.cookies[name] = value
        if status == FOUND:
            self.seen.seconds[kind].append(took)
            onward = urlsplit(heads["location"][0])
            there = onward.path + (f"?{onward.query}" if onward.query else "")
            after = await self._ask("GET", there, f"{kind}: the page after it")
            return after if after.is_ok else Page(status, after.path, after.body)
        if status == OK:
            self.seen.seconds[kind].append(took)
        elif status in (CONFLICT, REFUSED) or (status == GONE and kind == IN_HAND):
            if status == GONE:
                self.seen.gone.add(int(path.split("/")[2]))
            self.seen.seconds[f"{kind}: refused"].append(took)
            self.seen.conflicts[f"{status} {kind}"] += 1
        else:
            self.seen.errors[f"{status} {verb} {kind} {path}"] += 1
        return Page(status, path, found)

    async def _speak(
        self, verb: str, path: str, body: bytes, media: str
    ) -> tuple[int, dict[str, list[str]], bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        head = f"{verb} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        head += f"Cookie: {cookies}\r\n" if cookies else ""
        head += f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n" if media else ""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(f"{head}\r\n".encode() + body)
            answer = await reader.read()
            writer.close()
        except OSError as why:
            return 0, {}, str(why).encode()
        top, _gap, found = answer.partition(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")
        heads: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            name, _is, value = line.partition(":")
            heads[name.lower()].append(value.strip())
        if "chunked" in heads.get("transfer-encoding", []):
            found = _unchunked(found)
        return int(first.split()[1]) if " " in first else 0, heads, found


def _unchunked(body: bytes) -> bytes:
    parts, rest = [], body
    while rest:
        size, _line, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        parts.append(rest[:length])
        rest = rest[length + 2 :]
    return b"".join(parts)


def _multipart(values: Sequence[tuple[str, str]], files: Sequence[File]) -> tuple[bytes, str]:
    mark = uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in values
    ]
    for name, called, content in files:
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{called}"\r\n'
        parts.append(f"{head}Content-Type: application/pdf\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
