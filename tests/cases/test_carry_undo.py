"""撤销结转, and 结转 of what is no firm's own case: issues, orders, reports, measures."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import carry_undo, listed, opening, pauses, plan_measures, remarks, stages
from cases.actions.carry_undo import TakenBack
from cases.carry_sums import counts
from cases.models import Case, CaseEvent, CaseUnit, Evidence, FormRecord, OrderOrigin, Suspension
from cases.supervised import orders_about, origin_of
from cases.wording import words_of
from reports.ledger_figures import figures
from tests.cases.lists import sign_in
from tests.cases.test_carrying import DAY, LEAD, REASON, WORKER, carried, next_year, refused
from tests.cases.test_matters import open_issue
from tests.cases.test_orders import turn
from tests.config.test_commands import as_json
from tests.world import START, SYSTEM, World, at, matching_form
from workflows.models import Programme

LATER = date(2023, 1, 4)
WHY = "结转对象有误"


def taken_back(world: World, to: Programme, **more: Any) -> TakenBack:
    by = world.actor("office/1", LATER)
    given: dict[str, Any] = {"by": by, "at": at(LATER), "reason": WHY}
    return carry_undo.undo_carry_over(world.programme, to, **given | more)


def rows(case: Case) -> dict[str, Any]:
    """What a case is, its steps and its pauses, but for versions."""
    fresh = Case.objects.get(pk=case.pk)
    item = fresh.task_set.order_by("-id")[0]
    return {
        "case": (fresh.stage, fresh.status, fresh.finished, fresh.late_days, fresh.lacking),
        "item": (item.pk, item.finished, item.due_on, item.is_suspended, item.days_late),
        "pauses": list(Suspension.objects.filter(case=fresh).values_list("until_on", "resumed_on")),
    }


def test_it_stands_again_as_it_stood(world: World) -> None:
    for n in range(3):
        world.firm(f"洛阳示例{n}号有限公司")
    world.open()
    late, resting, plain = Case.objects.main().order_by("pk")
    world.survey(late, "B")
    stages.advance(late.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())
    world.prove(late, "institution")
    day = date(2022, 12, 20)
    pauses.suspend(resting.pk, by=world.actor("office/1", day), at=at(day),
                   until=date(2023, 1, 16), reason="停产检修")  # fmt: skip
    family = [late, resting, plain, *Case.objects.filter(parent=late)]
    before = {case.pk: rows(case) for case in family}
    held = (Evidence.objects.count(), FormRecord.objects.count(), Suspension.objects.count())
    to = next_year(world)
    numbers = (figures(world.programme, DAY), counts(world.programme))
    assert len(carried(world, to).done) == 3
    found = taken_back(world, to)
    assert (len(found.done), found.refused) == (3, {})
    assert {case.pk: rows(case) for case in family} == before
    assert (figures(world.programme, DAY), counts(world.programme)) == numbers
    assert (
        Evidence.objects.count(),
        FormRecord.objects.count(),
        Suspension.objects.count(),
    ) == held
    new = Case.objects.filter(programme=to)
    assert set(new.values_list("stage", "carried_from")) == {("withdrawn", None)}
    said = {words_of(event) for event in CaseEvent.objects.filter(verb="undo_carry")}
    assert said == {
        f"撤销结转，恢复在本年度办理：{WHY}", f"撤销结转，退回上年度办理：{WHY}",
    }  # fmt: skip


def test_an_order_keeps_what_it_came_of(world: World) -> None:
    """A leader's word on a firm's case is read on the order that goes on, and on the firm's."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.case()
    remarks.comment(case.pk, by=world.actor("leader"), at=at(START), text="请逐户分析")
    order = turn(world, case, "supervisor")
    to = next_year(world)
    carried(world, to)
    new, firm = (Case.objects.get(carried_from=one) for one in (order, case))
    for one in (new, Case.objects.get(pk=order.pk)):
        origin = origin_of(one)
        assert origin is not None
        assert origin.instruction is not None
        assert (origin.about_id, origin.instruction.reason) == (case.pk, "请逐户分析")
    assert [one.case_id for one in orders_about(firm, world.office)] == [new.pk]
    taken_back(world, to)
    assert OrderOrigin.objects.get().case_id == order.pk


def test_afterwards_it_is_carried_over_anew_under_the_same_number(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old = world.survey(world.case(), "B")
    stages.advance(old.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())
    world.prove(old, "institution")
    to = next_year(world)
    first = carried(world, to)
    held = Case.objects.filter(programme=to).count()
    taken_back(world, to)
    again = carried(world, to, LATER)
    assert [pair.new.number for pair in again.done] == [pair.new.number for pair in first.done]
    assert (again.remedies, again.kept) == (first.remedies, first.kept)
    assert Case.objects.filter(programme=to).count() == held
    assert Case.objects.filter(programme=to).open().count() == held
    # and back once more: what took up its old place is withdrawn, not only unlinked
    assert len(taken_back(world, to).done) == 1
    assert not Case.objects.filter(programme=to).open().exists()


def test_what_somebody_has_worked_on_stays(world: World) -> None:
    for n in range(3):
        world.firm(f"洛阳示例{n}号有限公司")
    world.open()
    to = next_year(world)
    carried(world, to)
    one, two, three = Case.objects.filter(programme=to).order_by("pk")
    worker = world.actor(WORKER, LATER)
    remarks.comment(one.pk, by=worker, at=at(LATER), text="已联系")
    world.prove(two, "staff", LATER)
    found = taken_back(world, to)
    assert [case.pk for case in found.done] == [three.carried_from_id]
    assert set(found.refused) == {one.carried_from_id, two.carried_from_id}
    assert all("已有人办理" in words for words in found.refused.values())
    assert taken_back(world, to).done == []


def test_a_case_that_was_there_before_is_only_unlinked(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old, to = world.case(), next_year(world)
    opening.open_cases(to, by=world.office, at=at(date(2022, 12, 27)))
    carried(world, to)
    taken_back(world, to)
    there = Case.objects.get(programme=to)
    assert (there.stage, there.carried_from) == ("assigned", None)
    old.refresh_from_db()
    assert old.stage == "assigned"


def test_who_may_and_why(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    to = next_year(world)
    carried(world, to)
    assert refused(lambda: taken_back(world, to, by=world.actor(LEAD, LATER))) == "not_yours"
    assert refused(lambda: taken_back(world, to, reason=" ")) == "no_reason"
    assert taken_back(world, to, ids=[0]).done == []


def test_many_cost_as_many_statements_as_few(world: World) -> None:
    to = next_year(world)

    def cost(n: int) -> int:
        for k in range(n):
            world.firm(f"洛阳示例{n}之{k}有限公司")
        world.open()
        carried(world, to)
        with CaptureQueriesContext(connection) as captured:
            assert len(taken_back(world, to, by=SYSTEM).done) >= n
        return len(captured)

    assert cost(2) >= cost(6)


# --- what is no firm's own case ------------------------------------------------------------------
def test_an_issue_goes_along_with_its_units_and_back(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    issue = open_issue(world, world.case())
    loose = Case.objects.filter(pk=issue.pk, parent=None).exists()
    to = next_year(world)
    carried(world, to)
    new = Case.objects.get(programme=to, procedure="issue")
    assert (new.carried_from, new.title, new.stage) == (issue, issue.title, issue.stage)
    assert (new.parent_id is None) == loose
    assert (new.responsible_unit, new.grade) == (issue.responsible_unit, issue.grade)
    parts = set(CaseUnit.objects.filter(case=new).values_list("unit", "part"))
    assert parts == set(CaseUnit.objects.filter(case=issue).values_list("unit", "part"))
    taken_back(world, to)
    issue.refresh_from_db()
    assert issue.stage == new.stage
    assert not CaseUnit.objects.filter(case=new).exists()


def test_measures_belong_to_their_plan(world: World) -> None:
    """Refused until the next plan's measures are opened, then the old one goes on in the new."""
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    to = next_year(world)
    mine = Case.objects.filter(programme=world.programme, parent=None).exclude(measure="")
    many = mine.open().count()
    assert many == 13
    found = carried(world, to)
    assert (found.done, len(found.refused)) == ([], many)
    assert "先启动下一年度" in next(iter(found.refused.values()))
    plan_measures.open_measures(to, by=world.actor("office/1", DAY), at=at(DAY, 9))
    found = carried(world, to)
    assert (len(found.done), found.refused) == (many, {})
    assert all(pair.is_joined and pair.new.measure == pair.old.measure for pair in found.done)
    assert not Case.objects.filter(programme=world.programme, measure__gt="").open().exists()
    assert len(taken_back(world, to).done) == many


# --- what the register opens beside the main case ------------------------------------------------
def test_what_the_register_opens_is_once_a_year_too(world: World) -> None:
    """Carried over, taken back and carried over again under its number; after an undo the register
    opens it again; where the next year has it already, the old one goes on there."""
    for n in range(2):
        world.firm(f"洛阳示例{n}号有限公司", spending=True)
    assert listed.open_listed(world.programme, by=SYSTEM, at=at(START))["completion"] == 2
    one, two = Case.objects.filter(procedure="completion").order_by("pk")
    stages.acknowledge(one.pk, by=world.actor(WORKER), at=at(START, 10))
    to = next_year(world)
    first = carried(world, to, ids=[one.pk])
    assert (first.anew + first.remedies, first.done[0].is_joined) == (4, False)
    taken_back(world, to)
    [again] = carried(world, to, LATER, ids=[one.pk]).done
    assert again.new.number == first.done[0].new.number
    taken_back(world, to)
    opened = listed.open_listed(to, by=SYSTEM, at=at(LATER, 11))
    assert opened["completion"] == 2
    found = carried(world, to, LATER)
    assert (len(found.done), found.refused) == (2, {})
    assert all(pair.is_joined and pair.new.enterprise_id == pair.old.enterprise_id
               for pair in found.done)  # fmt: skip
    again_there = Case.objects.get(programme=to, parent=None, enterprise=one.enterprise)
    assert (again_there.number, again_there.carried_from) == (first.done[0].new.number, one)
    assert len(taken_back(world, to).done) == 2
    assert set(Case.objects.filter(programme=to, parent=None).values_list("stage")) == {
        (two.stage,)
    }


# --- doors ---------------------------------------------------------------------------------------
def test_the_page_tells_the_effects_and_takes_back(world: World, today: Any) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    to = next_year(world)
    today(DAY)
    client = sign_in(world, "office/1")
    url = f"/programmes/{world.programme.key}/carry-over/?to={to.key}"
    page = client.get(url).content.decode()
    assert "对统计口径的影响" in page
    assert "1 → <b>0</b>" in page
    assert client.post(url, {"to": to.key, "do": "carry", "reason": REASON}).status_code == 302
    page = client.get(url).content.decode()
    assert "撤销结转" in page
    assert client.post(url, {"to": to.key, "do": "undo", "reason": " "}).status_code == 422
    assert client.post(url, {"to": to.key, "do": "undo", "reason": WHY}).status_code == 302
    assert Case.objects.get(programme=world.programme).stage == "assigned"


def test_the_command_takes_back(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    to = next_year(world)
    carried(world, to)
    line = ("carry_over", world.programme.key, "--to", to.key, "--undo", "--at", "2023-01-04")
    assert as_json(*line, "--dry-run")["taken_back"] == ["2022-00001"]
    by = ("--by", world.people["office/1"].username)
    assert as_json(*line, "--reason", WHY, *by) == {
        "dry_run": False, "taken_back": ["2022-00001"], "refused": [],
    }  # fmt: skip
