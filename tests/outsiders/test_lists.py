"""Lists, searches, counts, exports and commands: nobody reads there what he may not open."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from cases.models import CaseEvent
from tests.outsiders.cast import (
    FAR,
    FIRM,
    OTHER_CHIEF,
    OTHER_COUNTY,
    OTHER_FIRM,
    OTHER_GROUP,
    OTHER_LEAD,
    OTHER_OFFICER,
    OTHER_TOWN,
    OTHER_WORKER,
    OTHERS,
    WORKER,
)
from tests.outsiders.place import Place

# of cases, with their prints and workbooks; then of the register, which departments read too
CASES = (
    "workbench", "workbench_copy", "ledger", "ledger_print", "ledger_copy", "ledger_export",
    "overdue", "near", "reminders", "overdue_copy", "near_copy", "reminders_copy",
    "matches", "matches_export", "load", "pairings", "notices",
    "notices_box", "closing_numbers", "extensions", "extensions_export", "suspensions",
    "suspensions_export", "stand_ins", "stand_ins_xlsx", "issues", "measures", "orders",
)  # fmt: skip
REVIEWS = {"evidence_review": OTHER_LEAD, "closing_review": OTHER_LEAD}
# lists under a filter by county
BY_COUNTY = (
    "ledger", "ledger_print", "ledger_copy", "ledger_export", "matches", "matches_export", "firms",
)  # fmt: skip
# prints, copies and workbooks take their rows from the page's own query
ASKED = ("", "?q=轴承", "?of=remedies", "?of=all&q=示例", "?stage=rectification", "?q=2022-1")
ASKED_OF = dict.fromkeys(CASES, ASKED[:1]) | {"ledger": ASKED, "matches": ASKED[:2]}
ASKED_OF |= dict.fromkeys(("ledger_print", "ledger_copy", "ledger_export"), ASKED[:2])


def text_of(client: Client, address: str) -> str:
    """What an answer says; of a workbook all its sheets."""
    answer: Any = client.get(address)
    if answer.status_code == 404:
        return ""
    assert answer.status_code == 200, address
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if not content.startswith(b"PK"):
        return str(content.decode())
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


def test_no_list_shows_another_ones_firm(place: Place) -> None:
    enter = cache(place.enter)
    for name in CASES:
        for who in (OTHER_LEAD, OTHER_CHIEF, OTHER_TOWN, "far lead"):
            for query in ASKED_OF[name]:
                # what was searched for is said again, so the rest of the name is looked for
                assert FIRM not in text_of(enter(who), reverse(name) + query), (name, who, query)
    for name, who in REVIEWS.items():
        assert FIRM not in text_of(enter(who), reverse(name))
    for who in (OTHER_LEAD, OTHER_TOWN, OTHER_GROUP, "far lead"):
        assert FIRM not in text_of(enter(who), reverse("firms") + "?q=轴承")
    for name in ("ledger", "ledger_export", "ledger_copy"):
        assert FIRM in text_of(enter(WORKER), reverse(name)), name


def test_counts_are_of_ones_own_cases(place: Place) -> None:
    for who, own in ((OTHER_LEAD, 1), (OTHER_CHIEF, 1), (OTHER_TOWN, 0), ("far lead", 0)):
        counts = place.enter(who).get(reverse("ledger")).context["counts"]
        assert counts["running"] == counts["shown"] == own, who
    page = text_of(place.enter(OTHER_LEAD), reverse("ledger"))
    assert OTHER_FIRM in page


@pytest.mark.parametrize("who", [OTHER_WORKER, OTHER_LEAD, OTHER_TOWN, OTHER_GROUP, "far lead"])
def test_a_county_that_is_not_ones_own_is_no_filter(place: Place, who: str) -> None:
    """Neither an empty list under its name nor, worse, one's own rows."""
    foreign = place.world.counties["新安县"].pk
    client = place.enter(who)
    for name in BY_COUNTY:
        for county in (foreign, 999_999, 0, "x", "新安县"):
            answer = client.get(reverse(name), {"county": county})
            assert answer.status_code == 404, (name, county)
    chosen = {"all": "1", "query": f"county={foreign}", "act": "urge"}
    if who in (OTHER_LEAD, OTHER_GROUP, "far lead"):
        assert client.post(reverse("bulk", args=["urge"]), chosen).status_code == 404


def test_whoever_reads_the_whole_city_filters_by_each_county(place: Place) -> None:
    empty = place.world.counties["新安县"].pk
    for who in ("office/1", "leader", OTHER_CHIEF):
        client = place.enter(who)
        for name in BY_COUNTY:
            assert text_of(client, f"{reverse(name)}?county={empty}"), (who, name)


# --- the command line ----------------------------------------------------------------------------
def said(*words: str) -> tuple[str, str]:
    """What a command answers: its JSON, and the words of its refusal."""
    out = io.StringIO()
    try:
        call_command(*words, "--json", stdout=out, stderr=io.StringIO())
    except CommandError as refusal:
        return out.getvalue(), str(refusal)
    return out.getvalue(), ""


def account(place: Place, who: str) -> str:
    return str(place.world.people[who].username)


@pytest.mark.parametrize("who", sorted((OTHERS | FAR) - {OTHER_OFFICER}))
def test_on_the_command_line_it_does_not_exist_either(place: Place, who: str) -> None:
    number, by = place.case.number, ("--by", account(place, who), "--at", "2022-03-01T18:00")
    before = CaseEvent.objects.count()
    told, words = said("case", "show", number, *by)
    _told, same = said("case", "show", "2022-99999", *by)
    assert words == same.replace("2022-99999", number)
    assert json.loads(told)["error"]["words"] == words
    assert FIRM not in told
    for verb in ("advance", "comment"):
        more = ("--text", "x") if verb == "comment" else ()
        told, refused = said("case", verb, number, *more, *by)
        assert refused == words, verb
    assert FIRM not in said("case", "list", *by)[0]
    assert CaseEvent.objects.count() == before
    if who in OTHER_COUNTY | FAR:
        assert "涧西区" in said("case", "list", "--county", "涧西区", *by)[1] or who == OTHER_TOWN


def test_letters_on_the_command_line_are_those_of_the_tray(place: Place) -> None:
    draft, absent = str(place.names["draft"]), "999999"
    at = ("--at", "2022-03-01T18:00")
    for who in (OTHER_LEAD, WORKER, "far office"):
        by = ("--by", account(place, who), *at)
        assert json.loads(said("drafts", "list", *by)[0]) == []
        for act in (("release",), ("drop", "--reason", "x")):
            there = said("drafts", act[0], draft, *act[1:], *by)[1]
            assert there == said("drafts", act[0], absent, *act[1:], *by)[1] != ""
    own = ("--by", account(place, "office/1"), *at)
    assert [row["id"] for row in json.loads(said("drafts", "list", *own)[0])] == [int(draft)]
