"""A firm's own people and another firm: no page, list, file, search or act shows or changes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.urls import reverse

from cases.models import Case, CaseEvent, Evidence
from enterprises.models import Clerk, Enterprise, Invitation
from tests.outsiders.cast import CLERK, FIRM, OTHER_CLERK
from tests.outsiders.doors import BOTH, DOORS, PUBLIC
from tests.outsiders.place import Place
from tests.outsiders.test_addresses import URLS, _args, doors

# how one looks for somebody else's on a page of one's own
ASKED = ("", "?q=轴承", "?firm={firm}", "?parent={case}&about={case}", "?case={case}&paper={paper}")
KEPT = (Case, CaseEvent, Evidence, Clerk, Invitation)


class Writes:
    """Whether any statement wrote: only then is it counted what there is."""

    any = False

    def __call__(self, execute: Any, statement: str, *rest: Any) -> Any:
        self.any |= not statement.startswith(("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK"))
        return execute(statement, *rest)


def said(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


@pytest.mark.parametrize("who", [OTHER_CLERK, CLERK])
def test_over_every_address_of_the_product(place: Place, who: str) -> None:
    """Both ways: one's clerk knocks with the numbers of all that is the other's."""
    names, hidden = place.names, FIRM
    if who == CLERK:
        other = place.other
        hidden = str(other.enterprise)
        names = names | {"firm": other.firm_id, "case": other.pk, "question": other.pk}
        names |= dict.fromkeys(("paper", "record", "visit", "notice"), 999_999)
    client, before = place.enter(who), [model.objects.count() for model in KEPT]
    secret = hidden.encode()
    wrong, met = [], 0
    for name in sorted(URLS):
        if name in PUBLIC:
            continue
        for door in doors(name):
            for method in sorted(BOTH):
                for query in ASKED if not door.args else ("",):
                    address = reverse(name, args=_args(name, door, names)) + query.format(**names)
                    point, writes = transaction.savepoint(), Writes()
                    ask = client.get if method == "get" else client.post
                    with connection.execute_wrapper(writes):
                        answer: Any = ask(address, dict(door.data) if method == "post" else None)
                        text = said(answer)
                    counts = [model.objects.count() for model in KEPT] if writes.any else before
                    transaction.savepoint_rollback(point)
                    transaction.savepoint_commit(point)
                    client.cookies.pop("messages", None)
                    met += 1
                    if secret in text:
                        wrong.append(f"{method} {address} shows the other firm")
                    if counts != before:
                        wrong.append(f"{method} {address} changes something")
                    refused = answer.status_code in (302, 403, 404, 405, 422)
                    if door.args and not refused and hidden == FIRM and door.sees is not None:
                        wrong.append(f"{method} {address}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert met > 2 * len(DOORS)


def test_the_door_shows_no_firm_without_its_code(place: Place) -> None:
    """Neither by a guessed number nor to somebody who is signed in for another firm."""
    firm = Enterprise.objects.get(name=FIRM)
    client = place.enter(OTHER_CLERK)
    for guess in (firm.pk, firm.credit_code, "0" * 12):
        answer = client.get(reverse("enter_firm", args=[guess]))
        assert answer.status_code == 404
        assert FIRM not in answer.content.decode()
