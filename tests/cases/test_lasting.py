"""How long a paper holds: its last day, what is said before it, and what takes its place."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from cases.actions import evidence, expiring
from cases.actions.evidence import Paper
from cases.errors import Refused
from cases.expiry_sweep import sweep_expiry
from cases.ledger import Asked, Ledger
from cases.models import Case, CaseEvent, Evidence, FormRecord, WorkItem
from config.ticking import tick
from notifications.models import Notice
from tests.cases.standing import rectifying
from tests.cases.views.conftest import Enter
from tests.cases.views.conftest import clock_at_start as clock_at_start
from tests.cases.views.conftest import enter as enter
from tests.cases.views.test_closing import applied
from tests.world import START, SYSTEM, World, at

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
State = Evidence.State


def submit(world: World, case: Case, name: str, replaces: int | None = None) -> Evidence:
    content = ContentFile(name.encode(), name="x.pdf")
    paper = Paper(content, name, "application/pdf", 10, name.encode().hex().ljust(64, "0")[:64])
    [row] = evidence.submit(
        case.pk,
        criterion="staff",
        papers=[paper],
        replaces=replaces,
        by=world.actor(WORKER),
        at=at(START, 12),
    )
    return row


def accept(world: World, row: Evidence, until: date | None = None) -> Evidence:
    lead = world.actor(LEAD)
    return evidence.accept(row.pk, by=lead, at=at(START, 13), valid_until=until)


def state(row: Evidence) -> str:
    return str(Evidence.objects.get(pk=row.pk).state)


def lacks(case: Case) -> list[str]:
    return list(Case.objects.get(pk=case.pk).lacking)


# --- its last day ---------------------------------------------------------------------------------
def test_a_paper_whose_last_day_is_past_proves_nothing(world: World) -> None:
    case, last = rectifying(world), START + timedelta(days=90)
    row = accept(world, submit(world, case, "认定.pdf"), until=last)
    assert "staff" not in lacks(case)
    assert sweep_expiry(at(START + timedelta(days=29))) == (0, 0)
    assert sweep_expiry(at(START + timedelta(days=30))) == (1, 0)  # 60 days before, once
    assert sweep_expiry(at(START + timedelta(days=31))) == (0, 0)
    assert sweep_expiry(at(last, 23)) == (0, 0)  # the last day counts
    tick(at(last + timedelta(days=1)))
    assert state(row) == State.EXPIRED
    assert "staff" in lacks(case)
    remedy = Case.objects.get(parent=case, criterion="staff")
    assert remedy.finished is None
    verbs = CaseEvent.objects.filter(case=case).values_list("verb", flat=True)
    assert {"evidence_ends", "expire_evidence"} <= set(verbs)
    notices = Notice.objects.filter(recipient=world.people[WORKER])
    told = notices.filter(kind__in=("evidence_ends", "expire_evidence"))
    assert {notice.kind: "研发人员" in notice.body for notice in told} == {
        "evidence_ends": True, "expire_evidence": True,
    }  # fmt: skip
    with pytest.raises(Refused) as refused:
        expiring.expire(row.pk, by=SYSTEM, at=at(last + timedelta(days=2)))
    assert refused.value.code == "not_expired"


def test_what_ends_later_or_rests_holds_nobody_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.expiry_sweep.BATCH", 1)
    resting, case = applied(world, "甲公司"), applied(world, "乙公司")
    papers = Evidence.objects.filter(case__in=(resting, case), criterion="staff").order_by("case")
    papers.update(valid_until=START + timedelta(days=300))
    stays, near = papers
    Evidence.objects.filter(pk=near.pk).update(valid_until=START + timedelta(days=20))
    assert sweep_expiry(at(START + timedelta(days=1))) == (1, 0)
    assert Evidence.objects.get(expiry_told=True).pk == near.pk
    Evidence.objects.filter(pk=stays.pk).update(valid_until=START)
    WorkItem.objects.filter(process=resting, finished=None).update(is_suspended=True)
    assert sweep_expiry(at(START + timedelta(days=21))) == (0, 1)
    assert (state(stays), state(near)) == (State.COUNTY_ACCEPTED, State.EXPIRED)


def test_a_closed_case_keeps_what_it_was_closed_with(world: World) -> None:
    case = rectifying(world)
    row = accept(world, submit(world, case, "认定.pdf"), until=START)
    Case.objects.filter(pk=case.pk).update(finished=at(START, 20), stage="closed", status="DONE")
    assert sweep_expiry(at(START + timedelta(days=1))) == (0, 0)
    assert state(row) == State.COUNTY_ACCEPTED


def test_an_agreement_holds_as_long_as_the_form_says(world: World) -> None:
    case = rectifying(world)
    remedy = Case.objects.get(parent=case, criterion="cooperation")
    for text, found in (("2023-05-31", date(2023, 5, 31)), ("2022-02-01", None)):
        FormRecord.objects.filter(case=remedy).update(data={"valid_until": text})
        row = world.prove(case, "cooperation")
        assert Evidence.objects.get(pk=row.pk).valid_until == found
        evidence.return_(row.pk, reason=1, by=world.actor(LEAD), at=at(START, 14))
    # what is proved anew each year has no last day of its own
    assert Evidence.objects.get(pk=world.prove(case, "staff").pk).valid_until is None


def test_what_has_ended_is_not_accepted(world: World) -> None:
    row = submit(world, rectifying(world), "认定.pdf")
    with pytest.raises(Refused) as refused:
        accept(world, row, until=START - timedelta(days=1))
    assert (refused.value.code, state(row)) == ("expired", State.SUBMITTED)


# --- in its place ---------------------------------------------------------------------------------
def test_an_accepted_paper_stands_until_the_newer_one_is_accepted(world: World) -> None:
    case = rectifying(world)
    old = accept(world, submit(world, case, "名册.pdf"))
    new = submit(world, case, "名册二.pdf", replaces=old.pk)
    assert (state(old), "staff" in lacks(case)) == (State.COUNTY_ACCEPTED, False)
    evidence.take_back(new.pk, by=world.actor(WORKER), at=at(START, 14))
    assert Evidence.objects.get(pk=old.pk).replaced_by_id is None
    newer = submit(world, case, "名册三.pdf", replaces=old.pk)
    accept(world, newer)
    held = Evidence.objects.get(pk=old.pk)
    assert (held.state, held.replaced_by_id) == (State.REPLACED, newer.pk)
    assert "staff" not in lacks(case)
    scan = submit(world, case, "名册四.pdf")  # the command names it too
    assert scan.replaced_by_id is None
    for wrong in (old.pk, world.prove(case, "spending").pk, 0):
        with pytest.raises(Refused, match=r"."):
            submit(world, case, f"{wrong}.pdf", replaces=wrong)


def test_nobody_loses_a_proof_by_handing_in_a_better_one(world: World) -> None:
    """The better one is accepted, then returned: the old one proves again, until the correction,
    sent in the ordinary way, is accepted."""
    case, lead = rectifying(world), world.actor(LEAD)
    old = accept(world, submit(world, case, "名册.pdf"))
    new = accept(world, submit(world, case, "名册二.pdf", replaces=old.pk))
    assert state(old) == State.REPLACED
    for again in (new, None):
        paper = again or submit(world, case, "名册三.pdf", replaces=old.pk)
        evidence.return_(paper.pk, reason=1, by=lead, at=at(START, 14))
        assert (state(paper), state(old)) == (State.RETURNED, State.COUNTY_ACCEPTED)
        assert "staff" not in lacks(case)
    assert Case.objects.get(parent=case, criterion="staff").is_finished
    correction = submit(world, case, "名册四.pdf")
    assert (state(new), state(old)) == (State.REPLACED, State.COUNTY_ACCEPTED)
    accept(world, correction)
    assert (state(old), Evidence.objects.get(pk=old.pk).replaced_by_id) == (
        State.REPLACED, correction.pk,
    )  # fmt: skip
    # what came back itself is never given back
    evidence.return_(correction.pk, reason=1, by=lead, at=at(START, 15))
    assert (state(new), state(old)) == (State.REPLACED, State.COUNTY_ACCEPTED)


def test_the_page_shows_the_chain_and_until_when(world: World, enter: Enter) -> None:
    case = rectifying(world)
    old = accept(world, submit(world, case, "名册.pdf"), until=START + timedelta(days=50))
    page = enter(WORKER).get(reverse("evidence", args=[old.pk])).content.decode()
    assert "即将失效，有效期至4月20日" in page
    there = reverse("evidence_add", args=[case.pk])
    assert f"{there}?criterion=staff&amp;replaces={old.pk}" in page
    form = enter(WORKER).get(f"{there}?criterion=staff&replaces={old.pk}").content.decode()
    assert f'name="replaces" value="{old.pk}"' in form
    new = submit(world, case, "名册二.pdf", replaces=old.pk)
    lead = enter(LEAD)
    decided = reverse("evidence_decide", args=[new.pk])
    assert lead.post(decided, {"do": "accept", "valid_until": "soon"}).status_code == 422
    lead.post(decided, {"do": "accept", "valid_until": "2022-12-31"})
    assert state(old) == State.REPLACED
    chain = lead.get(reverse("evidence", args=[new.pk])).content.decode()
    assert "更新替换记录" in chain
    assert "已更新替换" in chain
    assert "有效期至12月31日" in lead.get(reverse("case", args=[case.pk])).content.decode()


def test_the_ledger_lists_the_firms_whose_papers_end(world: World, enter: Enter) -> None:
    """Within the plan's time of reminding (60 days), to those who look after papers; no nought."""
    case, last = rectifying(world), START + timedelta(days=61)
    accept(world, submit(world, case, "认定.pdf"), until=last)

    def found(on: date) -> list[int]:
        ledger = Ledger(world.actor(WORKER, on), on, Asked(chip="ends"))
        assert ledger.counts["ends"] == len(ledger.ids())
        return ledger.ids()

    days = (START, START + timedelta(days=1), last, last + timedelta(days=1))
    assert [found(on) for on in days] == [[], [case.pk], [case.pk], []]
    assert "chip=ends" not in enter(WORKER).get("/ledger/").content.decode()
    Evidence.objects.filter(case=case).update(valid_until=START)
    assert "材料即将失效" in enter(WORKER).get("/ledger/").content.decode()
    assert "chip=ends" not in enter("leader").get("/ledger/").content.decode()


# --- seen by two ----------------------------------------------------------------------------------
def test_what_two_people_saw_has_a_number_and_a_date(world: World, enter: Enter) -> None:
    case = rectifying(world)
    there = reverse("case_act", args=[case.pk, "offline"])
    version = Case.objects.get(pk=case.pk).version
    given = {"criterion": "staff", "number": "3号", "witness": "孟示例", "version": version}
    lead = enter(LEAD)
    asked = lead.get(f"{there}?criterion=staff").content.decode()
    assert "洛阳示例轴承有限公司：研发人员。" in asked
    assert "份材料待审核" not in asked
    waiting = submit(world, case, "名册.pdf")
    asked = lead.get(f"{there}?criterion=staff").content.decode()
    assert "该项另有1份材料待审核" in asked
    evidence.take_back(waiting.pk, by=world.actor(WORKER), at=at(START, 13))
    for wrong in ("", "2022-13-01", "2022-03-02"):  # none, none such, not come yet
        assert lead.post(there, given | {"dated": wrong}).status_code == 422
    lead.post(there, given | {"dated": "2022-02-28"})
    row = Evidence.objects.exclude(pk=waiting.pk).get(case=case)
    assert (row.state, row.offline_dated) == (State.VERIFIED_OFFLINE, date(2022, 2, 28))
    page = lead.get(reverse("evidence", args=[row.pk])).content.decode()
    assert "2022-02-28" in page
