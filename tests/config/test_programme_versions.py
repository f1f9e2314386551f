"""``programme versions|diff|migrate|schema``: the life of a pack on the command line."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.actions import stages
from cases.models import Case
from tests.world import START, SYSTEM, World, at
from workflows.issuing import issue_pack
from workflows.packs import shipped_text

TEXT = shipped_text("luoyang-2022")
SHORTER = TEXT.replace(
    "15 working_days} # inferred\n        form", "12 working_days}\n        form"
)
OTHER_STAGE = SHORTER.replace("to: matching,", "to: talks,")
OTHER_STAGE = OTHER_STAGE.replace("- key: matching ", "- key: talks ")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("programme", *arguments, stdout=out)
    return out.getvalue()


def as_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json"))


@pytest.fixture
def two(world: World) -> World:
    """One firm in its survey, one to be signed for, and a second version."""
    for name in ("洛阳甲厂", "洛阳乙厂"):
        world.firm(name)
    world.open()
    issue_pack(SHORTER, by=SYSTEM, at=at(date(2022, 3, 2)))
    return world


def test_versions_say_who_when_and_how_many_run(two: World) -> None:
    newest, first = as_json("versions", "luoyang-2022")["versions"]
    assert (newest["version"], newest["open_cases"]) == (2, 0)
    assert (first["version"], first["open_cases"]) == (1, 2)
    assert first["sha256"] != newest["sha256"]
    assert "第1版" in run("versions", "luoyang-2022")


def test_versions_and_diff_count_the_same_cases(two: World) -> None:
    """Remedies and matters are moved with their version too."""
    first = Case.objects.order_by("pk")[0]
    two.survey(first, "A")
    every = Case.objects.open().count()
    assert every > 2
    _newest, old = as_json("versions", "luoyang-2022")["versions"]
    cases = as_json("diff", "luoyang-2022@1", "luoyang-2022")["cases"]
    assert old["open_cases"] == cases["open"] == every


def test_diff_of_versions_and_files(two: World, tmp_path: Path) -> None:
    said = run("diff", "luoyang-2022@1", "luoyang-2022")
    assert said.splitlines() == [
        "时限",
        "  一企一案帮扶 · 摸底\t时限由“15个工作日内”改为“12个工作日内”",
        "第1版下在办2件（含下级办件），其中0件受影响。",
    ]
    case = Case.objects.get(enterprise__name="洛阳甲厂")
    worker = two.actor("涧西区/county_worker")
    stages.acknowledge(case.pk, by=worker, at=at(START))
    assert "在办2件（含下级办件），其中1件受影响" in run("diff", "luoyang-2022@1", "luoyang-2022")
    file = tmp_path / "next.yaml"
    file.write_text(OTHER_STAGE, encoding="utf-8")
    found = as_json("diff", "luoyang-2022@2", str(file))
    assert {change["part"] for change in found["changes"]} == {"stages"}
    assert found["cases"] == {"open": 0, "touched": 0}
    assert "没有变化" in run("diff", "luoyang-2022@1", "luoyang-2022@1")
    for name in ("luoyang-2022@7", "jincheng-1999", str(tmp_path / "none.yaml")):
        with pytest.raises(CommandError):
            run("diff", "luoyang-2022", name)


def test_migrate_says_what_would_happen_and_then_does_it(two: World) -> None:
    move = ("migrate", "luoyang-2022", "--from", "1", "--to", "2")
    assert as_json(*move, "--dry-run") == {
        "done": False,
        "moved": 2,
        "children": 0,
        "redated": 0,
        "stages": [{"procedure": "assistance", "from": "assigned", "to": "assigned", "cases": 2}],
        "kept": [],
    }
    assert "将迁移办件2件" in run(*move, "--dry-run")
    assert as_json(*move)["done"]
    assert as_json(*move)["moved"] == 0


def test_migrate_refuses_with_reasons(two: World) -> None:
    issue_pack(OTHER_STAGE, by=SYSTEM, at=at(date(2022, 3, 3)))
    case = two.survey(Case.objects.get(enterprise__name="洛阳甲厂"))
    move = ("migrate", "luoyang-2022", "--from", "1", "--to", "3")
    out = StringIO()
    with pytest.raises(CommandError, match="没有迁移"):
        call_command("programme", *move, "--json", stdout=out)
    kept = json.loads(out.getvalue())["kept"]
    words = "环节“对接”在新版中没有对应环节，请在对应表中指定。"
    assert kept == [{"case": case.number, "code": "no_map", "words": words}]
    with pytest.raises(CommandError, match="环节对应"):
        run(*move, "--map", "matching")
    with pytest.raises(CommandError, match="第9版"):
        run("migrate", "luoyang-2022", "--from", "1", "--to", "9")
    assert as_json(*move, "--leave")["moved"] == 1
    assert as_json(*move, "--map", "matching=talks")["moved"] == 1


def test_the_schema_is_json() -> None:
    schema = json.loads(run("schema"))
    assert schema["$schema"].endswith("2020-12/schema")
    assert "procedures" in schema["properties"]
