"""``clerks invite FIRM`` for one firm writes the files that it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from enterprises.models import Invitation
from organisations.models import AuditEvent
from tests.config.test_commands import as_json, refused
from tests.world import World


@pytest.fixture
def world(shared_city: World) -> World:
    return shared_city


def test_the_links_and_the_sheet_of_one_firm(world: World, settings: Any, tmp_path: Path) -> None:
    settings.PUBLIC_ADDRESS = "https://city.example"
    world.firm("样本厂")
    book, sheet = tmp_path / "links.xlsx", tmp_path / "sheet.html"
    by = ("--by", world.people["涧西区/county_worker"].username)
    one = ("clerks", "invite", "样本厂", "--person", "王一", *by, "-o", str(book))
    code = as_json(*one, "--sheets", str(sheet))["code"]
    assert code in sheet.read_text(encoding="utf-8")
    cells = {str(cell.value) for row in load_workbook(book).active.iter_rows() for cell in row}
    assert {"样本厂", "王一"} <= cells
    assert AuditEvent.objects.filter(kind="export", by__username=by[1]).count() == 2
    assert refused(*one, "--sheets", "x.txt")[1]
    assert Invitation.objects.count() == 1
