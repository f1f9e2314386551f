"""What every browser test needs: pages that keep quiet, and an eye for accessibility."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from axe_playwright_python.sync_playwright import Axe

from cases import rulebook
from organisations import clock
from tests.browser.people import DESK, PHONE, Stage
from tests.world import START, at, build
from workflows.models import forget_calendar

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class OpenPage(Protocol):
    def __call__(self, path: str, *, phone: bool = False, **cookies: str) -> Page: ...


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[OpenPage]:
    """Opens a path with cookies (theme, size, django_language); a console error fails the test."""
    contexts: list[Any] = []
    complaints: list[str] = []

    def opened(path: str, *, phone: bool = False, **cookies: str) -> Page:
        context = chromium.new_context(viewport=PHONE if phone else DESK)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.add_cookies(
            [
                {"name": name, "value": value, "url": live_server.url}
                for name, value in cookies.items()
            ]
        )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if said.type == "error" else None
        )
        page.goto(live_server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    # a 404 asked for on purpose is no fault of the page
    assert [words for words in complaints if "status of 404" not in words] == []


@pytest.fixture(scope="session")
def violations() -> Callable[[Page], list[str]]:
    """axe-core's findings on a page, one readable line each; an accessible page has none."""
    axe = Axe()

    def found(page: Page) -> list[str]:
        result = axe.run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
        return [
            f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
            for one in result.response["violations"]
            for node in one["nodes"]
        ]

    return found


@pytest.fixture
def stage(
    chromium: Browser, live_server: Any, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """The small city at 9:00 of its first day, and whoever a story lets act in it."""
    rulebook.pack_of.cache_clear()
    forget_calendar()
    held = Stage(chromium, live_server.url, build(), at(START))
    monkeypatch.setattr(clock, "now", lambda: held.now)
    yield held
    for context in held.contexts:
        context.close()
    rulebook.pack_of.cache_clear()
    forget_calendar()
    assert held.complaints == []
