"""What happens beside the straight way: send back, suspend, reassign, decline, leave, reopen."""

from datetime import date, timedelta

import pytest

from cases.actions import endings, evidence, pauses, people, remarks, stages
from cases.errors import NotYours, Refused, Stale
from cases.ledger import Asked, Ledger
from cases.lights import light_of
from cases.models import Case, Evidence, Suspension
from cases.querysets import overdue, review_waits
from cases.steps import moment_of
from cases.wording import words_of
from organisations.models import Post
from tests.world import START, World, at, closing_form, matching_form, paper
from workflows.models import load_calendar

HAVES = ("institution", "staff", "spending", "cooperation")


@pytest.fixture
def case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return world.case()


def in_confirmation(world: World, case: Case) -> Case:
    worker, lead = world.actor("涧西区/county_worker"), world.actor("涧西区/county_lead")
    world.survey(case, "B")
    stages.advance(case.pk, by=worker, at=at(START, 10), form=matching_form())
    for have in HAVES:
        world.prove(case, have)
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=closing_form())
    return stages.advance(case.pk, by=lead, at=at(START, 14))


def test_send_back_gives_five_working_days_and_a_reason(world: World, case: Case) -> None:
    case = in_confirmation(world, case)
    for number in (0, 99):
        with pytest.raises(Refused, match="企业名称") as refusal:  # the plan's reasons are told
            stages.send_back(
                case.pk, by=world.office, at=at(START, 15), number=number, reason="缺页"
            )
        assert refusal.value.code == "no_reason"
    day = load_calendar().add(date(2022, 5, 6), 1)  # behind the day that 整改 had been given
    case = stages.send_back(case.pk, by=world.office, at=at(day, 15), number=2, reason="第3页")
    item = world.item(case)
    assert (case.stage, item.is_correction, item.return_reason) == (
        "rectification",
        True,
        "未加盖公章或签字不全。第3页",
    )
    assert item.due_on == load_calendar().add(day, 5)
    assert case.applied_by_id is None
    assert case.reviewed_by_id is None


def test_suspension_stops_the_clock_and_moves_the_date(world: World, case: Case) -> None:
    lead = world.actor("涧西区/county_lead")
    world.survey(case, "B")
    before = world.item(case)
    assert before.due_on is not None
    until = load_calendar().add(START, 8)
    pauses.suspend(case.pk, by=lead, at=at(START, 11), until=until, reason="设备检修")
    item = world.item(case)
    assert item.is_suspended
    assert item.next_check_at is None
    worker = world.actor("涧西区/county_worker")
    with pytest.raises(Refused) as refusal:
        stages.advance(case.pk, by=worker, at=at(START, 12), form=matching_form())
    assert refusal.value.code == "suspended"
    resumed = pauses.resume_due(at=at(until))
    item = world.item(case)
    # the firm's case and its three remedies
    assert (resumed, item.is_suspended) == (4, False)
    assert item.due_on == load_calendar().add(before.due_on, 8)
    assert item.deadline_version == before.deadline_version + 1
    assert item.next_check_at is not None
    assert set(Suspension.objects.values_list("resumed_on", flat=True)) == {until}


def test_who_was_late_before_the_suspension_stays_late(world: World, case: Case) -> None:
    """A date moved to a day that has passed is said to be overdue."""
    lead, calendar = world.actor("涧西区/county_lead"), load_calendar()
    world.survey(case, "B")
    due = world.item(case).due_on
    assert due is not None
    day = calendar.add(due, 4)
    until = calendar.add(day, 3)
    lead = world.actor("涧西区/county_lead", day)
    pauses.suspend(case.pk, by=lead, at=at(day), until=until, reason="设备检修")
    pauses.resume_due(at=at(until))
    assert world.item(case).due_on == calendar.add(due, 3)
    event = case.events.get(verb="resume")
    words = words_of(event)
    assert "暂缓3个工作日不计入" in words
    assert "已逾期4个工作日" in words


def test_county_decides_ten_working_days_the_office_more(world: World, case: Case) -> None:
    lead = world.actor("涧西区/county_lead")
    calendar = load_calendar()
    with pytest.raises(Refused) as refusal:
        pauses.suspend(case.pk, by=lead, at=at(START), until=calendar.add(START, 11), reason="停产")
    assert refusal.value.code == "suspension_office"
    pauses.suspend(
        case.pk, by=world.office, at=at(START), until=calendar.add(START, 30), reason="停产"
    )
    with pytest.raises(Refused) as refusal:
        pauses.suspend(
            case.pk, by=world.office, at=at(START), until=calendar.add(START, 31), reason="停产"
        )
    assert refusal.value.code == "suspension_long"


def test_decline_goes_to_the_office_which_reassigns(world: World, case: Case) -> None:
    worker = world.actor("涧西区/county_worker")
    case = people.decline(case.pk, by=worker, at=at(START), reason="企业已迁至嵩县")
    item = world.item(case)
    assert item.is_declined
    assert item.unit == world.units["市专班办"]
    with pytest.raises(Refused) as refusal:
        stages.acknowledge(case.pk, by=worker, at=at(START, 10))
    assert refusal.value.code in ("declined", "not_yours")
    due = item.due_on
    case = people.reassign(
        case.pk,
        by=world.office,
        at=at(START, 11),
        reason="属实",
        unit=world.units["嵩县工作专班"],
        knowing=True,
    )
    item = world.item(case)
    assert (item.is_declined, item.due_on, case.county.name) == (False, due, "嵩县")
    # the group of 涧西区 has nothing to do with it any more, and 嵩县 has none
    assert (case.liaison_unit, case.township) == (None, None)
    assert case.stage == "assigned"
    stages.acknowledge(case.pk, by=world.actor("嵩县/county_worker"), at=at(START, 12))


def test_decline_is_too_late_after_two_working_days(world: World, case: Case) -> None:
    worker = world.actor("涧西区/county_worker")
    stages.acknowledge(case.pk, by=worker, at=at(START))
    late = load_calendar().add(START, 3)
    with pytest.raises(Refused) as refusal:
        people.decline(case.pk, by=worker, at=at(late), reason="不属本区")
    assert refusal.value.code == "decline_late"


def test_a_lead_reassigns_inside_the_county_only(world: World, case: Case) -> None:
    lead, elsewhere = world.actor("涧西区/county_lead"), world.units["嵩县工作专班"]
    with pytest.raises(Refused) as refusal:
        people.reassign(case.pk, by=lead, at=at(START), reason="人手", unit=elsewhere, knowing=True)
    assert refusal.value.code == "outside"
    post = lead.standings[0].post_id
    people.reassign(case.pk, by=lead, at=at(START), reason="人手", post=Post.objects.get(pk=post))
    assert world.item(case).post_id == post


def test_bulk_reassignment_previews_and_is_undone(world: World, case: Case) -> None:
    world.firm("洛阳示例电机有限公司")
    world.open()
    ids = list(Case.objects.values_list("pk", flat=True))
    target = world.units["嵩县工作专班"]
    office = world.office
    preview = people.reassign_many(
        ids, by=office, at=at(START), reason="划转", unit=target, dry_run=True
    )
    assert (len(preview.done), preview.refused) == (2, {})
    assert set(Case.objects.values_list("county__name", flat=True)) == {"涧西区"}
    done = people.reassign_many(ids, by=office, at=at(START), reason="划转", unit=target)
    assert set(Case.objects.values_list("county__name", flat=True)) == {"嵩县"}
    remarks.comment(ids[0], by=office, at=at(START, 9), text="请跟进")
    back = people.undo_reassign(done.batch, by=office, at=at(START, 9))
    assert (len(back.done), back.refused) == (2, {})
    assert set(Case.objects.values_list("county__name", flat=True)) == {"涧西区"}
    with pytest.raises(Refused):
        people.undo_reassign(done.batch, by=office, at=at(START, 12))


def test_an_undo_gives_back_who_owed_and_who_accompanied(world: World, case: Case) -> None:
    names = ("responsible_unit_id", "competent_unit_id", "liaison_unit_id", "county_id")
    before = [getattr(case, name) for name in names]
    assert None not in before
    for unit in (world.units["嵩县工作专班"], world.units["市住建局"]):
        done = people.reassign_many(
            [case.pk], by=world.office, at=at(START), reason="划转", unit=unit
        )
        assert len(done.done) == 1
        people.undo_reassign(done.batch, by=world.office, at=at(START, 9))
        case = world.case()
        assert [getattr(case, name) for name in names] == before


def test_leaving_the_register_delists_with_the_remedies(world: World, case: Case) -> None:
    """001-12: 退库."""
    world.survey(case, "A")
    assert case.enterprise_id is not None
    count = endings.delist_firms(
        {case.enterprise_id: "注销"},
        city_id=world.city.pk,
        left_on=START,
        by=world.office,
        at=at(START),
    )
    assert count == 5
    assert set(Case.objects.values_list("stage", flat=True)) == {"delisted"}
    back = endings.reopen_firms(
        [case.enterprise_id],
        city_id=world.city.pk,
        by=world.office,
        at=at(START, 15),
        reason="重新入库",
    )
    assert back == 1
    root = world.case()
    assert root.stage == "rectification"
    assert set(Case.objects.filter(parent=root).values_list("stage", flat=True)) == {"open"}


def test_reopening_a_closing_returns_what_fails(world: World, case: Case) -> None:
    case = in_confirmation(world, case)
    case = stages.close(case.pk, by=world.office, at=at(START, 16))
    with pytest.raises(NotYours):
        endings.reopen(
            case.pk, by=world.actor("涧西区/county_lead"), at=at(START, 17), reason="复核"
        )
    case = endings.reopen(
        case.pk,
        by=world.actor("office/2"),
        at=at(START, 17),
        reason="合同未履行",
        criteria=["cooperation"],
    )
    assert (case.stage, case.lacking, case.closing_serial) == (
        "rectification",
        ["cooperation"],
        None,
    )
    paper = Evidence.objects.get(criterion="cooperation")
    assert (paper.state, paper.return_text) == ("returned", "合同未履行")
    remedy = Case.objects.get(parent=case, criterion="cooperation")
    assert remedy.stage == "open"
    worker = world.actor("涧西区/county_worker")
    with pytest.raises(Refused) as refusal:
        stages.apply_for_closure(case.pk, by=worker, at=at(START, 18), form=closing_form())
    assert refusal.value.code == "criteria_unmet"


def test_nobody_accepts_his_own_upload(world: World, case: Case) -> None:
    world.survey(case, "A")
    lead = world.actor("涧西区/county_lead")
    [row] = evidence.submit(case.pk, criterion="staff", papers=[paper()], by=lead, at=at(START))
    with pytest.raises(Refused) as refusal:
        evidence.accept(row.pk, by=lead, at=at(START))
    assert refusal.value.code == "four_eyes"


def test_a_returned_paper_is_replaced_by_the_next(world: World, case: Case) -> None:
    world.survey(case, "A")
    clerk, lead = world.clerk(case.enterprise), world.actor("涧西区/county_lead")  # type: ignore[arg-type]
    [row] = evidence.submit(case.pk, criterion="staff", papers=[paper()], by=clerk, at=at(START))
    assert not row.on_behalf
    day = load_calendar().add(START, 8)  # the remedy is due in two working days
    row = evidence.return_(row.pk, reason=2, text="缺骑缝章", by=lead, at=at(day, 10))
    assert row.correct_by == load_calendar().add(day, 5)
    [new] = evidence.submit(
        case.pk, criterion="staff", papers=[paper("新名册.pdf")], by=clerk, at=at(day, 11)
    )
    row.refresh_from_db()
    assert (row.state, row.replaced_by_id) == ("replaced", new.pk)
    evidence.accept(new.pk, by=lead, at=at(day, 12))
    assert Case.objects.get(parent=case, criterion="staff").stage == "closed"
    assert "staff" not in Case.objects.get(pk=case.pk).lacking


def test_a_stale_page_loses_a_remark_does_not(world: World, case: Case) -> None:
    worker = world.actor("涧西区/county_worker")
    version = case.version
    remarks.comment(case.pk, by=worker, at=at(START), text="已电话联系")
    stages.acknowledge(case.pk, by=worker, at=at(START), version=version)
    lead, until = world.actor("涧西区/county_lead"), START + timedelta(days=3)
    with pytest.raises(Stale):
        pauses.suspend(case.pk, by=lead, at=at(START), until=until, reason="停产", version=version)


def test_urged_at_most_once_in_two_working_days(world: World, case: Case) -> None:
    lead = world.actor("涧西区/county_lead")
    remarks.urge(case.pk, by=lead, at=at(START))
    with pytest.raises(Refused):
        remarks.urge(case.pk, by=lead, at=at(START + timedelta(days=1)))
    remarks.urge(case.pk, by=lead, at=at(load_calendar().add(START, 2)))
    assert case.events.filter(verb="urge").count() == 2


def test_the_ladder_rests_in_the_quiet_season_and_speaks_after(world: World, case: Case) -> None:
    item = world.item(case)
    assert item.next_check_at is not None
    assert item.next_check_at >= moment_of(date(2022, 4, 1))


def test_class_d_is_watched_not_chased(world: World, case: Case) -> None:
    case = world.survey(case, "D")
    item = world.item(case)
    assert (case.stage, item.is_chased, item.next_check_at) == ("watching", False, None)
    assert item.due_on is not None
    long_after = item.due_on + timedelta(days=60)
    light = light_of(case, item, long_after)
    # to be done, and never late
    assert (light.kind, light.shape, light.words) == ("rest", "○", "待复核")
    before = light_of(case, item, item.due_on - timedelta(days=20))
    assert (before.kind, before.shape) == ("rest", "○")
    rows = Case.objects.with_item()
    assert case not in rows.filter(overdue(long_after))
    assert case in rows.filter(review_waits(long_after))
    for day, shown in ((item.due_on - timedelta(days=20), 0), (item.due_on, 1), (long_after, 1)):
        for chip, n in (("reviews", shown), ("soon", 0), ("today", 0), ("overdue", 0)):
            ledger = Ledger(world.actor("涧西区/county_worker"), day, Asked(of="mine", chip=chip))
            assert ledger.counts["shown"] == n, (day, chip)
            assert list(ledger.rows()) == [case] * n
    again = stages.advance(
        case.pk, by=world.actor("涧西区/county_worker"), at=at(item.due_on), to="watching"
    )
    assert world.item(again).due_on != item.due_on


def test_late_over_days_off_no_working_day_is_said_to_have_passed(world: World, case: Case) -> None:
    item = world.item(case)
    item.due_on = date(2022, 3, 4)  # a Friday
    told = {day: light_of(case, item, date(2022, 3, day)) for day in (4, 6, 7, 8)}
    words = ["今日到期", "逾期未满1个工作日", "逾期1个工作日", "逾期2个工作日"]
    assert [light.words for light in told.values()] == words
    assert [light.kind for light in told.values()] == ["soon", *["overdue"] * 3]
    assert [light.days for light in told.values()] == [0, 1, 1, 2]
