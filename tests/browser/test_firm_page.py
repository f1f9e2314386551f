"""A firm from its invitation to its answer; the taps to two papers are counted on its phone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import expect

from cases.models import Case, Evidence
from tests.browser.people import Find, Person, Stage, pdf, photo
from tests.cases.test_life import to_rectification

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST = 6
OFFICIAL = ("整改", "逾期", "销号", "督办", "检查")


@dataclass
class Finger:
    """Every touch of the screen goes through here; nothing is typed."""

    phone: Person
    taps: int = 0

    def tap(self, place: Locator) -> None:
        self.taps += 1
        place.tap()

    def open(self, link: str) -> None:
        """The link in the chat is one, too."""
        self.taps += 1
        self.phone.go(urlsplit(link).path)

    def send(self, item: Locator, *files: dict[str, object]) -> None:
        with self.phone.page.expect_file_chooser() as chosen:
            self.tap(item.locator("label.file__button"))
        chosen.value.set_files(list(files))  # type: ignore[arg-type]
        expect(item.locator("[data-files] li")).to_have_count(len(files))
        with self.phone.page.expect_navigation():
            self.tap(item.get_by_role("button", name="提交", exact=True))


def test_from_the_invitation_to_the_answer(stage: Stage, violations: Find) -> None:
    case = to_rectification(stage.world)
    worker = stage.enter("涧西区/county_worker")
    worker.go("firm_clerks", case.firm_id).accessible(violations)
    worker.fill(person="李会计", phone="0999-5550123").press("生成链接和二维码")
    worker.accessible(violations).sees("只在此显示一次", "不收取任何费用")
    words = worker.page.locator("#words").inner_text()
    found = re.search(r"http\S+/enter/\S+", words)
    assert found is not None

    phone = stage.enter_as(None, phone=True)
    finger = Finger(phone)
    finger.open(found[0])
    phone.accessible(violations).sees("邀请您进入企业页面").sees_no(*OFFICIAL)
    with phone.page.expect_navigation():
        finger.tap(phone.page.get_by_role("button", name="进入", exact=True))
    phone.look().sees("还差 4 项").sees_no(*OFFICIAL)
    for name, file in (("研发机构", photo("决定.jpg")), ("研发人员", pdf("名册.pdf"))):
        item = phone.page.locator("section.ask").filter(has_text=re.compile(rf"\d\. {name}"))
        finger.send(item, file)
        expect(phone.page.get_by_text("已收到1个文件，谢谢。")).to_be_visible()
    assert finger.taps <= MOST
    phone.look().sees("还差 2 项", "审核中")
    rows = Evidence.objects.filter(case=case).values_list("submitted_by__name", "on_behalf")
    assert list(rows) == [("李会计", False)] * 2

    # asked and answered, then an opinion; the samples bear the firm's name
    phone.accessible(violations)
    phone.page.get_by_text("在线咨询").tap()
    phone.page.get_by_label("您要咨询的内容").fill("名册要盖哪个章？")
    phone.press("提交咨询").sees("名册要盖哪个章？", "前答复您")
    asked = Case.objects.get(procedure="question")
    worker.go("case", asked.pk).accessible(violations).fill(answer="盖企业公章。").press("答复")
    worker.sees("已答复")
    phone.go("portal").sees("盖企业公章。").sees_no(*OFFICIAL)
    sample = phone.page.get_by_role("link", name="产学研合作协议", exact=True)
    with phone.page.expect_download() as download:
        sample.tap()
    assert download.value.suggested_filename.startswith("产学研合作协议_洛阳示例轴承")
    # weeks later on the same phone: the same link, one press
    phone.page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.go(urlsplit(found[0]).path).sees("李会计，欢迎回来").press("进入")
    assert urlsplit(phone.page.url).path == reverse("portal")
