"""``freeze``, ``rank``, ``changes``, ``indicators --per``: the figures of the office by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import time_machine
from openpyxl import load_workbook

from cases.models import Case
from enterprises.models import Enterprise, Membership, MonthlyFact
from tests.config.test_commands import as_json, refused, run
from tests.world import World, at

KEY, FEBRUARY = "luoyang-2022", "2022-02"
NAME = "企业名称"
APRIL = at(date(2022, 4, 6))


@pytest.fixture
def spring(world: World) -> World:
    for name, place, spends in (
        ("甲有限公司", "涧西区", False),
        ("乙有限公司", "涧西区", True),
        ("丙有限公司", "嵩县", True),
    ):
        firm = world.firm(name, place)
        world.fact(firm, date(2022, 2, 1), has_spending=spends)
    return world


def test_a_rank_reads_what_was_frozen(spring: World) -> None:
    by = spring.people["office/1"].username
    with time_machine.travel(APRIL, tick=False):
        live = as_json("rank", KEY, "--month", FEBRUARY)
        frozen = as_json("freeze", KEY, "--month", FEBRUARY, "--by", by)
        assert (live["frozen"], frozen["version"], frozen["firms"]) == (False, 1, 3)
        assert frozen["city"]["coverage_rate"] == 66.7
        MonthlyFact.objects.filter(enterprise__name="甲有限公司").update(has_spending=True)
        told = as_json("indicators", KEY, "--as-of", "2022-02-28")
        assert (told["frozen"], told["version"], told["indicators"]["with_rd"]) == (True, 1, 2)
        assert told["city"]["coverage_rate"] == 66.7
        today = as_json("indicators", KEY)
        assert (today["frozen"], today["version"], today["city"]["with_rd"]) == (False, None, 3)
        again = as_json("rank", KEY, "--month", FEBRUARY)
        assert (again["frozen"], again["version"]) == (True, 1)
        assert again["counties"] == live["counties"]
        row = next(r for r in again["counties"] if r["name"] == "涧西区")
        assert (row["coverage_rate"], row["base"], row["rank"]) == (50.0, 2, 1)
        assert "1、1、3" in again["rule"]
        plain = as_json("rank", KEY, "--month", FEBRUARY, "--plain")
        places = {r["name"]: r["rank"] for r in plain["counties"] if r["rank"]}
        assert places == {"嵩县": 1, "涧西区": 2}
        assert "嵩县\t100.0" in run("rank", KEY, "--as-of", "2022-02-28", "--plain")
        code = refused("freeze", KEY, "--month", FEBRUARY)[0]["code"]
        more = ("--reason", "补报", "--known-until", "2022-03-15", "--at", "2022-04-06")
        second = as_json("freeze", KEY, "--month", FEBRUARY, *more)
        assert (code, second["version"], second["city"]["coverage_rate"]) == ("frozen", 2, 100.0)
        assert refused("rank", KEY, "--month", "2022-12")[0]["code"] == "day_in_future"
        told = run("freeze", KEY, "--list").splitlines()
    assert told == ["2022-02-28\t月度\t2\t已封账", "2022-02-28\t月度\t1\t已封账"]


@time_machine.travel(APRIL, tick=False)
def test_a_cut_of_a_day_and_the_year_of_the_annual_report(spring: World) -> None:
    cut = as_json("freeze", KEY, "--day", "2022-02-28", "--at", "2022-03-01")
    assert (cut["edition"], cut["known_until"]) == ("cut", "2022-02-28")
    assert refused("freeze", KEY, "--annual-report")[0]["code"] == "not_over"
    assert refused("freeze", KEY)[0]["code"] == "wrong_input"


@time_machine.travel(APRIL, tick=False)
def test_what_changed_is_explained_firm_by_firm(spring: World) -> None:
    world = spring
    world.firm("丁有限公司", "嵩县", joined_on=date(2022, 3, 5))
    Membership.objects.filter(enterprise__name="乙有限公司").update(left_on=date(2022, 3, 2))
    world.fact(Enterprise.objects.get(name="甲有限公司"), date(2022, 3, 1), has_spending=True)
    found = as_json("changes", KEY, "--from", FEBRUARY, "--to", "2022-03-31")
    kinds = {row["name"]: row["changes"] for row in found["firms"]}
    assert kinds == {
        "甲有限公司": ["covered"],
        "乙有限公司": ["left"],
        "丁有限公司": ["joined", "filed"],
    }
    covered = next(row for row in found["figures"] if row["figure"] == "covered")
    assert covered == {"figure": "covered", "before": 2, "after": 2, "covered": 1, "left": 1}
    assert "甲有限公司" in run("changes", KEY, "--from", FEBRUARY, "--to", "2022-03")
    assert refused("changes", KEY, "--from", "2022-03", "--to", FEBRUARY)[0]["code"]


@time_machine.travel(APRIL, tick=False)
def test_every_indicator_by_every_part_with_its_definition(spring: World) -> None:
    spring.open(date(2022, 3, 1))
    assert Case.objects.main().count() == 1
    for per, names in (
        ("county", ["涧西区", "嵩县"]),
        ("zone", ["都市核心区", "南部生态区"]),
        ("department", ["市工信局"]),
        ("group", ["包联第一组", "未归属"]),
        ("industry", ["通用设备制造业"]),
    ):
        found = as_json("indicators", KEY, "--per", per)
        assert [line["name"] for line in found["lines"]] == names, per
        assert sum(line["current"] for line in found["lines"]) == 3
    city = found["indicators"]
    assert (city["coverage_rate"], city["opened"], city["overdue"]) == (66.7, 1, 1)
    besides = {"stages", "needs", "measures", "spending_growth"}
    assert found["definitions"].keys() == city.keys() | besides
    assert found["needs"] == {"collected": 0, "matched": 0, "lines": []}
    assert found["measures"]["in_all"] == 13
    assert found["spending_growth"] == {"firms": 0, "rate": None}
    assert "覆盖率" in run("indicators", KEY, "--per", "county")


@time_machine.travel(APRIL, tick=False)
def test_a_ledger_is_written_with_its_filters(spring: World, tmp_path: Path) -> None:
    spring.firm("丁有限公司", "嵩县")
    spring.open(date(2022, 3, 1))
    target = str(tmp_path / "台账.xlsx")

    def names(*more: str) -> set[str]:
        found = as_json("ledger", KEY, "-o", target, *more)
        rows = list(load_workbook(target).active.iter_rows(min_row=5, values_only=True))
        assert found["rows"] == len(rows)
        heads = [c.value for c in load_workbook(target).active[4]]
        return {str(row[heads.index(NAME)]) for row in rows}

    assert names() == {"甲有限公司", "丁有限公司"}
    assert names("--county", "嵩县") == {"丁有限公司"}
    assert names("--chip", "overdue", "--search", "甲") == {"甲有限公司"}
    assert names("--stage", "closed") == names("--grade", "A") == set()
    assert names("--by", spring.people["涧西区/county_worker"].username) == {"甲有限公司"}
    assert "2" in run("ledger", KEY, "--out", target)
    assert refused("ledger", KEY)[0]["code"] == "wrong_input"
    assert "洛阳县" in refused("ledger", KEY, "--out", target, "--county", "洛阳县")[1]


@time_machine.travel(APRIL, tick=False)
def test_the_province_s_figures_are_kept_and_shown_beside_ours(
    spring: World, tmp_path: Path
) -> None:
    assert as_json("province", KEY, "--month", FEBRUARY)["lines"] == []
    lines = tmp_path / "lines.txt"
    lines.write_text("洛阳市 1912 78.5% 60.2 -\n嵩  县 100 50 40.0 30", encoding="utf-8")
    more = ("--file", str(lines), "--source", "省通报第2期", "--cut-off", "2022-02-25")
    by = spring.people["office/1"].username
    said = as_json("province", KEY, "--month", FEBRUARY, *more, "--by", by, "--at", "2022-04-06")
    assert (said["kept"], said["source"], said["cut_off"]) == (2, "省通报第2期", "2022-02-25")
    assert said["lines"][0] == {
        "name": "洛阳市",
        "province": {"base": 1912, "filing_rate": "78.5", "coverage_rate": "60.2",
                     "four_haves_rate": None},
        "ours": {"base": 3, "filing_rate": 100, "coverage_rate": 66.7, "four_haves_rate": 0},
    }  # fmt: skip
    assert "嵩县\t50 / 100.0\t40 / 100.0" in run("province", KEY, "--month", FEBRUARY)
    assert refused("province", KEY, "--month", FEBRUARY, "--file", str(lines))[0]["code"] == (
        "no_source"
    )
    worker = spring.people["涧西区/county_worker"].username
    assert refused("province", KEY, "--month", FEBRUARY, *more, "--by", worker)[0]["code"] == (
        "not_yours"
    )
