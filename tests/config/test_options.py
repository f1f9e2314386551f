"""Options of commands that no story needs: each does what its help says."""

from __future__ import annotations

import json
import socket
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from cases.actions import drafts as letters
from cases.actions import proposals
from cases.models import EscalationDraft
from config.management.commands import up
from enterprises.models import MoneyFigure
from organisations.models import Delegation, Post, Tenure, Unit
from tests.cases.climbing import climb, late, open_firms
from tests.config.test_commands import act, as_json, refused
from tests.enterprises.sheets import firm, write
from tests.enterprises.test_filing import HEADER, answer
from tests.resources.conftest import expert, resource
from tests.world import START, World, at, person
from workflows.issuing import issue_pack
from workflows.packs import shipped_text

DAY = "2022-03-01"
LEAD, WORKER = "涧西区/county_lead", "涧西区/county_worker"
POST = "涧西区工作专班/经办人"
DATA = Path(__file__).resolve().parents[1] / "data"


def test_a_whole_year_is_announced(world: World, tmp_path: Path) -> None:
    days = tmp_path / "days.csv"
    days.write_text("2029-02-13,0,春节\n", encoding="utf-8")
    assert as_json("calendar", "import", str(days), "--dry-run")["days"] == 1
    assert as_json("calendar", "import", str(days), "--whole-year")["days"] == 365
    listed = as_json("calendar", "list", "--year", "2029")["days"]
    assert listed == [{"day": "2029-02-13", "worked": False, "name": "春节"}]


def test_cases_are_searched(world: World) -> None:
    open_firms(world, 2)
    found = as_json("case", "list", "--search", "示例1号", "--at", "2022-04-07")
    assert [row["firm"] for row in found] == ["涧西区示例1号有限公司"]


def test_a_proposal_is_dropped_with_its_reason(world: World) -> None:
    world.firm("洛阳示例有限公司")
    world.open()
    case = world.case()
    act(world, WORKER, "acknowledge", case.number, "--at", DAY)
    proposals.propose_suspension(
        [case.firm_id], city_id=world.city.pk, reason="停产", by=world.office, at=at(START)
    )
    by = ("--by", world.people[LEAD].username, "--at", DAY)
    drop = ("case", "drop_proposal", case.number, "--reason", "已复产", *by)
    assert refused(*drop, "--seen-version", "99")[0]["code"] == "stale"
    done = as_json(*drop)
    assert (done["events"][-1]["verb"], done["events"][-1]["reason"]) == ("drop_proposal", "已复产")


def test_a_stand_in_by_post_from_a_day_and_for_reading_only(world: World) -> None:
    by = ("--by", world.people["office/1"].username)
    [row] = as_json(
        "delegate", "add", POST, "--to-post", "涧西区工作专班/审核人", "--from", "2022-03-03",
        "--last-day", "2022-03-05", "--reason", "培训", "--reads-only", "--city", "洛阳市",
        "--at", DAY, *by,
    )  # fmt: skip
    assert (row["from_on"], row["last_day"]) == ("2022-03-03", "2022-03-05")
    made = Delegation.objects.get()
    assert made.reads_only
    assert made.to_post == Post.objects.get(
        unit__short_name="涧西区工作专班", role="county_lead", name="审核人"
    )
    assert (
        "无名市" in refused("delegate", "add", POST, "--city", "无名市", "--last-day", DAY, *by)[1]
    )


def test_a_letter_goes_out_in_the_words_of_a_file(world: World, tmp_path: Path) -> None:
    open_firms(world)
    climb(10, 10)
    letter = EscalationDraft.objects.get()
    body = tmp_path / "letter.txt"
    body.write_text("请关注。\n", encoding="utf-8")
    head = world.people["office/2"].username
    when = ("--at", f"{late(10)}T15:00", "--by", head)
    as_json("drafts", "release", str(letter.pk), "--body", str(body), *when)
    letter.refresh_from_db()
    assert (letter.state, letter.body) == (letters.State.RELEASED, "请关注。\n")


def test_money_is_kept_with_its_source_only(world: World, tmp_path: Path) -> None:
    path = str(write(tmp_path / "register.xlsx", [firm(1)]))
    common = ("register", path, "--programme", "luoyang-2022", "--as-of", "2022-01-31")
    as_json(*common)
    assert not MoneyFigure.objects.exists()
    as_json(*common[:-1], "2022-02-01", "--money-source", "统计局授权")
    assert set(MoneyFigure.objects.values_list("kind", flat=True)) == {"revenue"}
    filed = write(tmp_path / "filing.xlsx", [answer(1)], header=HEADER)
    month = ("--programme", "luoyang-2022", "--month", "2022-02")
    as_json("filing", str(filed), *month, "--money-source", "省科技厅授权")
    assert MoneyFigure.objects.filter(kind="spending").exists()


def test_the_first_account_holds_its_post_since_a_day(world: World) -> None:
    as_json(
        "first_user", "--name", "张三", "--username", "zhang", "--role", "audit_admin",
        "--from", "2022-02-01",
    )  # fmt: skip
    assert Tenure.objects.get(user__username="zhang").from_on == date(2022, 2, 1)


def test_all_posts_of_a_person_go_over(world: World) -> None:
    person("new", "接任者")
    worker = world.people[WORKER].username
    by = ("--by", world.people["office/1"].username)
    done = as_json("hand_over", "--person", worker, "--to", "new", "--at", "2022-03-02", *by)
    assert {row["to"] for row in done} == {"接任者"}
    assert not Tenure.objects.on(date(2022, 3, 2)).filter(user__username=worker).exists()


def test_pairings_of_a_firm_with_those_that_ended(world: World) -> None:
    for name in ("洛阳甲厂", "洛阳乙厂"):
        world.firm(name)
    set_ = ("pairings", "set", "chief")
    place = ("--city", "洛阳市", "--at", DAY)
    as_json(*set_, world.people[LEAD].name, "洛阳甲厂", "洛阳乙厂", *place)
    as_json(*set_, "无", "洛阳甲厂", "--from", "2022-03-03", *place)
    later = ("pairings", "list", "--at", "2022-03-04")
    assert {row["firm"] for row in as_json(*later)} == {"洛阳乙厂"}
    [ended] = as_json(*later, "--firm", "甲厂", "--history")
    assert ended["until_on"] == "2022-03-03"


def test_a_pack_is_issued_without_its_units(db: None) -> None:
    pack = str(DATA.parents[1] / "workflows/programmes/luoyang-2022.yaml")
    as_json("programme", "issue", pack, "--no-units", "--at", "2022-01-01")
    assert not Unit.objects.exists()


def test_deadlines_are_kept_or_computed_anew(world: World) -> None:
    text = shipped_text("luoyang-2022")
    shorter = text.replace(
        "within: 15 working_days} # inferred\n        form",
        "within: 12 working_days}\n        form",
    )
    assert shorter != text
    world.firm("洛阳甲厂")
    world.open()
    case = world.case()
    act(world, WORKER, "acknowledge", case.number, "--at", DAY)
    before = world.item(case).due_on
    issue_pack(shorter, by=world.office, at=at(START))
    move = ("programme", "migrate", "luoyang-2022", "--from", "1", "--to", "2", "--at", DAY)
    as_json(*move, "--deadlines", "recompute", "--dry-run")
    assert world.item(case).due_on == before
    as_json(*move, "--deadlines", "recompute")
    after = world.item(case).due_on
    assert before is not None
    assert after is not None
    assert after < before


def test_suggestions_are_limited(world: World) -> None:
    resource(world)
    expert(world)
    need = ("resources", "suggest", "轴承淬火", "--industry", "3451", "--county", "涧西区")
    assert len(as_json(*need)["suggestions"]) == 2
    assert len(as_json(*need, "--limit", "1")["suggestions"]) == 1


def test_the_web_server_is_bound_as_asked(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    made: list[tuple[Any, ...]] = []

    class Silent:
        def __init__(self, *_args: Any, **_more: Any) -> None: ...

        def run(self) -> None: ...

    monkeypatch.setattr(up, "Supervisor", Silent)
    monkeypatch.setattr(up, "_prepare", lambda: None)
    monkeypatch.setattr(up, "web", lambda *given: made.append(given))
    port = ("--port", "58991")
    call_command("up", *port, "--bind", "127.0.0.2", "--workers", "3", "--threads", "7")
    assert made == [("127.0.0.2", 58991, 3, 7, None)]  # without a certificate


def test_the_address_is_told_as_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        greeting = up._Greeting(up.Command(), "0.0.0.0", port, as_json=True)
        greeting.look()
        greeting.look()
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"address": f"http://127.0.0.1:{port}/"}


def test_a_plan_is_played_from_a_day(world: World, tmp_path: Path) -> None:
    path = str(write(tmp_path / "register.xlsx", [firm(1), firm(2)]))
    found = as_json(
        "simulate", "luoyang-2022", "--register", path, "--from", "2022-06-01", "--runs", "1"
    )
    assert "2022-06" in str(found)
    assert "2022-03" not in str(found)
