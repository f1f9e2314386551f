"""电话提醒: one line a firm, one call for all that is late about it; whom a page says to ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from cases import oversight
from cases.actions import evidence, stages
from cases.models import CaseEvent, PhoneReminder, WorkItem
from organisations.models import Tenure, Unit
from organisations.scope import Actor
from tests.cases.lists import sign_in
from tests.world import START, World, at, matching_form, paper

WORKER = "涧西区/county_worker"


@pytest.fixture
def listed(world: World, today: Any) -> World:
    """A firm whose case and remedies are all on the list, and another firm."""
    firm = world.firm("洛阳示例轴承有限公司")
    world.firm("洛阳示例耐材有限公司")
    world.open()
    case = world.survey(world.case(firm))
    stages.advance(case.pk, by=world.actor(WORKER), at=at(START, 10), form=matching_form())
    items = WorkItem.objects.filter(finished=None)
    PhoneReminder.objects.bulk_create(
        PhoneReminder(item=item, listed_on=START) for item in items.order_by("id")
    )
    today(START)
    return world


def test_a_firm_is_one_line_with_its_remedies_named(listed: World) -> None:
    assert PhoneReminder.objects.count() == 6
    page = sign_in(listed, "office/1").get("/supervision/calls/")
    lines = {call["firm"]: call for call in page.context["calls"]}
    assert len(page.context["calls"]) == len(lines) == 2
    assert "研发经费" in lines["洛阳示例轴承有限公司"]["remedy"]
    assert lines["洛阳示例耐材有限公司"]["remedy"] == ""
    counts = {tab["url"]: tab["count"] for tab in page.context["tabs"]}
    assert counts["/supervision/calls/"] == 2
    assert "按单位排列，每家结果分别记录" in page.content.decode()


def test_whom_to_call_stands_by_unit_the_latest_first(world: World, today: Any) -> None:
    """A call of an earlier date does not take a firm out of its unit's lines."""
    firms = [("嵩县", 3), ("涧西区", 1), ("嵩县", 5), ("涧西区", 2)]
    for number, (county, _due) in enumerate(firms):
        world.firm(f"示例{number}号有限公司", county)
    world.open()
    rows = []
    for number, (_county, due) in enumerate(firms):
        item = WorkItem.objects.get(process__enterprise__name=f"示例{number}号有限公司")
        WorkItem.objects.filter(pk=item.pk).update(due_on=START.replace(day=due))
        rows.append(PhoneReminder(item=item, listed_on=START, deadline_version=2))
    rows.append(
        PhoneReminder(item=rows[0].item, listed_on=START, result="在办", called_at=at(START))
    )
    PhoneReminder.objects.bulk_create(rows)
    today(START)
    lines = sign_in(world, "office/1").get("/supervision/calls/").context["calls"]
    told = [(line["unit"][:2], line["firm"][2]) for line in lines]
    assert told in (
        [("嵩县", "0"), ("嵩县", "2"), ("涧西", "1"), ("涧西", "3")],
        [("涧西", "1"), ("涧西", "3"), ("嵩县", "0"), ("嵩县", "2")],
    )


def test_one_call_serves_all_that_is_late_about_the_firm(listed: World) -> None:
    client = sign_in(listed, "office/1")
    lines = client.get("/supervision/calls/").context["calls"]
    [call] = [line for line in lines if line["firm"] == "洛阳示例轴承有限公司"]
    url = f"/supervision/calls/{call['pk']}/"
    wrong = client.post(url, {"result": " "})
    assert wrong.status_code == 422
    errors = [line["error"] for line in wrong.context["calls"]]
    assert sorted(errors) == ["", "请填写通话结果。"]
    assert client.post(url, {"result": "本周五前完成"}).status_code == 302
    done = PhoneReminder.objects.filter(result="本周五前完成")
    assert done.count() == 5
    assert CaseEvent.objects.filter(verb="call").count() == 5
    lines = client.get("/supervision/calls/").context["calls"]
    assert [line["result"] for line in lines] == ["", "本周五前完成"]


@pytest.mark.parametrize("size", [3, 40])
def test_statements_of_the_call_list(
    world: World, size: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(size):
        world.firm(f"洛阳示例{number}有限公司")
    world.open()
    PhoneReminder.objects.bulk_create(
        PhoneReminder(item=item, listed_on=START) for item in WorkItem.objects.all()
    )
    client = sign_in(world, "office/1")
    client.get("/supervision/calls/")
    with django_assert_max_num_queries(14):
        page = client.get("/supervision/calls/")
    assert len(page.context["calls"]) == min(size, 20)


def test_whoever_corrects_a_paper_asks_somebody_else(world: World, today: Any) -> None:
    """咨询 names the county's reviewer, or the unit where nobody else could help."""
    world.firm("洛阳示例轴承有限公司")
    world.open()
    case = world.survey(world.case())
    worker = world.actor(WORKER)
    [row] = evidence.submit(case.pk, criterion="staff", papers=[paper()], by=worker, at=at(START))
    evidence.return_(row.pk, reason=2, by=world.actor("涧西区/county_lead"), at=at(START, 12))
    today(START)
    client = sign_in(world, WORKER)
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "由涧西区工作专班审核人退回" in page
    assert "咨询：审核人涧西区工作专班审核人" in page
    assert "咨询：经办人" not in page
    # whoever returned it reads his own name, not that of a colleague who knows nothing of it
    own = sign_in(world, "涧西区/county_lead").get(f"/cases/{case.pk}/").content.decode()
    assert "咨询：审核人涧西区工作专班审核人" in own
    Tenure.objects.filter(user=world.people["涧西区/county_lead"]).delete()
    Unit.objects.filter(pk=case.responsible_unit_id).update(phone="0379-5550000")
    page = client.get(f"/cases/{case.pk}/").content.decode()
    assert "咨询：涧西区工作专班 0379-5550000" in page


def test_a_firm_whose_last_step_ends_while_the_list_is_read_is_left_out(
    listed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Firms are read first and their rows then: between the two a colleague may end a step."""
    asked = oversight.calls_by_firm
    done = WorkItem.objects.filter(process__enterprise__name="洛阳示例耐材有限公司")

    def late(actor: Actor, firms: Sequence[int]) -> list[list[PhoneReminder]]:
        assert len(firms) == 2
        done.update(finished=at(START, 12))
        return asked(actor, firms)

    monkeypatch.setattr(oversight, "calls_by_firm", late)
    page = sign_in(listed, "office/1").get("/supervision/calls/")
    assert page.status_code == 200
    assert [call["firm"] for call in page.context["calls"]] == ["洛阳示例轴承有限公司"]
