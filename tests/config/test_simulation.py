"""``manage.py simulate``: what a plan comes to, before it is issued and without a trace."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.simulation.adjusting import adjusted
from config.simulation.assumptions import NUMBERS, defaults, kinds
from config.simulation.figures import as_json
from config.simulation.findings import findings
from config.simulation.firms import Firm, Register, from_workbooks
from config.simulation.luck import Luck
from config.simulation.outcome import Outcome, Plan, Range, simulate
from enterprises.models import Enterprise
from organisations.errors import Refused
from tests.architecture import ROOT
from workflows.calendar import WorkCalendar
from workflows.days import official_days
from workflows.packs import Pack, parse_pack, shipped_text

DATA = ROOT / "tests/data"
REGISTER, FILING = DATA / "luoyang-register-2022-01.xlsx", DATA / "luoyang-filing-2022-02.xlsx"
DAYS = tuple(official_days())
CALENDAR = WorkCalendar({day: worked for day, worked, _name in DAYS}, DAYS[-1][0])
YEAR = Plan(date(2022, 3, 1), date(2022, 12, 31), runs=3)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return parse_pack(shipped_text("luoyang-2022"))


@pytest.fixture(scope="module")
def register(pack: Pack) -> Register:
    return from_workbooks(pack, REGISTER, FILING)


def few(register: Register, county: str = "老城区", n: int = 60) -> Register:
    """A small register: so many firms of one county."""
    firms = [firm for firm in register.firms if firm.county == county]
    return replace(register, firms=tuple(firms[:n]))


def played(pack: Pack, register: Register, *changes: str, **plan: Any) -> Outcome:
    return simulate(pack, register, CALENDAR, adjusted(pack, changes), replace(YEAR, **plan))


def test_a_workbook_is_read_without_names(register: Register) -> None:
    assert len(register.firms) == 1912
    assert register.has_facts
    kept = register.as_json()
    assert Register.from_json(kept) == register
    assert "示例" not in kept  # every made-up name has it; no name, no code
    assert "91410" not in kept


def test_the_same_seed_is_the_same_answer_in_another_process(
    pack: Pack, register: Register
) -> None:
    small = few(register, "嵩县")
    text = json.dumps(as_json(played(pack, small, seed=5)), default=str, sort_keys=True)
    here = hashlib.sha256(text.encode()).hexdigest()
    code = (
        "import django; django.setup()\n"
        "from tests.config.test_simulation import *\n"
        "pack = parse_pack(shipped_text('luoyang-2022'))\n"
        "small = few(from_workbooks(pack, REGISTER, FILING), '嵩县')\n"
        "text = json.dumps(as_json(played(pack, small, seed=5)), default=str, sort_keys=True)\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "4242",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "XIAOHAO_DEBUG": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.stdout.strip() == here, done.stderr
    assert played(pack, small, seed=6).late != played(pack, small, seed=5).late


def test_luck_is_in_whole_numbers_and_known() -> None:
    """The numbers themselves: another machine, another Python, the same luck."""
    luck = Luck(1, 0, 42)
    assert [luck.between("days survey", 0, 999, turn) for turn in range(4)] == LUCK
    drawn = [Luck(1, 0, firm).between("days survey", 1, 6) for firm in range(6000)]
    assert all(900 < drawn.count(eye) < 1100 for eye in range(1, 7))


LUCK = [269, 529, 175, 209]


def test_two_thousand_firms_and_a_year_take_seconds(pack: Pack, register: Register) -> None:
    whole = replace(register, firms=tuple(replace(f, facts=frozenset()) for f in register.firms))
    begun = process_time()
    outcome = played(pack, whole, runs=1)
    assert outcome.opened == 1912
    assert process_time() - begun < 5  # about 1 s on a machine that has nothing else to do


def test_an_uploaded_list_without_its_day_is_told_first(pack: Pack, register: Register) -> None:
    outcome = played(pack, few(register, "老城区"), "visits=1", seed=2)
    first = findings(outcome)[0]
    assert (first.is_warning, "未注明数据日期" in first.words) == (True, True)
    known = replace(few(register, "老城区"), known_on=date(2022, 2, 28))
    assert "未注明" not in findings(played(pack, known, "visits=1", seed=2))[0].words


def test_the_words_say_who_is_overloaded_and_when(pack: Pack, register: Register) -> None:
    outcome = played(pack, few(register, "老城区"), "visits=1", seed=2)
    [line] = [line for line in outcome.units if line.unit == "老城区工作专班"]
    worst = line.open[line.worst]
    words = [finding.words for finding in findings(outcome) if finding.is_warning]
    desk = f"老城区工作专班将同时有{worst.middle}件"
    assert [text for text in words if desk in text], words
    assert worst.low <= worst.middle <= worst.high


def test_more_hands_and_waves_ease_the_load(pack: Pack, register: Register) -> None:
    small = few(register, "涧西区", 120)

    def peak(*changes: str, **plan: Any) -> int:
        outcome = played(pack, small, *changes, **plan)
        [line] = [line for line in outcome.units if line.unit == "涧西区工作专班"]
        return max(found.middle for found in line.late)

    few_hands = peak("visits=6")
    assert peak("visits=40") < few_hands
    assert peak("visits=6", wave="class", every=20) < few_hands
    tight = defaults(pack).paces["remedy.open.spending"]
    assert peak("visits=6", f"remedy.open.spending={tight.high}-200") > few_hands


def test_measures_reports_and_issues_fall_on_their_units(pack: Pack, register: Register) -> None:
    small = few(register, "涧西区", 60)
    outcome = played(pack, small, runs=2)
    counted = {line.title: line.opened.middle for line in outcome.matters}
    counties, months = len(pack.counties), len(outcome.months)
    assert counted["工作举措"] == len(pack.plan)
    assert counted["县区月报"] == counted["工作月报"] * counties
    assert counted["工作月报"] in (months - 1, months)
    assert counted["问题"] > 0
    load = {line.unit: [found.middle for found in line.matters] for line in outcome.units}
    assert min(load["洛龙区工作专班"]) >= 1  # no firm of the register, and the month's report
    assert max(load["市统计局"]) > 0
    nothing = played(pack, small, "issues=0", runs=1)
    assert "问题" not in {line.title for line in nothing.matters}
    told = " ".join(finding.words for finding in findings(outcome))
    assert f"县区月报{counted['县区月报']}件" in told


def test_rests_and_extensions_move_dates_and_stay_within_limits(
    pack: Pack, register: Register
) -> None:
    small = few(register, "涧西区", 100)

    def late(*changes: str) -> int:
        outcome = played(pack, small, "visits=8", *changes, runs=2)
        return sum(found.middle for found in outcome.late)

    strict = ("extends=0", "rests=0")
    assert late("extends=100", "granted=100") < late(*strict)
    plain, generous = played(pack, small, *strict), played(pack, small, "extends=100", "rests=50")
    assert (plain.rests.high, plain.extensions.high, plain.granted.high) == (0, 0, 0)
    assert generous.rests.middle > 20
    assert 0 < generous.granted.middle < generous.extensions.middle
    assert "申请延期" in " ".join(finding.words for finding in findings(generous))


def test_coverage_starts_from_the_filing_and_only_rises(pack: Pack, register: Register) -> None:
    small = few(register, "涧西区", 100)
    covered = sum("has_spending" in firm.facts for firm in small.firms)
    outcome = played(pack, small)
    [county] = outcome.counties
    middles = [found.middle for found in county.covered]
    assert middles[0] >= covered
    assert middles == sorted(middles)
    assert county.planned[-1] == county.target == pack.target("涧西区")
    nobody = played(pack, small, "never=100", "found=0")
    assert {found.high for found in nobody.counties[0].covered} == {covered}


def test_a_firm_that_is_covered_already_gets_no_case(pack: Pack) -> None:
    firm = Firm(1, "涧西区", "3411", "私营", frozenset({"has_spending"}))
    outcome = played(pack, Register((firm,)))
    assert (outcome.firms, outcome.opened) == (1, 0)
    # what there is to do comes from the plan itself
    assert all(line.open == line.matters for line in outcome.units)
    assert len(findings(outcome)) == 1


def test_a_firm_of_another_city_is_left_out_and_counted(pack: Pack) -> None:
    firms = (Firm(1, "涧西区", "3411", "私营"), Firm(2, "无此县", "3411", "私营"))
    outcome = played(pack, Register(firms))
    assert (outcome.firms, outcome.refused) == (1, 1)


def test_ranges_are_between_the_ninth_part_and_the_first() -> None:
    assert Range.of(range(11)) == Range(5, 1, 9)
    assert Range.of([7]) == Range(7, 7, 7)
    assert Range.of([]) == Range(0, 0, 0)


def test_every_pack_that_ships_can_be_played() -> None:
    for path in sorted((ROOT / "workflows/programmes").glob("*.yaml")):
        pack = parse_pack(path.read_text("utf-8"), path.name, issued_on=date(2026, 11, 20))
        county = pack.counties[0].name
        firms = tuple(Firm(n, county, "3411", "私营") for n in range(40))
        plan = Plan(pack.work_from, pack.work_until, runs=2)
        outcome = simulate(pack, Register(firms), CALENDAR, defaults(pack), plan)
        assert outcome.city.closed[-1].middle > 0, path.name
        # plans without remedies too: what a closing proves is filed some day
        assert outcome.city.covered[-1].high > 0, path.name
        assert {step.title for step in outcome.steps} <= {kind.title for kind in kinds(pack)}


def test_every_assumption_is_documented_with_its_default(pack: Pack) -> None:
    told = (ROOT / "docs/dry-run.md").read_text("utf-8")
    for name, _label, _most in NUMBERS:
        assert f"| `{name}` | {getattr(defaults(pack).numbers, name)} |" in told


# --- the command ---------------------------------------------------------------------------------
def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("simulate", *arguments)
    return capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--register", str(REGISTER), "--runs", "1", "--until", "2022-04-30"]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        told = json.loads(run(capsys, "luoyang-2022", *arguments, "--json"))
    assert (told["firms"], told["months"][-1]) == (1912, "2022-04")
    assert told["findings"]
    assert [q["sql"] for q in queries if not q["sql"].startswith("SELECT")] == []
    assert not Enterprise.objects.exists()
    words = run(capsys, "luoyang-2022", *arguments, "--filing", str(FILING))
    assert "涧西区工作专班" in words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere"], "nowhere"),
        (["luoyang-2022"], "--register"),
        (["luoyang-2022", "--filing", str(FILING)], "--register"),
        (["luoyang-2022", "--register", "missing.xlsx"], "没有找到文件"),
        (["luoyang-2022", "--register", str(REGISTER), "--until", "2021-01-01"], "2021-01-01"),
        (["luoyang-2022", "--register", str(REGISTER), "--until", "2029-01-01"], "三年"),
        (["luoyang-2022", "--register", str(REGISTER), "--set", "coffee=3"], "coffee"),
        (["luoyang-2022", "--register", str(REGISTER), "--set", "never=101"], "never"),
        (["luoyang-2022", "--register", str(REGISTER), "--set", "assistance.survey=9"], "3-15"),
    ],
)
def test_what_cannot_be_played_is_said_in_words(arguments: list[str], words: str) -> None:
    with pytest.raises((CommandError, Refused), match=words):
        call_command("simulate", *arguments)


def test_a_faulty_pack_is_refused_by_its_lines(tmp_path: Path, db: None) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(shipped_text("luoyang-2022").replace("initial: assigned", "initial: nowhere"))
    with pytest.raises(CommandError, match="nowhere"):
        call_command("simulate", str(file), "--register", str(REGISTER))
