"""A paper under a unit's own name: its people draft it, its own head signs, the office does not."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from cases.actions import recurring
from cases.errors import NotYours
from cases.models import Case
from organisations.models import Post, Tenure, Unit
from reports.documents import actions
from reports.documents.kinds import Kind
from reports.documents.nouns import Document
from reports.documents.persons import hindrance
from reports.documents.route import State, Step
from reports.documents.styles import set_style
from tests.cases.lists import sign_in
from tests.reports.offices import CHECKER, DAY, HANDLER, HEAD, step
from tests.world import START, World, at

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def test_a_county_writes_its_own_report_and_its_own_head_signs(world: World) -> None:
    world.firm("甲有限公司")
    world.open()
    recurring.open_due(at(START.replace(day=25)))
    report = Case.objects.get(procedure="county_report", county__name="涧西区")
    unit, kind = report.responsible_unit, Kind.MONTHLY_REPORT
    set_style(world.city, kind, skips=[], by=world.actor(HANDLER, DAY), at=at(DAY))
    url = reverse("case_draft", args=[report.pk, Kind.MONTHLY_REPORT.value])
    worker = sign_in(world, WORKER)
    assert url in worker.get(reverse("case_documents", args=[report.pk])).content.decode()
    assert sign_in(world, "嵩县/county_worker").post(url).status_code == 404
    page = worker.post(url)["Location"]
    made = Document.objects.get()
    assert made.issuer == unit
    # of another county nobody reads it, of the own one everybody who writes
    assert sign_in(world, "嵩县/county_lead").get(page).status_code == 404
    assert sign_in(world, LEAD).get(page).status_code == 200
    step(world, made, Step.DRAFT, WORKER)
    with pytest.raises(NotYours) as refusal, transaction.atomic():
        step(world, made, Step.CHECK, WORKER)
    assert refusal.value.code == "four_eyes"
    made = step(world, made, Step.CHECK, WORKER, name=CHECKER)
    # neither the office's head nor the county's own handler signs it
    for who in (HEAD, HANDLER):
        with pytest.raises(NotYours) as refusal, transaction.atomic():
            step(world, made, Step.SIGN, who)
        assert refusal.value.code == "needs_head"
    lead = str(world.people[LEAD])
    assert lead in hindrance(made, Step.SIGN, world.actor(HEAD, DAY), DAY)
    assert "登记纸质签批：签发" in sign_in(world, HANDLER).get(page).content.decode()
    made = step(world, made, Step.SIGN, LEAD)
    made = step(world, made, Step.NUMBER, WORKER, number="涧科〔2022〕7号")
    # the office that prints what waits for its own seal leaves this one to the county
    assert made.state == State.TO_SEAL
    assert sign_in(world, HANDLER).get(reverse("documents")).context["to_seal"] == 0
    made = step(world, made, Step.SEAL, WORKER)
    made = step(world, made, Step.ISSUE, WORKER)
    assert {copy.unit.kind for copy in made.receipts.all()} == {Unit.Kind.OFFICE}
    with pytest.raises(NotYours):
        actions.withdraw(
            made.pk, by=world.actor(HEAD, DAY), at=at(DAY, 11), version=made.version, reason="有误"
        )


def test_where_a_unit_has_a_head_its_other_leads_do_not_sign(world: World) -> None:
    """县区专班负责人 beside 县区审核人; without anybody the signature on paper is recorded."""
    world.firm("甲有限公司")
    world.open()
    recurring.open_due(at(START.replace(day=25)))
    report = Case.objects.get(procedure="county_report", county__name="涧西区")
    url = reverse("case_draft", args=[report.pk, Kind.MONTHLY_REPORT.value])
    sign_in(world, WORKER).post(url)
    made = Document.objects.get()
    lead, reviewer = world.actor(LEAD, DAY), str(world.people[LEAD])
    assert hindrance(made, Step.SIGN, lead, DAY) == ""
    unit, head = report.responsible_unit, world.people["嵩县/county_lead"]
    post = Post.objects.create(unit=unit, name="县区专班负责人", role="county_lead", position=9)
    Tenure.objects.create(post=post, user=head, from_on=START)
    said = hindrance(made, Step.SIGN, lead, DAY)
    assert str(head) in said
    assert reviewer not in said
    assert hindrance(made, Step.SIGN, world.actor("嵩县/county_lead", DAY), DAY) == ""
    Tenure.objects.filter(post__unit=unit).update(until_on=DAY)
    assert "请登记其纸质签发" in hindrance(made, Step.SIGN, world.actor(HEAD, DAY), DAY)
    assert hindrance(made, Step.WITHDRAW, world.actor(HEAD, DAY), DAY) == ""
