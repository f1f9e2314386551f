"""Whoever acts in a story: a signed-in browser each, a desk or a phone, and a watchful eye.

Every page that a person opens is looked at: nothing spills sideways, no complaint in the console,
no word to another host. ``Stage`` holds the city, the clock and the people.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from config.ticking import tick
from tests import bad_files
from tests.browser.windows import answered, told
from tests.world import World, at

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Request

    from tests.browser.beat import Beat
    from tests.browser.windows import Windows

Find = Callable[["Page"], list[str]]

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
BACKEND = "django.contrib.auth.backends.ModelBackend"
PATIENCE = 20_000  # milliseconds
CHINESE = re.compile("[\u3400-\u9fff]")
# the page itself, not a frame that scrolls inside it
# not innerWidth, which grows with what spills
SPILLS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def nothing(page: Page) -> list[str]:
    """Looks at no page, as another pass has."""
    return []


@dataclass
class Stage:
    """The city, its moment, and the browsers that are open."""

    windows: Windows
    url: str
    world: World
    now: datetime
    complaints: list[str] = field(default_factory=list)
    beat: Beat | None = None

    def move_to(self, day: date, hour: int = 9) -> None:
        """The doors' clock; nothing waits for it."""
        self.now = at(day, hour)

    def tick(self) -> None:
        """What is due is done: through the broker by a worker where there is one."""
        if self.beat is None:
            tick(self.now)
        else:
            self.beat.tick()

    def enter(self, key: str, *, phone: bool = False, language: str = "zh-hans") -> Person:
        """Somebody of the world (涧西区/county_worker, office/1 …) with a browser, signed in."""
        return self.enter_as(self.world.people[key], phone=phone, language=language)

    def enter_as(
        self, user: AbstractBaseUser | None, *, phone: bool = False, language: str = "zh-hans"
    ) -> Person:
        page = self.windows.take(
            patience=PATIENCE,
            said=self._note,
            asked=self._note_host,
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            is_mobile=phone,
            color_scheme="light",
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        cookies = {"django_language": language}
        if user is not None:
            cookies["sessionid"] = _session_of(user)
        page.context.add_cookies(
            [{"name": name, "value": value, "url": self.url} for name, value in cookies.items()]
        )
        return Person(self, page, phone)

    def enter_by_password(self, key: str) -> Person:
        """Through the door, as a person does it."""
        user = self.world.people[key]
        user.set_password("correct horse 42")
        user.save(update_fields=["password"])
        person = self.enter_as(None).go("login")
        person.fill(username=user.username, password="correct horse 42")
        return person.press("登录")

    def _note_host(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and not self.url.endswith(parts.netloc):
            self.complaints.append(f"asked another host: {request.url}")

    def _note(self, words: str) -> None:
        # a refusal (403, 404, 409, 422) is an answer that stories ask for, not a fault of a page;
        # a list given up for a newer choice is none either (one that fails says htmx:sendError)
        if not re.search(r"status of 4\d\d|^htmx:(sendAbort|afterRequest)", words):
            self.complaints.append(words)


def _session_of(user: AbstractBaseUser) -> str:
    client = Client()
    client.force_login(user, backend=BACKEND)  # type: ignore[arg-type]
    assert client.session.get(SESSION_KEY)
    return str(client.cookies["sessionid"].value)


@dataclass
class Person:
    """One person at one browser: goes, presses, fills, reads."""

    stage: Stage
    page: Page
    phone: bool

    # --- moving about
    def go(self, name: str, *args: Any, query: str = "", status: int = 200) -> Person:
        """Open a page by the name of its URL (or a path)."""
        path = name if name.startswith("/") else reverse(name, args=args)
        answer = self.page.goto(self.stage.url + path + query)
        assert answer is not None
        assert answer.status == status, f"{path}{query}: {answer.status}, not {status}"
        return self.look()

    def look(self) -> Person:
        assert not told(self.page, SPILLS), f"{self.page.url} is wider than the window"
        return self

    def press(self, words: str, *, within: str = "body", role: str = "button") -> Person:
        """Press a button (or link, with ``role``) of exactly these words, and wait for the page."""
        place = self.page.locator(within).get_by_role(role, name=words, exact=True)  # type: ignore[arg-type]
        return self.click(place.filter(visible=True).first)

    def click(self, place: Locator) -> Person:
        """Click what leads to another page, and look at that page."""
        with self.page.expect_navigation():
            place.click()
        return self.look()

    def follow(self, words: str, *, within: str = "body") -> Person:
        return self.press(words, within=within, role="link")

    def dialog(self, words: str) -> Person:
        """Press an act that asks something first, and wait for what it asks."""
        self.page.locator(".act-bar").get_by_role("link", name=words, exact=True).click()
        self.page.wait_for_selector("dialog[open]")
        return self.look()

    # --- forms
    def fill(self, **values: str | bool | list[str]) -> Person:
        """Fill fields by name: text, a choice of radio buttons or a list, ticks."""
        for name, value in values.items():
            self.answer(name, value)
        return self

    def answer(self, name: str, value: str | bool | list[str]) -> Person:
        field = self.page.locator(f'[name="{name}"]:visible, input[type=file][name="{name}"]')
        kind = field.first.evaluate("node => node.type")
        if kind == "radio":
            self._tick(name, str(value))
        elif kind == "checkbox":
            for one in value if isinstance(value, list) else ["on"]:
                self._tick(name, one)
        elif kind == "select-one":
            field.first.select_option(str(value))
        else:
            field.first.fill(str(value))
        return self

    def _tick(self, name: str, value: str) -> None:
        # the input itself may be drawn by its label
        self.page.locator(f'[name="{name}"][value="{value}"]').check(force=True)

    def attach(self, name: str, *files: Any) -> Person:
        self.page.locator(f'input[type=file][name="{name}"]').set_input_files(list(files))
        return self

    # --- reading
    def sees(self, *words: str) -> Person:
        text = self.text
        for one in words:
            if one not in text:  # a part of the page may come after it (htmx)
                with suppress(AssertionError):
                    body = expect(self.page.locator("body"))
                    body.to_contain_text(one, use_inner_text=True, timeout=5_000)
                text = self.text
            assert one in text, f"{self.page.url} does not say “{one}”:\n{text[:3000]}"
        return self

    def sees_no(self, *words: str) -> Person:
        text = self.text
        for one in words:
            assert one not in text, f"{self.page.url} says “{one}”"
        return self

    @property
    def text(self) -> str:
        """What is visible, one blank between words, as a person would read it."""
        return " ".join(told(self.page, "document.body.innerText").split())

    def offered(self) -> list[str]:
        """The acts of the bar that can be taken."""
        acts = self.page.locator(".act-bar :is(a, button):not([aria-disabled=true]):visible")
        return [words.strip() for words in answered(self.page, acts.all_inner_texts)]

    def accessible(self, violations: Find) -> Person:
        """axe finds nothing, in a window as tall as the page: no bar covers what lies below"""
        return self._accessible_at(violations, PHONE if self.phone else DESK)

    def accessible_everywhere(self, violations: Find) -> Person:
        """… in a window of either width, one after the other."""
        return self._accessible_at(violations, PHONE)._accessible_at(violations, DESK)

    def _accessible_at(self, violations: Find, size: dict[str, int]) -> Person:
        if violations is not nothing:
            found = answered(self.page, lambda: self.found(violations, size))
            assert found == [], f"{self.page.url} at {size['width']} px: " + "\n".join(found)
        return self

    def found(self, violations: Find, size: dict[str, int]) -> list[str]:
        """What axe finds in a window of this width, which need not be one's own."""
        own = PHONE if self.phone else DESK
        if size != own:
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
        tall, spills = self.page.evaluate(f"[document.documentElement.scrollHeight, {SPILLS}]")
        self.page.set_viewport_size({"width": size["width"], "height": max(tall, size["height"])})
        try:
            return [*["wider than the window"][: int(spills)], *violations(self.page)]
        finally:
            self.page.set_viewport_size(own)  # type: ignore[arg-type]


def fill_in(person: Person, answers: dict[str, Any], at: str = "") -> Person:
    """Fill a form of the pack from the data that it would store; rows are added as needed."""
    for name, value in answers.items():
        if name == "haves":
            for have, said in value.items():
                person.answer(f"haves-{have}-state", said["state"])
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value):
                first = f'[name="{name}-{number}-{next(iter(row))}"]'
                if not person.page.locator(first).count():
                    person.page.locator(f'[data-lines="{name}"] [data-add-line]').click()
                for column, cell in row.items():
                    person.answer(f"{name}-{number}-{column}", cell)
        elif value:
            person.answer(name, value)
    return person


def pdf(name: str) -> dict[str, object]:
    """A file as Playwright hands it to an input."""
    # another content for each name: the same file twice for an item is refused
    content = bad_files.pdf(f"/Lang ({name.encode().hex()})")
    return {"name": name, "mimeType": "application/pdf", "buffer": content}


def photo(name: str) -> dict[str, object]:
    held = io.BytesIO()
    Image.new("RGB", (1600, 1200), "#888").save(held, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": held.getvalue()}
