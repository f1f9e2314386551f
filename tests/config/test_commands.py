"""The command line: the same verbs, JSON for programs, refusals in words."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from cases.models import Case
from enterprises.models import Enterprise
from organisations.models import Unit
from tests import bad_files
from tests.cases.test_carrying import next_year
from tests.world import START, World, at, closing_form, survey_form
from workflows.models import CalendarDay


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def as_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


def refused(*arguments: str) -> tuple[dict[str, str], str]:
    """What a refused command prints: the JSON error, and the words on standard error."""
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command(*arguments, "--json", stdout=out)
    error: dict[str, str] = json.loads(out.getvalue())["error"]
    return error, str(refusal.value)


def test_opening_and_ticking(world: World) -> None:
    for number in range(3):
        world.firm(f"洛阳示例{number}有限公司")
    world.firm("已覆盖有限公司", spending=True)
    opened = as_json("open_cases", "luoyang-2022", "--at", "2022-04-11")
    assert opened == {"opened": 3, "covered": 1, "without_unit": 0}
    again = as_json("open_cases", "luoyang-2022", "--at", "2022-04-11")
    assert again == {"opened": 0, "covered": 1, "without_unit": 0}
    assert as_json("tick", "--at", "2022-04-11") == {"rungs": 0, "notices": 2}
    assert as_json("tick", "--at", "2022-04-12") == {"rungs": 3, "notices": 6}
    assert as_json("tick", "--at", "2022-04-12") == {"rungs": 0, "notices": 0}


def test_opening_says_which_cases_nobody_sees(world: World) -> None:
    world.firm("甲有限公司", "新安县")  # posts without people
    world.firm("乙有限公司")
    said = run("open_cases", "luoyang-2022", "--at", "2022-04-11")
    assert said.splitlines()[1:] == [
        "其中1家交办到的岗位在2022-04-11无人任职，无人办理：",
        "  新安县1家：新安县工作专班经办人",
        "请在浏览器“系统管理—单位与岗位”任命人员，或运行："
        "manage.py hand_over --post 单位/岗位 --to 账号 --by 办理人账号",
    ]
    # a second run opens nothing, and says whose cases are there
    said = run("open_cases", "luoyang-2022", "--at", "2022-04-11")
    assert said.splitlines() == ["本次建档0家；此前已建档2家，已覆盖0家，无承办单位0家。"]
    world.firm("丙有限公司", "新安县")
    opened = as_json("open_cases", "luoyang-2022", "--at", "2022-04-11")
    assert opened == {"opened": 1, "covered": 0, "without_unit": 0}


def test_a_bare_date_means_nine_in_the_morning(world: World) -> None:
    world.firm("洛阳示例有限公司")
    run("open_cases", "luoyang-2022", "--at", "2022-04-11")
    assert world.case().opened_on == date(2022, 4, 11)
    assert as_json("tick", "--at", "2022-04-12T08:29")["rungs"] == 0
    assert as_json("tick", "--at", "2022-04-12")["rungs"] == 1


def test_a_refusal_is_told_to_people_and_to_programs(world: World) -> None:
    worker = world.people["涧西区/county_worker"].username
    error, words = refused("open_cases", "luoyang-2022", "--at", "2022-04-11", "--by", worker)
    assert error == {"code": "not_yours", "words": words}
    assert refused("open_cases", "nowhere-2022")[0]["code"] == "wrong_input"
    assert "luoyang-2022" in refused("open_cases", "nowhere-2022")[1]
    assert refused("tick", "--at", "2022-13-40")[0]["code"] == "wrong_input"
    assert refused("open_cases", "luoyang-2022", "--by", "nobody")[0]["code"] == "wrong_input"


def test_indicators_have_the_agreed_shape(world: World) -> None:
    world.firm("甲有限公司", spending=True)
    world.firm("乙有限公司")
    world.firm("丙有限公司", "嵩县", spending=True)
    found = as_json("indicators", "luoyang-2022", "--as-of", "2022-02-28")
    assert found["as_of"] == "2022-02-28"
    assert len(found["counties"]) == 16
    jianxi = next(row for row in found["counties"] if row["name"] == "涧西区")
    assert jianxi == {
        "name": "涧西区",
        "listed": 2,
        "registered": 2,
        "filed": 2,
        "with_rd": 1,
        "four_haves": 0,
        "filing_rate": 100.0,
        "coverage_rate": 50.0,
        "four_haves_rate": 0.0,
        "target": 80.0,
        "gap": -30.0,
        "rank": 2,
    }
    assert (found["city"]["coverage_rate"], found["city"]["target"]) == (66.7, 50.0)


@time_machine.travel(at(START), tick=False)
def test_figures_of_a_day_to_come_are_refused(world: World) -> None:
    asked = ("indicators", "luoyang-2022", "--as-of")
    said = StringIO()
    with pytest.raises(CommandError, match="2027-05-01尚未到来"):
        call_command(*asked, "2027-05-01", stdout=said)
    assert said.getvalue() == ""
    with pytest.raises(CommandError):
        call_command(*asked, "2027-05-01", "--json", stdout=said)
    assert json.loads(said.getvalue())["error"]["code"] == "day_in_future"
    call_command(*asked, START.isoformat(), stdout=(said := StringIO()))
    assert said.getvalue().splitlines()[0].startswith(START.isoformat())


WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def act(world: World, key: str, *arguments: str) -> Any:
    """A verb of ``case`` by a person, on the day of opening unless the arguments say another."""
    when = () if "--at" in arguments else ("--at", "2022-04-11")
    return as_json("case", *arguments, *when, "--by", world.people[key].username)


def not_done(world: World, key: str, *arguments: str) -> str:
    """The code with which a verb of ``case`` refuses, as the page's dialog does."""
    by = ("--by", world.people[key].username, "--at", "2022-04-11")
    error, words = refused("case", *arguments, *by)
    assert ("--knowing" in words) == (error["code"] == "other_county")
    return error["code"]


@pytest.fixture
def number(world: World) -> str:
    world.firm("洛阳示例耐材有限公司")
    run("open_cases", "luoyang-2022", "--at", "2022-04-11")
    return world.case().number


def test_a_case_from_signing_to_struck_off(world: World, number: str, tmp_path: Path) -> None:
    assert act(world, WORKER, "acknowledge", number)["stage"] == "survey"
    form = tmp_path / "survey.json"
    form.write_text(json.dumps(survey_form("A", date(2022, 4, 11))), encoding="utf-8")
    found = act(world, WORKER, "advance", number, "--form", str(form))
    assert (found["stage"], found["grade"], len(found["children"])) == ("rectification", "A", 4)
    scan = tmp_path / "名册.pdf"
    scan.write_bytes(bad_files.pdf())
    submitted = ("evidence-submit", number, "--file", str(scan), "--criterion")
    act(world, WORKER, *submitted, "staff")
    returned = act(world, LEAD, "evidence-return", number, "--reason-number", "2")
    assert returned["evidence"][0]["state"] == "returned"
    act(world, WORKER, *submitted, "staff")
    assert act(world, LEAD, "evidence-accept", number)["lacking"] == [
        "institution",
        "spending",
        "cooperation",
    ]
    world.in_province(world.case(), "spending")
    act(world, LEAD, "evidence-waive", number, "--criterion", "spending", "--reason", "省系统已有")
    seen = ("--witness", "王示例", "--paper-number", "2022-3", "--dated", "2022-03-03")
    twice = ("evidence-offline", number, "--criterion", "institution", *seen)
    act(world, LEAD, *twice)
    assert not_done(world, LEAD, *twice) == "met"
    act(world, WORKER, *submitted, "cooperation")
    act(world, LEAD, "evidence-accept", number)
    closing = [f"--set={key}={value}" for key, value in closing_form(date(2022, 4, 11)).items()]
    assert act(world, WORKER, "apply_for_closure", number, *closing)["stage"] == "county_review"
    back = ("send_back", number, "--reason", "第3页")
    assert not_done(world, LEAD, *back) == "no_reason"
    found = act(world, LEAD, *back, "--reason-number", "2")
    assert found["events"][-1]["reason"] == "未加盖公章或签字不全。第3页"
    assert act(world, WORKER, "apply_for_closure", number)["stage"] == "county_review"
    assert act(world, LEAD, "review", number)["stage"] == "confirmation"
    done = act(world, "office/1", "close", number)
    assert (done["stage"], done["closing_number"]) == ("closed", "2022-0001")
    again = ("reopen", number, "--reason", "回头看未通过")
    assert not_done(world, "office/1", *again) == "no_criteria"
    assert act(world, "office/1", *again, "--criteria", "staff")["stage"] == "rectification"


def test_detours_by_the_same_verbs(world: World, number: str) -> None:
    until = ("--until", "2022-04-15", "--reason", "停产检修")
    assert act(world, LEAD, "suspend", number, *until)["suspended"] is True
    assert act(world, LEAD, "resume", number)["suspended"] is False
    target = ("--unit", "嵩县工作专班", "--reason", "已搬迁")
    assert not_done(world, "office/1", "reassign", number, *target) == "other_county"
    moved = act(world, "office/1", "reassign", number, *target, "--knowing")
    assert (moved["unit"], moved["county"]) == ("嵩县工作专班", "嵩县")
    declined = act(world, "嵩县/county_worker", "decline", number, "--reason", "不在本县")
    assert declined["declined"] is True
    act(world, "office/1", "reassign", number, "--unit", "涧西区工作专班", "--reason", "退回原县区")
    assert act(world, LEAD, "urge", number)["events"][-1]["verb"] == "urge"
    said = act(world, "leader", "comment", number, "--text", "请抓紧")["events"][-1]
    assert (said["verb"], said["reason"]) == ("comment", "请抓紧")
    assert act(world, "office/1", "withdraw", number, "--reason", "误建")["stage"] == "withdrawn"
    refusal, words = refused(
        "case", "urge", number, "--at", "2022-04-11", "--by", world.people[LEAD].username
    )
    assert refusal["code"] == "finished"
    assert words


def test_what_the_browser_refuses_the_command_line_refuses(world: World, number: str) -> None:
    def error(key: str, *arguments: str) -> str:
        by = ("--by", world.people[key].username, "--at", "2022-04-11")
        return refused("case", *arguments, *by)[0]["code"]

    assert error(LEAD, "suspend", number, "--until", "2022-04-15") == "no_reason"
    assert error(WORKER, "close", number) == "not_yours"
    assert error(WORKER, "acknowledge", number, "--seen-version", "7") == "stale"
    assert error(WORKER, "advance", number) == "no_such_move"
    # another county's case does not exist for its people
    assert error("嵩县/county_worker", "show", number) == "wrong_input"
    assert error("嵩县/county_worker", "acknowledge", number) == "wrong_input"
    assert error("office/1", "show", "2022-99999") == "wrong_input"
    assert error("office/1", "show", "31-7") == "wrong_input"
    # before whatever else is wrong: here the form is missing as well
    act(world, WORKER, "acknowledge", number)
    by = ("--by", world.people[WORKER].username, "--at", "2022-04-11")
    said = refused("case", "advance", number, "--to", "nosuch", *by)
    assert said[0]["code"] == "no_such_move"
    assert "nosuch" in said[1]
    assert all(f"{stage} " in said[1] for stage in ("matching", "rectification", "watching"))
    assert "办理" not in said[1].split("：")[0]


def test_list_and_show(world: World, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    world.firm("嵩县示例矿业有限公司", "嵩县")
    run("open_cases", "luoyang-2022", "--at", "2022-04-11")
    listed = as_json("case", "list", "--at", "2022-04-14")
    assert [row["county"] for row in listed] == ["涧西区", "嵩县"]
    assert {row["light"]["words"] for row in listed} == {"逾期2个工作日"}
    assert len(as_json("case", "list", "--county", "涧西区", "--at", "2022-04-14")) == 1
    assert len(as_json("case", "list", "--chip", "overdue", "--at", "2022-04-14")) == 2
    assert as_json("case", "list", "--chip", "overdue", "--at", "2022-04-12") == []
    assert as_json("case", "list", "--stage", "survey") == []
    mine = ("case", "list", "--by", world.people[WORKER].username, "--at", "2022-04-14")
    assert [row["number"] for row in as_json(*mine)] == [number]
    shown = as_json("case", "show", number, "--at", "2022-04-14")
    assert shown["events"][0]["verb"] == "open"
    assert shown["late_days"] == 2
    assert shown["rule"]
    assert number in run("case", "show", number)
    assert len(as_json("case", "list", "--limit", "1")) == 1
    assert capsys.readouterr().err == "共2件，按--limit只列出1件。\n"
    assert len(as_json("case", "list", "--limit", "2")) == 2
    assert capsys.readouterr().err == ""
    assert refused("case", "list", "--chip", "nonsense")[0]["code"] == "wrong_input"
    assert refused("case", "list", "--county", "无名县")[0]["code"] == "wrong_input"


def test_a_case_is_named_in_several_ways(world: World, number: str) -> None:
    case = world.case()
    code = str(Enterprise.objects.get().credit_code)
    assert {
        as_json("case", "show", name)["number"]
        for name in (number, str(case.pk), code, code.lower(), number.replace("-", "–"))
    } == {number}
    assert act(world, WORKER, "acknowledge", code)["stage"] == "survey"
    said = act(world, "leader", "comment", str(case.pk), "--text", "请抓紧")["events"][-1]
    assert said["reason"] == "请抓紧"
    # for whom it does not exist it exists under no name
    for name in (str(case.pk), code):
        by = ("--by", world.people["嵩县/county_worker"].username)
        assert refused("case", "show", name, *by)[0]["code"] == "wrong_input"


def test_a_name_that_could_mean_several_is_refused(world: World, number: str) -> None:
    first = world.case()
    fields = {f.attname: getattr(first, f.attname) for f in Case._meta.concrete_fields}
    del fields["id"]
    second = Case(**{**fields, "serial": 99, "procedure": "other"})
    second.save()
    error, words = refused("case", "show", str(Enterprise.objects.get().credit_code))
    assert error["code"] == "wrong_input"
    assert number in words
    assert second.number in words


def test_programme_check_issue_draw(db: None, tmp_path: Path) -> None:
    pack = str(settings.BASE_DIR / "workflows/programmes/luoyang-2022.yaml")
    assert as_json("programme", "check", pack)["key"] == "luoyang-2022"
    issued = as_json("programme", "issue", pack, "--at", "2022-01-01")
    assert issued["version"] == 1
    assert as_json("programme", "issue", pack, "--at", "2022-01-02") == issued
    assert Unit.objects.filter(kind=Unit.Kind.TASK_FORCE).count() == 16
    assert CalendarDay.objects.exists()
    out = tmp_path / "stages.svg"
    run("programme", "draw", pack, "-o", str(out))
    assert out.read_text(encoding="utf-8").lstrip().startswith("<svg")
    wrong = tmp_path / "wrong.yaml"
    text = Path(pack).read_text(encoding="utf-8").replace("to: survey,", "to: nowhere,", 1)
    wrong.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=r"wrong\.yaml"):
        run("programme", "check", str(wrong))
    error = refused_findings("programme", "check", str(wrong))
    assert error["error"]["code"] == "pack"
    assert all(finding["line"] > 0 for finding in error["findings"])


def refused_findings(*arguments: str) -> Any:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_calendar_moves_the_open_dates(world: World, tmp_path: Path) -> None:
    world.firm("洛阳示例有限公司")
    run("open_cases", "luoyang-2022", "--at", "2022-03-01")
    table = run("calendar", "list", "--year", "2022")
    assert "2022-04-02\t星期六\t上班\t清明节" in table
    with translation.override("en"):
        table = run("calendar", "list", "--year", "2022")
    assert "2022-04-02\tSaturday\tworked\tTomb-sweeping Day" in table
    entered = tmp_path / "days.csv"
    entered.write_text("2022-03-02,休,专项活动\n", encoding="utf-8")
    move = ("calendar", "import", str(entered), "--at", "2022-03-01")
    told = as_json(*move, "--dry-run")
    case = world.case()
    assert told["moved"] == [{"case": case.number, "before": "2022-03-02", "after": "2022-03-03"}]
    assert told["counties"] == [{"county": "涧西区", "moved": 1, "firm": 0}]
    assert world.item(case).due_on == date(2022, 3, 2)
    assert "涧西区" in run(*move)
    assert world.item(case).due_on == date(2022, 3, 3)
    error, _words = refused(*move, "--by", world.people["涧西区/county_lead"].username)
    assert error["code"] == "may_not"


def test_calendar(world: World, tmp_path: Path) -> None:
    days = as_json("calendar", "list", "--year", "2022")
    assert days["announced"] is True
    assert {"day": "2022-04-02", "worked": True, "name": "Tomb-sweeping Day"} in days["days"]
    table = run("calendar", "list", "--year", "2022")
    assert "2022-04-02\t星期六\t上班\t清明节" in table
    with translation.override("en"):
        table = run("calendar", "list", "--year", "2022")
    assert "2022-04-02\tSaturday\tworked\tTomb-sweeping Day" in table
    entered = tmp_path / "days.csv"
    entered.write_text("# 2027\n2027-02-06,0,春节\n2027-02-08,0,春节\n", encoding="utf-8")
    done = as_json("calendar", "import", str(entered))
    assert done == {
        "days": 2,
        "changed": ["2027-02-06", "2027-02-08"],
        "moved": [],
        "firm": 0,
        "counties": [],
    }
    entered.write_text("2027-02-06,vielleicht\n", encoding="utf-8")
    assert "1" in refused("calendar", "import", str(entered))[1]


def test_an_extension_is_asked_for_and_decided(world: World) -> None:
    worker = world.people["涧西区/county_worker"].username
    lead = world.people["涧西区/county_lead"].username
    world.firm("洛阳示例有限公司")
    run("open_cases", "luoyang-2022", "--at", "2022-04-11")
    number = world.case().number
    run("case", "acknowledge", number, "--at", "2022-04-11", "--by", worker)
    day = ["--at", "2022-04-12", "--by"]
    error, _words = refused("case", "extend", number, "--until", "2022-07-30", *day, worker)
    assert error["code"] == "no_reason"
    asked = ["case", "extend", number, "--until", "2022-05-09", "--reason", "资料未齐"]
    as_json(*asked, *day, worker)
    [row] = as_json("extensions", "list", *day, lead, "--mine")
    assert (row["number"], row["wished"], row["granted"]) == (number, "2022-05-09", None)
    assert as_json("extensions", "list", *day, worker, "--mine") == []
    of_year = ("extensions", "list", "--programme", "luoyang-2022")
    assert [one["id"] for one in as_json(*of_year)] == [row["id"]]
    next_year(world)
    assert as_json(*of_year[:-1], "luoyang-2023") == []
    pk = str(row["id"])
    assert refused("extensions", "grant", pk, *day, worker)[0]["code"] == "not_yours"
    assert refused("extensions", "grant", pk)[0]["code"] == "needs_person"
    assert refused("extensions", "refuse", pk, *day, lead)[0]["code"] == "no_reason"
    assert refused("extensions", "grant", "9999", *day, lead)[0]["code"] == "wrong_input"
    [row] = as_json("extensions", "grant", pk, *day, lead)
    assert (row["granted"], row["new_due"]) == (True, "2022-05-09")
    assert as_json("case", "show", number, *day, lead)["due_on"] == "2022-05-09"
    assert as_json("extensions", "list", "--state", "granted")[0]["id"] == row["id"]
