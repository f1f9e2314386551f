"""外勤: what a phone sends is recorded once; who acted meanwhile is told; routes and call notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases.actions import calling, endings, people, visiting
from cases.errors import NotYours, Refused
from cases.meanwhile import Basis, Changed
from cases.models import CallNote, Case, CaseEvent, Visit
from enterprises.models import Contact, Enterprise, Membership
from tests.browser.people import photo
from tests.cases.at_once import together
from tests.cases.lists import sign_in
from tests.config.test_commands import as_json, refused, run
from tests.world import START, World, at, build

WORKER, LEAD, FAR = "涧西区/county_worker", "涧西区/county_lead", "嵩县/county_worker"
FOUND = "辅助账已建，缺立项文件"
NUMBER = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
JSON = {"accept": "application/json"}


@pytest.fixture
def firm(world: World, today: Any) -> Enterprise:
    found = world.firm("洛阳示例轴承有限公司")
    Contact.objects.create(enterprise=found, name="李示例", phone="0379-6480 0000")
    world.open()
    today(START)
    return found


def picture(name: str = "厂区.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo(name)["buffer"], "image/jpeg")  # type: ignore[arg-type]


def given(firm: Enterprise, **more: Any) -> dict[str, Any]:
    return {
        "visited_on": START.isoformat(),
        "way": "on_site",
        "people": "周示例",
        "found": FOUND,
        "sent_as": str(NUMBER),
        "basis": str(Basis.of(firm)),
        "cases": [str(case.pk) for case in Case.objects.filter(enterprise=firm)],
        **more,
    }


def sent(client: Client, firm: Enterprise, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = client.post(reverse("visit_new", args=[firm.pk]), told, headers=JSON)
    return answer.status_code, answer.json()


# --- sent once, whatever becomes of the answer ----------------------------------------------------
def test_what_is_sent_again_is_the_visit_on_record(world: World, firm: Enterprise) -> None:
    client, told = sign_in(world, WORKER), given(firm)
    first = sent(client, firm, told | {"photos": [picture(), picture("same.jpg")]})
    assert (first[0], first[1]["state"]) == (200, "recorded")
    again = sent(client, firm, told | {"photos": [picture()], "found": "别的"})
    assert again[1]["id"] == first[1]["id"]
    visit = Visit.objects.get()
    assert (visit.found, visit.photos.count(), visit.sent_as) == (FOUND, 1, NUMBER)
    assert CaseEvent.objects.filter(verb="visit").count() == 1
    # even when the firm has left his sight meanwhile
    Membership.objects.filter(enterprise=firm).update(county=world.counties["嵩县"])
    Case.objects.filter(enterprise=firm).update(county=world.counties["嵩县"])
    assert sent(client, firm, told)[1]["id"] == visit.pk


@pytest.mark.django_db(transaction=True)
def test_two_sendings_at_once_are_one_visit(transactional_db: None) -> None:
    world = build()
    firm = world.firm("洛阳示例轴承有限公司")
    world.open()
    deed = partial(
        visiting.record_visit,
        firm,
        by=world.actor(WORKER),
        at=at(START, 11),
        visited_on=START,
        people="周示例",
        found=FOUND,
        sent_as=NUMBER,
        basis=Basis.of(firm),
    )
    first, second = together(deed, deed)
    assert isinstance(first, Visit)
    assert first == second == Visit.objects.get()


def test_a_number_of_somebody_else_answers_nothing(world: World, firm: Enterprise) -> None:
    sent(sign_in(world, WORKER), firm, given(firm))
    status, told = sent(sign_in(world, LEAD), firm, given(firm))
    assert (status, told["state"], told["code"]) == (422, "refused", "number_taken")
    assert Visit.objects.count() == 1


# --- what happened meanwhile ----------------------------------------------------------------------
def _visited(world: World, firm: Enterprise) -> None:
    visiting.record_visit(
        firm,
        by=world.actor(LEAD),
        at=at(START, 10),
        visited_on=START,
        people="赵示例",
        found="已看",
    )


def _reassigned(world: World, firm: Enterprise) -> None:
    unit = world.units["嵩县工作专班"]
    case = Case.objects.get(enterprise=firm)
    people.reassign(
        case.pk, by=world.office, at=at(START, 10), reason="搬迁", unit=unit, knowing=True
    )


def _withdrawn(world: World, firm: Enterprise) -> None:
    case = Case.objects.get(enterprise=firm)
    endings.withdraw(case.pk, by=world.office, at=at(START, 10), reason="重复建档")


@pytest.mark.parametrize(
    ("act", "says"),
    [(_visited, "赵示例已登记3月1日的走访"), (_reassigned, "改派"), (_withdrawn, "重复建档")],
)
def test_whoever_sends_late_is_told_and_decides(
    world: World, firm: Enterprise, act: Callable[[World, Enterprise], None], says: str
) -> None:
    told = given(firm)
    act(world, firm)
    before = Visit.objects.count()
    client = sign_in(world, WORKER)
    status, answer = sent(client, firm, told)
    assert (status, answer["state"]) == (409, "changed")
    assert says in "".join(answer["changes"])
    assert Visit.objects.count() == before
    # the form itself shows the same, and keeps what was typed
    page = client.post(reverse("visit_new", args=[firm.pk]), told).content.decode()
    assert says in page
    assert FOUND in page
    assert answer["basis"] in page
    assert sent(client, firm, told | {"basis": answer["basis"]})[1]["state"] == "recorded"
    assert Visit.objects.count() == before + 1


def test_what_one_did_oneself_and_another_days_visit_are_no_news(
    world: World, firm: Enterprise
) -> None:
    told = given(firm)
    by = world.actor(WORKER)
    for day, who in ((START, WORKER), (START - timedelta(days=1), LEAD)):
        visiting.record_visit(
            firm, by=world.actor(who), at=at(START, 10), visited_on=day, people="某", found="已看"
        )
    visiting.record_visit(
        firm, by=by, at=at(START, 11), visited_on=START, people="某", found="又看",
        basis=Basis.read(told["basis"]), cases=[],
    )  # fmt: skip
    assert sent(sign_in(world, WORKER), firm, told)[1]["state"] == "recorded"


def test_a_firm_that_left_ones_area_is_said_in_words(world: World, firm: Enterprise) -> None:
    status, answer = sent(sign_in(world, FAR), firm, given(firm))
    assert (status, answer["code"]) == (403, "not_yours")
    assert "请复制填写的内容" in answer["words"]
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"found": ""}, "no_text"),
        ({"visited_on": ""}, "no_date"),
        (
            {"photos": SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")},
            "no_photo",
        ),
        ({"photos": SimpleUploadedFile("a.jpg", b"MZ", "image/jpeg")}, "upload_differs"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(
    world: World, firm: Enterprise, wrong: dict[str, Any], code: str
) -> None:
    status, answer = sent(sign_in(world, WORKER), firm, given(firm) | wrong)
    assert (status, answer["state"], answer["code"]) == (422, "refused", code)
    assert not Visit.objects.exists()


def test_the_place_is_kept_if_it_is_one_and_asked_of_nobody(world: World, firm: Enterprise) -> None:
    client = sign_in(world, WORKER)
    here = {"latitude": "34.661234", "longitude": "112.45"}
    sent(client, firm, given(firm) | here)
    no = {"sent_as": str(uuid4()), "latitude": "91", "longitude": "NaN"}
    assert sent(client, firm, given(firm) | no)[1]["state"] == "recorded"
    kept = Visit.objects.order_by("pk").values_list("latitude", flat=True)
    assert [str(one) for one in kept] == ["34.66123", "None"]
    page = client.get(reverse("firm_visits", args=[firm.pk])).content.decode()
    assert page.count("填写位置：34.66123, 112.45000") == 1


def test_a_photo_is_for_whoever_reads_what_was_found(world: World, firm: Enterprise) -> None:
    sent(sign_in(world, WORKER), firm, given(firm) | {"photos": picture()})
    photo = Visit.objects.get().photos.get()
    url = reverse("visit_photo", args=[photo.pk])
    answer = sign_in(world, LEAD).get(url)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]
    assert sign_in(world, FAR).get(url).status_code == 404
    visiting.take_back_visit(
        photo.visit_id, by=world.actor(WORKER), at=at(START, 12), reason="重复"
    )
    assert sign_in(world, LEAD).get(url).status_code == 404


# --- calls ----------------------------------------------------------------------------------------
def test_three_answers_make_a_call_note(world: World, firm: Enterprise) -> None:
    client, url = sign_in(world, WORKER), reverse("call_new", args=[firm.pk])
    page = client.get(url).content.decode()
    assert 'href="tel:037964800000"' in page
    told = {"spoke_to": "李示例", "result": "promised", "next_step": "visit"}
    told |= {"next_on": "2022-03-04", "sent_as": str(NUMBER)}
    for _again in range(2):
        answer = client.post(url, told, headers=JSON)
        assert answer.json()["state"] == "recorded"
    note, case = CallNote.objects.get(), Case.objects.get(enterprise=firm)
    assert list(note.cases.all()) == [case]
    assert case.progress == "答应办理，上门走访"
    page = client.get(reverse("case", args=[case.pk])).content.decode()
    assert "通话小结：与李示例通话，答应办理；下一步：上门走访（3月4日前）" in page
    assert 'href="tel:037964800000"' in page
    seen = client.get(reverse("firm_visits", args=[firm.pk])).content.decode()
    assert "答应办理" in seen
    # a call is no visit
    assert not Visit.objects.exists()
    wrong = client.post(url, told | {"result": "", "sent_as": str(uuid4())})
    assert (wrong.status_code, CallNote.objects.count()) == (422, 1)
    assert "请选择通话结果" in wrong.content.decode()
    assert sign_in(world, FAR).get(url).status_code == 404


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"result": "x"}, "no_result"),
        ({"next_step": ""}, "no_next"),
        ({"next_step": "nothing", "next_on": START}, "day_of_nothing"),
        ({"next_on": START - timedelta(days=1)}, "next_past"),
        ({"called_on": START + timedelta(days=1)}, "in_future"),
        ({"called_on": date(2021, 1, 1)}, "long_ago"),
        ({"said": "长" * 501}, "too_long"),
    ],
)
def test_a_call_note_that_says_nothing_is_refused(
    world: World, firm: Enterprise, more: dict[str, Any], code: str
) -> None:
    told: dict[str, Any] = {"result": "reached", "next_step": "call", **more}
    with pytest.raises(Refused) as found:
        calling.note_call(firm, by=world.actor(WORKER), at=at(START), **told)
    assert found.value.code == code
    with pytest.raises(NotYours):
        calling.note_call(
            firm, by=world.actor(FAR), at=at(START), result="reached", next_step="call"
        )


# --- by command -----------------------------------------------------------------------------------
def test_the_command_does_what_the_phone_does(
    world: World, firm: Enterprise, tmp_path: Path
) -> None:
    who = ("--by", world.people[WORKER].username, "--at", START.isoformat())
    told = as_json("field", "plan", firm.name, "--on", "2022-03-02", *who)
    assert [stop["firm"] for stop in told["route"]] == [firm.name]
    assert as_json("field", "route", "--on", "2022-03-02", *who) == told
    for name in (told["route"][0]["id"], told["route"][0]["credit_code"]):
        assert as_json("field", "plan", str(name), "--on", "2022-03-02", *who) == told
    basis = as_json("firm", "show", firm.name, *who)["basis"]
    shot = tmp_path / "厂区.jpg"
    shot.write_bytes(photo("厂区.jpg")["buffer"])  # type: ignore[arg-type]
    case = Case.objects.get(enterprise=firm)
    line = (
        "field", "visit", firm.name, "--on", START.isoformat(), "--people", "周示例", "--met", "李",
        "--found", FOUND, "--way", "meeting", "--case", case.number, "--photo", str(shot),
        "--place", "34.66,112.45", "--sent-as", str(NUMBER), "--basis", basis, *who,
    )  # fmt: skip
    _visited(world, firm)
    assert "赵示例已登记3月1日的走访" in refused(*line)[1]
    again = [str(Basis.of(firm)) if part == basis else part for part in line]
    made = as_json(*again)
    assert (made["serves"], made["photos"]) == ([case.number], 1)
    assert as_json(*again)["visit"] == made["visit"]
    call = as_json(
        "field", "call", firm.name, "--result", "promised", "--next", "papers", "--to", "李示例",
        "--next-on", "2022-03-04", "--said", "周五前", "--on", START.isoformat(),
        "--sent-as", str(NUMBER), *who,
    )  # fmt: skip
    assert (call["result"], call["serves"]) == ("promised", 1)
    seen = as_json("field", "visits", "--from", "2022-03-01", "--until", "2022-03-31", *who)
    assert [(one["people"], one["photos"]) for one in seen["visits"]] == [
        ("周示例", 1),
        ("赵示例", 0),
    ]
    assert firm.name in run("field", "route", "--on", "2022-03-02", *who)
    assert "纬度,经度" in refused("field", "visit", firm.name, "--place", "x", *who)[1]


def test_a_changed_firm_raises_what_others_did(world: World, firm: Enterprise) -> None:
    basis = Basis.of(firm)
    _visited(world, firm)
    with pytest.raises(Changed) as found:
        visiting.record_visit(
            firm, by=world.actor(WORKER), at=at(START, 12), visited_on=START, people="周",
            found=FOUND, basis=basis,
        )  # fmt: skip
    assert found.value.basis == Basis.of(firm) != basis
    assert Basis.read("7-8; drop") is None
