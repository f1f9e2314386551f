"""A dry run says what would be done, writes nothing, and refuses whom the deed would refuse."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from cases.models import Case, CaseEvent, ProgrammeFirm
from organisations.models import Post
from tests.cases.test_carrying import next_year
from tests.cases.test_pairing import workbook
from tests.config.test_commands import as_json, refused, run
from tests.enterprises.test_numbers import workbook as numbers_workbook
from tests.organisations.test_import import workbook as people_workbook
from tests.world import World, person, remove

DATA = Path(__file__).resolve().parents[1] / "data"
DAY = "2022-03-01"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    days = tmp_path / "days.csv"
    days.write_text("2027-02-06,0,春节\n", encoding="utf-8")
    people = tmp_path / "people.xlsx"
    people.write_bytes(
        people_workbook(units=[["城关镇", "", "乡镇（园区）", "嵩县", "城关镇", "", ""]])
    )
    resources, ledger = tmp_path / "resources.xlsx", tmp_path / "ledger.xlsx"
    run("resources", "template", str(resources))
    numbers = tmp_path / "numbers.xlsx"
    row = ("洛阳示例有限公司", "", "省研发统计平台", "豫41", "", "")
    numbers.write_bytes(numbers_workbook(row))
    pairings = tmp_path / "pairings.xlsx"
    pairings.write_bytes(workbook(("洛阳示例有限公司", "", "", "", "", "嵩县", "")))
    return {
        "days": str(days),
        "people": str(people),
        "resources": str(resources),
        "ledger": str(ledger),
        "numbers": str(numbers),
        "pairings": str(pairings),
        "register": str(DATA / "luoyang-register-2022-01.xlsx"),
        "filing": str(DATA / "luoyang-filing-2022-02.xlsx"),
    }


# what each command with a dry run is told; the day is one on which the world's people are there
LINES: dict[str, tuple[str, ...]] = {
    "bulk extend": ("--query", "stage=survey", "--until", DAY, "--reason", "补录", "--at", DAY),
    "bulk reassign": ("--query", "stage=survey", "--unit", "市住建局", "--at", DAY),
    "bulk supervise": ("--query", "chip=overdue", "--at", DAY),
    "bulk urge": ("--query", "chip=overdue", "--at", DAY),
    "calendar import": ("{days}", "--at", DAY),
    "carry_over": ("luoyang-2022", "--to", "luoyang-2023", "--reason", "辅助账未完成", "--at", DAY),
    "clerks invite": ("--county", "涧西区", "--at", DAY),
    "document register": ("--at", DAY),
    "filing": ("{filing}", "--programme", "luoyang-2022", "--month", "2022-02"),
    "firm numbers": ("{numbers}", "--at", DAY),
    "freeze": ("luoyang-2022", "--day", "2022-02-28", "--reason", "攻坚周", "--at", DAY),
    "hand_over": ("--post", "涧西区工作专班/经办人", "--to", "successor", "--at", DAY),
    "ledger": ("{register}", "--programme", "luoyang-2022", "--as-of", DAY),
    "note_sheet take": ("{register}",),
    "open_cases": ("luoyang-2022", "--at", DAY),
    "pairings import": ("{pairings}", "--city", "洛阳市", "--at", DAY),
    "pairings set": ("county", "嵩县", "洛阳示例有限公司", "--city", "洛阳市", "--at", DAY),
    "papers sweep": (),
    "people": ("{people}", "--city", "洛阳市"),
    "programme migrate": ("luoyang-2022", "--from", "1", "--to", "1", "--at", DAY),
    "register": ("{register}", "--programme", "luoyang-2022", "--as-of", DAY),
    "resources import": ("{resources}",),
    "retention run": (),
    "spot_checks draw": ("luoyang-2022", "--from", DAY, "--until", DAY, "--at", DAY),
}


def with_dry_run() -> set[str]:
    """Every command, or part of one, that has ``--dry-run``."""
    found = set()
    for name, app in get_commands().items():
        if app != "config":
            continue
        parser = load_command_class(app, name).create_parser("manage.py", name)
        found |= {part for part, one in parts_of(name, parser) if "--dry-run" in options_of(one)}
    return found


Part = tuple[str, argparse.ArgumentParser]


def parts_of(name: str, parser: argparse.ArgumentParser) -> list[Part]:
    inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    if not inner:
        return [(name, parser)]
    return [(f"{name} {key}", part) for key, part in inner[0].choices.items()]


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    return {text for action in parser._actions for text in action.option_strings}


def test_every_dry_run_is_tried_here() -> None:
    assert with_dry_run() == set(LINES)


@pytest.mark.parametrize("command", sorted({*LINES} - {"people"}))
def test_who_may_not_is_refused_by_the_dry_run_alike(
    world: World, files: dict[str, str], command: str
) -> None:
    world.firm("洛阳示例有限公司")
    next_year(world)
    person("successor", "接任者")
    person("outsider", "局外人")
    line = [*command.split(), *(text.format(**files) for text in LINES[command])]
    outsider = ("--by", "outsider")
    dry, words = refused(*line, "--dry-run", *outsider)
    assert dry == refused(*line, *outsider)[0]
    assert dry["code"] not in ("wrong_input", "internal"), words


def test_people_are_refused_row_by_row_in_a_dry_run_too(
    world: World, files: dict[str, str]
) -> None:
    person("outsider", "局外人")
    line = ("people", files["people"], "--city", "洛阳市", "--by", "outsider")
    [dry] = as_json(*line, "--dry-run")["refused"]
    assert dry["reason"]
    assert as_json(*line)["refused"] == [dry]


def test_opening_says_what_it_would_do(world: World) -> None:
    for number in range(3):
        world.firm(f"洛阳示例{number}有限公司")
    world.firm("嵩县示例有限公司", "嵩县")
    world.firm("已覆盖有限公司", "嵩县", spending=True)
    world.firm("无专班有限公司", "洛宁县")
    remove(Post.objects.filter(unit__region__name="洛宁县"))
    found = as_json("open_cases", "luoyang-2022", "--at", DAY, "--dry-run")
    assert (found["opened"], found["covered"], found["without_unit"]) == (4, 1, 1)
    rows = [(r["county"], r["unit"], r["opened"], r["covered"]) for r in found["lines"]]
    assert rows == [("涧西区", "涧西区工作专班", 3, 0), ("嵩县", "嵩县工作专班", 1, 1)]
    assert found["firms_without_unit"] == [{"firm": "无专班有限公司", "county": "洛宁县"}]
    assert not Case.objects.exists()
    assert not CaseEvent.objects.exists()
    assert not ProgrammeFirm.objects.exists()
    told = run("open_cases", "luoyang-2022", "--at", DAY, "--dry-run", "--wave", "county=嵩县")
    assert "嵩县工作专班" in told
    assert "涧西区工作专班" not in told
    done = as_json("open_cases", "luoyang-2022", "--at", DAY)
    assert {**done, "dry_run": True}.items() <= found.items()
