"""Hand-overs, stand-ins and load from the command line."""

from __future__ import annotations

from tests.config.test_commands import as_json, refused, run
from tests.world import World, person

WORKER = "涧西区/county_worker"
POST = "涧西区工作专班/经办人"


def office(world: World) -> tuple[str, str]:
    return ("--by", world.people["office/1"].username)


def test_a_post_is_handed_over_and_listed(world: World) -> None:
    world.firm("洛阳示例有限公司")
    run("open_cases", "luoyang-2022", "--at", "2022-03-01")
    person("new", "接任者")
    common = ["--post", POST, "--to", "new", "--at", "2022-03-02"]
    [dry] = as_json("hand_over", *common, "--dry-run")
    assert (dry["open"], dry["to"]) == (1, "接任者")
    assert as_json("hand_over", "--list") == []
    [done] = as_json("hand_over", *common, "--note", "先办第一家", *office(world))
    assert done["has_taken_effect"]
    assert as_json("hand_over", "--list")[0]["note"] == "先办第一家"
    [unit] = as_json("load", "--unit", "涧西区工作专班", "--as-of", "2022-03-02")
    assert unit["open"] == 1
    assert unit["posts"][0]["holders"] == [{"account": "new", "name": "接任者"}]


def test_a_post_is_left_vacant(world: World) -> None:
    line = ("hand_over", "--post", POST, "--vacant", "--at", "2022-03-02")
    [row] = as_json(*line, *office(world))
    assert row["to"] is None
    units = as_json("load", "--as-of", "2022-03-02", "--kind", "task_force")
    assert any(u["vacant_posts"] for u in units)


def test_somebody_stands_in_until_it_is_revoked(world: World) -> None:
    person("new", "接任者")
    lead = world.people["涧西区/county_lead"].username
    given = ["delegate", "add", POST, "--to", "new", "--last-day", "2022-03-05", "--reason", "培训"]
    [row] = as_json(*given, "--by", lead, "--at", "2022-03-02")
    assert (row["from_on"], row["last_day"]) == ("2022-03-02", "2022-03-05")
    [listed] = as_json("delegate", "list", "--at", "2022-03-05")
    assert listed["to"] == "new"
    assert as_json("delegate", "list", "--at", "2022-03-06") == []
    as_json("delegate", "revoke", str(row["id"]), "--at", "2022-03-03", *office(world))
    assert as_json("delegate", "list", "--at", "2022-03-03") == []
    assert as_json("delegate", "list", "--all")[0]["revoked_on"] == "2022-03-03"


def test_refusals_in_words(world: World) -> None:
    error, words = refused("hand_over", "--post", "无此单位/经办人", "--vacant", *office(world))
    assert "无此单位" in words
    error, _words = refused("hand_over", "--post", POST, *office(world))
    assert error["code"] == "wrong_input"
    worker = world.people[WORKER].username
    person("new", "接任者")
    error, _words = refused(
        "hand_over", "--post", POST, "--to", "new", "--by", worker, "--at", "2022-03-02"
    )
    assert error["code"] == "not_your_unit"
