"""What an English page may still say in Chinese: its data, and the names of languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from enterprises.models import Enterprise
from notifications.models import Notice
from organisations.models import Post, Region, Unit, User
from tests.browser.people import CHINESE
from workflows.models import Programme

if TYPE_CHECKING:
    from playwright.sync_api import Page

# without what names its own language in that language
WORDS = """() => {
  document.querySelectorAll(".display-switch, .site-foot").forEach((node) => node.remove());
  return document.body.innerText;
}"""


def chinese(page: Page, data: list[str]) -> Iterator[str]:
    """Lines of the page that hold Chinese once every name in the database is taken out."""
    for line in page.evaluate(WORDS).splitlines():
        bare = line
        for name in data:
            if not CHINESE.search(bare):
                break
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
