"""Browser windows, used again by one test after the other.

Opening one takes the browser longer than all the pages that a test looks at. What a test leaves
behind (cookies, drafts, routes, sizes) is cleared; nobody hears what the last one's pages said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page, Request

Said = Callable[[str], None]
Asked = Callable[["Request"], None]
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
    def opened(cls, browser: Browser, **options: Any) -> Window:
        context = browser.new_context(**options)
        page = context.new_page()
        made = cls(page, context.new_cdp_session(page), options["viewport"])
        context.on("request", made._request)
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
        page.goto("about:blank")
        page.context.clear_cookies()


class Windows:
    """Those that are open, by what they were opened with."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._free: defaultdict[str, list[Window]] = defaultdict(list)
        self._taken: list[tuple[str, Window]] = []

    def take(
        self, *, patience: int, said: Said, asked: Asked | None = None, **options: Any
    ) -> Page:
        """A clean page in a window of its own; ``patience`` in milliseconds."""
        kind = repr(sorted(options.items()))
        free = self._free[kind]
        window = free.pop() if free else Window.opened(self.browser, **options)
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
