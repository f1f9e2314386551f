"""方案推演 on the page: for the office, with a version or a draft, and without a trace."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from enterprises.models import Enterprise
from tests.architecture import ROOT
from tests.world import World, at
from workflows.models import ProgrammeVersion
from workflows.packs import shipped_text

REGISTER = ROOT / "tests/data/luoyang-register-2022-01.xlsx"
PAGE = "/programmes/simulation/"
ASKED = {"pack": "luoyang-2022@1", "register": "imported", "wave": "once", "runs": "2"}


@pytest.fixture
def office(world: World, client: Client) -> Client:
    for number in range(30):
        world.firm(f"洛阳示例第{number}有限公司", joined_on=date(2022, 1, 1))
    client.force_login(world.people["office/1"])
    return client


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def upload(path: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(path.name, path.read_bytes())


def test_a_version_is_played_and_nothing_is_written(office: Client) -> None:
    assert "开始推演" in text_of(office.get(PAGE))
    asked = office.post(PAGE, {**ASKED, "was": "", "start": "2022-03-01"})
    assert asked.status_code == 302
    with CaptureQueriesContext(connection) as queries:
        page = office.get(asked["Location"])
    told = text_of(page)
    assert "涧西区工作专班将同时有" in told
    assert "企业30家，建档30件" in told
    writes = [q["sql"] for q in queries if re.match(r"INSERT|UPDATE|DELETE", q["sql"])]
    assert writes == []
    assert len(queries) <= 14
    assert Enterprise.objects.count() == 30


def test_changed_assumptions_stand_in_the_address_and_change_the_answer(office: Client) -> None:
    plain = office.post(PAGE, ASKED)["Location"]
    slow = {**ASKED, "was": ASKED["pack"], "visits": "1", "low-assistance.survey": "2"}
    changed = office.post(PAGE, slow)["Location"]
    assert "visits=1" in changed
    assert "low-assistance" not in changed  # as it is by default
    page = text_of(office.get(changed))
    assert "超过15个工作日的时限" in page
    assert "超过15个工作日的时限" not in text_of(office.get(plain))
    other = office.post(PAGE, {**slow, "was": "another@1", "start": "2022-05-05"})["Location"]
    assert "visits" not in other
    assert "start" not in other


def test_a_draft_and_another_register_are_played_and_not_stored(office: Client) -> None:
    draft = shipped_text("luoyang-2022").replace(
        "within: 15 working_days", "within: 9 working_days"
    )
    files = {
        "draft": SimpleUploadedFile("draft.yaml", draft.encode()),
        "list": upload(REGISTER),
    }
    address = office.post(PAGE, {**ASKED, "runs": "1", **files})["Location"]
    page = text_of(office.get(address))
    assert "草案：" in page
    assert "上传的名录：1912家" in page
    assert "超过9个工作日的时限" in page
    assert ProgrammeVersion.objects.count() == 1
    assert Enterprise.objects.count() == 30


def test_the_page_of_the_check_leads_to_the_dry_run(office: Client) -> None:
    text = shipped_text("luoyang-2022") + "\n# 草案"
    file = SimpleUploadedFile("draft.yaml", text.encode())
    checked = office.post(reverse("pack_upload"), {"file": file}).content.decode()
    assert f'action="{PAGE}"' in checked
    address = office.post(PAGE, {"text": text.replace("\n", "\r\n")})["Location"]
    assert "草案：" in text_of(office.get(address))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"pack": "nowhere@1"}, "请选择方案版本"),
        ({"pack": "luoyang-2022@x"}, "请选择方案版本"),
        ({"pack": "draft-" + "0" * 32}, "请重新上传"),
        ({"pack": "draft-../../secret"}, "请重新上传"),
        ({**ASKED, "register": "file-" + "f" * 32}, "请重新上传"),
        ({**ASKED, "until": "2021-01-01"}, "截止日须晚于起始日"),
        ({**ASKED, "until": "2022-02-31"}, "不是有效日期"),
        ({**ASKED, "runs": "9999"}, "0至40"),
        ({**ASKED, "never": "500"}, "0至100"),
        ({**ASKED, "wave": "never"}, "建档方式只有"),
    ],
)
def test_what_cannot_be_played_is_said_on_the_page(
    office: Client, asked: dict[str, str], words: str
) -> None:
    answer = office.get(PAGE, asked)
    assert answer.status_code == 422
    assert words in text_of(answer)


def test_faults_of_a_draft_stand_by_their_lines(office: Client) -> None:
    text = shipped_text("luoyang-2022").replace("initial: assigned", "initial: nowhere")
    file = SimpleUploadedFile("draft.yaml", text.encode())
    answer = office.post(PAGE, {"draft": file})
    assert answer.status_code == 422
    assert "nowhere" in text_of(answer)


def test_the_workbook_says_what_the_page_says(office: Client) -> None:
    address = office.post(PAGE, ASKED)["Location"]
    page = text_of(office.get(address))
    answer = office.get(address.replace(PAGE, PAGE + "export/"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[0] == "结论"
    words = [str(row[0].value) for row in book["结论"].iter_rows(min_row=3)]
    assert words
    assert all(line in page for line in words)
    units = [row[0].value for row in book["负荷"].iter_rows(min_row=2)]
    assert "涧西区工作专班" in units


@pytest.mark.parametrize("who", ["涧西区/county_lead", "leader", "supervisor"])
def test_only_the_office_plays(world: World, client: Client, who: str) -> None:
    client.force_login(world.people[who])
    for page in (PAGE, PAGE + "export/"):
        assert client.get(page, ASKED).status_code == 403


@time_machine.travel(at(date(2022, 6, 1)), tick=False)
def test_a_start_before_the_newest_facts_is_told_first(world: World, office: Client) -> None:
    for firm in Enterprise.objects.all()[:20]:
        world.fact(firm, date(2022, 5, 1), has_spending=True)
    early = office.post(PAGE, {**ASKED, "was": ASKED["pack"], "start": "2022-03-01"})["Location"]
    told = text_of(office.get(early))
    warning = "覆盖率从2022年5月31日已掌握的填报数据起算"
    assert warning in told
    assert told.index(warning) < told.index("预计销号")
    assert told.count(warning) == 1
    assert " 各县区均可达到序时目标" not in told
    later = office.post(PAGE, {**ASKED, "was": ASKED["pack"], "start": "2022-06-01"})["Location"]
    assert "已掌握的填报数据" not in text_of(office.get(later))
