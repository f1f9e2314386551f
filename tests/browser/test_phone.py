"""Every page that a bar leads to, for every role, at 390 px: nothing cut, all of it pressable.

And in English on a desk: the longer words neither cover their neighbour nor widen the page.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from enterprises.models import Enterprise
from tests.browser.people import Stage
from tests.cases.test_list_statements import PEOPLE, admin_of, busy
from tests.world import START

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CLERK = "clerk"
LONG = "洛阳示例高新技术新材料研究开发与装备制造产业集团股份有限公司第一分公司"
LINKS = ".topbar__nav a, .tabbar a, main .tabs a, .topbar__bell, main tbody a.firm, .job__firm a"
SCRIPTS = Path(__file__).parent
FAULTS = (SCRIPTS / "phone_faults.js").read_text(encoding="utf-8")
OVERPRINT = (SCRIPTS / "overprint.js").read_text(encoding="utf-8")


@pytest.fixture
def crowded(stage: Stage) -> Stage:
    """Firms in every situation, one of them with a very long name, late and near."""
    busy(stage.world, 12)
    admin_of(stage.world)
    Enterprise.objects.filter(name="示例企业1").update(name=LONG, folded_name=LONG)
    stage.world.clerk(Enterprise.objects.get(name=LONG))
    stage.move_to(START + timedelta(days=100))
    return stage


def _reachable(page: Page, start: str) -> list[str]:
    """Pages that bars, tabs and the first firm of each list lead to; one of each kind."""
    found, todo = [], [start]
    kinds = set()
    while todo:
        path = todo.pop(0)
        kind = "".join("#" if c.isdigit() else c for c in urlsplit(path).path)
        if kind in kinds:
            continue
        kinds.add(kind)
        found.append(path)
        page.goto(path)
        todo += page.eval_on_selector_all(LINKS, "all => all.map((a) => a.href)")
    return found


def _clerk(stage: Stage) -> str:
    return next(key for key in stage.world.people if key.startswith("clerk/"))


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_fits_a_phone(crowded: Stage, who: str) -> None:
    key = _clerk(crowded) if who == CLERK else who
    page = crowded.enter(key, phone=True).page
    pages = _reachable(page, crowded.url + "/")
    assert pages
    faults = {}
    for path in pages:
        page.goto(path)
        if found := page.evaluate(FAULTS):
            faults[urlsplit(path).path] = found
    assert faults == {}


@pytest.mark.parametrize("who", ["涧西区/county_lead", "office/1"])
def test_english_neither_covers_nor_widens(crowded: Stage, who: str) -> None:
    page = crowded.enter(who, language="en").page
    faults = {}
    for path in _reachable(page, crowded.url + "/"):
        page.goto(path)
        found = page.evaluate(OVERPRINT)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("the page scrolls sideways")
        if found:
            faults[urlsplit(path).path] = found
    assert faults == {}
