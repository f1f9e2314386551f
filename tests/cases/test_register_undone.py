"""撤销入库名单导入: what the list had delisted stands as it stood, pause and ladder too."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import endings, pauses, plan_measures
from cases.actions.register import undo_register
from cases.models import Case, CaseEvent, RungFired, Suspension, WorkItem
from cases.sweeps import sweep
from cases.wording import words_of
from enterprises.models import Enterprise, ImportBatch
from tests.cases.test_following_the_register import Outcome, plus
from tests.world import START, World, at
from workflows.models import load_calendar

DAY = date(2022, 4, 8)
WHEN = at(DAY, 10)


def imported(world: World, firms: list[Enterprise], when: datetime = WHEN) -> ImportBatch:
    """A list without these firms, followed by their cases; its batch."""
    kind, state = ImportBatch.Kind.REGISTER, ImportBatch.State.APPLIED
    batch = ImportBatch.objects.create(
        city=world.city, kind=kind, state=state, as_of=DAY, at=when, applied_at=when
    )
    reasons = {firm.pk: "absent" for firm in firms}
    by = world.actor("office/1", DAY)
    endings.delist_firms(reasons, city_id=world.city.pk, left_on=DAY, by=by, at=when)
    return batch


def undone(world: World, firms: list[Enterprise], batch: ImportBatch, on: date = DAY) -> int:
    outcome = Outcome(returned_ids=tuple(firm.pk for firm in firms))
    by = world.actor("office/1", on)
    return undo_register(outcome, batch=batch, by=by, at=at(on, 11)).reopened


def rows() -> list[Any]:
    """What cases, steps and pauses are, but for versions."""
    cases = Case.objects.order_by("pk").values_list(
        "pk", "stage", "status", "finished", "progress_at", "late_days", "lacking"
    )
    items = WorkItem.objects.order_by("pk").values_list(
        "pk", "finished", "status", "owner", "due_on", "budget", "provisional", "is_suspended",
        "next_check_at", "days_late",
    )  # fmt: skip
    rests = Suspension.objects.order_by("pk").values_list("case", "from_on", "until_on")
    return [list(cases), list(items), list(rests.filter(resumed_on=None))]


@pytest.fixture
def firms(world: World) -> list[Enterprise]:
    found = [world.firm(f"洛阳示例{n}号有限公司") for n in range(3)]
    world.open()
    return found


def test_a_pause_runs_until_its_day(world: World, firms: list[Enterprise]) -> None:
    case = world.survey(world.case(firms[0]), "B")
    due = world.item(case).due_on
    pauses.suspend(case.pk, by=world.office, at=at(plus(20)), until=plus(40), reason="检修")
    before = rows()
    undone(world, firms[:1], imported(world, firms[:1]))
    assert rows() == before
    [event] = CaseEvent.objects.filter(case=case, verb="reopen")
    assert words_of(event) == f"撤销第{event.data['import']}号入库名单导入，恢复办理"
    assert pauses.resume_due(at=at(plus(39))) == 0
    pauses.resume_due(at=at(plus(40)))
    item = world.item(case)
    assert due is not None
    # twenty days of rest, as if no list had come between
    assert (item.is_suspended, item.due_on) == (False, load_calendar().add(due, 20))


def test_what_lies_below_a_case_of_no_firm_stands_again(
    world: World, firms: list[Enterprise]
) -> None:
    """As the offers of a policy (政策推送) do."""
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    policy = Case.objects.filter(enterprise=None).earliest("pk")
    case = world.case(firms[0])
    Case.objects.filter(pk=case.pk).update(parent=policy, is_main=False)
    before = rows()
    assert undone(world, firms, imported(world, firms)) == 3
    assert rows() == before
    # so it does when a later list names the firm again, unless the policy is over by then
    stands: dict[str, Any] = {"measure": policy.measure}
    ended: dict[str, Any] = {"stage": "withdrawn", "status": "CANCELED", "finished": at(DAY, 12)}
    for change, stage in ((stands, "assigned"), (ended, "delisted")):
        imported(world, firms)
        Case.objects.filter(pk=policy.pk).update(**change)
        by, ids = world.actor("office/1", DAY), [firm.pk for firm in firms]
        endings.reopen_firms(ids, city_id=world.city.pk, by=by, at=at(DAY, 12), reason="重新入库")
        assert Case.objects.get(pk=case.pk).stage == stage


def test_an_undo_is_no_progress_and_says_nothing_twice(
    world: World, firms: list[Enterprise]
) -> None:
    world.survey(world.case(firms[0]), "A")
    sweep(at(DAY))
    # a letter of the third that somebody dropped: it is proposed again when its day comes
    RungFired.objects.filter(item=world.item(world.case(firms[2]))).delete()
    WorkItem.objects.filter(pk=world.item(world.case(firms[2])).pk).update(
        next_check_at=at(plus(50))
    )
    before, said = rows(), RungFired.objects.count()
    batch = imported(world, firms)
    assert Case.objects.main().exclude(stage="delisted").count() == 0
    undone(world, firms, batch)
    assert rows() == before
    sweep(at(DAY, 12))
    assert RungFired.objects.count() == said


def test_a_list_in_between_does_not_hide_how_it_stood(
    world: World, firms: list[Enterprise]
) -> None:
    """Delisted by one list, back by the next, both undone, the next first."""
    pauses.suspend(
        world.case(firms[0]).pk, by=world.office, at=at(plus(20)), until=plus(40), reason="检修"
    )
    before = rows()
    batch = imported(world, firms)
    by, city = world.actor("office/1", DAY), world.city.pk
    ids = [firm.pk for firm in firms]
    endings.reopen_firms(ids, city_id=city, by=by, at=at(DAY, 10), reason="重新入库")
    endings.delist_firms(
        dict.fromkeys(ids, "undone"), city_id=city, left_on=DAY, by=by, at=at(DAY, 10)
    )
    undone(world, firms, batch)
    assert rows() == before


def test_what_had_left_before_stays(world: World, firms: list[Enterprise]) -> None:
    imported(world, firms[:1], at(DAY, 9))
    batch = imported(world, firms[1:])
    assert undone(world, firms, batch) == 2
    assert world.case(firms[0]).stage == "delisted"


def test_many_cost_as_many_statements_as_few(world: World) -> None:
    def cost(n: int) -> int:
        found = [world.firm(f"洛阳示例{n}之{k}有限公司") for k in range(n)]
        world.open()
        for firm in found:
            pauses.suspend(world.case(firm).pk, by=world.office, at=at(plus(20)),
                           until=plus(40), reason="检修")  # fmt: skip
        batch = imported(world, found)
        with CaptureQueriesContext(connection) as captured:
            assert undone(world, found, batch) == n
        return len(captured)

    assert cost(1) >= cost(4)
