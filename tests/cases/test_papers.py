"""印证材料 beside the straight way: four eyes, papers returned late, waived, seen offline."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import translation

from cases.actions import endings, evidence, pauses, stages
from cases.actions.evidence import Paper
from cases.errors import NotYours, Refused
from cases.models import Case, Evidence, FormRecord
from cases.rulebook import rules_of
from cases.sheet import load
from cases.views.criteria import criterion_rows
from enterprises.models import MonthlyFact
from organisations.scope import Actor
from tests.world import START, World, at, closing_form, matching_form
from workflows.models import load_calendar

HAVES = ("institution", "staff", "spending", "cooperation")
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


@pytest.fixture
def root(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.survey(world.case(), "B")
    return stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())


def paper(number: int) -> Paper:
    return Paper(ContentFile(b"%PDF", "a.pdf"), "材料.pdf", "application/pdf", 4, f"{number:064d}")


def hand_in(
    world: World,
    case: Case,
    criterion: str,
    who: str = WORKER,
    kind: str = "",
    day: date = START,
) -> int:
    number = Evidence.objects.count() + 1
    [row] = evidence.submit(
        case.pk, criterion=criterion, papers=[paper(number)], paper=kind, by=world.actor(who),
        at=at(day, 11),
    )  # fmt: skip
    return int(row.pk)


def proven(world: World, root: Case, haves: tuple[str, ...] = HAVES) -> Case:
    for have in haves:
        row = hand_in(world, root, have)
        evidence.accept(row, by=world.actor(LEAD), at=at(START, 12))
    return world.case()


def applied(world: World, root: Case) -> Case:
    proven(world, root)
    return stages.apply_for_closure(
        root.pk, by=world.actor(WORKER), at=at(START, 13), form=closing_form()
    )


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        act()
    assert refusal.value.words
    return refusal.value.code


def plus(day: date, n: int) -> date:
    return load_calendar().add(day, n)


# --- what is returned after it was accepted -------------------------------------------------------
def test_a_paper_returned_late_opens_its_remedy_again(world: World, root: Case) -> None:
    proven(world, root)
    remedy = Case.objects.get(parent=root, criterion="staff")
    assert remedy.stage == "closed"
    day, version = plus(START, 13), world.case().version
    row = Evidence.objects.get(criterion="staff")
    evidence.return_(row.pk, reason=2, text="缺章", by=world.actor("office/1"), at=at(day))
    remedy.refresh_from_db()
    assert (remedy.stage, remedy.lacking, remedy.closed_on) == ("open", ["staff"], None)
    item = world.item(remedy)
    assert (item.is_correction, item.return_reason) == (True, "缺章")
    assert item.due_on == plus(day, 5)
    case = world.case()
    assert (case.lacking, case.lacking_count) == (["staff"], 1)
    assert case.version == version + 1  # the page's buttons are no longer what they were
    assert refused(
        lambda: stages.apply_for_closure(
            case.pk, by=world.actor(WORKER), at=at(day, 13), form=closing_form()
        )
    ) in ("criteria_unmet", "children_open")


def test_another_accepted_paper_keeps_the_remedy_closed(world: World, root: Case) -> None:
    proven(world, root)
    second = hand_in(world, root, "staff")
    evidence.accept(second, by=world.actor(LEAD), at=at(START, 13))
    first = Evidence.objects.filter(criterion="staff").order_by("pk")[0]
    evidence.return_(first.pk, reason=2, by=world.actor(LEAD), at=at(START, 14))
    assert Case.objects.get(parent=root, criterion="staff").stage == "closed"
    assert world.case().lacking == []


def test_a_case_under_review_stops_at_a_returned_paper(world: World, root: Case) -> None:
    case = applied(world, root)
    row = Evidence.objects.get(criterion="staff")
    returned = date(2022, 5, 6)  # the last day that the remedies had been given
    evidence.return_(row.pk, reason=2, by=world.actor(LEAD), at=at(returned, 14))
    lead = world.actor(LEAD)
    late = at(returned, 15)
    assert refused(lambda: stages.advance(case.pk, by=lead, at=late)) == "criteria_unmet"
    remedy = Case.objects.get(parent=root, criterion="staff")
    day = plus(returned, 2)
    case = stages.send_back(case.pk, by=lead, at=at(day), number=1, reason="材料退回")
    item = world.item(case)
    assert (case.stage, item.is_correction) == ("rectification", True)
    # its own five days, and never before the remedy that it waits for
    assert item.due_on == plus(day, 5)
    assert world.item(remedy).due_on == plus(returned, 5)
    # the same form counts again when nothing has to be changed
    new = hand_in(world, root, "staff", day=day)
    evidence.accept(new, by=lead, at=at(day, 12))
    again = stages.apply_for_closure(case.pk, by=world.actor(WORKER), at=at(day, 13))
    assert again.stage == "county_review"
    assert FormRecord.objects.filter(case=case, form="closing", is_draft=False).count() == 2


def test_a_closing_is_not_confirmed_over_an_open_remedy(world: World, root: Case) -> None:
    case = applied(world, root)
    stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 14))
    row = Evidence.objects.get(criterion="staff")
    evidence.return_(row.pk, reason=2, by=world.actor("office/2"), at=at(START, 15))

    def close() -> Case:
        return stages.close(case.pk, by=world.actor("office/1"), at=at(START, 17))

    assert refused(close) == "criteria_unmet"
    # accepted by the worker, who cannot close a remedy: the criterion is met, the remedy open
    new = hand_in(world, root, "staff", LEAD)
    evidence.accept(new, by=world.actor(WORKER), at=at(START, 16))
    assert world.case().lacking == []
    assert refused(close) == "children_open"
    done, why = stages.close_many([case.pk], by=world.actor("office/1"), at=at(START, 17))
    assert (done, list(why)) == ([], [case.pk])


def test_a_remedy_that_nobody_needed_is_opened_when_its_paper_fails(world: World) -> None:
    """Found in order at the survey, accepted, then returned: now it has a remedy."""
    world.firm("洛阳示例电机有限公司")
    world.open()
    case = world.survey(world.case(), "A", staff="regular")
    row = hand_in(world, case, "staff")
    evidence.accept(row, by=world.actor(LEAD), at=at(START, 12))
    assert not Case.objects.filter(parent=case, criterion="staff").exists()
    planned = world.item(case).due_on
    evidence.return_(row, reason=7, by=world.actor(LEAD), at=at(START, 13))
    remedy = Case.objects.get(parent=case, criterion="staff")
    # five working days would end long before the day that the case has
    assert world.item(remedy).due_on == planned == date(2022, 4, 13)


# --- main and supporting --------------------------------------------------------------------------
def test_supporting_papers_alone_prove_nothing(world: World, root: Case) -> None:
    """One main paper each; what goes with it may be accepted, and waits for it."""
    pack = rules_of(root).pack
    for have in HAVES:
        row = hand_in(world, root, have, WORKER, pack.evidence_for(have).supporting[0].key)
        evidence.accept(row, by=world.actor(LEAD), at=at(START, 12))
    root.refresh_from_db()
    assert root.lacking == list(HAVES)
    assert not Case.objects.filter(parent=root, stage="closed").exists()

    def apply() -> Case:
        return stages.apply_for_closure(
            root.pk, by=world.actor(WORKER), at=at(START, 13), form=closing_form()
        )

    assert refused(apply) in ("criteria_unmet", "children_open")
    with translation.override("zh-hans"):
        rows = criterion_rows(load(root, START), may_upload=True, reviewable=None, contact="")
    assert {row["words"] for row in rows} == {"仅有辅助材料，缺主要材料"}
    for have in HAVES:  # verified or handed in, the main one proves it
        row = hand_in(world, root, have, WORKER, pack.evidence_for(have).main[0].key)
        evidence.accept(row, by=world.actor(LEAD), at=at(START, 14))
    assert apply().stage == "county_review"


# --- four eyes ------------------------------------------------------------------------------------
def test_offline_two_different_people_saw_it(world: World, root: Case) -> None:
    lead = world.actor(LEAD)
    assert lead.user is not None
    own = lead.user.name

    def verify(witness: str, number: str = "洛研〔2022〕1号", dated: date = START) -> Evidence:
        return evidence.verify_offline(
            root.pk, criterion="staff", witness=witness, number=number, dated=dated, by=lead,
            at=at(START),
        )  # fmt: skip

    assert refused(lambda: verify(own)) == "same_witness"
    assert refused(lambda: verify(f" {own[:2]} {own[2:]} ")) == "same_witness"
    assert refused(lambda: verify("周示例", " ")) == "offline_incomplete"
    # in the word of the field
    with translation.override("zh-hans"), pytest.raises(Refused, match="共同核验人不能是本人"):
        verify(own)
    assert refused(lambda: verify("周示例", dated=START + timedelta(days=1))) == "in_future"
    row = verify("周示例")
    assert (row.state, row.file.name, row.offline_dated) == ("verified_offline", "", START)
    assert Case.objects.get(parent=root, criterion="staff").stage == "closed"


def test_who_handed_everything_in_does_not_close_the_remedy(world: World, root: Case) -> None:
    row = hand_in(world, root, "staff", LEAD)
    evidence.accept(row, by=world.actor(WORKER), at=at(START, 12))
    remedy = Case.objects.get(parent=root, criterion="staff")

    def close() -> Case:
        return stages.close(remedy.pk, by=world.actor(LEAD), at=at(START, 13))

    assert refused(close) == "four_eyes"
    # a second paper by somebody else proves it too
    more = hand_in(world, root, "staff", WORKER)
    evidence.accept(more, by=world.actor(LEAD), at=at(START, 13))
    remedy.refresh_from_db()
    assert remedy.stage == "closed"


def test_the_system_has_no_eyes(world: World, root: Case) -> None:
    system = Actor.system()
    row = hand_in(world, root, "staff")
    assert refused(lambda: evidence.accept(row, by=system, at=at(START))) == "needs_person"
    evidence.accept(row, by=world.actor(LEAD), at=at(START, 12))
    case = proven(world, root, HAVES[2:] + HAVES[:1])
    assert (
        refused(
            lambda: stages.apply_for_closure(
                case.pk, by=system, at=at(START, 13), form=closing_form()
            )
        )
        == "needs_person"
    )
    stages.apply_for_closure(case.pk, by=world.actor(WORKER), at=at(START, 13), form=closing_form())
    assert refused(lambda: stages.advance(case.pk, by=system, at=at(START, 14))) == "needs_person"
    stages.advance(case.pk, by=world.actor(LEAD), at=at(START, 14))
    assert refused(lambda: stages.close(case.pk, by=system, at=at(START, 15))) == "needs_person"


def test_the_office_accepts_for_the_city(world: World, root: Case) -> None:
    row = hand_in(world, root, "staff")
    paper_row = evidence.accept(row, by=world.actor("office/1"), at=at(START, 12))
    assert paper_row.state == "city_accepted"
    assert "staff" not in world.case().lacking
    # closing the remedy is the county lead's
    remedy = Case.objects.get(parent=root, criterion="staff")
    assert remedy.stage == "open"
    stages.close(remedy.pk, by=world.actor(LEAD), at=at(START, 13))
    # and what the city accepted can be returned while the case is open
    evidence.return_(row, reason=4, by=world.actor("office/2"), at=at(START, 14))
    remedy.refresh_from_db()
    assert remedy.stage == "open"


# --- waived, taken back, where nothing is handed in -----------------------------------------------
def test_a_waiver_can_be_returned_by_somebody_else(world: World, root: Case) -> None:
    lead = world.actor(LEAD)
    world.in_province(root, "staff")
    sent = Evidence.objects.get(pk=hand_in(world, root, "staff"))
    row = evidence.waive(root.pk, criterion="staff", reason="省系统已有", by=lead, at=at(START, 12))
    # what was sent before waits for nobody any more, until the waiver falls
    sent.refresh_from_db()
    assert (sent.state, sent.reviewed_by) == ("not_needed", lead.user)
    assert sent.get_state_display() == "不再需要"
    remedy = Case.objects.get(parent=root, criterion="staff")
    assert remedy.stage == "closed"

    def returning(who: str) -> Evidence:
        return evidence.return_(row.pk, reason=9, by=world.actor(who), at=at(START, 13))

    assert refused(lambda: returning(LEAD)) == "four_eyes"
    returning("office/1")
    remedy.refresh_from_db()
    assert (remedy.stage, world.case().lacking_count) == ("open", 4)
    sent.refresh_from_db()
    assert (sent.state, sent.reviewed_by) == ("submitted", None)


def test_a_waiver_needs_the_province_a_reviewer_and_a_reason(world: World, root: Case) -> None:
    """省系统已有: a handler alone with "x" met a criterion that the province does not know."""

    def waive(who: str, reason: str) -> Evidence:
        return evidence.waive(
            root.pk, criterion="staff", reason=reason, by=world.actor(who), at=at(START, 12)
        )

    assert refused(lambda: waive(LEAD, "省系统已有")) == "not_in_province"
    assert refused(lambda: waive("office/1", "省系统已有")) == "not_in_province"
    # what it said of the year before does not count, nor what is known later
    assert root.enterprise is not None
    world.fact(root.enterprise, date(2021, 12, 1), has_staff=True)
    world.fact(root.enterprise, date(2022, 3, 1), has_staff=True)
    assert refused(lambda: waive(LEAD, "省系统已有")) == "not_in_province"
    world.in_province(root, "spending")
    MonthlyFact.objects.filter(about_month=date(2022, 1, 1)).update(has_staff=True)
    assert refused(lambda: waive(WORKER, "省系统已有")) == "not_yours"
    assert refused(lambda: waive(LEAD, " ")) == "no_reason"
    assert refused(lambda: waive(LEAD, "已有 ")) == "reason_short"
    assert waive(LEAD, "省系统已有").state == "waived"


def test_what_was_reviewed_is_not_taken_back(world: World, root: Case) -> None:
    row = hand_in(world, root, "staff")
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    assert refused(lambda: evidence.take_back(row, by=lead, at=at(START, 12))) == "not_your_file"
    evidence.accept(row, by=lead, at=at(START, 12))
    assert refused(lambda: evidence.take_back(row, by=worker, at=at(START, 13))) == "reviewed"
    evidence.return_(row, reason=1, by=lead, at=at(START, 13))
    assert evidence.take_back(row, by=worker, at=at(START, 14)).state == "withdrawn"
    assert "staff" in world.case().lacking


def test_papers_of_a_remedy_lie_with_the_firm(world: World, root: Case) -> None:
    remedy = Case.objects.get(parent=root, criterion="staff")
    row = Evidence.objects.get(pk=hand_in(world, remedy, "staff"))
    assert row.case_id == root.pk
    evidence.accept(row.pk, by=world.actor(LEAD), at=at(START, 12))
    remedy.refresh_from_db()
    assert remedy.stage == "closed"


def test_nothing_is_handed_in_while_a_case_rests_or_after_its_end(world: World, root: Case) -> None:
    lead = world.actor(LEAD)
    row = hand_in(world, root, "staff")
    until = START + timedelta(days=3)
    pauses.suspend(root.pk, by=lead, at=at(START, 12), until=until, reason="检修")
    deeds: tuple[Callable[[], object], ...] = (
        lambda: hand_in(world, root, "spending"),
        lambda: evidence.accept(row, by=lead, at=at(START, 13)),
        lambda: evidence.return_(row, reason=1, by=lead, at=at(START, 13)),
        lambda: evidence.take_back(row, by=world.actor(WORKER), at=at(START, 13)),
        lambda: evidence.waive(root.pk, criterion="staff", reason="有", by=lead, at=at(START, 13)),
    )
    assert [refused(deed) for deed in deeds] == ["suspended"] * 5
    endings.delist(world.gone(root), by=world.office, at=at(START, 14), reason="注销")
    assert [refused(deed) for deed in deeds] == ["finished"] * 5


def test_a_remedy_that_rests_stays_open_when_its_paper_is_accepted(
    world: World, root: Case
) -> None:
    lead, remedy = world.actor(LEAD), Case.objects.get(parent=root, criterion="staff")
    until = START + timedelta(days=3)
    pauses.suspend(remedy.pk, by=lead, at=at(START, 11), until=until, reason="检修")
    row = hand_in(world, root, "staff")
    assert evidence.accept(row, by=lead, at=at(START, 12)).state == "county_accepted"
    remedy.refresh_from_db()
    assert remedy.stage == "open"


def test_a_firm_hands_in_for_itself_only(world: World, root: Case) -> None:
    other = world.clerk(world.firm("别家企业"))
    with pytest.raises(NotYours):
        evidence.submit(root.pk, criterion="staff", papers=[paper(1)], by=other, at=at(START))
    assert root.enterprise is not None
    own = world.clerk(root.enterprise)
    [row] = evidence.submit(root.pk, criterion="staff", papers=[paper(1)], by=own, at=at(START))
    assert not row.on_behalf
    with pytest.raises(NotYours):
        evidence.accept(row.pk, by=own, at=at(START))


def test_a_firms_clerk_decides_nothing_of_that_firm(world: World, root: Case) -> None:
    """Whatever post he got by whatever door: he accepts, waives and confirms no paper of it."""
    row = hand_in(world, root, "staff")
    lead = replace(world.actor(LEAD), enterprise_ids=frozenset([root.firm_id]))
    hour = at(START, 12)
    acts: list[Callable[[], object]] = [
        lambda: evidence.accept(row, by=lead, at=hour),
        lambda: evidence.return_(row, reason=2, by=lead, at=hour),
        lambda: evidence.verify_offline(
            root.pk, criterion="staff", witness="周示例", number="1", dated=START, by=lead, at=hour
        ),
    ]
    acts += [
        lambda pk=child.pk: stages.close(pk, by=lead, at=hour)  # type: ignore[misc]
        for child in Case.objects.filter(parent=root)[:1]
    ]
    assert [refused(act) for act in acts] == ["not_yours"] * len(acts)
    assert evidence.accept(row, by=world.actor(LEAD), at=hour).state == "county_accepted"
