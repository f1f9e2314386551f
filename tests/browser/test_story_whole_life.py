"""The whole life of a case, from the bureau's workbook to struck-off, each role at its screen."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from openpyxl import load_workbook
from PIL import Image

from cases.models import Case, Evidence, ProgrammeFirm
from enterprises.models import Enterprise
from tests.browser import books
from tests.browser.people import Person, Stage, fill_in
from tests.world import START, closing_form, matching_form, survey_form

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = "涧西区"
WORKER, LEAD = f"{HOME}/county_worker", f"{HOME}/county_lead"
Find = Callable[["Page"], list[str]]


def pdf(name: str) -> dict[str, object]:
    content = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n% " + name.encode() + b"\n%%EOF\n"
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def photo(name: str) -> dict[str, object]:
    held = io.BytesIO()
    Image.new("RGB", (1600, 1200), "#888").save(held, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": held.getvalue()}


def test_from_the_workbook_to_struck_off(stage: Stage, tmp_path: Path, violations: Find) -> None:
    rows, names = books.register({HOME: 8, "嵩县": 4})
    covered = {names[0], names[8]}
    firm = names[1]
    office = stage.enter("office/1")
    bring_in(stage, tmp_path, rows, books.filing(names, spending=covered))

    # the office opens every firm that is not covered
    office.go("programmes").accessible(violations)
    office.follow("建档交办").accessible(violations)
    office.press("预览建档结果").sees("将为10家企业建档并交办，办理时限自2022年3月1日起算。")
    office.press("建档交办").sees("已为10家企业建档并交办。", "其中已覆盖2家")
    assert Case.objects.count() == 10
    assert ProgrammeFirm.objects.get(enterprise__name=names[0]).guide_unit is not None

    # the county's worker signs for it on the phone, visits, fills the survey in
    worker = stage.enter(WORKER, phone=True)
    worker.go("ledger").follow(firm)
    worker.press("签收").sees("摸底中")
    print(worker.text, worker.offered())
    worker.page.screenshot(path="/tmp/w1.png")
    worker.follow(worker.offered()[-1])
    print(worker.text, worker.offered())
    worker.page.screenshot(path="/tmp/w2.png", full_page=True)
    fill_in(worker, survey_form("B", START))
    worker.press(worker.offered()[-1])
    print(worker.text, worker.offered())
    worker.page.screenshot(path="/tmp/w3.png", full_page=True)


def bring_in(stage: Stage, folder: Path, register: object, filing: object) -> None:
    call_command("register", str(books.save(folder / "r.xlsx", register)), programme="luoyang-2022", as_of="2022-01-31")
    call_command("filing", str(books.save(folder / "f.xlsx", filing)), programme="luoyang-2022", month="2022-02")
