"""docs/adding-a-city.md alone: its examples are a city that runs, without a line of Python."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from cases import querysets as ask
from cases.actions import evidence, opening, stages
from cases.models import Case, WorkItem
from cases.sweeps import sweep
from config.importing import take_register
from enterprises.importing.register_plan import preview_register, read_register
from organisations.days import day_of
from organisations.models import Post, Tenure, Unit
from organisations.scope import Actor, actor_of
from reports.indicators import indicators
from tests.architecture import ROOT
from tests.enterprises.sheets import code_of, firm, write
from tests.plain import dumped, loaded
from tests.rules.test_pack_schema import read
from tests.world import SYSTEM, at, paper, person
from workflows.form_examples import filled
from workflows.issuing import issue_and_set_up
from workflows.models import ProgrammeVersion
from workflows.pack_schema import pack_schema
from workflows.packs import Pack, parse_pack

DOC = ROOT / "docs/adding-a-city.md"
CHINESE_DOC = ROOT / "docs/adding-a-city.zh-CN.md"
START = date(2026, 3, 2)  # a Monday


def blocks(doc: Path, kind: str) -> list[str]:
    """The YAML examples of a page: ``yaml`` for the city, ``yaml also`` for further parts."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", doc.read_text("utf-8"), re.DOTALL | re.MULTILINE)


CITY = "\n".join(blocks(DOC, "yaml"))


def merged(base: Any, more: Any) -> Any:
    """A further part put where it belongs: mappings by name, lists by the key of their items."""
    if isinstance(base, dict) and isinstance(more, dict):
        whole = ("closes_when", "time")
        joined = {k: merged(base[k], v) for k, v in more.items() if k in base and k not in whole}
        return base | more | joined
    if not (isinstance(base, list) and isinstance(more, list) and "key" in base[0]):
        return more
    found = {item["key"]: item for item in base}
    for item in more:
        found[item["key"]] = merged(found[item["key"]], item) if item["key"] in found else item
    return list(found.values())


def city_with(part: str) -> str:
    data = merged(loaded(CITY), loaded(part))
    return dumped(data)


def test_the_page_is_a_whole_pack() -> None:
    pack = parse_pack(CITY, "qinghu-2026.yaml")
    assert (pack.city, len(pack.counties), len(pack.root.stages)) == ("青湖市", 3, 6)
    assert list(Draft202012Validator(pack_schema()).iter_errors(read(CITY))) == []
    # every part that a pack may have is named on the page
    words = DOC.read_text("utf-8")
    optional = {"city_code"}
    assert [name for name in Pack.model_fields if name not in words and name not in optional] == []


def words_of(node: Any) -> set[str]:
    """Every name and every fixed word that the schema lets one write."""
    if isinstance(node, list):
        return set().union(*map(words_of, node))
    if not isinstance(node, dict):
        return set()
    own = {*node.get("properties", ()), *map(str, node.get("enum", ()))}
    own |= {str(node["const"])} if "const" in node else set()
    return own.union(*map(words_of, node.values()))


def test_every_word_that_may_be_written_stands_on_the_page() -> None:
    """Whoever has the page alone never has to look into a shipped pack, or into Python."""
    written_together = {"n", "phrase", "zh", "en"}  # `20 working_days`, `中文 | English`
    for doc in (DOC, CHINESE_DOC):
        named = set(re.findall(r"[A-Za-z0-9_]+", doc.read_text("utf-8")))
        assert words_of(pack_schema()) - named - written_together == set(), doc.name


@pytest.mark.parametrize("place", range(len(blocks(DOC, "yaml also"))))
def test_a_further_part_fits_in(place: int) -> None:
    text = city_with(blocks(DOC, "yaml also")[place])
    assert parse_pack(text, "qinghu-2026.yaml").root.key == "service"
    assert list(Draft202012Validator(pack_schema()).iter_errors(read(text))) == []


def test_both_languages_give_the_same_city() -> None:
    for kind in ("yaml", "yaml also"):
        english, chinese = (blocks(doc, kind) for doc in (DOC, CHINESE_DOC))
        assert english
        assert [loaded(b) for b in english] == [loaded(b) for b in chinese]
    heads = [re.findall(r"^## (\d+)", doc.read_text("utf-8"), re.M) for doc in (DOC, CHINESE_DOC)]
    assert heads[0] == heads[1]


# --- it runs -------------------------------------------------------------------------------------
@pytest.fixture
def version(db: None) -> ProgrammeVersion:
    return issue_and_set_up(CITY, by=SYSTEM, at=at(date(2026, 1, 5)), source="qinghu-2026.yaml")


def staffed(version: ProgrammeVersion) -> dict[str, Actor]:
    """One person on every post, by the unit's short name and the role."""
    found: dict[str, Actor] = {}
    for post in Post.objects.filter(unit__region__path__startswith=version.programme.city.path):
        who = person(f"p{post.pk}", f"{post.unit.short_name}{post.name}")
        Tenure.objects.create(post=post, user=who, from_on=date(2026, 1, 1))
        found.setdefault(f"{post.unit.short_name}/{post.role}", actor_of(who, START))
        found[f"{post.unit.short_name}/{post.role}/2"] = actor_of(who, START)
    return found


def register(version: ProgrammeVersion, folder: Path) -> None:
    """Ten firms in three counties, three industries and two forms of ownership."""
    counties = ("临湖区", "临湖县", "北岸新区", "青山县")
    rows = [
        firm(
            number,
            name=f"青湖样本{number}有限公司",
            code=code_of(number),
            county=counties[number % 4],
            industry_code=("3451", "4412", "3021")[number % 3],
            industry_name="",
            ownership="国有独资公司" if number == 9 else "私营有限责任公司",
        )
        for number in range(10)
    ]
    book = write(folder / "register.xlsx", rows)
    city = version.programme.city
    plan = preview_register(city, read_register(book), as_of=date(2026, 1, 31))
    outcome = take_register(plan, by=SYSTEM, at=at(date(2026, 2, 2)))
    assert outcome.batch.done_rows == 10


def test_a_new_city_runs_from_the_register_to_the_closing(
    version: ProgrammeVersion, tmp_path: Path
) -> None:
    people = staffed(version)
    register(version, tmp_path)
    opened = opening.open_cases(version.programme, by=SYSTEM, at=at(START))
    assert (opened.opened, opened.without_unit) == (10, 0)
    departments = Case.objects.values_list("competent_unit__short_name", flat=True)
    assert {name: list(departments).count(name) for name in set(departments)} == {
        "市科技局": 1,
        "市能源局": 3,
        "市工信局": 6,
    }
    asked = Case.objects.all().with_item()
    assert asked.filter(ask.to_acknowledge()).count() == 10
    case = Case.objects.filter(county__name="临湖区", competent_unit__short_name="市工信局")[0]
    assert case.liaison_unit is not None
    assert case.liaison_unit.short_name == "第一服务组"

    _run_to_the_end(case, version.pack, people)
    figures = indicators(version.programme, date(2026, 3, 31))
    assert figures.city.listed == 10
    assert [row.name for row in figures.counties] == ["临湖区", "北岸新区", "青山县"]


def _run_to_the_end(case: Case, pack: Pack, people: dict[str, Actor]) -> None:
    worker = people["临湖区推进组/county_worker"]
    lead = people["临湖区推进组/county_lead"]
    stages.acknowledge(case.pk, by=worker, at=at(START))
    item = open_item(case)
    # calendar days: the day after, days off too
    assert (item.stage, item.due_on) == (
        "diagnosis",
        START + timedelta(days=22),
    )  # signed two days early
    form = filled(pack.form("diagnosis"), today=START, answers={"situation": "some"})
    stages.advance(case.pk, by=worker, at=at(START, 10), form=form)
    assert open_item(case).stage == "doing"

    # one of three criteria is enough; this one the provincial system knows nothing of
    [row] = evidence.submit(
        case.pk, criterion="innovation", papers=[paper()], by=worker, at=at(START, 11)
    )
    evidence.accept(row.pk, by=lead, at=at(START, 12))
    form = filled(pack.form("proof"), today=START)
    stages.apply_for_closure(case.pk, by=worker, at=at(START, 13), form=form)
    stages.advance(case.pk, by=lead, at=at(START, 14))
    assert open_item(case).unit.short_name == "市工信局"
    stages.advance(case.pk, by=people["市工信局/department_lead"], at=at(START, 15))
    item = open_item(case)
    assert (item.stage, item.due_on) == ("acceptance", date(2026, 3, 13))
    assert Case.objects.all().with_item().filter(ask.to_confirm()).get() == case
    done = stages.close(case.pk, by=people["市推进办/office"], at=at(date(2026, 3, 13)))
    assert (done.stage, done.closing_serial) == ("closed", 1)


@pytest.mark.parametrize("stage", ["handover", "diagnosis", "doing"])
def test_every_page_knows_it(
    version: ProgrammeVersion, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that were made with another city's stages, classes and forms in mind."""
    monkeypatch.setattr("organisations.clock.now", lambda: at(START, 16))
    monkeypatch.setattr("organisations.clock.today", lambda: START)
    people = staffed(version)
    register(version, tmp_path)
    opening.open_cases(version.programme, by=SYSTEM, at=at(START))
    case = Case.objects.filter(county__name="临湖区")[0]
    worker = people["临湖区推进组/county_worker"]
    if stage != "handover":
        stages.acknowledge(case.pk, by=worker, at=at(START))
    if stage == "doing":
        form = filled(version.pack.form("diagnosis"), today=START)
        stages.advance(case.pk, by=worker, at=at(START, 10), form=form)
    for who in (worker, people["市推进办/office"], people["临湖区推进组/county_lead"]):
        client = Client()
        assert who.user is not None
        client.force_login(who.user, backend="django.contrib.auth.backends.ModelBackend")
        pages = ["workbench", "ledger", "firms", "progress"]
        addresses = [reverse(name) for name in pages] + [reverse("case", args=[case.pk])]
        if who is worker and stage != "handover":
            addresses.append(reverse("case_form", args=[case.pk]))
        if who is worker:
            addresses.append(reverse("evidence_add", args=[case.pk]))
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            assert "临湖区" in answer.content.decode() or "青湖" in answer.content.decode()


def test_its_own_ladder_and_quiet_seasons_hold(version: ProgrammeVersion, tmp_path: Path) -> None:
    people = staffed(version)
    register(version, tmp_path)
    opening.open_cases(version.programme, by=SYSTEM, at=at(START))
    case = Case.objects.filter(county__name="青山县")[0]
    stages.acknowledge(case.pk, by=people["青山县推进组/county_worker"], at=at(START))
    due = START + timedelta(days=22)  # signed two days before it had to be
    item = open_item(case)
    said = []
    for days in range(40):
        sweep(at(START + timedelta(days=days)))
        said = [(rung.rung, day_of(rung.at) - START) for rung in item.rungs.order_by("pk")]
    assert [(key, when.days) for key, when in said] == [
        ("call", 3),
        ("soon", 20),
        ("late", 23),
        ("phone", 29),
        ("letter", 36),
    ]
    assert item.due_on == due
    season = version.pack.quiet_seasons[1]
    assert season.holds(date(2026, 8, 3))
    assert not season.holds(date(2026, 8, 16))


def open_item(case: Case) -> WorkItem:
    item: WorkItem = WorkItem.objects.get(process=case, finished=None)
    return item


def test_units_of_the_pack_are_there(version: ProgrammeVersion) -> None:
    names = set(Unit.objects.values_list("short_name", flat=True))
    assert {"市推进办", "市能源局", "临湖区推进组", "青山县推进组", "第二服务组"} <= names
