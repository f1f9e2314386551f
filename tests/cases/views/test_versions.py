"""方案版本 and 工作日历 without a browser: who comes in, whose programme, what a refusal says."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cases.models import Case
from organisations.models import Post, Region, Tenure
from organisations.roles import Role
from tests.world import SYSTEM, World, at, person
from workflows.issuing import issue_pack
from workflows.models import Programme, load_calendar
from workflows.packs import shipped_text

TEXT = shipped_text("luoyang-2022")
NEXT = TEXT.replace("15 working_days} # inferred\n        form", "12 working_days}\n        form")
PAGES = ("programme_versions", "programme_diff", "programme_migrate")


@pytest.fixture
def two(world: World, today: Any) -> World:
    world.firm("洛阳甲厂")
    world.open()
    issue_pack(NEXT, by=SYSTEM, at=at(date(2022, 3, 1)))
    return world


def enter(world: World, key: str) -> Client:
    client = Client()
    client.force_login(world.people[key], backend="django.contrib.auth.backends.ModelBackend")
    return client


def administrator(world: World) -> Client:
    post = Post.objects.get(unit=world.units["市专班办"], role=Role.SYSTEM_ADMIN)
    world.people["admin"] = person("admin", "管示例")
    Tenure.objects.create(post=post, user=world.people["admin"], from_on=date(2022, 1, 1))
    return enter(world, "admin")


def address(name: str, key: str = "luoyang-2022", query: str = "?old=1&new=2") -> str:
    return reverse(name, args=[key]) + query


@pytest.mark.parametrize("name", PAGES)
def test_the_office_comes_in(two: World, name: str) -> None:
    assert enter(two, "office/1").get(address(name)).status_code == 200


@pytest.mark.parametrize("who", ["涧西区/county_lead", "leader", "市住建局/department_lead"])
@pytest.mark.parametrize("name", PAGES)
def test_outsiders_do_not(two: World, name: str, who: str) -> None:
    client = enter(two, who)
    assert client.get(address(name)).status_code == 403
    assert client.get(reverse("working_days")).status_code == 403
    assert client.post(address("programme_migrate"), {"old": 1, "new": 2}).status_code == 403


@pytest.mark.parametrize("name", PAGES)
def test_another_citys_programme_is_not_there(two: World, name: str) -> None:
    elsewhere = Region.objects.create(key="别市", name="别市", level=Region.Level.CITY)
    Programme.objects.create(key="other-2022", title="别市", city=elsewhere, statistical_year=2022)
    assert enter(two, "office/1").get(address(name, "other-2022")).status_code == 404


@pytest.mark.parametrize("query", ["", "?old=1&new=9", "?old=x&new=2"])
def test_a_version_that_is_not_there(two: World, query: str) -> None:
    office = enter(two, "office/1")
    assert office.get(address("programme_diff", query=query)).status_code == 404


def test_a_preview_moves_nothing_and_a_confirmation_does(two: World) -> None:
    office = enter(two, "office/1")
    asked = {"old": "1", "new": "2", "deadlines": "recompute"}
    page = office.post(address("programme_migrate"), asked).content.decode()
    assert "将迁移办件1件" in page
    assert two.case().pack_version.number == 1
    answer = office.post(address("programme_migrate"), asked | {"step": "confirm"})
    assert answer.status_code == 302
    assert two.case().pack_version.number == 2


def test_a_map_that_makes_no_sense_is_refused(two: World) -> None:
    asked = {"old": "1", "new": "2", "map-assistance.assigned": "nowhere"}
    answer = enter(two, "office/1").post(address("programme_migrate"), asked)
    assert answer.status_code >= 400
    assert "没有环节“nowhere”" in answer.content.decode()


def test_the_upload_says_what_changes(two: World) -> None:
    text = NEXT.replace("city_target: 50", "city_target: 55")
    file = SimpleUploadedFile("next.yaml", text.encode())
    page = enter(two, "office/1").post(reverse("pack_upload"), {"file": file}).content.decode()
    assert "与第2版相比的变化" in page
    assert "全市目标由“50%”改为“55%”" in page


def test_the_office_looks_and_the_administrator_enters(two: World) -> None:
    days = {"text": "2022-03-02 休 专项活动"}
    office = enter(two, "office/1")
    assert "在办时限将变动1件" in office.post(reverse("working_days"), days).content.decode()
    refused = office.post(reverse("working_days"), days | {"step": "confirm"})
    assert refused.status_code >= 400
    assert load_calendar().is_working(date(2022, 3, 2))
    done = administrator(two).post(reverse("working_days"), days | {"step": "confirm"})
    assert done.status_code == 302
    assert two.item(Case.objects.get()).due_on == date(2022, 3, 3)


def test_a_file_of_a_spreadsheet_is_read(two: World) -> None:
    file = SimpleUploadedFile(
        "2022.csv", "日期,休/班,名称\n2022-03-02,休,专项活动".encode("gb18030")
    )
    page = administrator(two).post(reverse("working_days"), {"file": file}).content.decode()
    assert "在办时限将变动1件" in page


def test_what_cannot_be_read_is_told_by_line(two: World) -> None:
    answer = administrator(two).post(reverse("working_days"), {"text": "2022-02-30 休"})
    assert answer.status_code == 422
    assert "没有这一天" in answer.content.decode()


def test_the_upload_asks_how_many_open_cases_are_concerned(two: World) -> None:
    """A fragment of the floor above, addressed by what the changes concern."""
    office = enter(two, "office/1")
    text = NEXT.replace("time: {within: 1 working_days}", "time: {within: 2 working_days}", 1)
    assert text != NEXT
    file = SimpleUploadedFile("next.yaml", text.encode())
    page = office.post(reverse("pack_upload"), {"file": file}).content.decode()
    [found] = re.findall(r'hx-get="([^"]+touched[^"]+)"', page)
    words = office.get(html.unescape(found).replace("old=2", "old=1")).content.decode()
    assert "在办1件" in words
    assert "其中1件" in words
    assert "place=assistance.assigned" in found
