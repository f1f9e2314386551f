"""The commands ``register``, ``filing`` and ``undo_import``, as the office types them."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.models import Case
from enterprises.models import Enterprise, ImportBatch, Membership, MonthlyFact
from tests.config.test_commands import refused
from tests.enterprises.sheets import code_of, firm, write
from tests.world import World

DATA = Path(__file__).resolve().parent.parent / "data"
JANUARY = str(DATA / "luoyang-register-2022-01.xlsx")
EXACT = {"new", "changed", "leaving", "unchanged", "refused", "warnings"}


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def register(file: str, day: str, *more: str) -> Any:
    words = ("register", file, "--programme", "luoyang-2022", "--as-of", day, "--json", *more)
    return json.loads(run(*words))


FILING = ("filing", str(DATA / "luoyang-filing-2022-02.xlsx"), "--programme", "luoyang-2022",
          "--month", "2022-02")  # fmt: skip


def filing(*more: str) -> Any:
    words = (*FILING, "--json", *more)
    return json.loads(run(*words))


def test_register_then_filing(world: World) -> None:
    dry = register(JANUARY, "2022-01-31", "--dry-run")
    assert set(dry) == EXACT
    assert (dry["new"], Membership.objects.count(), ImportBatch.objects.count()) == (1912, 0, 0)
    assert register(JANUARY, "2022-01-31") == dry
    assert register(JANUARY, "2022-01-31")["unchanged"] == 1912
    assert filing("--dry-run")["new"] == 1912
    assert MonthlyFact.objects.count() == 0
    assert set(filing()) == EXACT
    assert MonthlyFact.objects.filter(known_on="2022-02-28").count() == 1912
    assert filing()["unchanged"] == 1912
    assert filing("--known-on", "2022-03-10")["new"] == 1912
    # a day before that of the newest list is a correction of the past, and says why
    assert refused(*FILING, "--known-on", "2022-03-05", "--dry-run")[0]["code"] == "corrects_past"
    told = filing("--known-on", "2022-03-05", "--dry-run", "--correction", "省系统误报")
    assert told["new"] == 1912


def test_dirty_register_says_where_and_why(world: World) -> None:
    dirty = str(DATA / "luoyang-register-dirty.xlsx")
    told = register(dirty, "2022-01-31", "--dry-run")
    assert {key: told[key] for key in ("new", "changed", "leaving", "unchanged")} == {
        "new": 575,
        "changed": 0,
        "leaving": 6,
        "unchanged": 0,
    }
    assert (len(told["refused"]), len(told["warnings"])) == (23, 17)
    for finding in (*told["refused"], *told["warnings"]):
        assert set(finding) == {"sheet", "row", "column", "code", "reason"}
        assert all(finding.values())
    taken = register(dirty, "2022-01-31", "--accept-code", "54=执照如此", "--accept-code", "79=同")
    assert (taken["new"], len(taken["refused"])) == (577, 21)
    note = Enterprise.objects.get(credit_code="91410311MA91035550").code_note
    assert note == "执照如此"
    report = run(
        "register", dirty, "--programme", "luoyang-2022", "--as-of", "2022-01-31", "--dry-run"
    )
    assert "C101" in report
    assert len(report.splitlines()) == 1 + (1 + 21) + (1 + 17) + 2


def test_a_code_is_accepted_only_where_its_check_digit_alone_is_wrong(world: World) -> None:
    words = ("register", str(DATA / "luoyang-register-dirty.xlsx"), "--programme", "luoyang-2022")
    for given, told in (
        ("999999=foo", "第999999行：表中没有这一行"),
        ("43=执照如此", "第43行：统一社会信用代码为17位"),
        ("5=执照如此", "第5行：该行信用代码无误"),
        ("无此表!54=执照如此", "第无此表!54行：表中没有这一行"),
    ):
        for more in ((), ("--dry-run",)):
            accept = ("--accept-code", "54=执照如此", "--accept-code", given)
            with pytest.raises(CommandError, match=told):
                run(*words, "--as-of", "2022-01-31", *accept, *more)
    assert not ImportBatch.objects.exists()
    assert not Enterprise.objects.exists()


def test_a_month_that_is_none_is_told_as_a_month(world: World) -> None:
    for month in ("2022-13", "2022-00", "二月"):
        with pytest.raises(CommandError, match="请写作2022-03。"):
            run("filing", JANUARY, "--programme", "luoyang-2022", "--month", month)


def test_cases_follow_the_register(world: World, tmp_path: Path) -> None:
    counties = ("涧西区", "嵩县")
    rows = [firm(n, county=counties[n % 2]) for n in range(1, 41)]
    file = str(write(tmp_path / "list.xlsx", rows))
    register(file, "2022-01-31")
    world.open()
    assert Case.objects.count() == 40
    rows[0] = firm(1, condition="破产")
    rows[1] = firm(2, county="嵩县" if rows[1][2] == "涧西区" else "涧西区")
    write(tmp_path / "list.xlsx", rows)
    told = register(file, "2022-03-31", "--by", world.people["office/1"].username)
    assert (told["leaving"], told["changed"]) == (1, 1)
    gone = Case.objects.get(enterprise__credit_code=code_of(1))
    moved = Case.objects.get(enterprise__credit_code=code_of(2))
    assert gone.stage == "delisted"
    assert moved.county is not None
    assert moved.county.name == rows[1][2]
    batch = ImportBatch.objects.latest("id")
    assert batch.by == world.people["office/1"]
    assert f"{batch.pk}" in run("undo_import", str(batch.pk))
    gone.refresh_from_db()
    moved.refresh_from_db()
    assert gone.stage != "delisted"
    assert moved.county.name != rows[1][2]
    with pytest.raises(CommandError):
        run("undo_import", str(batch.pk))


REGISTER = ("register", JANUARY, "--programme", "luoyang-2022", "--as-of", "2022-01-31")
REFUSED = (
    ("register", "none.xlsx", "--programme", "luoyang-2022", "--as-of", "2022-01-31"),
    ("register", JANUARY, "--programme", "luoyang-1999", "--as-of", "2022-01-31"),
    ("register", JANUARY, "--programme", "luoyang-2022", "--as-of", "tomorrow"),
    (*REGISTER, "--by", "nobody"),
    (*REGISTER, "--accept-code", "54"),
    (*REGISTER, "--confirm-leaving", "3"),
    ("filing", JANUARY, "--programme", "luoyang-2022", "--month", "2022-02"),
    ("filing", JANUARY, "--programme", "luoyang-2022", "--month", "2022-13"),
    ("filing", JANUARY, "--programme", "luoyang-2022", "--month", "2099-01"),
    ("register", JANUARY, "--programme", "luoyang-2022", "--as-of", "2099-01-31", "--dry-run"),
    ("undo_import", "99"),
)


def test_refused_in_words(world: World) -> None:
    for words in REFUSED:
        with pytest.raises(CommandError) as refused:
            run(*words)
        assert len(str(refused.value)) > 5
        assert ImportBatch.objects.count() == 0


def test_the_list_of_another_city_is_one_line(world: World) -> None:
    file = str(DATA / "jincheng-register-2020-06.xlsx")
    words = ("register", file, "--programme", "luoyang-2022", "--as-of", "2022-01-31", "--dry-run")
    told = run(*words)
    assert "均不在本市" in told
    assert len(told.splitlines()) < 10
    assert len(json.loads(run(*words, "--json"))["refused"]) > 100
    with pytest.raises(CommandError, match="均不在本市"):
        run(*words[:-1])
    assert ImportBatch.objects.count() == 0


def test_too_many_leaving_and_json_of_a_refusal(world: World, tmp_path: Path) -> None:
    file = str(write(tmp_path / "list.xlsx", [firm(n) for n in range(40)]))
    register(file, "2022-01-31")
    write(tmp_path / "list.xlsx", [firm(n) for n in range(30)])
    out = StringIO()
    words = ["register", file, "--programme", "luoyang-2022", "--as-of", "2022-02-28", "--json"]
    with pytest.raises(CommandError) as refused:
        call_command(*words, stdout=out)
    assert "10" in str(refused.value)
    refusal = json.loads(out.getvalue())["error"]
    assert refusal["code"] == "too_many_leaving"
    assert "--confirm-leaving 10" in refusal["words"]
    assert register(file, "2022-02-28", "--dry-run")["leaving"] == 10
    assert register(file, "2022-02-28", "--confirm-leaving", "10")["leaving"] == 10
    assert Membership.objects.on(date(2022, 2, 28)).count() == 30
