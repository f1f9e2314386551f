"""The audit trail for people: who reads what of it, from what to what, the file, the verdict."""

from __future__ import annotations

import ast
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from cases.actions import remarks
from config import tasks
from config.trail import words
from config.trail.filters import Filters
from config.trail.words import DEEDS
from notifications import preferring
from organisations.actions import regions, users
from organisations.models import AuditEvent, Unit
from organisations.roles import Role
from tests.architecture import ROOT
from tests.config.test_commands import as_json, refused, run
from tests.outsiders.cast import _sit
from tests.world import START, SYSTEM, World, at

BACKEND = "django.contrib.auth.backends.ModelBackend"
WORKER = "涧西区/county_worker"
CHOSEN = {"by_mail": True, "by_sms": False, "digest": True, "singles": True}


def signed_in(world: World, who: str) -> Client:
    client = Client()
    client.force_login(world.people[who], backend=BACKEND)
    return client


@pytest.fixture
def city(world: World) -> World:
    for role in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN):
        _sit(world, role.value, world.units["市专班办"], role)
    worker = world.people[WORKER]
    users.update_user(worker, name=worker.name, phone="13800000009", by=SYSTEM, at=at(START))
    hour = preferring.HOURS[3]
    mine = world.actor(WORKER)
    preferring.prefer(worker, by=mine, at=at(START), email="", digest_at=hour, **CHOSEN)
    world.firm("洛阳示例轴承有限公司")
    world.open()
    remarks.comment(world.case().pk, by=mine, at=at(START), text="已电话联系")
    return world


def test_each_reader_sees_what_is_his_to_read(city: World) -> None:
    page = signed_in(city, "system_admin").get(reverse("audit")).content.decode()
    assert "修改账号" in page
    assert "→13800000009" in page  # from what to what
    assert "汇总时间：08:30→09:30" in page
    assert "审计日志" in page  # among the tabs
    # the office reads deeds on cases too, and goes on to the case
    office = signed_in(city, "office/1")
    found = office.get(reverse("audit"), {"kind": "cases"}).content.decode()
    assert "已电话联系" in found
    assert reverse("case", args=[city.case().pk]) in found
    assert "已电话联系" not in page
    # a system administrator does no case work: he cannot ask for them
    sly = signed_in(city, "system_admin").get(reverse("audit"), {"kind": "cases"})
    assert "已电话联系" not in sly.content.decode()
    guard = signed_in(city, "security_admin").get(reverse("audit")).content.decode()
    assert "登录" in guard
    assert "修改消息设置" not in guard
    assert signed_in(city, WORKER).get(reverse("audit")).status_code == 403
    named = office.get(reverse("audit"), {"who": city.people[WORKER].username}).content.decode()
    assert ("修改消息设置" in named, "修改账号" in named) == (True, False)
    none = office.get(reverse("audit"), {"until": "2020-01-01", "since": "no day"})
    assert "修改账号" not in none.content.decode()
    assert "无法识别：since=no day" in none.content.decode()


def test_what_is_taken_away_is_in_the_trail_itself(city: World, tmp_path: Path) -> None:
    office = signed_in(city, "office/1")
    answer = office.get(reverse("audit_export"), {"kind": "setting"})
    book = openpyxl.load_workbook(BytesIO(b"".join(answer)))
    cells = [str(cell.value) for row in book.active.rows for cell in row]
    assert "修改消息设置" in cells
    taken = AuditEvent.objects.get(kind="export")
    assert (taken.by, taken.data["query"]) == (city.people["office/1"], "kind=setting")
    found = office.get(reverse("audit"), {"kind": "export"}).content.decode()
    assert "导出文件" in found
    assert "类别：设置" in found  # its filter in words
    county, post = city.case().county_id, city.item(city.case()).post_id
    held = (
        f"of=all&chip=overdue&q=轴承&stage=survey&grade=A&county={county}&post={post}&sort=-due&x=1"
    )
    said = Filters([AuditEvent(data={"query": held})]).words(held)
    assert said == (
        "全部待办、逾期、查找：轴承、摸底中、应统未统、涧西区、经办人：涧西区工作专班 经办人、"
        "无法识别：x=1"
    )
    # the command is its equal
    listed = as_json("audit", "list", "--kind", "export", "--limit", "5")
    assert [one["who"] for one in listed] == [str(city.people["office/1"])]
    target = tmp_path / "trail.xlsx"
    by = ("--by", city.people["office/2"].username)
    said = as_json(
        "audit", "export", str(target), "--kind", "cases", "--who", city.people[WORKER].username,
        "--since", "2022-01-01", "--until", "2030-01-01", *by,
    )  # fmt: skip
    assert said["rows"] >= 1
    assert openpyxl.load_workbook(target).active is not None
    assert "修改消息设置" in run("audit", "list", "--kind", "setting")
    run("resources", "export", str(tmp_path / "directory.xlsx"), *by)
    listed = as_json("audit", "list", "--kind", "export", "--who", by[1])
    assert {one["subject"] for one in listed} == {"trail.xlsx", "directory.xlsx"}
    nobody = ("--by", city.people[WORKER].username)
    assert refused("audit", "list", *nobody)[0]["code"] == "not_auditor"
    admin = ("--by", city.people["system_admin"].username)
    assert refused("audit", "list", "--kind", "cases", *admin)[0]["code"] == "no_kind"


def test_the_chain_is_verified_for_the_page(city: World) -> None:
    office = signed_in(city, "office/1")
    assert "尚未校验" in office.get(reverse("audit")).content.decode()
    tasks.verify()
    page = office.get(reverse("audit")).content.decode()
    assert "尚无已封存的记录" in page
    assert "无改动、无缺失" not in page
    tasks.seal()
    tasks.verify()
    page = office.get(reverse("audit")).content.decode()
    assert "无改动、无缺失" in page
    assert office.post(reverse("audit_verify")).status_code == 302
    assert signed_in(city, "system_admin").post(reverse("audit_verify")).status_code == 403


def test_another_city_reads_nothing_of_ours(city: World) -> None:
    far = regions.create_city(
        name="远方市", counties=[regions.CountySpec(name="远方县")], by=SYSTEM, at=at(START)
    )
    unit = Unit.objects.create(region=far, name="远方专班办", kind=Unit.Kind.OFFICE)
    _sit(city, "far", unit, Role.OFFICE)
    page = signed_in(city, "far").get(reverse("audit")).content.decode()
    assert city.people[WORKER].username not in page
    assert "修改账号" not in page  # done by the machine: nobody's, in two cities
    ours = signed_in(city, "office/1").get(reverse("audit")).content.decode()
    assert "修改消息设置" in ours
    assert "修改账号" not in ours


@pytest.mark.django_db
def test_no_key_and_no_moment_is_shown_raw() -> None:
    told = {
        "角色：县区审核人": {"role": "county_lead"},
        "职级：—→科级": {"before": {"rank": ""}, "after": {"rank": "section"}},
        "类别：高校院所→重点实验室": {
            "before": {"kind": "institute"}, "after": {"kind": "laboratory"},
        },
        "起始日：2026年3月1日": {"from_on": "2026-03-01"},
        "有效期止：—→2026年12月31日": {
            "before": {"valid_until": None}, "after": {"valid_until": "2026-12-31"},
        },
        "2026年10月1日：是→否": {
            "before": {"2026-10-01": True}, "after": {"2026-10-01": False},
        },
        "月份：2026年10月": {"month": "2026-10-01"},
        "已清理：已读站内消息 3": {"deleted": {"notices": 3, "drafts": 0}},
        "筛选条件：暂缓中": {"query": "state=standing"},
        "筛选条件：类别：高校院所、月份：2026年9月": {"query": "kind=institute&month=2026-09&q="},
        "筛选条件：无法识别：chip=junk": {"query": "chip=junk"},
        # a list within a list is shown as it stands, and breaks no page
        "月份：[{'day': 3}]": {"month": [[{"day": 3}]]},
    }  # fmt: skip
    assert [words.details(AuditEvent(data=data)) for data in told.values()] == [[w] for w in told]


def test_every_deed_has_its_words() -> None:
    """Whatever a verb writes into the trail beside exports is told in words."""
    said: set[str] = set()
    for path in ROOT.glob("*/**/*.py"):
        if path.relative_to(ROOT).parts[0] in ("tests", ".venv", "benchmarks"):
            continue
        text = path.read_text(encoding="utf-8")
        if "AuditEvent.Kind" in text and "Kind.EXPORT" not in text:
            said |= set(_verbs(ast.parse(text)))
    assert said >= {"appoint", "publish", "set_days"}
    assert not said - set(DEEDS)


def _verbs(tree: ast.Module) -> list[str]:
    """The second argument of each ``record(kind, "verb", …)``."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and len(node.args) > 1:
            name = ast.unparse(node.func).rpartition(".")[2]
            verb = node.args[1]
            if name in ("record", "record_many") and isinstance(verb, ast.Constant):
                found.append(str(verb.value))
    return found
