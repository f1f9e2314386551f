"""延期 on the screen: dialog, queue, decision upon several, the ledgers and their workbooks."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.actions import extending, pauses, stages
from cases.models import Case, Extension
from cases.rulebook import calendar
from organisations.models import AuditEvent, Delegation, Post
from tests.cases.views.conftest import Enter
from tests.config.test_commands import as_json
from tests.world import START, World, at

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def in_survey(world: World, name: str = "洛阳示例轴承有限公司", county: str = "涧西区") -> Case:
    firm = world.firm(name, county)
    world.open()
    worker = world.actor(f"{county}/county_worker")
    return stages.acknowledge(world.case(firm).pk, by=worker, at=at(START))


def wish(world: World, case: Case, days: int = 3) -> date:
    due = world.item(case).due_on
    assert due is not None
    return calendar().add(due, days)


def ask(world: World, case: Case, county: str = "涧西区") -> Extension:
    worker = world.actor(f"{county}/county_worker")
    until = wish(world, case)
    extending.request(case.pk, by=worker, at=at(START), until=until, reason="资料正在整理")
    found: Extension = Extension.objects.get(case=case)
    return found


def text(client: Client, name: str, query: str = "") -> str:
    response = client.get(reverse(name) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_asked_and_granted_by_dialogs(world: World, enter: Enter) -> None:
    case = in_survey(world)
    until = wish(world, case)
    worker, lead = enter(WORKER), enter(LEAD)
    page = worker.get(reverse("case", args=[case.pk])).content.decode()
    assert "申请延期" in page
    address = reverse("case_act", args=[case.pk, "request_extension"])
    assert "延期须在到期前提出，累计不超过2次。" in worker.get(address).content.decode()
    posted = {"version": case.version, "until": until.isoformat(), "reason": "资料正在整理"}
    assert worker.post(address, posted).status_code == 302
    page = lead.get(reverse("case", args=[case.pk])).content.decode()
    assert "待审定" in page
    assert "同意延期" in page
    case.refresh_from_db()
    answer = reverse("case_act", args=[case.pk, "grant_extension"])
    assert "资料正在整理" in lead.get(answer).content.decode()
    posted = {"version": case.version, "until": until.isoformat(), "reason": ""}
    assert lead.post(answer, posted).status_code == 302
    assert world.item(case).due_on == until
    page = worker.get(reverse("case", args=[case.pk])).content.decode()
    assert "已延期1次，共3个工作日" in page


def test_a_late_wish_is_told_on_the_page(world: World, enter: Enter) -> None:
    case = in_survey(world)
    address = reverse("case_act", args=[case.pk, "request_extension"])
    posted = {"version": case.version, "until": wish(world, case, 9).isoformat(), "reason": "忙"}
    response = enter(WORKER).post(address, posted)
    assert response.status_code == 422
    assert "累计延期不超过原时限的一半" in response.content.decode()


def test_the_queue_stands_on_the_desk_and_is_decided_together(world: World, enter: Enter) -> None:
    rows = [ask(world, in_survey(world, f"洛阳示例{n}号有限公司")) for n in range(3)]
    lead = enter(LEAD)
    assert "延期待审定" in text(lead, "workbench")
    assert "延期待审定" not in text(enter(WORKER), "workbench")
    page = text(lead, "extensions")
    assert page.count('name="extension"') == 3
    posted = {"extension": [row.pk for row in rows[:2]], "answer": "grant"}
    preview = lead.post(reverse("extensions_decide"), posted)
    assert "将答复2件申请" in preview.content.decode()
    assert Extension.objects.filter(decided_at=None).count() == 3  # nothing is done yet
    ids = ",".join(str(row.pk) for row in rows[:2])
    done = {"ids": ids, "answer": "grant", "step": "confirm", "reason": ""}
    assert lead.post(reverse("extensions_decide"), done).status_code == 302
    assert Extension.objects.filter(is_granted=True).count() == 2
    refuse = {"ids": str(rows[2].pk), "answer": "refuse", "step": "confirm", "reason": ""}
    assert lead.post(reverse("extensions_decide"), refuse).status_code == 422
    refuse["reason"] = "可以按期完成"
    assert lead.post(reverse("extensions_decide"), refuse).status_code == 302
    assert "延期待审定" not in text(lead, "workbench")
    assert "可以按期完成" in text(lead, "extensions", "?state=refused")


def test_nobody_sees_or_decides_another_countys(world: World, enter: Enter) -> None:
    row = ask(world, in_survey(world, "嵩县示例矿业有限公司", "嵩县"), "嵩县")
    lead = enter(LEAD)
    assert "嵩县示例矿业" not in text(lead, "extensions", "?state=all")
    posted = {"ids": str(row.pk), "answer": "grant", "step": "confirm", "reason": ""}
    assert lead.post(reverse("extensions_decide"), posted).status_code == 404
    assert enter(WORKER).post(reverse("extensions_decide"), posted).status_code == 403
    # beside one's own: nothing is decided before these were looked at again
    own = ask(world, in_survey(world, "洛阳示例泵业有限公司"))
    mixed = lead.post(reverse("extensions_decide"), posted | {"ids": f"{row.pk},{own.pk}"})
    assert mixed.status_code == 404
    assert "1件已不在您的查看范围内" in mixed.content.decode()
    assert f'name="ids" value="{own.pk}"' in mixed.content.decode()
    for one in (row, own):
        one.refresh_from_db()
        assert one.is_waiting
    assert "嵩县示例矿业" in text(enter("office/1"), "extensions", "?state=open")


def test_more_rows_cost_no_more_statements(world: World, enter: Enter) -> None:
    def cost(name: str) -> int:
        client = enter(LEAD)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as found:
            client.get(reverse(name))
        return len(found)

    lead = world.actor(LEAD)
    until = START + timedelta(days=7)
    first = in_survey(world)
    ask(world, first)
    other = in_survey(world, "洛阳示例乙有限公司")
    pauses.suspend(other.pk, by=lead, at=at(START), until=until, reason="停产检修")
    before = (cost("extensions"), cost("suspensions"))
    for n in range(4):
        ask(world, in_survey(world, f"洛阳示例{n}号有限公司"))
        case = in_survey(world, f"洛阳示例丙{n}有限公司")
        pauses.suspend(case.pk, by=lead, at=at(START), until=until, reason="停产检修")
    assert (cost("extensions"), cost("suspensions")) == before


def rows_of(response: Any) -> list[tuple[object, ...]]:
    book = openpyxl.load_workbook(BytesIO(b"".join(response.streaming_content)))
    return [tuple(row) for row in book.active.iter_rows(min_row=4, values_only=True)]


def test_both_ledgers_come_as_workbooks(world: World, enter: Enter) -> None:
    case = in_survey(world)
    ask(world, case)
    other = in_survey(world, "洛阳示例乙有限公司")
    back = START + timedelta(days=7)
    lead = world.actor(LEAD)
    pauses.suspend(other.pk, by=lead, at=at(START), until=back, reason="停产检修")
    pauses.resume(other.pk, by=world.actor(LEAD, back), at=at(back))
    client = enter("office/1")
    head, line = rows_of(client.get(reverse("extensions_export")))
    found = dict(zip(head, line, strict=True))
    assert found["企业"] == "洛阳示例轴承有限公司"
    assert (found["工作日"], found["审定情况"], found["申请人"]) == (
        3,
        "待审定",
        "涧西区工作专班经办人",
    )
    head, line = rows_of(client.get(reverse("suspensions_export")))
    found = dict(zip(head, line, strict=True))
    assert (found["停计工作日"], found["理由"]) == (5, "停产检修")
    taken = AuditEvent.objects.filter(kind=AuditEvent.Kind.EXPORT).order_by("id")
    assert taken.count() == 2


@pytest.mark.parametrize("state", ["standing", "resumed", "all", "nonsense"])
def test_the_suspensions_page_tells_why_and_how_long(
    world: World, enter: Enter, state: str
) -> None:
    case, lead = in_survey(world), world.actor(LEAD)
    until = START + timedelta(days=7)
    pauses.suspend(case.pk, by=lead, at=at(START), until=until, reason="停产检修")
    page = text(enter(LEAD), "suspensions", f"?state={state}")
    assert ("停产检修" in page) == (state != "resumed")


def test_stand_ins_come_as_a_workbook(world: World, enter: Enter) -> None:
    lead = world.people[LEAD]
    post = Post.objects.get(unit=world.units["涧西区工作专班"], name="经办人")
    Delegation.objects.create(
        post=post, to_user=lead, from_on=START, until_on=START + timedelta(days=5),
        reason="出差", by=lead, at=at(START),
    )  # fmt: skip
    client = enter(LEAD)
    assert reverse("stand_ins_xlsx") in text(client, "stand_ins")
    head, line = rows_of(client.get(reverse("stand_ins_xlsx")))
    found = dict(zip(head, line, strict=True))
    assert "出差" in found.values()
    assert str(lead) in found.values()
    other = rows_of(enter("嵩县/county_lead").get(reverse("stand_ins_xlsx")))
    assert len(other) == 1  # the head alone: nobody of another county is in it


def test_suspensions_on_the_command_line(world: World) -> None:
    case = in_survey(world)
    until = START + timedelta(days=7)
    pauses.suspend(case.pk, by=world.actor(LEAD), at=at(START), until=until, reason="停产检修")
    [row] = as_json("suspensions", "--at", "2022-03-04")
    assert (row["number"], row["reason"], row["working_days"]) == (case.number, "停产检修", 3)
    own = ("--programme", world.programme.key, "--at", "2022-03-04")
    assert as_json("suspensions", *own) == [row]
    pauses.resume(case.pk, by=world.actor(LEAD, until), at=at(until))
    assert as_json("suspensions", "--at", until.isoformat()) == []
    [row] = as_json("suspensions", "--all", "--at", until.isoformat())
    assert (row["resumed_on"], row["working_days"]) == (until.isoformat(), 5)


def test_a_date_moved_beyond_the_known_calendar_is_provisional(world: World) -> None:
    case = in_survey(world)
    item = world.item(case)
    item.due_on = calendar().known_until
    item.save()
    until = START + timedelta(days=7)
    pauses.suspend(case.pk, by=world.actor(LEAD), at=at(START), until=until, reason="停产检修")
    pauses.resume(case.pk, by=world.actor(LEAD, until), at=at(until))
    assert world.item(case).provisional
