"""Every page that a bar leads to at 390 px: nothing cut, all of it pressable.

And in English on a desk: the longer words neither cover their neighbour nor widen the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from enterprises.models import Enterprise
from tests.browser.people import SPILLS, Stage
from tests.cases.test_list_statements import PEOPLE, admin_of, busy
from tests.kept import kept
from tests.world import START, World, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CLERK = "clerk"
ALIKE = ("市工信局/department_officer", "liaison_member")
LONG = "洛阳示例高新技术新材料研究开发与装备制造产业集团股份有限公司第一分公司"
LINKS = ".topbar__nav a, .tabbar a, main .tabs a, .topbar__bell, main tbody a.firm, .job__firm a"
# who has most on each page; the others see the same there, or less of it
OFFICE = "office/1"
MOST = ("涧西区/county_lead", OFFICE)
ALIKE_FOR_ALL = (
    "/documents/", "/matches/", "/measures/", "/me/", "/notices/",
    "/resources/experts/", "/progress/assessment/", "/progress/changes/", "/progress/figures/",
    "/progress/months/", "/progress/ranking/", "/progress/reconciling/",
)  # fmt: skip
# what tells one page of a kind from the next: its number, or the kind of document whose letterhead
# it shows
NUMBER = re.compile(r"\d+|(?<=/styles/)\w+")
Look = Callable[[Page], list[str]]
SCRIPTS = Path(__file__).parent
FAULTS = (SCRIPTS / "phone_faults.js").read_text(encoding="utf-8")
OVERPRINT = (SCRIPTS / "overprint.js").read_text(encoding="utf-8")


@kept
def _city() -> World:
    """Firms in every situation, one of them with a very long name."""
    world = build()
    busy(world, 12)
    admin_of(world)
    Enterprise.objects.filter(name="示例企业1").update(name=LONG, folded_name=LONG)
    world.clerk(Enterprise.objects.get(name=LONG))
    return world


@pytest.fixture
def crowded(empty_stage: Stage) -> Stage:
    """The city late and near, before its first visitor."""
    empty_stage.world = _city()
    empty_stage.move_to(START + timedelta(days=100))
    return empty_stage


def _faults(page: Page, start: str, look: Look, left: Collection[str] = ()) -> dict[str, list[str]]:
    """What ``look`` finds on the pages that bars, tabs and the first firm of each list lead to; on
    one of each kind but those that are ``left`` to others."""
    faults, todo, kinds = {}, [start], set(left)
    while todo:
        path = todo.pop(0)
        kind = NUMBER.sub("#", urlsplit(path).path)
        if kind in kinds:
            continue
        kinds.add(kind)
        page.goto(path)
        todo += page.eval_on_selector_all(LINKS, "all => all.map((a) => a.href)")
        if found := look(page):
            faults[urlsplit(path).path] = found
    assert len(kinds) > len(left)
    return faults


def _clerk(stage: Stage) -> str:
    return next(key for key in stage.world.people if key.startswith("clerk/"))


# whose bars differ: an officer's are his lead's, the second clerk's are the first one's
@pytest.mark.parametrize("who", [p for p in PEOPLE if p not in ALIKE])
def test_every_page_fits_a_phone(crowded: Stage, who: str) -> None:
    key = _clerk(crowded) if who == CLERK else who
    page = crowded.enter(key, phone=True).page
    left = () if who in MOST else ALIKE_FOR_ALL
    assert _faults(page, crowded.url + "/", lambda page: page.evaluate(FAULTS), left) == {}


def _wide_or_covered(page: Page) -> list[str]:
    found: list[str] = page.evaluate(OVERPRINT)
    if page.evaluate(SPILLS):
        found.append("the page scrolls sideways")
    return found


@pytest.mark.parametrize("who", MOST)
def test_english_neither_covers_nor_widens(crowded: Stage, who: str) -> None:
    page = crowded.enter(who, language="en").page
    left = () if who == OFFICE else ALIKE_FOR_ALL
    assert _faults(page, crowded.url + "/", _wide_or_covered, left) == {}
