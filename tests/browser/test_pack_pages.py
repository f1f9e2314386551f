"""方案管理 and 工作日历 in a real browser: versions, differences, moving cases, entering days."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest

from cases.models import Case
from organisations.models import Post, Tenure
from organisations.roles import Role
from tests.browser.people import Person, Stage
from tests.rules.test_announcements import NOTICE
from tests.world import person
from workflows.models import CalendarDay
from workflows.packs import shipped_text

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Violations = Callable[["Page"], list[str]]
TEXT = shipped_text("luoyang-2022")
NEXT = TEXT.replace("15 working_days} # inferred\n        form", "12 working_days}\n        form")
NEXT = NEXT.replace("to: matching,", "to: talks,").replace("- key: matching ", "- key: talks ")
NEXT = NEXT.replace("title: 对接 | Matching\n", "title: 洽谈 | Talks\n")


def shoot(who: Person, name: str) -> None:
    """A picture for whoever wants to look: XIAOHAO_SHOTS names a folder."""
    folder = os.environ.get("XIAOHAO_SHOTS")
    if folder:
        size = "390" if who.phone else "1366"
        who.page.screenshot(path=f"{folder}/{name}-{size}.png", full_page=True)


def test_the_office_compares_and_moves(stage: Stage, violations: Violations) -> None:
    """On a phone, and what it sees there at a desk."""
    world = stage.world
    for name in ("洛阳甲厂", "洛阳乙厂"):
        world.firm(name)
    world.open()
    world.survey(Case.objects.order_by("pk")[0])
    office = stage.enter("office/1", phone=True)
    file = {"name": "luoyang.yaml", "mimeType": "text/yaml", "buffer": NEXT.encode()}
    office.go("pack_upload").attach("file", file).press("检查方案")
    office.sees("与第1版相比的变化", "时限由“15个工作日内”改为“12个工作日内”")
    office.accessible_everywhere(violations)
    shoot(office, "upload")
    office.press("发布").sees("已发布为第2版")
    office.follow("全部版本").sees("第2版", "第1版", "最新").accessible_everywhere(violations)
    shoot(office, "versions")
    office.follow("与第1版的差异").sees("其中").accessible_everywhere(violations)
    shoot(office, "diff")
    office.follow("迁移在办件").accessible_everywhere(violations)
    shoot(office, "migrate-form")
    office.press("查看迁移结果").sees("1件办件不能迁移", "在新版中没有对应环节")
    shoot(office, "migrate-refused")
    office.follow("重新选择").fill(**{"map-assistance.matching": "talks"})
    office.press("查看迁移结果").sees("将迁移办件2件", "洽谈").accessible_everywhere(violations)
    shoot(office, "migrate-preview")
    office.press("迁移2件").sees("已将2件办件迁移到第2版")
    assert set(Case.objects.values_list("pack_version__number", flat=True)) == {2}
    office.go("pack_version", "luoyang-2022", 2).accessible_everywhere(violations)
    shoot(office, "version")


@pytest.fixture
def _ordinary_again() -> Iterator[None]:
    """The seeded days outlive a test that commits."""
    yield
    CalendarDay.objects.filter(day=date(2022, 3, 2)).update(is_working=True, name="")


@pytest.mark.usefixtures("_ordinary_again")
def test_announced_days_are_entered(stage: Stage, violations: Violations) -> None:
    world = stage.world
    post = Post.objects.get(unit=world.units["市专班办"], role=Role.SYSTEM_ADMIN)
    world.people["admin"] = person("admin", "管示例")
    Tenure.objects.create(post=post, user=world.people["admin"], from_on=date(2022, 1, 1))
    for name, county in (("洛阳甲厂", "涧西区"), ("嵩县乙厂", "嵩县")):
        world.firm(name, county)
    world.open()
    admin = stage.enter("admin", phone=True)
    admin.go("working_days").sees("清明节", "劳动节").accessible_everywhere(violations)
    shoot(admin, "calendar")
    admin.fill(
        text="2022-03-02 休 专项活动\n2022-02-30 休",
    )
    admin.press("查看时限变动").sees("没有这一天：2022-02-30")
    admin.fill(text="2022-03-02 休 专项活动")
    admin.press("查看时限变动").sees("在办时限将变动2件", "涧西区", "嵩县").accessible_everywhere(
        violations
    )
    shoot(admin, "calendar-preview")
    admin.press("录入并调整时限").sees("已录入1天，在办时限变动2件", "专项活动")
    assert world.item(Case.objects.order_by("pk")[0]).due_on == date(2022, 3, 3)
    # the office looks, the administrator enters
    office = stage.enter("office/1", phone=True)
    office.go("working_days").fill(text=NOTICE).press("查看时限变动").sees("无需录入")
    office.go("working_days", query="?year=2026").sees("春节")
