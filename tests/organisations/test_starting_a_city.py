"""docs/starting-a-city.md, run as it is written: a real city, without the demo."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from cases.models import WorkItem
from organisations import clock
from organisations.models import Post, Region, Tenure, Unit, User
from organisations.roles import Act, Role
from organisations.scope import actor_of
from tests.organisations.test_import import workbook

ROOT = Path(settings.BASE_DIR)
GUIDE = ROOT / "docs" / "starting-a-city.md"
DATA = ROOT / "tests" / "data"
# the shell's part of the guide; preparing the database is the test bed's
NOT_HERE = {"prepare"}
PEOPLE = [
    ["13800000011", "李四", "", "市工信局", "", "联络员", "2022-01-01", ""],
    ["13800000012", "王五", "", "涧西区工作专班", "涧西区", "经办人", "2022-01-01", ""],
]


def documented() -> list[list[str]]:
    """Every ``manage.py`` line of the guide, split as a shell would."""
    text = GUIDE.read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, flags=re.S)
    lines = [shlex.split(line) for block in blocks for line in block.splitlines()]
    return [words[2:] for words in lines if words[1:2] == ["manage.py"]]


def test_the_guide_names_only_commands_that_exist() -> None:
    named = {words[0] for words in documented()} | set(
        re.findall(r"`manage\.py (\w+)", GUIDE.read_text(encoding="utf-8"))
    )
    assert {"set_up_city", "first_user", "people", "register", "filing", "open_cases"} <= named
    assert named <= set(get_commands())


def test_the_guide_starts_a_city(db: None, tmp_path: Path, settings: Any) -> None:
    settings.DEMO = False
    said = _run(documented(), tmp_path)
    city = Region.objects.get(key="洛阳市")
    assert Region.objects.counties_of(city).count() == 16
    assert Unit.objects.within(city).filter(kind="task_force").count() == 16
    first = actor_of(User.objects.get(username="13800000000"), clock.today())
    assert first.may(Act.MANAGE_USERS)
    assert Tenure.objects.get(user__username="13800000012").post.role == Role.COUNTY_WORKER
    assert "0 counties" not in said["set_up_city"]
    assert len(said["people"].splitlines()) > len(PEOPLE)  # counts, and a line for each account
    assert said["indicators"]
    _check_cases()


def _check_cases() -> None:
    items = WorkItem.objects.all()
    assert items.count() > 400
    assert not items.filter(Q(unit=None) | Q(post=None)).exists()
    assert {item.post.role for item in items.select_related("post")} == {Role.COUNTY_WORKER}


def _run(commands: list[list[str]], folder: Path) -> dict[str, str]:
    """Run them, with the guide's file names led to real files; what each said last."""
    files = {
        "people.xlsx": folder / "people.xlsx",
        "register.xlsx": DATA / "luoyang-register-2022-01.xlsx",
        "filing.xlsx": DATA / "luoyang-filing-2022-02.xlsx",
        "workflows/programmes/luoyang-2022.yaml": ROOT / "workflows/programmes/luoyang-2022.yaml",
    }
    said: dict[str, str] = {}
    for name, *arguments in commands:
        if name in NOT_HERE:
            continue
        out = io.StringIO()
        call_command(name, *[str(files.get(a, a)) for a in arguments], stdout=out)
        said[name] = out.getvalue()
        if "--template" in arguments:
            _fill_in(files["people.xlsx"])
    return said


def _fill_in(path: Path) -> None:
    """What the office would type: units by their short names."""
    path.write_bytes(workbook(people=PEOPLE))


# --- the commands one by one ---------------------------------------------------------------------


@pytest.fixture
def luoyang(db: None) -> Region:
    call_command("set_up_city", "luoyang-2022", stdout=io.StringIO())
    return Region.objects.get(key="洛阳市")


def _json(name: str, *arguments: str) -> Any:
    out = io.StringIO()
    call_command(name, *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_setting_up_again_adds_nothing(luoyang: Region) -> None:
    posts = Post.objects.count()
    again = _json("set_up_city", "luoyang-2022")
    assert again == {"city": "洛阳市", "counties": 0, "units": 0, "posts": 0}
    assert Post.objects.count() == posts


def test_every_unit_of_the_pack_can_receive_work(luoyang: Region) -> None:
    silent = [
        unit.name
        for unit in Unit.objects.within(luoyang).exclude(kind="leadership")
        if not unit.posts.filter(receives_work=True).exists()
    ]
    assert silent == []
    assert Unit.objects.get(short_name="市专班办").posts.filter(role=Role.OFFICE).count() == 2


@pytest.mark.parametrize("role", ["office", "system_admin", "security_admin", "audit_admin"])
def test_the_first_of_each_role(luoyang: Region, role: str, client: Client) -> None:
    call = "000-12345678"  # letters of the office name it
    made = _json(
        "first_user", "--name", "张三", "--username", "zhang", "--role", role, "--phone", call
    )
    user = User.objects.get(username="zhang")
    assert user.phone == call
    assert user.check_password(made["password"])
    assert actor_of(user, clock.today()).roles == {role}
    answer = client.post(reverse("login"), {"username": "zhang", "password": made["password"]})
    assert answer.status_code == 302
    assert client.get(reverse("people"))["Location"] == reverse("password_change")
    with pytest.raises(CommandError):
        _json("first_user", "--name", "李四", "--username", "li", "--role", role)
    assert not User.objects.filter(username="li").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["set_up_city", "no-such-pack"],
        ["first_user", "--name", "x", "--username", "x"],
        ["first_user", "--name", "x", "--username", "x", "--city", "无"],
        ["people"],
        ["people", "nowhere.xlsx", "--city", "无"],
    ],
)
def test_what_cannot_be_done_is_said(db: None, command: list[str]) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command(*command, stdout=io.StringIO())
    assert str(refusal.value)


def test_a_refusal_in_json_has_its_code(luoyang: Region, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.xlsx"
    wrong.write_text("nothing")
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("people", str(wrong), "--city", "洛阳市", "--json", stdout=out)
    assert json.loads(out.getvalue())["error"]["code"] == "not_a_workbook"


def test_people_by_somebody_who_may_not(
    luoyang: Region, tmp_path: Path, make_user: Callable[..., User]
) -> None:
    make_user("charlie", Post.objects.filter(role=Role.COUNTY_LEAD).earliest("id"))
    path = tmp_path / "people.xlsx"
    _fill_in(path)
    report = _json("people", str(path), "--city", "洛阳市", "--by", "charlie")
    assert report["new"] == 0
    assert [finding["code"] for finding in report["refused"]] == ["may_not", "may_not"], report
    assert list(report["refused"][0]) == ["sheet", "row", "column", "code", "reason"]
