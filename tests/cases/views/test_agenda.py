"""Issues, measures, orders: who sees which, what is opened from the page, how many statements."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from cases.actions import filling, matters, plan_measures, recurring, stages
from cases.actions.matters import Asked
from cases.models import Case, WorkItem
from tests.cases.views.conftest import Enter
from tests.world import START, World, at

MOST = 12
JIANXI, LEAD, OTHER = "涧西区/county_worker", "涧西区/county_lead", "嵩县/county_worker"
BUREAU = "市科技局/department_officer"
FIRM = "洛阳示例轴承有限公司"
ISSUE = {"matter": "用电容量不足", "grade": "city"}
ORDER = {
    "matter": "摸底逾期",
    "source": "instruction",
    "asked": "限期完成摸底",
    "grade": "ordinary",
}
PAGES = ("/issues/", "/issues/?kind=need", "/measures/", "/measures/?kind=monthly_report",
         "/measures/?kind=meeting", "/measures/?chip=mine", "/supervision/orders/")  # fmt: skip


@pytest.fixture
def case(world: World) -> Case:
    world.firm(FIRM)
    world.open()
    return stages.acknowledge(world.case().pk, by=world.actor(JIANXI), at=at(START))


def open_issue(world: World, case: Case, **values: Any) -> Case:
    wanted = Asked(
        procedure="issue", enterprise_id=case.enterprise_id, answers=ISSUE | values, unit="市科技局"
    )
    return matters.open_matter(world.programme, wanted, by=world.office, at=at(START))


def page(enter: Enter, who: str, url: str) -> str:
    answer = enter(who).get(url)
    assert answer.status_code == 200, (who, url)
    return str(answer.content.decode())


# --- lists ----------------------------------------------------------------------------------------
def test_each_sees_what_is_his(world: World, case: Case, enter: Enter) -> None:
    issue = open_issue(world, case)
    for who in (JIANXI, LEAD, BUREAU, "office/1", "leader", "liaison_member"):
        html = page(enter, who, "/issues/")
        assert "用电容量不足" in html, who
        assert f"/cases/{issue.pk}/" in html
    for who in (OTHER, "市住建局/department_officer"):
        html = page(enter, who, "/issues/")
        assert "用电容量不足" not in html, who
        assert enter(who).get(f"/cases/{issue.pk}/").status_code == 404


def test_chips_count_what_their_lists_show(world: World, case: Case, enter: Enter) -> None:
    for number in range(3):
        open_issue(world, case, matter=f"问题{number}")
    done = open_issue(world, case, matter="已办的")
    Case.objects.filter(pk=done.pk)
    client = enter(BUREAU)
    context = client.get("/issues/").context
    chips = {str(chip["url"]).split("chip=")[-1]: chip["count"] for chip in context["chips"]}
    assert (chips["mine"], chips["sign"], chips["overdue"], chips["finished"]) == (4, 4, 0, 0)
    for name, count in chips.items():
        assert len(client.get(f"/issues/?chip={name}").context["lines"]) == count
    found = client.get("/issues/?q=已办").context["lines"]
    assert [line["title"] for line in found] == ["已办的"]


def test_the_plans_measures_stand_in_its_order_with_units_and_times(
    world: World, case: Case, enter: Enter
) -> None:
    before = enter("office/1").get("/measures/").context
    assert before["missing"] == len([m for s in before["sections"] for m in s["lines"]]) == 13
    assert not any(m["light"] for s in before["sections"] for m in s["lines"])
    assert enter(JIANXI).post("/measures/open/").status_code == 403
    assert enter("office/1").post("/measures/open/").status_code == 302
    after = enter("office/1").get("/measures/").context
    lines = [m for s in after["sections"] for m in s["lines"]]
    first = [line["number"] for line in lines][:5]
    assert first == ["（一）1", "（一）2", "（一）3", "（一）4", "（二）1"]
    assert all(line["light"] and line["url"] for line in lines)
    assert lines[0]["leads"] == "市统计局"
    counties = Case.objects.filter(parent__measure="filing_forms").count()
    assert lines[0]["branches"] == f"0/{counties}"
    with override("zh-hans"):
        assert "每月" in after["sections"][3]["lines"][0]["time"]


def test_a_measure_stands_the_same_for_everybody(world: World, case: Case, enter: Enter) -> None:
    """Not one's own is not "not handed out"; what opens is one's own, measure or part."""
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    measure = Case.objects.get(measure="filing_forms", parent=None)
    part = Case.objects.get(parent=measure, county__name="涧西区")
    told: dict[str, Any] = {}
    for who in (
        "office/1",
        JIANXI,
        LEAD,
        "leader",
        "liaison_member",
        "市住建局/department_officer",
    ):
        lines = [m for s in enter(who).get("/measures/").context["sections"] for m in s["lines"]]
        told[who] = [(m["number"], m["light"], m["branches"]) for m in lines]
        assert told[who] == told["office/1"], who
        assert all(m["light"] for m in lines)
        opened = {m["url"].partition("?")[0] for m in lines if m["url"]}
        assert (f"/cases/{measure.pk}/" in opened) is (who in ("office/1", "leader")), who
        assert (f"/cases/{part.pk}/" in opened) is (who in (JIANXI, LEAD)), who
        assert all(enter(who).get(url).status_code == 200 for url in list(opened)[:2]), who


def test_a_county_finds_its_own_report_and_no_other(world: World, case: Case, enter: Enter) -> None:
    recurring.open_due(at(START.replace(day=25)))
    own = Case.objects.get(procedure="county_report", county__name="涧西区")
    lines = enter(JIANXI).get("/measures/?kind=monthly_report").context["lines"]
    assert [line["row"].pk for line in lines] == [own.pk]
    # its tab counts it, whichever tab is open
    told = [
        [(tab["label"], tab["count"]) for tab in enter(JIANXI).get(url).context["kinds"]]
        for url in ("/measures/?kind=monthly_report", "/measures/", "/measures/?kind=meeting")
    ]
    assert told[0] == told[1] == told[2]
    assert [count for _label, count in told[0]].count(1) == 1
    lines = enter("office/1").get("/measures/?kind=monthly_report").context["lines"]
    assert [line["row"].pk for line in lines] == [own.parent_id]
    assert lines[0]["branches"].startswith("0/")


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_takes_few_statements(world: World, case: Case, enter: Enter, count: int) -> None:
    for number in range(count):
        open_issue(world, case, matter=f"问题{number}")
        wanted = Asked(procedure="supervision", unit="涧西区工作专班", answers=ORDER)
        matters.open_matter(world.programme, wanted, by=world.office, at=at(START))
    plan_measures.open_measures(world.programme, by=world.office, at=at(START))
    recurring.open_due(at(START.replace(day=25)))
    for who in ("office/1", JIANXI, BUREAU, "leader"):
        client = enter(who)
        client.get("/workbench/")
        for url in PAGES:
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url).status_code == 200, (who, url)
            assert len(seen) <= MOST, (who, url, [q["sql"][:90] for q in seen.captured_queries])


# --- opening --------------------------------------------------------------------------------------
def test_an_issue_is_opened_from_the_firms_case(world: World, case: Case, enter: Enter) -> None:
    url = f"/matters/open/issue/?firm={case.enterprise_id}"
    assert url in page(enter, JIANXI, f"/cases/{case.pk}/")
    client = enter(JIANXI)
    assert FIRM in client.get(url).content.decode()
    wrong = client.post(url, {"firm": FIRM, "do": "open"})
    assert wrong.status_code == 422
    assert wrong.context["errors"]
    answer = client.post(url, {"firm": "示例轴承", "unit": "市科技局", **ISSUE, "do": "open"})
    issue = Case.objects.get(procedure="issue")
    assert answer["Location"] == f"/cases/{issue.pk}/"
    assert (issue.title, issue.responsible_unit.short_name) == ("用电容量不足", "市科技局")
    html = page(enter, JIANXI, f"/cases/{case.pk}/")
    assert f"/cases/{issue.pk}/" in html


@pytest.mark.parametrize(
    ("firm", "code"), [("没有的企业", "no_firm"), ("洛阳示例", "several_firms"), ("", "no_firm")]
)
def test_a_firm_that_is_not_clear_is_asked_for(
    world: World, case: Case, enter: Enter, firm: str, code: str
) -> None:
    world.firm("洛阳示例阀门有限公司")
    world.open()
    answer = enter("office/1").post("/matters/open/issue/", {"firm": firm, **ISSUE, "do": "open"})
    assert answer.status_code == 422
    assert Case.objects.filter(procedure="issue").count() == 0
    told = {"no_firm": "企业", "several_firms": "洛阳示例阀门有限公司"}
    with override("zh-hans"):
        assert told[code] in answer.context["note"]["words"]


def test_another_countys_firm_is_not_found(world: World, case: Case, enter: Enter) -> None:
    answer = enter(OTHER).post("/matters/open/issue/", {"firm": FIRM, **ISSUE, "do": "open"})
    assert answer.status_code == 422
    assert (
        "洛阳示例轴承"
        not in enter(OTHER).get(f"/matters/open/issue/?firm={case.enterprise_id}").content.decode()
    )


def test_who_may_not_open_it_is_told_so(world: World, case: Case, enter: Enter) -> None:
    assert enter(JIANXI).get("/matters/open/supervision/").status_code == 403
    assert enter("office/1").get("/matters/open/assistance/").status_code == 403
    assert enter("office/1").get("/matters/open/quest/").status_code == 404
    assert enter(OTHER).get(f"/matters/open/assist/?parent={case.pk}").status_code == 404


def test_one_order_for_each_unit_that_is_ticked(world: World, case: Case, enter: Enter) -> None:
    client = enter("office/1")
    nobody = client.post("/matters/open/supervision/", {**ORDER, "do": "open"})
    assert nobody.status_code == 422
    units = ["涧西区工作专班", "嵩县工作专班"]
    answer = client.post("/matters/open/supervision/", {**ORDER, "unit": units, "do": "open"})
    assert answer["Location"].startswith("/supervision/orders/")
    orders = Case.objects.filter(procedure="supervision").order_by("id")
    assert [order.responsible_unit.short_name for order in orders] == units
    assert "摸底逾期" in page(enter, OTHER, "/supervision/orders/")


def test_helping_units_are_asked_below_the_issue(world: World, case: Case, enter: Enter) -> None:
    issue = open_issue(world, case)
    stages.acknowledge(issue.pk, by=world.actor(BUREAU), at=at(START))
    url = f"/matters/open/assist/?parent={issue.pk}"
    assert url in page(enter, BUREAU, f"/cases/{issue.pk}/")
    answer = enter(BUREAU).post(url, {"title": "资金意见", "unit": "市财政局", "do": "open"})
    assert answer.status_code == 302
    child = Case.objects.get(parent=issue)
    assert child.responsible_unit.short_name == "市财政局"
    assert child.competent_unit.short_name == "市科技局"
    assert "资金意见" in page(enter, BUREAU, f"/cases/{issue.pk}/")


def test_the_call_back_shuts_the_closing_until_it_is_filled_in(
    world: World, case: Case, enter: Enter
) -> None:
    issue = open_issue(world, case)
    officer = world.actor(BUREAU)
    stages.acknowledge(issue.pk, by=officer, at=at(START))
    answer = {"answer": "已协调增容", "result": "solved"}
    stages.advance(issue.pk, by=officer, at=at(START), form=answer)
    acts = enter(LEAD).get(f"/cases/{issue.pk}/").context["acts"]["acts"]
    [close] = [act for act in acts if act["key"] == "close"]
    assert "回访日期" in close["why"]
    said = {"called_on": START.isoformat(), "person": "王工", "satisfied": "yes"}
    filling.save_draft(issue.pk, form="call_back", data=said, by=world.actor(JIANXI), at=at(START))
    acts = enter(LEAD).get(f"/cases/{issue.pk}/").context["acts"]["acts"]
    [close] = [act for act in acts if act["key"] == "close"]
    assert close["why"] == ""


def test_the_orders_of_a_meeting_hang_below_it(world: World, case: Case, enter: Enter) -> None:
    client = enter("office/1")
    given = {"topic": "第一次调度会", "due_on": START.isoformat(), "do": "open"}
    assert client.post("/matters/open/meeting/", given).status_code == 302
    meeting = Case.objects.get(procedure="meeting")
    minutes = {
        "held_on": START.isoformat(),
        "orders": [{"matter": "补齐专班人员", "unit": "嵩县工作专班", "due_on": "2022-03-31"}],
    }
    stages.advance(meeting.pk, by=world.office, at=at(START, 10), form=minutes)
    order = Case.objects.get(parent=meeting)
    html = page(enter, "office/1", f"/cases/{meeting.pk}/")
    assert "补齐专班人员" in html
    assert f"/cases/{order.pk}/" in html
    assert "补齐专班人员" in page(enter, OTHER, "/measures/?kind=order")
    assert WorkItem.objects.get(process=order).due_on.isoformat() == "2022-03-31"
