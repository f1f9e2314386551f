"""Browser windows, used again by one test after the other.

Opening one takes the browser longer than all the pages that a test looks at. What a test leaves
behind (cookies, drafts, routes, sizes) is cleared; nobody hears what the last one's pages said.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from playwright.sync_api import Error, Locator, Page

if TYPE_CHECKING:
    import pytest
    from playwright.sync_api import Browser, CDPSession, Request

T = TypeVar("T")
Said = Callable[[str], None]
Asked = Callable[["Request"], None]
STANDS = "document.readyState === 'complete' && document.body !== null"
# what is said of a page that went away while it was asked
GONE = re.compile(
    "context was destroyed|find context|navigat|detached|(axe|violationsOf) is not defined"
)
PATIENCE = 20  # seconds
FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"


@dataclass
class Window:
    """A context with its page; ``said`` and ``asked`` are those of whoever has it now."""

    page: Page
    devtools: CDPSession
    size: Any
    said: Said | None = None
    asked: Asked | None = None

    @classmethod
    def opened(cls, browser: Browser, script: str, **options: Any) -> Window:
        context = browser.new_context(**options)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        made = cls(page, context.new_cdp_session(page), options["viewport"])
        # nobody but this machine is found (tests.conftest): what went elsewhere has failed, and of
        # what did not, twenty requests a page, nobody need be told
        context.on("requestfailed", made._request)
        page.on("pageerror", lambda error: made._say(str(error)))
        page.on("console", lambda told: made._say(told.text) if told.type == "error" else None)
        return made

    def _say(self, words: str) -> None:
        if self.said is not None:
            self.said(words)

    def _request(self, request: Request) -> None:
        if self.asked is not None:
            self.asked(request)

    def clean(self) -> None:
        self.said = self.asked = None
        page = self.page
        page.unroute_all(behavior="ignoreErrors")
        page.emulate_media(media="null")
        if page.viewport_size != self.size:
            page.set_viewport_size(self.size)
        parts = urlsplit(page.url)
        if parts.scheme.startswith("http"):
            page.evaluate(FORGET)
            origin = f"{parts.scheme}://{parts.netloc}"
            self.devtools.send(
                "Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"}
            )
            # of the same site, whose process stays: a new one is the dearest part of a page
            page.goto(f"{origin}/healthz")
        page.context.clear_cookies()


class Windows:
    """Those that are open, by what they were opened with; ``script`` runs before each page's."""

    def __init__(self, browser: Browser, script: str = "") -> None:
        self.browser, self.script = browser, script
        self._free: defaultdict[str, list[Window]] = defaultdict(list)
        self._taken: list[tuple[str, Window]] = []

    def take(
        self, *, patience: int, said: Said, asked: Asked | None = None, **options: Any
    ) -> Page:
        """A clean page in a window of its own; ``patience`` in milliseconds."""
        kind = repr(sorted(options.items()))
        free = self._free[kind]
        window = free.pop() if free else Window.opened(self.browser, self.script, **options)
        self._taken.append((kind, window))
        window.said, window.asked = said, asked
        window.page.context.set_default_timeout(patience)
        return window.page

    def give_back(self) -> None:
        """At the end of a test: whoever opened more pages, or broke one, gets no window back."""
        taken, self._taken = self._taken, []
        for kind, window in taken:
            context = window.page.context
            if window.page.is_closed() or len(context.pages) > 1:
                context.close()
                continue
            window.clean()
            self._free[kind].append(window)


# --- a page that is being replaced ---------------------------------------------------------------
def settle(page: Page) -> None:
    """Wait until a page stands: behind an act the next one may have come, empty so far."""
    end = time.monotonic() + PATIENCE
    while True:
        page.wait_for_load_state()
        try:
            if page.main_frame.evaluate(STANDS):
                return
        except Error as error:
            if not GONE.search(error.message) or time.monotonic() > end:
                raise


def answered(page: Page, ask: Callable[[], T]) -> T:
    """What a page says to a question that changes nothing; the next one, if it came meanwhile."""
    end = time.monotonic() + PATIENCE
    while True:
        settle(page)
        try:
            return ask()
        except Error as error:
            if not GONE.search(error.message) or time.monotonic() > end:
                raise


def told(page: Page, question: str) -> Any:
    """What a page that stands answers to an expression: asked and answered in one go."""
    end = time.monotonic() + PATIENCE
    while True:
        page.wait_for_load_state()
        try:
            found = page.main_frame.evaluate(f"{STANDS} ? [{question}] : null")
            if found is not None:
                return found[0]
        except Error as error:
            if not GONE.search(error.message) or time.monotonic() > end:
                raise


def be_patient(patch: pytest.MonkeyPatch) -> None:
    """Questions that Playwright asks at once, of whatever is there, are asked of what stands."""
    for name in ("evaluate", "eval_on_selector_all"):
        patch.setattr(Page, name, _of_what_stands(getattr(Page, name)))
    for name in ("count", "all_inner_texts", "evaluate_all", "is_visible", "is_hidden"):
        patch.setattr(Locator, name, _of_what_stands(getattr(Locator, name)))


def _of_what_stands(ask: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(ask)
    def asked(place: Page | Locator, *args: Any, **options: Any) -> Any:
        settle(place if isinstance(place, Page) else place.page)
        return ask(place, *args, **options)

    return asked
