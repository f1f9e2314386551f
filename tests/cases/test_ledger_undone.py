"""存量台账 taken back: what the import opened is withdrawn, and its firms may begin anew."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import endings, filling, stages
from cases.models import Case, CaseEvent, Evidence, Suspension, WorkItem
from cases.wording import words_of
from enterprises.models import ImportBatch
from organisations import clock, trail
from organisations.days import day_of
from tests.cases.test_engine import CONTROL
from tests.cases.test_running_ledger import AS_OF, case, ledger, take
from tests.world import SYSTEM, World, at, survey_form

__all__ = ["ledger"]
LINES = (
    ("甲有限公司", "已销号", "A", date(2022, 6, 10)),
    ("乙有限公司", "整改", "B", None, date(2022, 8, 31), "等校方盖章"),
    ("丙有限公司", "摸底"),
    ("丁有限公司", "暂缓", "A", None, date(2022, 7, 15), "检修"),
    ("戊有限公司", "已退库", None, date(2022, 5, 6)),
    ("己有限公司", "已撤销"),
)


@pytest.fixture
def taken(world: World, ledger: Any) -> ImportBatch:
    for name, *_rest in LINES:
        world.firm(name)
    assert take(ledger(*LINES))["new"] == 6
    return ImportBatch.objects.get()


def undo(batch: ImportBatch, *more: str) -> str:
    out = StringIO()
    call_command("undo_import", str(batch.pk), *more, stdout=out)
    return out.getvalue()


def test_every_case_is_withdrawn_with_its_remedies(world: World, taken: ImportBatch) -> None:
    numbers = dict(Case.objects.values_list("pk", "serial"))
    assert len(numbers) > 6
    undo(taken)
    assert set(Case.objects.values_list("stage", "status", "closing_serial", "closed_on")) == {
        ("withdrawn", "CANCELED", None, None)
    }
    assert dict(Case.objects.values_list("pk", "serial")) == numbers
    assert not WorkItem.objects.filter(finished=None).exists()
    assert not Suspension.objects.filter(resumed_on=None).exists()
    taken.refresh_from_db()
    assert taken.state == "undone"
    event = case("甲有限公司").events.get(verb="undo_import")
    assert (event.from_stage, event.data["import"]) == ("closed", taken.pk)
    words = words_of(event)
    assert words == f"撤销建档：建档所依据的第{taken.pk}号导入已撤销"
    # what was withdrawn in the ledger itself stays as it was
    assert not case("己有限公司").events.filter(verb="undo_import").exists()


def test_twice_or_too_late_is_refused(world: World, taken: ImportBatch) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=25)), pytest.raises(CommandError):
        undo(taken)
    undo(taken)
    with pytest.raises(CommandError):
        undo(taken)
    assert CaseEvent.objects.filter(case=case("丙有限公司"), verb="undo_import").count() == 1


def test_what_left_no_trace_is_refused(world: World, taken: ImportBatch) -> None:
    """Taken over by a version that did not note the import on its events."""
    trail.lift(connection)
    CaseEvent.objects.filter(verb="import").update(data={"file": "台账.xlsx"})
    with pytest.raises(CommandError, match="未记录"):
        undo(taken)
    taken.refresh_from_db()
    assert taken.state == "applied"


def test_only_the_office_undoes_it(world: World, taken: ImportBatch) -> None:
    for key in ("涧西区/county_lead", "leader"):
        with pytest.raises(CommandError):
            undo(taken, "--by", world.people[key].username)
    assert case("丙有限公司").stage == "survey"


def _advance(world: World) -> None:
    worker = world.actor("涧西区/county_worker", AS_OF)
    form = survey_form("B", AS_OF)
    stages.advance(case("丙有限公司").pk, by=worker, at=at(AS_OF, 10), form=form)


def _draft(world: World) -> None:
    worker, pk = world.actor("涧西区/county_worker", AS_OF), case("丙有限公司").pk
    filling.save_draft(pk, form="survey", data={}, by=worker, at=at(AS_OF, 10))


def _prove(world: World) -> None:
    row = case("丙有限公司")
    Evidence.objects.create(
        case=row, enterprise_id=row.firm_id, criterion="staff", submitted_at=at(AS_OF, 10)
    )


def _delist(world: World) -> None:
    row = case("丙有限公司")
    endings.delist_firms(
        {row.firm_id: "gone"}, city_id=world.city.pk, left_on=AS_OF, by=SYSTEM, at=at(AS_OF, 10)
    )


@pytest.mark.parametrize("work", [_advance, _draft, _prove, _delist])
def test_a_case_that_has_moved_on_is_named_and_nothing_is_undone(
    world: World, taken: ImportBatch, work: Any
) -> None:
    work(world)
    stood = list(Case.objects.order_by("pk").values_list("pk", "stage"))
    with pytest.raises(CommandError) as refused:
        undo(taken)
    assert "丙有限公司" in str(refused.value)
    assert "乙有限公司" not in str(refused.value)
    assert list(Case.objects.order_by("pk").values_list("pk", "stage")) == stood
    taken.refresh_from_db()
    assert taken.state == "applied"


def test_a_corrected_ledger_takes_the_same_places(
    world: World, taken: ImportBatch, ledger: Any
) -> None:
    before = {row.pk: (row.enterprise_id, row.criterion) for row in Case.objects.all()}
    undo(taken)
    found = take(
        ledger(
            ("甲有限公司", "整改", "B"),
            ("乙有限公司", "整改", "A", None, date(2022, 9, 30)),
            ("丙有限公司", "已销号", "A", date(2022, 6, 1)),
        )
    )
    assert (found["new"], found["skipped"]) == (3, [])
    first, second, third = case("甲有限公司"), case("乙有限公司"), case("丙有限公司")
    assert (first.stage, first.status, first.finished) == ("rectification", "NEW", None)
    assert (second.stage, world.item(second).due_on) == ("rectification", date(2022, 9, 30))
    assert (third.stage, third.closed_on) == ("closed", date(2022, 6, 1))
    assert third.closing_serial is not None
    assert {first.pk, second.pk, third.pk} <= set(before)
    children = Case.objects.filter(parent=second)
    assert {row.pk for row in children} <= set(before)
    assert {row.stage for row in children} == {"open_remedy"} or all(
        not row.is_finished for row in children
    )
    assert [e.verb for e in second.events.all()] == ["import", "undo_import", "import"]
    # and the second one can be taken back too: nobody has worked on it
    undo(ImportBatch.objects.latest("id"))
    assert set(Case.objects.values_list("stage", flat=True)) == {"withdrawn"}


def test_opening_cases_opens_what_was_undone(world: World, taken: ImportBatch) -> None:
    undo(taken)
    before = Case.objects.count()
    out = StringIO()
    call_command("open_cases", "luoyang-2022", "--at", "2022-07-01", "--json", stdout=out)
    # 己 was withdrawn by the ledger itself: that stands
    assert json.loads(out.getvalue())["opened"] == 5
    assert Case.objects.count() == before
    again = case("乙有限公司")
    assert (again.stage, again.opened_on, again.progress_at) == (
        "assigned",
        date(2022, 7, 1),
        None,
    )
    assert world.item(again).stage == "assigned"


def test_one_case_of_an_undone_ledger_goes_on_by_hand(world: World, taken: ImportBatch) -> None:
    undo(taken)
    now = clock.now()
    office = world.actor("office/2", day_of(now))
    for name, stage in (("乙有限公司", "rectification"), ("甲有限公司", "assigned")):
        row = endings.reopen(case(name).pk, by=office, at=now, reason="仍需办理")
        assert (row.stage, world.item(row).stage) == (stage, stage)
    assert case("丙有限公司").stage == "withdrawn"


def test_statements_do_not_grow_with_the_ledger(world: World, ledger: Any) -> None:
    def cost(count: int, start: int) -> int:
        names = [f"示例{number}有限公司" for number in range(start, start + count)]
        for name in names:
            world.firm(name)
        take(ledger(*((name, "整改", "B") for name in names)))
        batch = ImportBatch.objects.latest("id")
        with CaptureQueriesContext(connection) as captured:
            undo(batch)
        return sum(not CONTROL.match(q["sql"]) for q in captured.captured_queries)

    cost(1, 100)
    assert cost(2, 0) == cost(6, 10)
