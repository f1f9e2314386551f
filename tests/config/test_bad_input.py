"""Whatever is typed, a command answers in words: no traceback, no English prefix, nothing done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db import DatabaseError, IntegrityError, OperationalError

from cases.models import CaseEvent, Evidence
from config.management.utility import Utility
from tests import bad_files
from tests.architecture import ROOT
from tests.cases.families import remedy
from tests.world import World

WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"


def typed(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command as the shell runs it."""
    command = load_command_class("config", argv[0])
    capsys.readouterr()
    code = 0
    try:
        command.run_from_argv(["manage.py", *argv])
    except SystemExit as ended:
        code = int(ended.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(autouse=True)
def _connections_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command closes its connections at its end; the test's transaction lives on one."""
    monkeypatch.setattr("config.commanding.connections.close_all", lambda: None)


@pytest.fixture
def number(world: World) -> str:
    world.firm("洛阳示例耐材有限公司")
    world.open()
    return world.case().number


FILE = ("--programme", "luoyang-2022", "--as-of", "2022-01-31")
STALE = ("case", "comment", "2022-00001", "--text", "请关注", "--seen-version", "99")
NONSENSE: tuple[tuple[str, ...], ...] = (
    ("case",),
    ("case", "frob"),
    ("case", "show"),
    ("case", "show", "31"),
    ("case", "show", "２０２２"),
    ("case", "show", "2022-99999"),
    ("case", "show", "2022-00001", "--programme", "nowhere"),
    ("case", "list", "--limit", "-1"),
    ("case", "list", "--limit", "0"),
    ("case", "list", "--search", "轴" * 61),
    ("case", "list", "--limit", "x"),
    ("case", "list", "--limit", "9" * 30),
    ("case", "list", "--stage", "foo"),
    ("case", "list", "--of", "x"),
    ("case", "list", "--chip", "nonsense"),
    ("case", "list", "--county", "无名县"),
    ("case", "list", "--county", "涧西区", "--programme", "nowhere"),
    ("case", "list", "--programme", "nowhere"),
    ("case", "list", "--by", "nobody"),
    ("case", "list", "--by", ""),
    ("case", "list", "--at", "yesterday"),
    ("case", "list", "--at", "0001-01-01"),
    ("case", "list", "--at", "9999-12-31"),
    ("case", "list", "--nonsense"),
    ("case", "acknowledge", "2022-00001", "--seen-version", "99"),
    ("ledger", "luoyang-2022", "-o", "ledger.xlsx", "--stage", "zz"),
    ("ledger", "luoyang-2022", "-o", "ledger.xlsx", "--grade", "Z"),
    ("load", "--kind", "zz"),
    ("resources", "list", "--kind", "zz"),
    ("resources", "list", "--of", "experts", "--kind", "platform"),
    ("case", "acknowledge", "2022-00001", "--seen-version", "x"),
    ("case", "advance", "2022-00001", "--to", "moon"),
    ("case", "advance", "2022-00001", "--form", "/nowhere.json"),
    ("case", "advance", "2022-00001", "--form", "/"),
    ("case", "advance", "2022-00001", "--set", "visited_on"),
    ("case", "send_back", "2022-00001", "--to", "moon", "--reason", "缺页"),
    ("case", "suspend", "2022-00001", "--reason", "检修"),
    ("case", "suspend", "2022-00001", "--until", "soon", "--reason", "检修"),
    ("case", "reassign", "2022-00001", "--reason", "人手"),
    ("case", "reassign", "2022-00001", "--unit", "工作专班", "--reason", "人手"),
    ("case", "reassign", "2022-00001", "--unit", "市工信局", "--post", "船长", "--reason", "人手"),
    ("case", "reopen", "2022-00001", "--criteria", "nonsense", "--reason", "复核"),
    ("case", "spawn", "2022-00001", "--criterion", "nonsense"),
    ("case", "spawn", "2022-00001"),
    ("case", "delist", "2022-00001", "--left-on", "never", "--reason", "注销"),
    ("case", "comment", "2022-00001"),
    ("case", "urge", "2022-00001", "--seen-version", "99"),
    STALE,
    ("case", "evidence-submit", "2022-00001", "--criterion", "staff"),
    ("case", "evidence-submit", "2022-00001", "--file", str(ROOT / "README.md")),
    ("case", "evidence-waive", "2022-00001", "--reason", "省系统已有"),
    ("case", "evidence-submit", "2022-00001", "--criterion", "staff", "--file", "/nowhere.pdf"),
    ("case", "evidence-submit", "2022-00001", "--criterion", "staff", "--file", "/"),
    ("case", "evidence-accept", "2022-00001", "--evidence", "9" * 30),
    ("case", "evidence-accept", "2022-00001", "--evidence", "7"),
    ("case", "evidence-accept", "2022-00001", "--criterion", "nonsense"),
    ("case", "evidence-return", "2022-00001", "--reason-number", "x"),
    ("case", "evidence-waive", "2022-00001", "--criterion", "nonsense", "--reason", "省系统已有"),
    ("case", "evidence-offline", "2022-00001", "--criterion", "staff"),
    ("open_cases",),
    ("open_cases", "nowhere"),
    ("open_cases", "luoyang-2022", "--wave", "class=Z"),
    ("open_cases", "luoyang-2022", "--wave", "county=无名县"),
    ("open_cases", "luoyang-2022", "--wave", "number=-3"),
    ("open_cases", "luoyang-2022", "--wave", "moon=1"),
    ("open_cases", "luoyang-2022", "--wave", "class="),
    ("tick", "--by", "nobody"),
    ("tick", "--at", "2022-13-40"),
    ("tick", "extra"),
    ("indicators",),
    ("indicators", "nowhere"),
    ("indicators", "luoyang-2022", "--as-of", "soon"),
    ("register", "/nowhere.xlsx", *FILE),
    ("register", "/", *FILE),
    ("register", str(ROOT / "README.md"), *FILE),
    ("register", "x.xlsx", "--programme", "nowhere", "--as-of", "2022-01-31"),
    ("register", "x.xlsx", "--programme", "luoyang-2022", "--as-of", "soon"),
    ("register", "x.xlsx", "--programme", "luoyang-2022", "--as-of", "0001-01-01"),
    ("register", "x.xlsx", *FILE, "--accept-code", "nonsense"),
    ("register", "x.xlsx", *FILE, "--confirm-leaving", "-5"),
    ("register", "x.xlsx"),
    ("filing", "/nowhere.xlsx", "--programme", "luoyang-2022", "--month", "2022-02"),
    ("filing", "x.xlsx", "--programme", "luoyang-2022", "--month", "2022-13"),
    ("filing", "x.xlsx", "--programme", "luoyang-2022", "--month", "February"),
    ("filing", "x.xlsx", "--programme", "luoyang-2022", "--month", "2022-02", "--known-on",
     "2022-01-01"),
    ("ledger", "/nowhere.xlsx", *FILE),
    ("ledger", str(ROOT / "README.md"), *FILE),
    ("undo_import", "x"),
    ("undo_import", "99999"),
    ("undo_import", "9" * 30),
    ("drafts",),
    ("drafts", "list", "--state", "lost"),
    ("drafts", "list", "--programme", "nowhere"),
    ("drafts", "release", "99999"),
    ("drafts", "release", "9" * 30),
    ("drafts", "drop", "99999", "--reason", "x"),
    ("calendar", "list", "--year", "99999"),
    ("calendar", "list", "--year", "0"),
    ("calendar", "import", "/nowhere.csv"),
    ("programme", "check", "/nowhere.yaml"),
    ("programme", "check", str(ROOT / "README.md")),
    ("programme", "draw", str(ROOT / "workflows/programmes/demo.yaml"), "--procedure", "moon"),
    ("programme", "draw", str(ROOT / "workflows/programmes/demo.yaml"), "-o", "/nowhere/x.svg"),
    ("programme", "issue", "/"),
    ("people",),
    ("people", "/nowhere.xlsx", "--city", "洛阳市"),
    ("people", "/nowhere.xlsx", "--city", "无名市"),
    ("people", "--template", "/nowhere/x.xlsx"),
    ("first_user", "--name", "张示例"),
    ("first_user", "--name", "张示例", "--username", "x", "--role", "king"),
    ("first_user", "--name", "张示例", "--username", "x", "--city", "无名市"),
    ("set_up_city", "nowhere"),
    ("set_up_city", "/"),
    ("demo", "--travel", "x"),
    ("up", "--port", "99999"),
    ("up", "--port", "x"),
    ("up", "--workers", "0"),
    ("up", "--travel", "7d"),
)  # fmt: skip


PERSONAL = ("case", "drafts")


def test_nonsense_is_refused_in_words(
    world: World, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert number == "2022-00001"
    events, wrong = CaseEvent.objects.count(), []
    by = ("--by", world.people["office/1"].username)
    for words in NONSENSE:
        looks = words[0] not in PERSONAL or words[1:2] in ((), ("list",), ("show",))
        argv = words if looks else (*words, *by)
        code, out, err = typed(capsys, *argv)
        if code not in (1, 2) or out or not are_words(err):
            wrong.append((argv, code, out, err))
        if argv[0] == "up":
            continue
        error = json.loads(typed(capsys, *argv, "--json")[1])["error"]
        # a shell tells a slip of the finger from a refusal, whoever found it out
        tells = code == (2 if error["code"] == "wrong_input" else 1)
        if not tells or error["code"] == "internal" or not are_words(error["words"]):
            wrong.append((argv, code, error["code"], error["words"]))
    assert wrong == []
    bulk = ("bulk", "urge", "--dry-run", *by, "--query")
    for query in ("stage=zz", "stagx=survey", "idle=x"):
        code, _out, err = typed(capsys, *bulk, query)
        assert (code, query.partition("=")[0] in err) == (2, True)
    # there is no page to be loaded again: what to look at is said
    assert f"case show {number}" in typed(capsys, *STALE, *by)[2]
    assert CaseEvent.objects.count() == events


def are_words(text: str) -> bool:
    """Chinese that a person can read, with nothing of the machine's in it."""
    marks = (
        "Traceback",
        "CommandError",
        "rror:",
        "usage:",
        "<class",
        "意外错误",
        "VERB",
        "“”这",
        "刷新",
    )
    return any("\u4e00" <= sign <= "\u9fff" for sign in text) and not any(
        mark in text for mark in marks
    )


def test_a_form_names_the_fields_that_are_wrong(
    world: World, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    by = ("--by", world.people[WORKER].username, "--at", "2022-03-01")
    assert typed(capsys, "case", "acknowledge", number, *by)[0] == 0
    wrong = ("case", "advance", number, "--set", "visited_on=2022-03-09", *by)
    plan = '--set=plan=[{"have": "moon"}]'
    code, _out, err = typed(capsys, *wrong, plan)
    assert code == 1
    assert "走访时间 (visited_on)" in err
    assert "下方" not in err
    assert "一企一案 1 缺项 (plan.0.have)" in err
    error = json.loads(typed(capsys, *wrong, plan, "--json")[1])["error"]
    assert error["code"] == "form_incomplete"
    by_field = {one["field"]: one for one in error["fields"]}
    assert {"visited_on", "production", "contacts", "plan.0.have", "haves.staff"} <= set(by_field)
    assert by_field["production"]["place"] == "生产状态"
    assert all(one["words"] for one in by_field.values())


def test_criteria_that_do_not_exist_lock_nothing(world: World, number: str) -> None:
    case = world.survey(world.case(), "A")
    for have in ("institution", "staff", "spending", "cooperation"):
        world.prove(case, have)
    with pytest.raises(CommandError, match="institution 研发机构"):
        call_command("case", "evidence-waive", number, "--criterion", "moon", "--reason", "x",
                     "--by", world.people[LEAD].username, "--at", "2022-03-02")  # fmt: skip
    assert not Evidence.objects.filter(criterion="moon").exists()


def test_a_paper_that_the_pack_does_not_ask_for(
    world: World, number: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = tmp_path / "名册.pdf"
    scan.write_bytes(bad_files.pdf())
    by = ("--by", world.people[WORKER].username, "--at", "2022-03-01")
    given = ("case", "evidence-submit", number, "--criterion", "staff", "--file", str(scan), *by)
    code, _out, err = typed(capsys, *given, "--paper", "nope")
    assert (code, "roster" in err) == (1, True)
    assert typed(capsys, *given, "--paper", "roster", "--seen-version", "9")[0] == 1
    assert typed(capsys, *given, "--paper", "roster", "--seen-version", "1")[0] == 0
    lead = ("--by", world.people[LEAD].username, "--at", "2022-03-01")
    code, _out, err = typed(capsys, "case", "evidence-return", number, *lead)
    assert (code, "未加盖公章" in err) == (1, True)
    stale = ("case", "evidence-accept", number, "--seen-version", "9", *lead)
    assert json.loads(typed(capsys, *stale, "--json")[1])["error"]["code"] == "stale"
    assert typed(capsys, "case", "evidence-accept", number, *lead)[0] == 0


def test_where_a_verb_leads_is_named(
    world: World, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.survey(world.case(), "B")
    by = ("--by", world.people[LEAD].username, "--at", "2022-03-02")
    code, _out, err = typed(
        capsys, "case", "send_back", number, "--to", "moon", "--reason", "缺页", *by
    )
    assert (code, "survey 退回上一环节" in err) == (1, True)


def test_a_remedy_is_opened_by_hand(
    world: World, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    case = world.survey(world.case(), "B")
    by = ("--by", world.people[WORKER].username, "--at", "2022-03-02")
    spawn = ("case", "spawn", number, "--criterion", "cooperation", "--reason", "校方主动联系")
    assert typed(capsys, *spawn, "--seen-version", "99", *by)[0] == 1
    assert typed(capsys, *spawn, *by)[0] == 0
    assert remedy(case, "cooperation").stage == "open"
    code, _out, err = typed(capsys, *spawn, *by)
    assert (code, bool(err)) == (1, True)


def test_lists_speak_local_time_and_the_ledgers_words(
    world: World, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "待签收" in typed(capsys, "case", "list", "--at", "2022-03-01")[1]
    by = ("--by", world.people[WORKER].username, "--at", "2022-03-01")
    assert "摸底中" in typed(capsys, "case", "acknowledge", number, *by)[1]
    call_command("tick", "--at", "2022-04-25T08:30", stdout=StringIO())
    assert "2022-04-25 08:30" in typed(capsys, "drafts", "list")[1]


def test_a_database_that_does_not_serve(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[Exception] = []

    def fail(_at: object) -> Any:
        raise said[0]

    monkeypatch.setattr("config.ticking.tick", fail)
    for error, code in (
        (OperationalError("database is locked"), "busy"),
        (OperationalError("no such table: cases_case"), "not_prepared"),
        (DatabaseError('relation "cases_case" does not exist'), "not_prepared"),
        (OperationalError("connection refused"), "no_database"),
        (IntegrityError("UNIQUE constraint failed: cases_case.programme_id"), "fault"),
        (PermissionError(13, "Permission denied", "/x"), "file"),
    ):
        said[:] = [error]
        ended, out, err = typed(capsys, "tick", "--json")
        assert (ended, json.loads(out)["error"]["code"]) == (1, code)
        assert are_words(err), err
    said[:] = [KeyboardInterrupt()]  # type: ignore[list-item]
    ended, _out, err = typed(capsys, "tick")
    assert ended == 130
    assert are_words(err), err
    said[:] = [RuntimeError("boom")]
    ended, out, err = typed(capsys, "tick", "--json")
    assert (ended, json.loads(out)["error"]["code"]) == (1, "internal")
    assert "Traceback" not in err


def test_an_unknown_command_names_its_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        Utility(["manage.py", "tik"]).fetch_command("tik")
    err = capsys.readouterr().err
    assert "tick" in err
    assert are_words(err), err
    with pytest.raises(SystemExit):
        Utility(["manage.py", "tik", "--json"]).fetch_command("tik")
    assert json.loads(capsys.readouterr().out)["error"] == {
        "code": "wrong_input", "words": err.strip(),
    }  # fmt: skip


def test_a_long_number_is_one_that_nothing_has(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _out, err = typed(capsys, "undo_import", "9" * 20)
    assert (code, "没有编号为" in err) == (2, True)


def test_the_shell_sees_words_only(tmp_path: Path) -> None:
    """One real process: an empty folder, no tables."""
    environment = {**os.environ, "XIAOHAO_VAR": str(tmp_path), "XIAOHAO_DEBUG": "1"}
    environment.pop("DATABASE_URL", None)
    ran = subprocess.run(
        [sys.executable, "manage.py", "case", "list"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "prepare" in ran.stderr
    assert are_words(ran.stderr)
