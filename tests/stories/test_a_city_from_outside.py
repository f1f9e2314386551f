"""A city that nobody here knows: one file written with the guide alone, and it runs.

Everything is done as an office would do it: commands, a workbook of its own making, and the file
uploaded in the browser. Stages, criteria (any two of four), classes, ladder, quiet season, days of
confirmation, limits, column headings and five kinds of case are its own.
"""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openpyxl import Workbook

from cases import querysets as ask
from cases.models import Case, EscalationDraft, Evidence, RungFired, WorkItem
from organisations.models import Post, Tenure, User
from tests.architecture import ROOT
from tests.enterprises.sheets import HEADER, code_of, firm, write
from tests.rules.test_pack_schema import read
from tests.world import person
from workflows.pack_schema import pack_schema

FILE = ROOT / "tests/data/yunchuan-2026.yaml"
KEY = "yunchuan-2026"
COUNTY = "上川县"
OFFICE, SECOND = "市提升办/office", "市提升办/office/2"
WORKER, LEAD = f"{COUNTY}提升组/county_worker", f"{COUNTY}提升组/county_lead"
TODAY = date(2026, 3, 2)  # a Monday


def say(*arguments: object) -> Any:
    """A command's answer as JSON."""
    out = StringIO()
    call_command(*map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def verb(case: Case, verb_: str, who: str, day: str, *more: object) -> None:
    say("case", verb_, case.number, "--by", who, "--at", day, *more)


def opened(kind: str, *more: object) -> Case:
    """A matter that a person opens."""
    say("matter", "open", kind, *more)
    case: Case = Case.objects.filter(procedure=kind).latest("pk")
    return case


def root(firm_name: str) -> Case:
    case: Case = Case.objects.get(enterprise__name=firm_name, is_main=True)
    return case


def item(case: Case) -> WorkItem:
    found: WorkItem = WorkItem.objects.get(process=case, finished=None)
    return found


def staff() -> None:
    """Somebody on every post; an account is called like its unit and role."""
    for post in Post.objects.select_related("unit"):
        name = f"{post.unit.short_name}/{post.role}"
        name = f"{name}/2" if User.objects.filter(username=name).exists() else name
        who = person(name, post.name)
        Tenure.objects.get_or_create(post=post, user=who, from_on=date(2026, 1, 1))


def lists(folder: Path) -> tuple[Path, Path]:
    """The register and the filing of six firms, under this city's own headings."""
    rows = [
        firm(
            n,
            name=f"云川样本{n}有限公司",
            code=code_of(n),
            county=(COUNTY, "下川县")[n % 2],
            industry_code=("1411", "3451")[n // 3],
            industry_name="",
        )
        for n in range(6)
    ]
    header = ["辖区" if name.startswith("县") else name for name in HEADER]
    register = write(folder / "register.xlsx", rows, header)
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(
        ["企业名称", "统一社会信用代码", "是否注册", "是否填报", "研发机构", "研发人员",
         "当年有无研发投入", "产学研合作"]
    )  # fmt: skip
    for n in range(6):
        answers = {4: ("是", "是", "否", "是", "是", "否"), 0: ("是", "是", "否", "是", "否", "否")}
        row = answers.get(n, ("是", "否", "否", "否", "否", "否"))
        page.append([f"云川样本{n}有限公司", code_of(n), *row])
    book.save(folder / "filing.xlsx")
    return register, folder / "filing.xlsx"


@pytest.fixture
def city(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The city set up, its plan issued in the browser, its lists read in, its cases opened."""
    monkeypatch.setattr("organisations.clock.today", lambda: TODAY)
    say("set_up_city", FILE)
    staff()
    office = OFFICE
    client = Client()
    client.force_login(
        User.objects.get(username=office), backend="django.contrib.auth.backends.ModelBackend"
    )
    text = FILE.read_text("utf-8")
    upload = SimpleUploadedFile("yunchuan.yaml", text.encode())
    page = client.post(reverse("pack_upload"), {"file": upload}).content.decode()
    assert "<svg" in page
    assert "待接单" in page
    answer = client.post(reverse("pack_issue"), {"text": text, "name": "yunchuan.yaml"})
    assert answer.status_code == 302
    register, filing = lists(tmp_path)
    by = ("--programme", KEY, "--by", office)
    say("register", register, "--as-of", "2026-02-28", *by)
    say("filing", filing, "--month", "2026-02", *by)
    found = say("open_cases", KEY, "--at", "2026-03-02", "--by", office, "--wave", "class=N")
    assert found["opened"] == 1  # firm 0: staff alone, so its class is likely the near one
    assert say("open_cases", KEY, "--at", "2026-03-02", "--by", office)["opened"] == 4
    return client


def test_editors_and_the_check_say_that_the_file_is_sound() -> None:
    text = FILE.read_text("utf-8")
    assert list(Draft202012Validator(pack_schema()).iter_errors(read(text))) == []


def test_it_runs_to_closings_and_overdue(city: Client, tmp_path: Path) -> None:
    """One city, as setting it up takes longer than living in it."""
    its_other_kinds_of_case_run_too(tmp_path)
    a_firm_goes_its_own_way_to_the_end(city)
    the_limits_are_this_citys()
    what_is_late_is_chased_by_its_own_ladder(city)


def a_firm_goes_its_own_way_to_the_end(city: Client) -> None:
    case = root("云川样本2有限公司")
    assert item(case).due_on == date(2026, 3, 5)  # three calendar days
    verb(case, "acknowledge", WORKER, "2026-03-03")
    verb(case, "advance", WORKER, "2026-03-04", "--set", "visited_on=2026-03-04")
    verb(case, "advance", WORKER, "2026-03-10", "--set", "grade=F")
    assert (item(case).stage, item(case).unit.short_name) == ("guide", "市科技局")
    verb(case, "advance", "市科技局/department_lead", "2026-03-20")
    assert item(case).due_on == date(2026, 6, 18)  # 90 calendar days

    for criterion in ("team", "bench"):  # any two of four
        seen = (
            "--criterion",
            criterion,
            "--witness",
            "孟示例",
            "--paper-number",
            "1号",
            "--dated",
            "2026-03-20",
        )
        verb(case, "evidence-offline", LEAD, "2026-04-01", *seen)
    verb(case, "apply_for_closure", WORKER, "2026-04-01", "--set", "said=true")
    verb(case, "review", LEAD, "2026-04-02")
    assert item(case).due_on == date(2026, 4, 3)  # the 5th is a Sunday
    verb(case, "close", OFFICE, "2026-04-03")
    case.refresh_from_db()
    assert (case.stage, case.closing_serial) == ("closed", 1)
    # a spot check fails it: the papers get the plan's own reason, and the case goes on in its stage
    verb(case, "reopen", OFFICE, "2026-05-06", "--reason", "抽查不实", "--criteria", "bench")
    assert item(case).stage == "build"
    returned = Evidence.objects.get(case=case, criterion="bench")
    assert (returned.state, returned.return_reason) == ("returned", 2)
    page = city.get(reverse("case", args=[case.pk])).content.decode()
    assert "未实际履行" in page


def what_is_late_is_chased_by_its_own_ladder(city: Client) -> None:
    """Calendar days; a draft after six of them; nothing in the wheat harvest."""
    case, worker = root("云川样本1有限公司"), "下川县提升组/county_worker"
    for number in range(3, 17):
        say("tick", "--at", f"2026-03-{number:02d}")
    fired = RungFired.objects.filter(item=item(case), spoke=True).order_by("pk")
    assert [(one.rung, one.at.day) for one in fired] == [("eve", 4), ("red", 7), ("note", 11)]
    # one letter for the county, whatever the number of its firms
    assert EscalationDraft.objects.filter(county=case.county).count() == 1
    say("tick", "--at", "2026-03-20")
    report = Case.objects.get(procedure="monthly")
    assert report.children.count() == 2
    assert item(report.children.all()[0]).due_on == date(2026, 3, 31)
    verb(case, "acknowledge", worker, "2026-05-20")
    verb(
        case,
        "advance",
        "下川县提升组/county_worker",
        "2026-05-20",
        "--set",
        "visited_on=2026-05-20",
    )
    visit = item(case)
    assert visit.stage == "visit"
    for day in ("2026-06-03", "2026-06-09", "2026-06-12"):
        say("tick", "--at", day)
    assert not RungFired.objects.filter(item=visit).exists()
    page = city.get(reverse("overdue")).content.decode()
    assert "下川县" in page


def the_limits_are_this_citys() -> None:
    case = root("云川样本0有限公司")
    verb(case, "acknowledge", WORKER, "2026-03-03")
    with pytest.raises(CommandError, match="5"):  # the county alone: five days
        verb(case, "suspend", LEAD, "2026-03-04", "--until", "2026-03-16", "--reason", "检修")
    with pytest.raises(CommandError, match="20"):
        verb(case, "suspend", OFFICE, "2026-03-04", "--until", "2026-04-16", "--reason", "检修")
    verb(case, "suspend", LEAD, "2026-03-04", "--until", "2026-03-11", "--reason", "检修")


def its_other_kinds_of_case_run_too(folder: Path) -> None:
    # an order: by a date, answered, looked at by the office
    order = opened(
        "command", KEY, "--unit", f"{COUNTY}提升组", "--set", "matter=摸清底数",
        "--due", "2026-03-13", "--by", OFFICE, "--at", "2026-03-02",
    )  # fmt: skip
    assert item(order).due_on == date(2026, 3, 13)
    verb(order, "advance", WORKER, "2026-03-05", "--set", "text=已完成")
    verb(order, "close", SECOND, "2026-03-06")
    # an issue: the firm is not satisfied, so it cannot end
    firm_case = root("云川样本2有限公司")
    issue = opened(
        "trouble", KEY, "--firm", "云川样本2有限公司", "--unit", "市经信局",
        "--set", "matter=缺检测设备", "--set", "grade=city", "--by", WORKER, "--at", "2026-03-02",
    )  # fmt: skip
    # its first stage is called as that of the firms' own cases, and is no 待签收 all the same
    asked = Case.objects.all().with_item()
    assert firm_case in asked.filter(ask.to_acknowledge())
    assert issue not in asked.filter(ask.to_acknowledge())
    verb(issue, "advance", "市经信局/department_officer", "2026-03-04", "--set", "text=已协调")
    asked_on = ("--set", "asked_on=2026-03-05")
    with pytest.raises(CommandError):
        verb(issue, "close", LEAD, "2026-03-05", *asked_on, "--set", "satisfied=no")
    verb(issue, "send_back", WORKER, "2026-03-05", "--reason", "企业不满意")
    assert item(issue).stage == "slip"
    verb(issue, "advance", "市经信局/department_officer", "2026-03-09", "--set", "text=已借用设备")
    answers = folder / "answers.json"
    answers.write_text('{"asked_on": "2026-03-10"}')
    seen = Case.objects.get(pk=issue.pk).version
    with pytest.raises(CommandError):  # somebody else was faster
        verb(issue, "fill", WORKER, "2026-03-10", "--form", answers, "--seen-version", seen - 1)
    verb(issue, "fill", WORKER, "2026-03-10", "--form", answers, "--seen-version", seen)
    verb(issue, "close", LEAD, "2026-03-10", "--set", "satisfied=yes", *asked_on)
    issue.refresh_from_db()
    assert issue.stage == "closed"
    # it was no closing by papers: none of the firm's can fail with it
    with pytest.raises(CommandError, match="不按这些条件销号"):
        verb(issue, "reopen", OFFICE, "2026-03-11", "--reason", "复核", "--criteria", "team")
    verb(issue, "reopen", OFFICE, "2026-03-11", "--reason", "又出现")
    assert item(issue).stage == "slip"
    # a measure for the counties, and the month's report
    say("matter", "measures", KEY, "--at", "2026-03-02", "--by", OFFICE)
    task = Case.objects.get(measure="teams", parent=None)
    assert {c.responsible_unit.short_name for c in task.children.all()} == {
        "上川县提升组",
        "下川县提升组",
    }


def test_it_is_played_before_it_is_issued(db: None, tmp_path: Path) -> None:
    register, filing = lists(tmp_path)
    asked = ("simulate", FILE, "--register", register, "--filing", filing, "--until", "2026-06-30")
    first = say(*asked, "--seed", 7, "--runs", 2)
    assert first == say(*asked, "--seed", 7, "--runs", 2)
    assert first["firms"] == 6
