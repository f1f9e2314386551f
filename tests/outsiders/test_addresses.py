"""Every address × everybody: 404 for what one may not see, 403 for what one may not do.

To read and to write alike, and no matter whether what is named exists: the answers do not differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.html import escape

from cases.models import Case, CaseEvent, Evidence
from tests.outsiders.cast import (
    CHIEF,
    CLERK,
    EVERYBODY,
    EXPERT,
    FAR_OFFICE,
    FIRM,
    OFFICER,
    OTHER_CHIEF,
    OTHER_LEAD,
    OTHER_OFFICER,
    WORKER,
)
from tests.outsiders.doors import BOTH, DOORS, PUBLIC, Door
from tests.outsiders.place import ABSENT, Place

# who looks at a page that many may enter; rows under it are asked of everybody
WITNESSES = {WORKER, OTHER_LEAD, FAR_OFFICE, "office/1", CLERK, EXPERT}
# who enters and sees by the same line of the table as another one: a page that both may open is
# opened by the other one
TWINS = {
    "office/2": "office/1", "supervisor": "leader", OFFICER: CHIEF, OTHER_OFFICER: OTHER_CHIEF,
}  # fmt: skip
# things that differ from one answer to the next, whatever was asked
CHANGING = re.compile(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"|X-CSRFToken[^}]*}')


def patterns(found: list[Any]) -> Iterator[URLPattern]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns)
        else:
            yield one


URLS = {str(one.name): one for one in patterns(get_resolver().url_patterns)}


def doors(name: str) -> tuple[Door, ...]:
    found = DOORS[name]
    return found if isinstance(found, tuple) else (found,)


def test_every_address_has_its_outsiders() -> None:
    """A new page without a line in ``DOORS`` fails here."""
    assert set(URLS) == set(DOORS) | PUBLIC
    assert {name for name, one in URLS.items() if _marker(one) == "public"} == PUBLIC
    for name in DOORS:
        for door in doors(name):
            assert door.enters | (door.sees or frozenset()) | (door.may or frozenset()) <= EVERYBODY
            assert door.enters != EVERYBODY or door.sees or not door.args, name


def _marker(one: URLPattern) -> str:
    return str(getattr(one.callback, "marker", ""))


class Walk:
    """Asks at one door after the other and keeps what was not as it should be."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.clients = {who: place.enter(who) for who in sorted(EVERYBODY)}
        for client in self.clients.values():
            client.raise_request_exception = False
        self.wrong: list[tuple[str, ...]] = []
        # refusals that were compared with those of what does not exist
        self.compared: set[tuple[str, int, str, int, str]] = set()
        self.absent = dict.fromkeys(place.names, ABSENT) | {
            "programme": "none-2022", "batch": "0" * 32,
        }  # fmt: skip

    def ask(self, name: str, door: Door, who: str, method: str, exists: bool) -> HttpResponse:
        names = self.place.names if exists else self.absent
        return ask(self.clients[who], name, door, method, names, self.place.case.version)

    def check(self, name: str, door: Door, who: str, method: str) -> None:
        there = self.ask(name, door, who, method, True)
        wanted = door.answer(who)
        self._note(name, door, who, method, there, wanted)
        if wanted == 200:
            return
        if door.sees is None or who in door.sees:
            return
        assert FIRM not in there.content.decode(), (name, who)
        # who is refused in the same words is refused at the same point, before or after looking
        refusal = (name, id(door), method, there.status_code, plain(there))
        if refusal in self.compared:
            return
        self.compared.add(refusal)
        nowhere = self.ask(name, door, who, method, False)
        self._note(name, door, who, method, nowhere, wanted)
        if plain(there) != plain(nowhere):
            self.wrong.append((name, who, method, "tells whether it exists"))

    def _note(
        self, name: str, door: Door, who: str, method: str, answer: HttpResponse, wanted: int
    ) -> None:
        status = answer.status_code
        let_in = status < 500 and status not in (403, 404, 405)
        login = status == 302 and answer["Location"].startswith(reverse("login"))
        if (let_in and not login) if wanted == 200 else status == wanted:
            return
        told = " ".join((*door.args, *door.data.values()))
        self.wrong.append((name, told, who, method, f"{status} instead of {wanted}"))


def plain(answer: HttpResponse) -> str:
    """An answer without the address that was asked for, and what is new in each answer."""
    asked = escape(answer.wsgi_request.get_full_path())  # type: ignore[attr-defined]
    return CHANGING.sub("", answer.content.decode()).replace(asked, "#")


def ask(
    client: Client, name: str, door: Door, method: str, names: Mapping[str, Any], version: int
) -> HttpResponse:
    """One request, taken back again."""
    url = reverse(name, args=_args(name, door, names)) + door.query.format(**names)
    data = {"version": str(version)} | {k: v.format(**names) for k, v in door.data.items()}
    point = transaction.savepoint()
    answer: Any = client.get(url) if method == "get" else client.post(url, data)
    if answer.streaming:
        assert b"".join(answer.streaming_content)
    client.cookies.pop("messages", None)  # the next page would show them
    transaction.savepoint_rollback(point)
    transaction.savepoint_commit(point)  # or each write looks at all of them
    return answer  # type: ignore[no-any-return]


def _args(name: str, door: Door, names: Mapping[str, Any]) -> list[Any]:
    """The things of the place that the address names; other words as they are."""
    if "post" in door.args:
        return []
    return [names.get(one, one) for one in door.args]


def is_asked(door: Door, who: str, method: str, *, again: bool) -> bool:
    """Not everybody reads every page that he may enter, nor knocks at the same door twice."""
    wanted = door.answer(who)
    if method == "get" and wanted == 200 == door.answer(TWINS.get(who, who)) and who in TWINS:
        return False
    return who in WITNESSES or (wanted == 403 or not again if door.sees else wanted != 200)


def test_refusals_as_they_are_printed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page around a refusal is the same whether there is such a case, and names nobody."""
    monkeypatch.undo()
    walk = Walk(place)
    for who in (OTHER_LEAD, FAR_OFFICE, CLERK):
        for door in doors("case"):
            walk.check("case", door, who, "get")
    assert walk.wrong == []


@pytest.mark.parametrize("part", range(4))
def test_everybody_at_every_door(place: Place, part: int) -> None:
    walk = Walk(place)
    before = (CaseEvent.objects.count(), Case.objects.count(), Evidence.objects.count())
    for name in sorted(DOORS)[part::4]:
        for place_of, door in enumerate(doors(name)):
            for method, who in product(sorted(door.methods), sorted(EVERYBODY)):
                if is_asked(door, who, method, again=place_of > 0):
                    walk.check(name, door, who, method)
    if walk.wrong:
        pytest.fail("\n".join(" | ".join(line) for line in walk.wrong))
    assert (CaseEvent.objects.count(), Case.objects.count(), Evidence.objects.count()) == before


def test_a_number_that_no_database_counts_to_is_not_there(place: Place) -> None:
    client, beyond = place.enter("office/1"), dict.fromkeys(place.names, 10**20)
    client.raise_request_exception = False
    broken = []
    for name in sorted(DOORS):
        for door in doors(name):
            for method in sorted(door.methods) if door.args else ():
                answer = ask(client, name, door, method, beyond, 1)
                if answer.status_code >= 500:
                    broken.append((name, method, answer.status_code))
    assert broken == []


def test_a_wrong_method_is_405_for_everybody(place: Place) -> None:
    clients = {who: place.enter(who) for who in ("office/1", "nobody")}
    for name in DOORS:
        methods = frozenset().union(*(door.methods for door in doors(name)))
        url = reverse(name, args=_args(name, doors(name)[0], place.names))
        for who, client in clients.items():
            for method in sorted((BOTH - methods) | {"put", "delete"}):
                assert getattr(client, method)(url).status_code == 405, (name, who, method)


def test_nobody_comes_in_without_signing_in(place: Place) -> None:
    client = Client()
    for name in DOORS:
        for door in doors(name):
            for method in door.methods:
                answer = ask(client, name, door, method, place.names, 1)
                assert answer.status_code == 302, (name, method)
                assert answer["Location"].startswith(reverse("login")), (name, method)
