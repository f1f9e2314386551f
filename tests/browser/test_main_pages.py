"""The main pages of each role: accessible, within the window, English."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cases.models import Case
from enterprises.models import Enterprise
from notifications.models import Notice
from organisations.models import Post, Region, Unit, User
from tests.browser.people import CHINESE, Find, Person, Stage
from tests.kept import kept
from tests.world import World, build
from workflows.models import Programme

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = "涧西区"
OFFICIAL = ("ledger", "firms", "progress", "overdue", "notices", "profile")
# a page that several roles see alike is looked at with the one who has most on it
PAGES: dict[str, tuple[str, ...]] = {
    f"{HOME}/county_worker": ("workbench",),
    f"{HOME}/county_lead": (
        "workbench", *OFFICIAL, "leader", "progress_compare", "assessment",
        "evidence_review", "closing_review", "load", "stand_ins", "groups",
        "pairings", "pairing_assign",
    ),
    "市工信局/department_lead": ("workbench",),
    "liaison_member": ("workbench",),
    "supervisor": ("overdue",),
    "leader": ("progress",),
    "office/1": (
        "workbench", *OFFICIAL, "closing_batch", "drafts", "calls", "near", "reminders",
        "programmes", "simulation", "pack_upload", "working_days", "people", "accounts",
        "people_import", "load", "stand_ins",
        "gaps", "groups", "pairings", "pairing_assign",
    ),
}  # fmt: skip
# what names its own language in that language
FOREIGN = ".display-switch, .site-foot"


@kept
def _city() -> World:
    """A few firms at work, one of them with a name as long as names get."""
    world = build()
    for name in ("甲", "乙", "丙"):
        world.firm(f"洛阳{name}示例有限公司")
    long = "洛阳示例新型高温耐火材料与工业窑炉节能环保技术装备研发制造集团股份有限公司第一分公司"
    world.firm(long)
    world.open()
    case = world.case(Enterprise.objects.get(name=long))
    world.survey(case, "B")
    world.prove(case, "staff")
    return world


@pytest.fixture
def busy(empty_stage: Stage) -> Stage:
    empty_stage.world = _city()
    empty_stage.tick()
    return empty_stage


@pytest.mark.parametrize("who", PAGES)
def test_main_pages_are_accessible(busy: Stage, violations: Find, who: str) -> None:
    desk, phone = busy.enter(who), busy.enter(who, phone=True)
    for page in PAGES[who]:
        desk.go(page).accessible(violations)
    phone.go(PAGES[who][0]).accessible(violations)
    case = Case.objects.filter(parent=None).order_by("-pk")[0]
    if who != "liaison_member":
        phone.go("case", case.pk).accessible(violations)


def test_english_leaves_no_chinese_but_the_data(busy: Stage) -> None:
    data = sorted(names(), key=len, reverse=True)
    left = []
    for who in (f"{HOME}/county_lead", "office/1"):
        person = busy.enter(who, language="en")
        for page in PAGES[who]:
            person.go(page)
            left += [f"{page}: {words}" for words in chinese(person, data)]
    assert left == []


def chinese(person: Person, data: list[str]) -> Iterator[str]:
    """Lines of the page that hold Chinese once every name in the database is taken out."""
    person.page.evaluate(f"document.querySelectorAll('{FOREIGN}').forEach(n => n.remove())")
    for line in person.page.locator("body").inner_text().splitlines():
        bare = line
        for name in data:
            bare = bare.replace(name, "")
        if CHINESE.search(bare):
            yield line.strip()


def names() -> set[str]:
    """Every name that the database holds, and the notices, which are kept as they were sent."""
    found: set[str] = set()
    for rows in (
        Region.objects.values_list("name"),
        Unit.objects.values_list("name", "short_name"),
        Post.objects.values_list("name"),
        User.objects.values_list("name"),
        Enterprise.objects.values_list("name"),
        Programme.objects.values_list("title"),
        Notice.objects.values_list("title", "body"),
    ):
        found |= {str(name) for row in rows for name in row}
    return found - {""}
