"""``manage.py matter``: every kind of case besides the firms' own, opened and listed."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cases.actions import remarks, stages
from cases.models import Case, CaseUnit, OrderOrigin
from config.management.commands.matter import _answers
from tests.cases.test_matters import BUREAU, ISSUE, JIANXI, ORDER
from tests.config.test_commands import as_json, run
from tests.world import START, World, at

KEY, AT = "luoyang-2022", ("--at", "2022-03-01")
FORCE = "涧西区工作专班"


def firm_case(world: World) -> Case:
    world.firm("洛阳示例轴承有限公司")
    world.open()
    return stages.acknowledge(world.case().pk, by=world.actor(JIANXI), at=at(START))


def test_kinds_are_those_that_one_may_open(world: World) -> None:
    found = as_json("matter", "kinds", KEY, *AT, "--by", world.people[JIANXI].username)
    assert {"issue", "need"} == {kind["kind"] for kind in found}
    [issue] = [kind for kind in found if kind["kind"] == "issue"]
    assert set(issue["classes"]) == {"own", "county", "city", "province"}


def test_an_issue_with_class_date_and_unit(world: World, tmp_path: Path) -> None:
    case = firm_case(world)
    assert case.enterprise is not None
    form = tmp_path / "issue.json"
    form.write_text(json.dumps(ISSUE), encoding="utf-8")
    firm = ("--firm", case.enterprise.name)
    opened = as_json(
        "matter", "open", "issue", KEY, *firm, *AT, "--form", str(form), "--set", "grade=county",
        "--class", "province", "--due", "2022-03-20", "--unit", "市科技局", "--lead", "市工信局",
        "--reason", "走访发现", "--by", world.people[JIANXI].username,
    )  # fmt: skip
    issue = Case.objects.get(procedure="issue")
    assert opened["number"] == issue.number
    assert (issue.grade, str(issue.given_due)) == ("province", "2022-03-20")
    assert (issue.responsible_unit.short_name, issue.competent_unit.short_name) == (
        "市科技局",
        "市工信局",
    )
    assert issue.events.get().reason == "走访发现"
    stages.acknowledge(issue.pk, by=world.actor(BUREAU), at=at(START, 10))
    as_json(
        "matter", "open", "assist", KEY, *AT, "--parent", issue.number, "--unit", "市财政局",
        "--title", "资金意见", "--helping", "市税务局", "--joint", "市统计局，市教育局",
        "--by", world.people[BUREAU].username,
    )  # fmt: skip
    parts = CaseUnit.objects.filter(case__title="资金意见").order_by("part", "position")
    assert [(one.part, one.unit.short_name) for one in parts] == [
        ("helping", "市税务局"), ("joint", "市统计局"), ("joint", "市教育局"),
    ]  # fmt: skip
    listed = as_json("matter", "list", KEY, *AT, "--kind", "issue")
    assert [row["number"] for row in listed] == [issue.number]
    assert as_json("matter", "list", KEY, *AT, "--all")[0]["number"] == issue.number


def test_lists_are_answers_and_the_same_need_is_said_to_be_there(world: World) -> None:
    """``--set`` reads a list as ``case --set`` does; one need wants one answer."""
    case = firm_case(world)
    assert case.enterprise is not None
    by = ("--by", world.people[JIANXI].username)
    given = ("--set", "need=热处理变形控制", "--set", "kind=technology")
    line = ("matter", "open", "need", KEY, "--firm", case.enterprise.name, *AT, *given, *by)
    first = as_json(*line)
    assert "alike" not in first
    assert as_json(*line)["alike"] == [first["number"]]
    out = StringIO()
    call_command(*line, stdout=out)
    assert f"该企业已有相同事项在办：{first['number']}、" in out.getvalue()
    assert _answers({"form": "", "set": ['lacks=["has_spending"]', "a=[1"]}) == {
        "lacks": ["has_spending"], "a": "[1",
    }  # fmt: skip


def test_an_order_of_what_a_leader_wrote(world: World) -> None:
    case = firm_case(world)
    answers = [word for key, value in ORDER.items() for word in ("--set", f"{key}={value}")]
    order = ("matter", "open", "supervision", KEY, "--at", "2022-03-02", "--unit", FORCE, *answers)
    about = ("--about", case.number, "--by", world.people["office/1"].username)
    with pytest.raises(CommandError, match="批示"):
        call_command(*order, *about, "--instruction")
    remarks.comment(case.pk, by=world.actor("leader"), at=at(START, 11), text="请关注")
    as_json(*order, *about, "--instruction")
    origin = OrderOrigin.objects.get()
    assert origin.about == case
    assert origin.instruction is not None
    assert origin.instruction.reason == "请关注"
    shown = as_json("case", "show", origin.case.number)
    assert shown["origin"] == {"letter": None, "about": case.number, "instruction": "请关注"}
    assert as_json("case", "show", case.number)["orders"] == [origin.case.number]


def test_measures_and_what_the_register_asks_for(world: World) -> None:
    firm_case(world)
    assert as_json("matter", "measures", KEY, *AT)["opened"] == 13
    again = ("--at", (START + timedelta(days=1)).isoformat())
    assert as_json("matter", "measures", KEY, *again)["opened"] == 0
    assert set(as_json("matter", "listed", KEY, *AT)) <= {"completion", "consolidation"}


def test_no_matter_is_said(world: World) -> None:
    assert run("matter", "list", "luoyang-2022") == "没有在办事项。\n"
    assert run("matter", "list", "luoyang-2022", "--all") == "没有事项。\n"
    assert as_json("matter", "list", "luoyang-2022") == []
