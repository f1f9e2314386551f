"""年终结转: what ends, what begins, what goes along, and that the old year's figures stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.actions import carrying, extending, opening, pauses, people, stages
from cases.actions.carrying import CarriedOver
from cases.errors import Refused, Stale
from cases.models import Case, CaseEvent, Evidence, FormRecord, PendingEvent, Suspension
from cases.rulebook import calendar
from cases.sweeps import sweep
from cases.wording import words_of
from enterprises.models import Membership
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.models import Post
from organisations.scope import Actor
from reports.indicators import indicators
from reports.ledger_figures import figures
from tests.cases.test_life import to_rectification
from tests.world import START, SYSTEM, World, at, closing_form, matching_form
from workflows.issuing import issue_pack
from workflows.models import Programme
from workflows.packs import shipped_text

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
REASON = "辅助账未完成"
DAY = date(2022, 12, 28)
NEW_YEAR = date(2023, 1, 1)


def next_year(world: World) -> Programme:
    """The same plan for the year after, as an office would write it."""
    text = shipped_text("luoyang-2022").replace("2023", "2024").replace("2022", "2023")
    assert "luoyang-2023" in text
    return issue_pack(text, by=SYSTEM, at=at(date(2022, 12, 15))).programme


def carried(world: World, to: Programme, on: date = DAY, **more: Any) -> CarriedOver:
    return carrying.carry_over(
        world.programme, to, by=world.actor("office/1", on), at=at(on, 10), reason=REASON, **more
    )


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as found:
        act()
    assert found.value.words
    return found.value.code


def test_it_ends_and_goes_on_in_the_next_year(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old = world.survey(world.case(), "B")
    to = next_year(world)
    found = carried(world, to)
    [pair] = found.done
    old.refresh_from_db()
    new = Case.objects.get(programme=to, parent=None)
    assert pair.new == new
    assert (old.stage, old.closed_on, old.status) == ("carried_over", None, "DONE")
    assert (new.stage, new.grade, new.carried_from) == ("matching", "B", old)
    assert (new.number, new.opened_on) == ("2023-00001", DAY)
    assert new.responsible_unit == old.responsible_unit
    item = world.item(new)
    # the time begins anew, with the new year's work
    assert (item.started_on, item.stage) == (NEW_YEAR, "matching")
    assert item.due_on == calendar().add(NEW_YEAR, 20)
    ended = CaseEvent.objects.get(case=old, verb="carry_over")
    assert (ended.reason, ended.data["to_number"], ended.data["to_year"]) == (
        REASON, "2023-00001", 2023,
    )  # fmt: skip
    begun = CaseEvent.objects.get(case=new, verb="carry_in")
    assert (begun.data["from_number"], begun.data["from_year"]) == (old.number, 2022)


def test_again_it_does_nothing(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    to = next_year(world)
    assert len(carried(world, to).done) == 1
    again = carried(world, to, DAY + timedelta(days=1))
    assert (again.done, again.refused) == ([], {})
    assert Case.objects.filter(programme=to).count() == 1


def test_the_old_years_figures_stay(world: World) -> None:
    for n in range(3):
        world.firm(f"洛阳示例{n}号有限公司")
    world.firm("已覆盖有限公司", spending=True)
    world.open()
    first = Case.objects.filter(parent=None).order_by("pk")[0]
    world.survey(first, "A")
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(first, have)
    worker, lead = world.actor(WORKER), world.actor(LEAD)
    stages.apply_for_closure(first.pk, by=worker, at=at(START, 13), form=closing_form())
    stages.advance(first.pk, by=lead, at=at(START, 14))
    stages.close(first.pk, by=world.office, at=at(START, 15))
    to = next_year(world)
    year_end = date(2022, 12, 31)
    before = indicators(world.programme, year_end)
    old = figures(world.programme, DAY)
    assert (old.opened, old.closed, old.running) == (3, 1, 2)
    carried(world, to)
    assert indicators(world.programme, year_end) == before
    after = figures(world.programme, DAY)
    assert (after.opened, after.closed, after.delisted) == (old.opened, old.closed, old.delisted)
    assert (after.running, after.carried_out, after.carried_in) == (0, 2, 0)
    new = figures(to, DAY)
    assert (new.opened, new.closed, new.carried_in, new.carried_out) == (2, 0, 2, 0)


def test_lateness_stays_where_it_was_incurred(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old = world.survey(world.case(), "B")
    due = world.item(old).due_on
    assert due is not None
    to = next_year(world)
    carried(world, to)
    old.refresh_from_db()
    assert old.late_days == calendar().between(due, DAY) > 100
    new = Case.objects.get(programme=to, parent=None)
    assert new.late_days == 0
    assert figures(to, DAY).overdue == 0


def test_remedies_and_papers_go_along_as_the_pack_says(world: World) -> None:
    """Body and contract count on, roster and spending are proved anew (practice: years)."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old = world.survey(world.case(), "B")
    stages.advance(old.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())
    for have in ("institution", "staff", "cooperation"):
        world.prove(old, have)
    open_before = Case.objects.filter(parent=old, finished=None).count()
    assert open_before == 1  # the spending; the others have closed with their papers
    to = next_year(world)
    found = carried(world, to)
    new = Case.objects.get(programme=to, parent=None)
    kept = Evidence.objects.filter(case=new)
    assert {paper.criterion for paper in kept} == {"institution", "cooperation"}
    assert all(paper.state == "county_accepted" and paper.file for paper in kept)
    assert (found.kept, found.left) == (2, 1)
    assert new.lacking == ["staff", "spending"]
    assert (found.remedies, found.anew) == (1, 1)
    children = {c.criterion: c for c in Case.objects.filter(parent=new)}
    assert set(children) == {"staff", "spending"}
    assert children["spending"].carried_from is not None
    assert children["staff"].carried_from is None
    assert not Case.objects.filter(parent=old, finished=None).exists()
    # the case is never due before its remedies
    latest = max(world.item(child).due_on or DAY for child in children.values())
    assert world.item(new).due_on == latest
    # the survey goes along, contacts stay with the year in which they were made
    forms = set(FormRecord.objects.filter(case=new).values_list("form", flat=True))
    assert "survey" in forms
    assert "matching" not in forms


def test_what_was_proved_without_a_class_is_proved_anew(world: World) -> None:
    """All four were accepted and nobody had applied: next year two of them lack again."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old = world.survey(world.case(), "B")
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(old, have)
    # as in a plan whose survey gives no class
    Case.objects.filter(pk=old.pk).update(grade="", lacking=[], lacking_count=0)
    to = next_year(world)
    carried(world, to)
    assert Case.objects.get(programme=to, parent=None).lacking == ["staff", "spending"]


def test_what_nobody_has_looked_at_is_not_known(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    world.prove(world.case(), "staff")
    to = next_year(world)
    carried(world, to)
    assert Case.objects.get(programme=to, parent=None).lacking == []


def test_an_expired_agreement_is_made_anew(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old = world.survey(world.case(), "B")
    form = matching_form()
    rows = form["contacts"]
    assert isinstance(rows, list)
    rows[0] |= {"result": "signed", "agreement": "合同", "signed_on": "2022-02-20",
                "valid_until": "2022-12-30"}  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):  # contact records follow the form
        stages.advance(old.pk, by=world.actor(WORKER), at=at(START, 10), form=form)
    world.prove(old, "cooperation")
    to = next_year(world)
    carried(world, to)
    new = Case.objects.get(programme=to, parent=None)
    assert "cooperation" in new.lacking


def test_from_a_review_it_goes_back_when_something_is_proved_anew(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old = world.survey(world.case(), "A")
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(old, have)
    stages.apply_for_closure(old.pk, by=world.actor(WORKER), at=at(START, 13), form=closing_form())
    to = next_year(world)
    carried(world, to)
    new = Case.objects.get(programme=to, parent=None)
    assert (new.stage, new.applied_by, new.lacking) == (
        "rectification", None, ["staff", "spending"],
    )  # fmt: skip


def test_a_clock_that_stood_stands_on(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open(date(2022, 12, 1))
    day = date(2022, 12, 20)
    old, until = world.case(), date(2023, 1, 16)
    pauses.suspend(
        old.pk, by=world.actor("office/1", day), at=at(day), until=until, reason="停产检修"
    )
    to = next_year(world)
    carried(world, to)
    new = Case.objects.get(programme=to, parent=None)
    assert world.item(new).is_suspended
    row = Suspension.objects.get(case=new)
    assert (row.until_on, row.reason, row.resumed_on) == (until, "停产检修", None)
    assert Suspension.objects.get(case=old).resumed_on == DAY
    sweep(at(until))
    assert not world.item(new).is_suspended


def test_what_was_contested_waits_for_the_office_still(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    people.decline(world.case().pk, by=world.actor(WORKER), at=at(START, 11), reason="不属本区")
    to = next_year(world)
    carried(world, to)
    item = world.item(Case.objects.get(programme=to, parent=None))
    assert item.is_declined
    assert item.post.role == "office"


def test_whoever_had_it_keeps_it(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.survey(world.case(), "B")
    unit = world.units["涧西区工作专班"]
    second = Post.objects.create(unit=unit, name="经办人乙", role="county_worker", position=5)
    people.reassign(case.pk, by=world.actor(LEAD), at=at(START, 12), reason="轮岗", post=second)
    to = next_year(world)
    carried(world, to)
    assert world.item(Case.objects.get(programme=to, parent=None)).post == second


def test_who_may_and_when(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    to = next_year(world)
    by = world.actor(LEAD, DAY)

    def act(actor: Actor | None = None, day: date = DAY, reason: str = REASON) -> CarriedOver:
        return carrying.carry_over(
            world.programme, to, by=actor or world.office, at=at(day), reason=reason
        )

    assert refused(lambda: act(by)) == "not_yours"
    assert refused(lambda: act(day=date(2022, 12, 19))) == "carry_early"
    assert refused(lambda: act(reason=" ")) == "no_reason"
    assert (
        refused(lambda: carrying.carry_over(to, world.programme, by=SYSTEM, at=at(DAY), reason="x"))
        == "carry_to"
    )
    assert len(act(day=date(2022, 12, 20)).done) == 1


def test_a_firm_that_left_is_delisted_instead(world: World) -> None:
    firm = world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.case()
    Membership.objects.filter(enterprise=firm).update(left_on=date(2022, 12, 1))
    to = next_year(world)
    found = carried(world, to)
    assert found.done == []
    assert list(found.refused) == [case.pk]
    assert "退" in found.refused[case.pk]
    case.refresh_from_db()
    assert case.stage == "assigned"


def test_a_firm_with_a_case_of_the_new_year_already_goes_on_there(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old, to = world.case(), next_year(world)
    opening.open_cases(to, by=world.office, at=at(date(2022, 12, 27)))
    there = Case.objects.get(programme=to, parent=None)
    [pair] = carried(world, to).done
    assert pair.is_joined
    there.refresh_from_db()
    old.refresh_from_db()
    assert (there.carried_from, old.stage) == (old, "carried_over")
    assert Case.objects.filter(programme=to).count() == 1


def test_a_pending_extension_ends_with_the_old_case(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    day = date(2022, 12, 1)
    world.open(day)
    case = world.case()
    stages.acknowledge(case.pk, by=world.actor(WORKER, day), at=at(day))
    due = world.item(case).due_on
    assert due is not None
    until = calendar().add(due, 2)
    extending.request(case.pk, by=world.actor(WORKER, day), at=at(day), until=until, reason="未齐")
    to = next_year(world)
    carried(world, to)
    by = world.actor(LEAD, DAY)
    with pytest.raises(Refused):
        extending.decide(case.pk, by=by, at=at(DAY, 12), is_granted=True)


def test_many_cost_as_many_statements_as_few(world: World) -> None:
    to = next_year(world)

    def cost(n: int) -> int:
        for k in range(n):
            world.firm(f"洛阳示例{n}之{k}有限公司")
        world.open()
        for case in Case.objects.filter(programme=world.programme, stage="assigned"):
            survey = world.survey(case, "B")
            stages.advance(survey.pk, by=world.actor(WORKER), at=at(START, 10),
                           form=matching_form())  # fmt: skip
        with CaptureQueriesContext(connection) as captured:
            found = carried(world, to)
        assert len(found.done) == n
        assert found.remedies == 4 * n
        return len(captured)

    first = cost(2)
    assert cost(7) <= first <= 50


def test_a_page_that_was_open_before_is_stale(world: World) -> None:
    case = to_rectification(world)
    version = Case.objects.get(pk=case.pk).version
    to = next_year(world)
    carried(world, to)
    with pytest.raises((Stale, Refused)):
        stages.send_back(
            case.pk, by=world.actor(LEAD), at=at(DAY, 12), number=1, reason="缺", version=version
        )


def test_only_some(world: World) -> None:
    firms = [world.firm(f"洛阳示例{n}号有限公司") for n in range(2)]
    world.open()
    one = world.case(firms[0])
    to = next_year(world)
    found = carried(world, to, ids=[one.pk])
    assert [pair.old.pk for pair in found.done] == [one.pk]
    assert world.programme.pk == Case.objects.get(enterprise=firms[1]).programme_id


def test_each_unit_hears_of_it_once(world: World) -> None:
    for n in range(3):
        world.firm(f"洛阳示例{n}号有限公司")
    world.open()
    to = next_year(world)
    PendingEvent.objects.all().delete()
    carried(world, to)
    deliver(at(DAY, 11))
    words = [n.body for n in Notice.objects.filter(recipient=world.people[WORKER])]
    assert words == ["涧西区3家企业结转至2023年继续办理，时限重新计算，请在待办中查看。"]


def test_words_of_both_sides(world: World) -> None:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    old, to = world.case(), next_year(world)
    carried(world, to)
    ended = CaseEvent.objects.get(case=old, verb="carry_over")
    assert words_of(ended) == f"结转至2023年（新编号2023-00001），原因：{REASON}"
    begun = CaseEvent.objects.get(verb="carry_in")
    assert words_of(begun) == "由2022年结转（原编号2022-00001），时限重新计算"
