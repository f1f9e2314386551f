"""``manage.py resources``: the same verbs, JSON for programs, refusals in words."""

from __future__ import annotations

from pathlib import Path

from cases.models import MatchRecord
from resources.models import Expert, Resource
from tests.config.test_commands import as_json, refused, run
from tests.resources.conftest import expert, line, resource, workbook
from tests.resources.test_matching import _at_start, in_matching, leave, met
from tests.world import World

__all__ = ["_at_start"]


def test_import_export_and_import_again(world: World, tmp_path: Path) -> None:
    book, out = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    book.write_bytes(workbook({"资源": [line(), line(name="坏行", kind="银行")]}))
    report = as_json("resources", "import", str(book), "--dry-run")
    assert (report["new"], report["dry_run"], Resource.objects.count()) == (1, True, 0)
    assert report["refused"][0]["column"] == "类别"
    assert "坏" not in run("resources", "import", str(book)).splitlines()[0]
    run("resources", "export", str(out))
    again = as_json("resources", "import", str(out), "--city", "洛阳市")
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 1)
    run("resources", "template", str(out))
    assert as_json("resources", "import", str(out))["unchanged"] == 0
    error, words = refused("resources", "import", str(tmp_path / "none.xlsx"))
    assert (error["code"], error["words"]) == ("wrong_input", words)


def test_who_acts_is_asked(world: World, tmp_path: Path) -> None:
    book = tmp_path / "in.xlsx"
    book.write_bytes(workbook({"资源": [line()]}))
    worker = world.people["涧西区/county_worker"].username
    error, _words = refused("resources", "import", str(book), "--by", worker)
    assert error["code"] == "may_not"
    assert not Resource.objects.exists()


def test_list_and_suggest(world: World) -> None:
    resource(world)
    expert(world)
    assert [row["name"] for row in as_json("resources", "list")] == ["示例理工学院"]
    assert as_json("resources", "list", "--kind", "testing") == []
    assert as_json("resources", "list", "--of", "experts", "--search", "轴承")[0]["title"] == "教授"
    need = ("resources", "suggest", "轴承淬火", "--industry", "3451", "--county", "涧西区")
    found = as_json(*need)["suggestions"]
    assert [(one["table"], one["name"]) for one in found] == [
        ("expert", "陈示例"),
        ("resource", "示例理工学院"),
    ]
    assert found[0]["why"] == "行业345一致；领域含“轴承”；同县区"
    assert "领域含“轴承”" in run(*need)
    case = in_matching(world)
    number = f"2022-{case.serial:05d}"
    asked = as_json("resources", "suggest", "--case", number)
    assert asked["need"]["words"].startswith("滚动轴承淬火变形控制")
    assert refused("resources", "suggest", "--case", "2022-99999")[0]["code"] == "wrong_input"
    assert refused("resources", "suggest", "--county", "南极")[0]["code"] == "wrong_input"


def test_matched(world: World) -> None:
    leave(world, in_matching(world), met("理工学院", "signed", amount="10"))
    figures = as_json("resources", "matched")
    assert figures["total"]["projects"] == 1
    assert figures["counties"][0]["county"] == "涧西区"
    assert figures["months"] == [{"month": "2022-03", **figures["total"]}]
    assert figures["results"][0]["result"] == "signed"
    assert as_json("resources", "matched", "--county", "嵩县")["total"]["records"] == 0
    assert as_json("resources", "matched", "--from", "2022-03-02")["total"]["records"] == 0
    assert as_json("resources", "matched", "--until", "2022-03-01")["total"]["records"] == 1
    words = run("resources", "matched")
    assert words.startswith("1家企业与1家高校院所合作，项目1项")
    outsider = world.people["嵩县/county_lead"].username
    assert as_json("resources", "matched", "--by", outsider)["total"]["records"] == 0


def test_forms_of_an_older_version_get_their_records(world: World) -> None:
    resource(world)
    case = in_matching(world)
    leave(world, case, met("示例理工学院", "signed"), met("山外所"))
    before = list(MatchRecord.objects.values_list("partner", "resource", "at", "by"))
    MatchRecord.objects.all().delete()
    assert as_json("resources", "follow") == {"forms": 1, "records": 2}
    assert list(MatchRecord.objects.values_list("partner", "resource", "at", "by")) == before
    assert as_json("resources", "follow") == {"forms": 1, "records": 2}


def test_an_account_for_an_expert(world: World) -> None:
    man = expert(world)
    made = as_json("resources", "account", str(man.pk), "--username", "envoy1")
    user = Expert.objects.get().user
    assert user is not None
    assert user.check_password(made["password"])
    assert user.must_change_password
    error, _words = refused("resources", "account", "999", "--username", "envoy2")
    assert error["code"] == "wrong_input"
