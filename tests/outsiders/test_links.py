"""A page offers nothing that it would refuse: every link of every page, followed by everybody."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve, reverse

from tests.outsiders.cast import CHIEF, CLERK, LEAD, WORKER
from tests.outsiders.doors import DOORS, Door
from tests.outsiders.place import Place

# one of each kind of office; rights of the rest are subsets of these
CAST = (WORKER, LEAD, CHIEF, "office/1", "supervisor", "system_admin", "audit_admin", CLERK)
# links, and what a page asks for by itself; a form only when it asks (method get is the default)
LINK = re.compile(
    r'<(?:a|div|section|tr|td|button|form|img)\b[^>]*?\b(?:href|hx-get|src)="([^"]+)"'
)
FORM = re.compile(r"<form\b(?![^>]*\bpost\b)[^>]*\baction=\"([^\"]+)\"", re.IGNORECASE)
# parts of a query that name rows, which may be another one's
NAMING = frozenset({"post", "user", "parent", "old", "new"})
# of many rows with the same kind of link, this many are followed
ENOUGH = 2


def links(html: str, page: str) -> Iterator[str]:
    for found in (*LINK.findall(html), *FORM.findall(html)):
        url = urlsplit(urljoin(page, unescape(found)))
        if not url.netloc and url.scheme == "" and not url.path.startswith("/static/"):
            yield url._replace(fragment="").geturl()


def shape(url: str) -> tuple[str, ...]:
    """Filters of one list are one link: only what names a row makes another one."""
    parts = urlsplit(url)
    return (parts.path, *sorted({name for name, _value in parse_qsl(parts.query)} & NAMING))


def kind(url: str) -> tuple[str, ...]:
    """What leads to the same page for another row is of one kind; unknown addresses are not."""
    try:
        found = resolve(urlsplit(url).path)
    except Resolver404:
        return shape(url)
    words = [str(one) for one in found.kwargs.values() if not str(one).isdigit()]
    return (str(found.url_name), *words, *shape(url)[1:])


class Stroll:
    """One person follows what he is offered, page after page."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.known: set[tuple[str, ...]] = set()
        self.kinds: Counter[tuple[str, ...]] = Counter()
        self.refused: list[str] = []
        # pages asked for unbidden that refused: nothing may lead there
        self.shut: dict[tuple[str, ...], int] = {}

    def go(self, starts: list[str]) -> None:
        waiting = [("", start) for start in starts]
        while waiting:
            came_from, url = waiting.pop(0)
            # a page that refused keeps the switch for its own display
            if came_from and shape(url) in self.shut and shape(url) != shape(came_from):
                self.refused.append(f"{came_from} offers {url}: {self.shut[shape(url)]}")
            if shape(url) in self.known or self.kinds[kind(url)] == ENOUGH:
                continue
            self.known.add(shape(url))
            self.kinds[kind(url)] += 1
            waiting += [(url, found) for found in self._open(came_from, url)]

    def _open(self, came_from: str, url: str) -> list[str]:
        answer: Any = self.client.get(url)
        if answer.status_code in (403, 404, 500):
            self.shut[shape(url)] = answer.status_code
        if came_from and shape(url) in self.shut:
            self.refused.append(f"{came_from} offers {url}: {answer.status_code}")
        if answer.streaming:
            assert b"".join(answer.streaming_content)
            return []
        if not answer["Content-Type"].startswith("text/html"):
            return []
        if 300 <= answer.status_code < 400:
            return [urljoin(url, answer["Location"])]
        return list(links(answer.content.decode(), url))


def pages() -> list[str]:
    """Every page without a name in its address: also those that no bar leads to."""
    found = []
    for name, door in DOORS.items():
        if isinstance(door, Door) and not door.args and "get" in door.methods and not door.query:
            found.append(reverse(name))
    return found


def test_no_page_offers_what_it_refuses(place: Place) -> None:
    refused, followed = [], set()
    for who in CAST:
        stroll = Stroll(place.enter(who))
        stroll.go([*pages(), "/nowhere/"])
        refused += [f"{who}: {one}" for one in stroll.refused]
        followed |= {kind_[0] for kind_ in stroll.kinds}
    assert not refused, "\n".join(refused)
    # links are found at all: of bars, of rows, of what a page loads by itself
    assert {"workbench", "case", "case_act", "unit", "hand_over", "group_note"} <= followed
