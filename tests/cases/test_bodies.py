"""What is posted: bounded before it is read, and without marks that nobody types."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from cases.models import CallNote, CaseEvent, Visit
from config import bodies
from tests.architecture import ROOT
from tests.cases.lists import sign_in
from tests.cases.standing import WORKER, rectifying
from tests.world import START, World

JSON = {"Accept": "application/json"}
MOST = bodies.MEGABYTES << 20


class Unread:
    """A body that nobody may touch."""

    def read(self, *_told: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def posted(client: Client, url: str, length: int | str, **more: Any) -> Any:
    kind = "multipart/form-data; boundary=x"
    body: dict[str, Any] = {
        "wsgi.input": Unread(),
        "CONTENT_LENGTH": str(length),
        "CONTENT_TYPE": kind,
    }
    return client.generic("POST", url, **body, **more)


def test_what_is_too_large_is_refused_unread(world: World, today: Any) -> None:
    """Before the form is parsed, and so before anything lies in the folder of passing files."""
    today(START)
    strange, known, url = Client(), sign_in(world, WORKER), reverse("ledger")
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked"}
    answers = [
        posted(known, url, MOST + 1),
        posted(known, url, "", **chunked),
        posted(strange, reverse("enter"), 150_000_000),
        posted(strange, reverse("login"), bodies.MOST_OF_STRANGERS + 1),
    ]
    assert [one.status_code for one in answers] == [413, 411, 413, 302]
    assert all(one["Connection"] == "close" for one in answers)
    assert "一次最多提交64MB" in answers[0].content.decode()
    assert answers[3]["Location"].startswith(reverse("login"))
    phone = [posted(known, url, MOST + 1, headers=JSON), posted(strange, url, MOST, headers=JSON)]
    assert [one.json()["state"] for one in phone] == ["refused", "waiting"]
    # a whole submit comes through, to whoever is signed in
    with pytest.raises(AssertionError, match="was read"):
        posted(known, url, MOST)


def test_the_doors_in_front_say_the_same() -> None:
    said = f"{bodies.MEGABYTES}m"
    assert f"client_max_body_size {said};" in (ROOT / "deploy/nginx.conf").read_text()
    assert f"{said}b" in (ROOT / "deploy/Caddyfile").read_text().lower()
    before = settings.MIDDLEWARE.index("django.middleware.csrf.CsrfViewMiddleware")
    assert before < settings.MIDDLEWARE.index("config.bodies.Typed")


def test_marks_that_nobody_types_are_taken_out(world: World, today: Any) -> None:
    """On every form, also what a phone sends later: PostgreSQL would refuse the whole of it."""
    today(START)
    case = rectifying(world)
    client, firm = sign_in(world, WORKER), case.enterprise_id
    marked, number = "甲\0乙\x1f丙", str(uuid4())
    visit = {"visited_on": START.isoformat(), "people": marked, "way": "on_site", "found": marked}
    sent = client.post(reverse("visit_new", args=[firm]), visit | {"sent_as": number}, headers=JSON)
    assert sent.json()["state"] == "recorded"
    assert list(Visit.objects.values_list("people", "found")) == [("甲乙丙", "甲乙丙")]
    call = {"result": "reached", "next_step": "nothing", "called_on": START.isoformat()}
    client.post(reverse("call_new", args=[firm]), call | {"said": marked, "sent_as": str(uuid4())})
    assert CallNote.objects.get().said == "甲乙丙"
    told = {"version": case.version, "reason": marked, "text": marked}
    client.post(reverse("case_act", args=[case.pk, "comment"]), told)
    assert CaseEvent.objects.filter(reason="甲乙丙").exists()
    # with a file as well, whose own name is judged with the file
    paper = ContentFile(b"%PDF-", name="a.pdf")
    with_file = {"criterion": marked, "files": paper}
    assert client.post(reverse("evidence_add", args=[case.pk]), with_file).status_code < 500
    for asked in ("?q=%00a&county=%00", "?%00=1"):
        assert client.get(reverse("firms") + asked).status_code == 200
    assert client.get("/enter/%00/").status_code == 404


def test_what_is_clean_stays_the_very_same() -> None:
    clean = QueryDict("a=1&a=%0A%09%E7%94%B2&b=")
    assert bodies.cleaned(clean) is clean
    marked = QueryDict("a=1&a=%00%0A2&%00b=3%EF%BF%BF")
    assert dict(bodies.cleaned(marked).lists()) == {"a": ["1", "\n2"], "b": ["3"]}
