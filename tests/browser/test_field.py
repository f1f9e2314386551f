"""A visit in a workshop without a network, over TLS under a certificate of one's own."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from cases.models import Visit
from enterprises.models import Contact, Enterprise
from tests.browser.people import PHONE, SPILLS, Stage, photo
from tests.servers import chromium_program
from tests.tls import Certificates, SecureServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKER, FIRM = "涧西区/county_worker", "洛阳示例轴承有限公司"
FOLDER = os.environ.get("XIAOHAO_SHOTS", "")
PASSWORD = "correct horse 42"


@pytest.fixture
def secure(settings: Any, tmp_path: Path) -> Iterator[SecureServer]:
    """As ``XIAOHAO_HTTPS=1`` sets it."""
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = True
    settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 3600
    server = SecureServer(Certificates.made_in(tmp_path / "tls"))
    yield server
    server.cut()


class Phone:
    """A browser with a profile on disk: closed and opened again it finds what it kept."""

    def __init__(self, browser: Browser, server: SecureServer, profile: Path) -> None:
        self.browser, self.server, self.profile = browser, server, profile
        self.page = self.open()

    def open(self) -> Page:
        self.context: BrowserContext = self.browser.browser_type.launch_persistent_context(
            self.profile,
            executable_path=chromium_program(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--no-first-run",
                f"--ignore-certificate-errors-spki-list={self.server.certificates.fingerprint}",
            ],
            viewport=PHONE,  # type: ignore[arg-type]
            is_mobile=True,
            has_touch=True,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=self.server.url,
        )
        self.context.set_default_timeout(20_000)
        return self.context.pages[0]

    def restart(self) -> Page:
        self.context.close()
        self.page = self.open()
        return self.page

    def sign_in(self, username: str) -> None:
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()


def looked_at(page: Page, name: str) -> None:
    assert not page.evaluate(SPILLS), f"{page.url} is wider than the window"
    if FOLDER:
        page.screenshot(path=f"{FOLDER}/{name}.png", full_page=True)


def test_a_visit_with_two_photos_is_written_offline_and_synced(
    stage: Stage, secure: SecureServer, chromium: Browser, tmp_path: Path
) -> None:
    world = stage.world
    firm = world.firm(FIRM)
    Contact.objects.create(enterprise=firm, name="李示例", phone="0379-6480 0000")
    world.open()
    user = world.people[WORKER]
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    phone = Phone(chromium, secure, tmp_path / "profile")
    try:
        page = phone.page
        page.goto("/route/")
        phone.sign_in(user.username)
        expect(page.get_by_role("heading", name="今日路线")).to_be_visible()
        looked_at(page, "route-online")
    finally:
        phone.context.close()
