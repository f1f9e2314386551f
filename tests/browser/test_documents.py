"""Documents in a real browser: a circular from its figures to the county that signs for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from reports.documents.nouns import Document
from tests.browser.people import Person, Stage
from tests.reports.offices import HANDLER, HEAD

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
WORKER = "涧西区/county_worker"


def decide(person: Person, words: str, then: str = "") -> Person:
    """Press what asks first, then what it asks for."""
    button = person.page.get_by_role("button", name=words, exact=True)
    button.filter(visible=True).first.click()
    return person.press(then or words, within="dialog[open]")


def test_a_circular_is_written_signed_and_received(
    stage: Stage, violations: Callable[[Page], list[str]]
) -> None:
    for n in range(3):
        stage.world.firm(f"洛阳示例{n}号有限公司", spending=n == 0)
    handler, head = stage.enter(HANDLER), stage.enter(HEAD)
    decide(handler.go("documents").sees("还没有文书"), "拟稿", "生成初稿")
    handler.sees("数据截至2022年2月28日", "正文可引用的数据").accessible(violations)
    document = Document.objects.get()
    decide(handler, "送核稿").sees("核稿")
    # the check is signed on the paper form: the office has two people, and who signs checks not
    on_paper = "登记纸质签批：核稿"
    handler.page.get_by_role("button", name=on_paper, exact=True).first.click()
    handler.page.locator("dialog[open] [name=name]").fill("李核稿")
    handler.press(on_paper, within="dialog[open]").sees("待签发")
    head.go("document", document.pk)
    for words in ("签发", "编号", "已用印", "印发"):
        decide(head, words)
    head.sees("已印发", "收文单位").accessible(violations)
    county = stage.enter(WORKER, phone=True)
    county.go("documents").sees("通报").accessible(violations)
    county.go("document", document.pk).press("签收", within=".act-bar").sees("已签收。")
    handler.go("documents").sees(f"1/{document.receipts.count()}").accessible(violations)
