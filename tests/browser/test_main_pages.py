"""Every page that somebody is led to: on a phone, at a desk, to a screen reader, in English.

One visit in Chinese and one in English: whatever can be looked at in the same window is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from cases.models import Case
from enterprises.models import Enterprise
from tests.browser.english import chinese, names
from tests.browser.people import DESK, PHONE, SPILLS, Find, Person, Stage
from tests.cases.test_list_statements import admin_of, busy
from tests.kept import kept
from tests.world import START, World, build

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LEAD, OFFICE, ADMIN = "涧西区/county_lead", "office/1", "system_admin"
LONG = "洛阳示例高新技术新材料研究开发与装备制造产业集团股份有限公司第一分公司"
LINKS = ".topbar__nav a, .tabbar a, main .tabs a, .topbar__bell, main tbody a.firm, .job__firm a"
LEADS_TO = f"[...document.querySelectorAll('{LINKS}')].map((a) => a.href)"
# The office is led to every kind of page and has most on it; these no bar leads to.
BESIDE = (
    "closing_batch", "simulation", "pack_upload", "people_import", "pairing_assign", "accounts",
)  # fmt: skip
# What others see differently: where they begin, what they may do in a case and to a firm.
OWN: dict[str, tuple[str, ...]] = {
    "涧西区/county_worker": ("/", "case", "firm"),
    LEAD: ("/", "case", "firm", "ledger", "leader", "evidence_review", "closing_review", "load"),
    "市工信局/department_lead": ("/", "case"),
    "liaison_member": ("/", "case"),
    "supervisor": ("/", "case"),
    "leader": ("/", "case"),
    "clerk": ("/",),
}
# their English is the office's page's, but for these
OWN_ENGLISH = ("/", "case", "ledger", "leader", "evidence_review", "closing_review")
# what tells one page of a kind from the next: its number, or the kind of document whose letterhead
# it shows
NUMBER = re.compile(r"\d+|(?<=/styles/)\w+")
Look = Callable[[Page], list[str]]
SCRIPTS = Path(__file__).parent
FAULTS = (SCRIPTS / "phone_faults.js").read_text(encoding="utf-8")
OVERPRINT = (SCRIPTS / "overprint.js").read_text(encoding="utf-8")
# letters, documents and the measures of a plan are written in Chinese
WRITTEN = re.compile(r"^/(supervision/letters|documents|measures)/")
# what stands in the register, in forms and on papers of the city
TEXTS = (
    "私营有限责任公司", "周示例、孟示例", "发文成立研发部", "建研发人员名册", "建辅助账",
    "与高校签订合同", "技术部", "人事部", "财务部", "名册.pdf",
)  # fmt: skip


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


def enter(stage: Stage, who: str, *, phone: bool = False, language: str = "zh-hans") -> Person:
    key = who
    if who == "clerk":
        key = next(key for key in stage.world.people if key.startswith("clerk/"))
    return stage.enter(key, phone=phone, language=language)


def path_of(name: str) -> str:
    if name in ("case", "firm"):
        case = Case.objects.filter(is_main=True, enterprise__name=LONG).get()
        return reverse(name, args=[case.pk if name == "case" else case.enterprise_id])
    return name if name.startswith("/") else reverse(name)


def faults(stage: Stage, page: Page, paths: Iterable[str], look: Look, *, far: bool) -> list[str]:
    """What ``look`` finds on these pages, on one of each kind; ``far``: on those that their bars,
    tabs and the first firm of each list lead to as well."""
    found: list[str] = []
    kinds: set[str] = set()
    todo = [stage.url + path for path in paths]
    while todo:
        url = todo.pop(0)
        kind = NUMBER.sub("#", urlsplit(url).path)
        if kind in kinds:
            continue
        kinds.add(kind)
        page.goto(url)
        if far:
            todo += page.evaluate(LEADS_TO)
        found += [f"{urlsplit(url).path}: {wrong}" for wrong in look(page)]
    return found


def everything(who: str) -> bool:
    return who in (OFFICE, ADMIN)


def paths_of(who: str) -> list[str]:
    own = ("/", *BESIDE) if who == OFFICE else ("/",) if who == ADMIN else OWN[who]
    return [path_of(name) for name in own]


@pytest.mark.parametrize("who", [*OWN, OFFICE, ADMIN])
def test_every_page_fits_and_is_accessible(crowded: Stage, violations: Find, who: str) -> None:
    """390 px: nothing cut, all of it pressable; at a desk, and where somebody begins on a phone
    too, nothing that a screen reader or a weak eye would miss."""
    person = enter(crowded, who, phone=True)
    page = person.page
    first: list[str] = []

    def look(page: Page) -> list[str]:
        found: list[str] = page.evaluate(FAULTS)
        sizes = (DESK,) if first else (DESK, PHONE)
        first.append(page.url)
        for size in sizes:
            found += person.found(violations, size)
        return found

    wrong = faults(crowded, page, paths_of(who), look, far=everything(who))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", [LEAD, OFFICE])
def test_english_covers_nothing_and_leaves_no_chinese_but_the_data(
    crowded: Stage, who: str
) -> None:
    page = enter(crowded, who, language="en").page
    data = sorted({*names(), *TEXTS}, key=len, reverse=True)

    def look(page: Page) -> list[str]:
        found: list[str] = page.evaluate(OVERPRINT)
        if page.evaluate(SPILLS):
            found.append("the page scrolls sideways")
        if not WRITTEN.match(urlsplit(page.url).path):
            found += chinese(page, data)
        return found

    paths = paths_of(OFFICE) if who == OFFICE else [path_of(name) for name in OWN_ENGLISH]
    wrong = faults(crowded, page, paths, look, far=who == OFFICE)
    assert not wrong, "\n".join(wrong)
