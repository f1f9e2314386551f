"""线下核验: the colleague who was named says on the paper's page whether he saw it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from cases.actions import evidence, witnessing
from cases.errors import NotYours, Refused
from cases.models import Case, CaseEvent, Evidence
from cases.wording import words_of
from config.ticking import tick
from notifications.models import Notice
from tests.cases.lists import sign_in
from tests.cases.standing import LEAD, OFFICE, WORKER, rectifying
from tests.world import START, World, at


def verified(world: World, witness: str = WORKER) -> tuple[Case, Evidence]:
    case = rectifying(world)
    row = evidence.verify_offline(
        case.pk, criterion="staff", witness=world.people[witness].username,
        number="洛研〔2022〕1号", dated=START, by=world.actor(LEAD), at=at(START, 11),
    )  # fmt: skip
    return case, row


def remedy(case: Case) -> Case:
    found: Case = Case.objects.filter(parent=case, criterion="staff").order_by("-pk")[0]
    return found


def test_only_the_second_person_speaks_and_once(world: World, today: Any) -> None:
    today(START)
    case, row = verified(world)
    page = reverse("evidence", args=[row.pk])
    assert "您是否当面核对过该材料" not in sign_in(world, LEAD).get(page).content.decode()
    mine = sign_in(world, WORKER)
    shown = mine.get(page).content.decode()
    assert "您是否当面核对过该材料" in shown
    assert "待本人确认" in shown
    name = world.people[WORKER].name
    assert f"待{name}确认" in mine.get(reverse("case", args=[case.pk])).content.decode()
    decide = reverse("evidence_decide", args=[row.pk])
    assert sign_in(world, LEAD).post(decide, {"do": "saw"}).status_code == 403
    assert mine.post(decide, {"do": "saw"}).status_code == 302
    assert mine.post(decide, {"do": "denied"}).status_code == 422
    row.refresh_from_db()
    assert row.is_witnessed
    assert "本人已确认" in mine.get(page).content.decode()
    told = [words_of(event) for event in CaseEvent.objects.filter(case=case)]
    lead, worker = world.people[LEAD].name, world.people[WORKER].name
    assert f"{lead}、{worker}线下核验“研发人员”材料：洛研〔2022〕1号" in told
    assert f"{worker}确认共同核验“研发人员”材料" in told


def test_who_did_not_see_it_voids_it(world: World) -> None:
    """What the paper had closed begins anew, and whoever had named him hears of it."""
    case, row = verified(world)
    assert remedy(case).is_finished
    username = world.people[WORKER].username
    call_command(
        "case", "evidence-witness", case.number, "--not-seen", "--text", "当日在外地",
        "--evidence", str(row.pk), "--seen-version", str(Case.objects.get(pk=case.pk).version),
        "--by", username, "--at", "2022-03-01T12:00",
    )  # fmt: skip
    row.refresh_from_db()
    case.refresh_from_db()
    assert row.state == Evidence.State.WITHDRAWN
    assert "staff" in case.lacking
    assert not remedy(case).is_finished
    tick(at(START, 13))
    told = Notice.objects.filter(recipient=world.people[LEAD], kind="offline_denied")
    assert told.get().title == "核验不成立"


def test_who_cannot_open_the_case_is_not_named(world: World) -> None:
    stranger = next(key for key in world.people if key.endswith("/county_worker") and key != WORKER)
    with pytest.raises(Refused) as refused:
        verified(world, stranger)
    assert refused.value.code == "witness_outside"


def test_what_has_no_file_is_returned_by_another(world: World, today: Any) -> None:
    """Where he cannot be asked any more it is returned from its page, not by whoever made it; a
    waiver given by mistake likewise."""
    today(START)
    case, row = verified(world)
    with pytest.raises(NotYours):
        witnessing.attest(row.pk, saw=True, by=world.actor(OFFICE), at=at(START, 12))
    decide, page = (reverse(name, args=[row.pk]) for name in ("evidence_decide", "evidence"))
    terms = {"do": "return", "reason": "2", "found": "verified_offline"}
    assert "退回补正：原因" not in sign_in(world, LEAD).get(page).content.decode()
    assert "退回补正：原因" in sign_in(world, OFFICE).get(page).content.decode()
    assert sign_in(world, OFFICE).post(decide, terms).status_code == 302
    row.refresh_from_db()
    assert row.state == Evidence.State.RETURNED
    world.in_province(case, "spending")
    waiver = evidence.waive(
        case.pk, criterion="spending", reason="省系统已有", by=world.actor(LEAD), at=at(START, 13)
    )
    page = reverse("evidence", args=[waiver.pk])
    assert "退回补正：原因" not in sign_in(world, LEAD).get(page).content.decode()
    assert "退回补正：原因" in sign_in(world, OFFICE).get(page).content.decode()
