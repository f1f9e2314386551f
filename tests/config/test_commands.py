"""The command line: the same verbs, JSON for programs, refusals in words."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.world import World


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
    assert as_json("open_cases", "luoyang-2022", "--at", "2022-04-11")["opened"] == 0
    assert as_json("tick", "--at", "2022-04-11") == {"rungs": 0, "notices": 2}
    assert as_json("tick", "--at", "2022-04-12") == {"rungs": 3, "notices": 6}
    assert as_json("tick", "--at", "2022-04-12") == {"rungs": 0, "notices": 0}


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
