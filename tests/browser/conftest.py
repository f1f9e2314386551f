"""What every browser test needs: pages that keep quiet, and an eye for accessibility."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandlerMixin

from organisations import clock
from organisations.models import Region
from tests.browser.beat import Beat, worker
from tests.browser.people import DESK, PHONE, Stage, nothing
from tests.browser.windows import Windows, be_patient
from tests.ground import forget
from tests.world import START, World, at, build
from workflows.models import Programme

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from playwright.sync_api import Browser, Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
EYE = f"{AXE_SCRIPT};{Path(__file__).with_name('looks.js').read_text('utf-8')}"
# every page of a window has it at hand: a script that the browser knows it need not read again
OPEN_EYE = f"window.openEye = () => {{ {EYE} }};"
READY = """() => {
  if (!window.violationsOf && window.openEye) window.openEye();
  return Boolean(window.violationsOf);
}"""
# of a long table's rows, built alike, the first ones are looked at
MORE_ROWS = "tbody tr:nth-of-type(n+9)"

NOWHERE = World(Programme(), Region(), {}, {})


class OpenPage(Protocol):
    def __call__(self, path: str, *, phone: bool = False, **cookies: str) -> Page: ...


def dress(page: Page, *, phone: bool, dark: bool = False, large: bool = False) -> None:
    """The same page as another one sees it, who has not chosen light or dark himself."""
    page.set_viewport_size(PHONE if phone else DESK)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark" if dark else "light")
    size = "large" if large else "normal"
    page.evaluate("size => { document.documentElement.dataset.size = size; }", size)


@pytest.fixture(scope="session")
def _windows(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Windows]:
    script = "" if request.config.getoption("--second-pass") else OPEN_EYE
    with pytest.MonkeyPatch.context() as patch:
        be_patient(patch)
        _keep_files(patch)
        yield Windows(chromium, script)


def _keep_files(patch: pytest.MonkeyPatch) -> None:
    """Styles and scripts are asked for once, as a city's are: of files that were checked out a
    minute ago a browser asks again with every page."""
    serve = StaticFilesHandlerMixin.serve

    def served(self: Any, request: HttpRequest) -> HttpResponseBase:
        answer: HttpResponseBase = serve(self, request)
        answer.headers["Cache-Control"] = "max-age=3600"
        return answer

    patch.setattr(StaticFilesHandlerMixin, "serve", served)


@pytest.fixture
def windows(_windows: Windows) -> Iterator[Windows]:
    yield _windows
    _windows.give_back()


@pytest.fixture
def open_page(windows: Windows, live_server: Any) -> Iterator[OpenPage]:
    """Opens a path with cookies (theme, size, django_language); a console error fails the test."""
    complaints: list[str] = []

    def opened(path: str, *, phone: bool = False, **cookies: str) -> Page:
        size = PHONE if phone else DESK
        page = windows.take(viewport=size, patience=20_000, said=complaints.append)
        page.context.add_cookies(
            [
                {"name": name, "value": value, "url": live_server.url}
                for name, value in cookies.items()
            ]
        )
        page.goto(live_server.url + path)
        return page

    yield opened
    # a 404 asked for on purpose is no fault of the page
    assert [words for words in complaints if "status of 404" not in words] == []


@pytest.fixture(scope="session")
def violations(request: pytest.FixtureRequest) -> Callable[[Page], list[str]]:
    """axe-core's findings on a page, one readable line each; an accessible page has none."""
    # the other pass looks at the same pages
    if request.config.getoption("--second-pass"):
        return nothing
    # texts that were measured on an earlier page, by what they look like
    known: set[int] = set()

    def found(page: Page) -> list[str]:
        if not page.evaluate(READY):
            page.evaluate(f"() => {{ {EYE} }}")
        told, passed = page.evaluate(
            "([where, how, known]) => violationsOf(where, how, known)",
            [
                {"exclude": [MORE_ROWS]},
                {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]},
                list(known),
            ],
        )
        known.update(passed)
        return [
            f"{one['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
            for one in told
            for node in one["nodes"]
        ]

    return found


@pytest.fixture(scope="session")
def beat() -> Iterator[Beat | None]:
    """Where Redis is, the tick of the stories goes through it to a Celery worker."""
    if not settings.REDIS_URL:
        yield None
        return
    with worker(settings.REDIS_URL) as found:
        yield found


@pytest.fixture
def empty_stage(
    windows: Windows,
    live_server: Any,
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
    beat: Beat | None,
) -> Iterator[Stage]:
    """9:00 of the first day, without a city yet."""
    forget()
    held = Stage(windows, live_server.url, NOWHERE, at(START), beat=beat)
    monkeypatch.setattr(clock, "now", lambda: held.now)
    yield held
    forget()
    assert held.complaints == []


@pytest.fixture
def stage(empty_stage: Stage) -> Stage:
    """The small city at 9:00 of its first day, and whoever a story lets act in it."""
    empty_stage.world = build()
    return empty_stage
