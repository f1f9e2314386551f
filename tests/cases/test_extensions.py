"""延期: asked for before the date, decided by a second person, within the limits; what follows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases import extensions
from cases import querysets as ask
from cases.actions import extending, pauses, recalendar, stages
from cases.errors import NotYours, Refused, Stale
from cases.extensions import waiting_for, waits_for
from cases.models import Case, CaseEvent, Extension, RungFired
from cases.rulebook import calendar
from cases.sweeps import sweep
from organisations.scope import Actor
from tests.world import START, World, at, matching_form, survey_form
from workflows.days import official_days
from workflows.extensions import ExtensionRule
from workflows.models import CalendarDay, forget_calendar

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
REASON = "企业搬迁，资料正在整理"


@pytest.fixture
def case(world: World) -> Case:
    """A case in 摸底, signed for a day early: sixteen working days from 1 March."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    found = world.case()
    stages.acknowledge(found.pk, by=world.actor(WORKER), at=at(START))
    begun: Case = Case.objects.get(pk=found.pk)
    return begun


def due_of(world: World, case: Case) -> date:
    due: date | None = world.item(case).due_on
    assert due is not None
    return due


def asked(
    world: World, case: Case, days: int = 5, on: date = START, key: str = WORKER
) -> Extension:
    due = due_of(world, case)
    until = calendar().add(due, days)
    extending.request(case.pk, by=world.actor(key, on), at=at(on, 10), until=until, reason=REASON)
    row: Extension = Extension.objects.latest("pk")
    return row


def decided(world: World, row: Extension, key: str = LEAD, on: date = START, **more: Any) -> Case:
    more = {"is_granted": True} | more
    return extending.decide(row.case_id, by=world.actor(key, on), at=at(on, 11), **more)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as found:
        act()
    assert found.value.words
    return found.value.code


def test_the_date_moves_by_what_was_granted(world: World, case: Case) -> None:
    before, due = world.item(case), due_of(world, case)
    row = asked(world, case)
    assert due_of(world, case) == due == row.old_due
    decided(world, row, reason="同意")
    item = world.item(case)
    assert item.due_on == calendar().add(due, 5) == row.wished_on
    assert (item.deadline_version, item.budget) == (before.deadline_version + 1, 21)
    event = CaseEvent.objects.get(verb="decide_extension")
    assert event.data["new_due"] == due_of(world, case).isoformat()
    assert event.data["old_due"] == due.isoformat()
    row.refresh_from_db()
    assert (row.is_granted, row.granted_days, row.decided_by) == (True, 5, world.people[LEAD])


def test_a_refusal_needs_a_reason_and_leaves_the_date(world: World, case: Case) -> None:
    before, row = due_of(world, case), asked(world, case)
    assert refused(lambda: decided(world, row, is_granted=False)) == "no_reason"
    decided(world, row, is_granted=False, reason="可以按期完成")
    assert world.item(case).due_on == before
    row.refresh_from_db()
    assert (row.is_granted, row.answer, row.new_due) == (False, "可以按期完成", None)
    assert "new_due" not in CaseEvent.objects.get(verb="decide_extension").data
    asked(world, case)  # and may be asked for anew


def test_an_earlier_day_may_be_granted_and_never_a_later_one(world: World, case: Case) -> None:
    due, row = due_of(world, case), asked(world, case)
    late = calendar().add(due, 9)
    assert refused(lambda: decided(world, row, until=late)) == "extension_long"
    assert refused(lambda: decided(world, row, until=due)) == "extension_no_gain"
    decided(world, row, until=calendar().add(due, 2))
    assert world.item(case).due_on == calendar().add(due, 2)


def test_only_before_the_due_date(world: World, case: Case) -> None:
    due = due_of(world, case)
    assert refused(lambda: asked(world, case, on=due)) == "extension_late"
    asked(world, case, on=due - timedelta(days=1))


def test_at_most_twice_and_together_half_of_the_time(world: World, case: Case) -> None:
    """Sixteen working days: eight in all, in two extensions, however the date moved meanwhile."""
    assert refused(lambda: asked(world, case, 9)) == "extension_long"
    decided(world, asked(world, case, 4))
    assert refused(lambda: asked(world, case, 5)) == "extension_long"
    decided(world, asked(world, case, 2))
    assert refused(lambda: asked(world, case, 1)) == "extension_often"


def test_a_refusal_names_the_share_of_the_plan(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="累计延期不超过原时限的一半"):
        asked(world, case, 9)
    monkeypatch.setattr(extensions, "rule_of", lambda _case: ExtensionRule(share=40))
    with pytest.raises(Refused, match="累计延期不超过原时限的40%"):
        asked(world, case, 9)


def test_the_days_of_a_suspension_are_no_budget(world: World, case: Case) -> None:
    lead, back = world.actor(LEAD), START + timedelta(days=14)
    pauses.suspend(case.pk, by=lead, at=at(START), until=back, reason="停产检修")
    pauses.resume(case.pk, by=world.actor(LEAD, back), at=at(back))
    assert world.item(case).budget == 26
    assert refused(lambda: asked(world, case, 9, on=back)) == "extension_long"
    asked(world, case, 8, on=back)


def test_not_beyond_the_programme(world: World, case: Case) -> None:
    pack = world.programme.current.pack
    item = world.item(case)
    item.due_on = pack.work_until
    item.save()
    assert refused(lambda: asked(world, case, 1)) == "extension_long"


def test_one_at_a_time(world: World, case: Case) -> None:
    row = asked(world, case)
    assert refused(lambda: asked(world, case)) == "extension_asked"
    decided(world, row)
    assert refused(lambda: decided(world, row)) == "extension_decided"


def test_what_is_signed_reviewed_or_watched_has_no_extension(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.case()
    assert refused(lambda: asked(world, case, 1)) == "extension_stage"
    world.survey(case, "D")
    assert refused(lambda: asked(world, case, 1)) == "extension_no_date"


def test_four_eyes_and_who_decides(world: World, case: Case) -> None:
    row = asked(world, case, key=LEAD)
    assert row.to_office  # asked for by the reviewer himself
    assert refused(lambda: decided(world, row, LEAD)) == "four_eyes"
    assert refused(lambda: decided(world, row, WORKER)) == "not_yours"
    with pytest.raises(NotYours):
        decided(world, row, "嵩县/county_lead")
    with pytest.raises(Refused):  # what four eyes must see, the system cannot do
        extending.decide(row.case_id, by=Actor.system(), at=at(START, 12), is_granted=True)
    decided(world, row, "office/1")


def test_beyond_ten_days_in_all_the_office_decides(world: World) -> None:
    """对接 of class C has forty working days, so that twenty can be asked for."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.survey(world.case(), "C")
    first = asked(world, case, 9)
    assert not first.to_office
    decided(world, first)
    second = asked(world, case, 2)
    assert second.to_office
    assert list(waiting_for(world.actor(LEAD))) == []
    assert list(waiting_for(world.actor("office/1"))) == [second]
    assert refused(lambda: decided(world, second)) == "extension_office"
    due = due_of(world, case)
    decided(world, second, until=calendar().add(due, 1))  # ten in all are the county's to grant
    assert list(waiting_for(world.actor("office/1"))) == []


def test_the_queue_is_that_of_the_question(world: World, case: Case) -> None:
    row = asked(world, case)
    for key in (LEAD, WORKER, "office/1", "嵩县/county_lead", "leader"):
        actor = world.actor(key)
        counted = Case.objects.with_item().filter(waits_for(actor)).count()
        assert counted == waiting_for(actor).count() == (key == LEAD), key
    stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 15), form=survey_form("B"))
    # the step has ended: nothing is left to decide
    assert waiting_for(world.actor(LEAD)).count() == 0
    assert refused(lambda: decided(world, row)) == "extension_decided"


def test_extended_in_time_is_not_overdue(world: World, case: Case) -> None:
    due = due_of(world, case)
    decided(world, asked(world, case))
    after = calendar().add(due, 3)

    def late(on: date) -> int:
        return int(Case.objects.with_item().filter(ask.overdue(on)).count())

    assert late(after) == 0
    assert late(calendar().add(due, 6)) == 1
    stages.advance(case.pk, by=world.actor(WORKER, after), at=at(after), form=survey_form("B"))
    case.refresh_from_db()
    assert case.late_days == 0


def test_only_rungs_ahead_fire_after_it(world: World) -> None:
    """Reminded before the date, extended on the last day: the old overdue rungs never speak."""
    world.firm("洛阳示例轴承有限公司")
    day = date(2022, 4, 6)  # outside the quiet season
    world.open(day)
    case = world.case()
    stages.acknowledge(case.pk, by=world.actor(WORKER, day), at=at(day))
    due = due_of(world, case)
    last = calendar().add(due, -1)
    sweep(at(last, 9))
    spoke = set(RungFired.objects.values_list("rung", flat=True))
    assert spoke
    row = asked(world, case, 5, on=last)
    decided(world, row, on=last)
    new = world.item(case)
    for n in range(8):
        sweep(at(calendar().add(last, n), 12))
    fired = RungFired.objects.filter(deadline_version=new.deadline_version)
    moments = {rung.rung: rung.at for rung in fired}
    assert moments, "the ladder of the new date speaks"
    assert all(moment >= at(last) for moment in moments.values())
    # before the new date and on it; nothing about the old one
    assert set(moments) == {"due_soon", "due_today"}, moments
    assert "overdue" not in moments
    for _turn in range(3):  # however many sweeps
        sweep(at(calendar().add(last, 7), 13))
    assert fired.count() == len(moments)


def test_a_remedy_takes_its_parent_along(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    root = world.survey(world.case(), "B")
    stages.advance(root.pk, by=world.actor(WORKER), at=at(START, 11), form=matching_form())
    latest = Case.objects.filter(parent=root).order_by("-task_set__due_on")[0]
    before = due_of(world, root)
    assert world.item(latest).due_on == before
    decided(world, asked(world, latest, 3, on=START), on=START)
    assert world.item(root).due_on == world.item(latest).due_on == calendar().add(before, 3)
    assert CaseEvent.objects.get(case=root, verb="redate").data["new_due"]


def test_not_while_the_clock_stands(world: World, case: Case) -> None:
    row = asked(world, case)
    lead, until = world.actor(LEAD), START + timedelta(days=7)
    pauses.suspend(case.pk, by=lead, at=at(START, 12), until=until, reason="停产")
    assert refused(lambda: decided(world, row)) == "suspended"
    back = START + timedelta(days=8)
    pauses.resume(case.pk, by=world.actor(LEAD, back), at=at(back))
    assert refused(lambda: asked(world, case, on=back)) == "extension_asked"


def test_a_stale_page_loses(world: World, case: Case) -> None:
    version = Case.objects.get(pk=case.pk).version
    row = asked(world, case)
    with pytest.raises(Stale):
        decided(world, row, version=version)
    decided(world, row, version=version + 1)


def test_many_cost_as_many_statements_as_one(world: World) -> None:
    def cost(n: int) -> int:
        firms = [world.firm(f"洛阳示例{n}号{k}有限公司") for k in range(n)]
        world.open()
        cases = [world.case(firm) for firm in firms]
        worker = world.actor(WORKER)
        for one in cases:
            stages.acknowledge(one.pk, by=worker, at=at(START))
        rows = [asked(world, one, 3).case_id for one in cases]
        lead = world.actor(LEAD)
        with CaptureQueriesContext(connection) as found:
            result = extending.decide_many(rows, by=lead, at=at(START, 12), is_granted=True)
        assert (len(result.done), result.refused) == (n, {})
        return len(found)

    assert cost(1) == cost(12) <= 14


def test_a_queue_is_refused_row_by_row(world: World, case: Case) -> None:
    other = world.firm("嵩县示例矿业有限公司", "嵩县")
    world.open()
    stages.acknowledge(world.case(other).pk, by=world.actor("嵩县/county_worker"), at=at(START))
    mine = asked(world, case, 2)
    theirs = asked(world, world.case(other), 2, key="嵩县/county_worker")
    lead = world.actor(LEAD)
    result = extending.decide_many(
        [mine.case_id, theirs.case_id], by=lead, at=at(START, 12), is_granted=True
    )
    assert [one.pk for one in result.done] == [case.pk]
    assert set(result.refused) == {theirs.case_id}
    theirs.refresh_from_db()
    assert theirs.is_waiting


def test_the_database_knows_the_four_eyes(world: World, case: Case) -> None:
    row = asked(world, case)
    with pytest.raises(IntegrityError), transaction.atomic():
        Extension.objects.filter(pk=row.pk).update(
            decided_at=at(START), decided_by=row.asked_by, is_granted=False
        )


def test_a_date_extended_beyond_the_announced_days_stays_provisional(
    world: World, case: Case
) -> None:
    """Entering other days leaves it 暂定; the announcement of its own year makes it firm."""
    CalendarDay.objects.filter(day__gt=due_of(world, case)).delete()
    forget_calendar()
    decided(world, asked(world, case))
    assert world.item(case).provisional
    rest = {d: (worked, name) for d, worked, name in official_days() if d.year == 2022}
    next_day = due_of(world, case) - timedelta(days=2)
    recalendar.enter_days({next_day: rest[next_day]}, by=Actor.system(), at=at(START))
    assert world.item(case).provisional
    recalendar.enter_days(rest, by=Actor.system(), at=at(START))
    assert not world.item(case).provisional
