"""A visit in a workshop without a network, over TLS under a certificate of one's own."""

from __future__ import annotations

import io
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.client import HTTPSConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from cases import visit_answers
from cases.actions import paper_files, visiting
from cases.models import CallNote, Visit
from enterprises.models import Contact, Enterprise
from tests.browser.people import PHONE, SPILLS, Find, Stage, photo
from tests.browser.test_case_pages import wait_until
from tests.cases.test_visit_record import FIELDS
from tests.servers import chromium_program
from tests.tls import Certificates, SecureServer
from tests.world import START
from workflows.form_fields import Form

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORKER, LEAD = "涧西区/county_worker", "涧西区/county_lead"
FIRM = "洛阳示例轴承有限公司"
FAULTS = Path(__file__).with_name("phone_faults.js").read_text(encoding="utf-8")
FOLDER = os.environ.get("XIAOHAO_SHOTS", "")
FOUND = "辅助账已建，缺立项文件"
PASSWORD = "correct horse 42"
# every entry has been tried so often that once more is the twentieth time
TRIED = Path(__file__).with_name("tried_often.js").read_text(encoding="utf-8")
# pages of a person in the browser's caches
KEPT = "caches.keys().then(all => all.filter(one => one.startsWith('xiaohao-pages-')))"


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
    assert page.evaluate(FAULTS) == []
    if FOLDER:
        page.screenshot(path=f"{FOLDER}/{name}.png", full_page=True)


def test_a_visit_with_two_photos_is_written_offline_and_synced(
    stage: Stage,
    secure: SecureServer,
    chromium: Browser,
    tmp_path: Path,
    violations: Find,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = stage.world
    firm, other = world.firm(FIRM), world.firm("洛阳示例二有限公司")
    Contact.objects.create(enterprise=firm, name="李示例", phone="0379-6480 0000")
    world.open()
    user = world.people[WORKER]
    for one in (user, world.people[LEAD]):
        one.set_password(PASSWORD)
        one.save(update_fields=["password"])
    speaks_tls(secure)
    phone = Phone(chromium, secure, tmp_path / "profile")
    try:
        page = phone.page
        page.goto("/route/")
        phone.sign_in(user.username)
        expect(page.get_by_role("heading", name="今日路线")).to_be_visible()
        looked_at(page, "route-online")
        page.locator(f"button[value='in:{firm.pk}']").click()
        taken_at = datetime.now()
        page.get_by_role("button", name="存入本机（离线可用）").click()
        expect(page.locator("[data-take-words]")).to_contain_text("已存入1家")
        looked_at(page, "route-taken")
        assert violations(page) == []

        secure.cut()
        nobody_answers(secure, page)
        page.get_by_role("link", name="登记走访：洛阳示例轴承有限公司").click()
        state = page.locator("[data-sync]")
        expect(state).to_contain_text("离线")
        page.fill("[name=met]", "李示例")
        page.fill("[name=found]", FOUND)
        attach(page, photo("厂区.jpg"))
        attach(page, picture("设备.png", "#a33"))
        expect(page.locator("[data-photos-list] img")).to_have_count(2)
        expect(page.locator("[data-draft-state]")).to_contain_text("草稿")
        looked_at(page, "visit-offline")
        assert violations(page) == []
        # what is not even sent yet outlives a reload
        page.reload()
        expect(page.locator("[data-photos-list] img")).to_have_count(2)
        expect(page.locator("[name=found]")).to_have_value(FOUND)
        page.locator("form[data-outbox] [type=submit]").click()
        expect(state).to_contain_text("待同步1条")
        looked_at(page, "visit-queued")
        assert Visit.objects.count() == 0

        # the telephone is switched off and on again, still without a network
        page = phone.restart()
        page.goto("/route/")
        state = page.locator("[data-sync]")
        expect(state).to_contain_text("离线")
        expect(state).to_contain_text("待同步1条")
        expect(page.locator("[data-entries]")).to_contain_text(FOUND)
        # what was chosen and not typed, too
        expect(page.locator("[data-text]")).to_contain_text("现场")
        looked_at(page, "restarted-queued")

        # on the next day a form that was taken along is of that day
        page.clock.set_fixed_time(taken_at + timedelta(days=1))
        page.goto(reverse("visit_new", args=[firm.pk]))
        expect(page.locator("[name=visited_on]")).to_have_value("2022-03-02")
        page.clock.set_fixed_time(datetime.now())

        # a colleague who takes the telephone finds nothing of his; what waits is not hers to send
        secure.start()
        page.goto("/route/")
        phone.sign_in(world.people[LEAD].username)
        expect(page.locator("[data-ready]")).to_be_attached()
        wait_until(page, f"{KEPT}.then(all => all.length === 0)")
        expect(page.locator("[data-sync]")).to_be_hidden()
        expect(page.locator("[data-outbox-list]")).to_be_hidden()
        page.get_by_role("button", name="退出").click()

        # sent from whatever page he opens first
        phone.sign_in(user.username)
        expect(page.locator("[data-sync]")).to_contain_text("已同步")
        looked_at(page, "synced")
        visit = Visit.objects.get()
        assert (visit.met, visit.found, visit.photos.count()) == ("李示例", FOUND, 2)
        page.goto(reverse("firm", args=[firm.pk]))
        # until the worker has drawn them; then they show themselves
        expect(page.locator(".thumb.is-drawn-now")).to_have_count(2)
        paper_files.draw_due(timezone.now)
        expect(page.locator("img.thumb")).to_have_count(2, timeout=20_000)

        # a colleague was there too while one's own form stood open
        page.goto(reverse("visit_new", args=[firm.pk]))
        expect(page.locator("[data-ready]")).to_be_attached()
        colleague(stage, firm, "已看过设备")
        page.fill("[name=found]", "立项文件已补")
        page.locator("form[data-outbox] [type=submit]").click()
        expect(page.locator("[data-changes]")).to_contain_text("赵示例已登记3月1日的走访")
        expect(page.locator("[data-entries]")).to_contain_text("立项文件已补")
        expect(page.locator("[data-sync]")).to_contain_text("1条需要确认")
        looked_at(page, "conflict")
        assert Visit.objects.count() == 2

        # another one is begun; what is opened to be changed is what was pointed at, the other stays
        page.goto(reverse("visit_new", args=[firm.pk]))
        expect(page.locator("[data-ready]")).to_be_attached()
        page.fill("[name=found]", "另一条")
        expect(page.locator("[data-draft-state]")).to_contain_text("草稿")
        page.locator("[data-state=changed] [data-act=edit]:visible").click()
        expect(page.locator("[name=found]")).to_have_value("立项文件已补")
        expect(page.locator("[data-state=draft]")).to_contain_text("另一条")
        looked_at(page, "drafts")
        colleague(stage, firm, "又去了一次")
        page.locator("form[data-outbox] [type=submit]").click()
        page.get_by_role("button", name="仍然登记").click()
        expect(page.locator("[data-sync]")).to_contain_text("已同步")
        assert Visit.objects.count() == 4
        for _press in range(2):
            page.locator("[data-state=draft] [data-act=drop]:visible").click()
        expect(page.locator("[data-outbox-list]")).to_be_hidden()

        # a call, and its note in three taps
        page.goto("/route/")
        expect(page.locator("[data-ready]")).to_be_attached()
        page.get_by_role("link", name=f"打电话：{FIRM}").click()
        with page.expect_navigation(url="**/calls/new/"):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.locator("[name=result][value=promised]").tap()
        page.locator("[name=next_step][value=visit]").tap()
        looked_at(page, "call")
        with page.expect_navigation(url=f"**/firms/{firm.pk}/"):
            page.get_by_role("button", name="登记", exact=True).tap()
        note = CallNote.objects.get()
        assert (note.spoke_to, note.result, note.next_step) == ("李示例", "promised", "visit")

        # what the server cannot record says so and holds nothing up; a photo still being made
        # smaller goes with its visit
        with monkeypatch.context() as broken:
            broken.setattr(visiting, "record_visit", fails_for(firm))
            page.goto(reverse("visit_new", args=[firm.pk]))
            expect(page.locator("[data-ready]")).to_be_attached()
            page.fill("[name=found]", "发不出去")
            page.locator("form[data-outbox] [type=submit]").click()
            expect(page.locator("[data-how]")).to_contain_text("服务器未能登记（已尝试1次")
            expect(page.locator("[data-sync]")).to_contain_text("其中1条未发送成功")
            looked_at(page, "not-taken")
            # tried twenty times it is sent no more before its author says so
            page.evaluate(TRIED)
            page.locator("[data-state=waiting] [data-act=send]").click()
            expect(page.locator("[data-state=refused] [data-how]")).to_contain_text("未接收")
            page.locator("[data-state=refused] [data-act=edit]:visible").click()
            expect(page.locator("form[data-outbox]")).to_be_visible()
            expect(page.locator("[name=found]")).to_have_value("发不出去")
            page.locator("form[data-outbox] [type=submit]").click()
            expect(page.locator("[data-how]")).to_contain_text("服务器未能登记（已尝试1次")
            page.goto(reverse("visit_new", args=[other.pk]))
            expect(page.locator("[data-ready]")).to_be_attached()
            page.fill("[name=found]", "设备已到")
            with page.expect_navigation(url=f"**/firms/{other.pk}/"):
                attach(page, large("车间.jpg"))
                page.evaluate("document.querySelector('form[data-outbox] [type=submit]').click()")
            assert Visit.objects.get(enterprise=other).photos.count() == 1
            # else this page sends it the moment the server can, and its words go with the page
            page.goto("about:blank")
        page.goto("/route/")
        expect(page.locator("[data-sync]")).to_contain_text("已同步")
        assert Visit.objects.filter(found="发不出去").count() == 1

        # whoever signs out leaves no page of his on the phone
        page.goto("/route/")
        page.get_by_role("button", name="存入本机（离线可用）").click()
        expect(page.locator("[data-take-words]")).to_contain_text("已存入")
        wait_until(page, f"{KEPT}.then(all => all.length > 0)")
        page.get_by_role("button", name="退出").click()
        expect(page.locator("#id_username")).to_be_visible()
        wait_until(page, f"{KEPT}.then(all => all.length === 0)")
    finally:
        phone.context.close()


def test_a_draft_outlives_the_questions_of_its_plan(
    stage: Stage, violations: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has no field any more is shown to be copied, and is on the phone until it is deleted."""
    firm = stage.world.firm(FIRM)
    stage.world.open()
    page = stage.enter(WORKER, phone=True).page
    url = stage.url + reverse("visit_new", args=[firm.pk])
    page.goto(url)
    page.fill("[name=found]", FOUND)
    draft, left = page.locator("[data-draft-state]"), page.locator("form [data-left]")
    expect(draft).to_contain_text("草稿已存")
    expect(left).to_be_hidden()
    form = Form.model_validate({"key": "visit", "title": "记录 | Record", "fields": FIELDS})
    with monkeypatch.context() as changed:
        changed.setattr(visit_answers, "visit_form", lambda _pack: form)
        page.goto(url)
        # what stood there beforehand is nobody's words
        expect(left.locator("[data-left-text]")).to_have_text(f"情况与约定：{FOUND}")
        looked_at(page, "visit-asked-otherwise")
        assert violations(page) == []
        page.fill("[name=asks]", "缺人")
        expect(draft).to_contain_text("草稿已存")
        page.reload()
        expect(page.locator("[name=asks]")).to_have_value("缺人")
        expect(left).to_contain_text(FOUND)
        with page.expect_navigation(url=f"**/firms/{firm.pk}/"):
            page.locator("form[data-outbox] [type=submit]").click()
        assert Visit.objects.get().answers == {"asks": "缺人"}
        page.goto(stage.url + "/route/")
        kept = page.locator("[data-state=left]")
        expect(kept).to_contain_text(FOUND)
        looked_at(page, "visit-left")
        kept.locator("[data-act=drop]:visible").click()
        kept.locator("[data-act=drop]:visible").click()
        expect(page.locator("[data-outbox-list]")).to_be_hidden()
    # asked for again before it was sent, it stands in its place again
    page.goto(url)
    page.fill("[name=met]", "李示例")
    expect(draft).to_contain_text("草稿已存")
    with monkeypatch.context() as changed:
        changed.setattr(visit_answers, "visit_form", lambda _pack: form)
        page.goto(url)
        page.fill("[name=asks]", "缺人")
        expect(draft).to_contain_text("草稿已存")
    page.goto(url)
    expect(page.locator("[name=met]")).to_have_value("李示例")
    expect(left).to_contain_text("缺人")
    left.locator("button:not([data-copy])").click()
    expect(left).to_be_hidden()


def speaks_tls(server: SecureServer) -> None:
    """Whoever trusts the authority is let in, with cookies for TLS only; nobody else trusts it."""
    good = HTTPSConnection("localhost", server.port, context=server.certificates.client())
    good.request("GET", reverse("login"))
    answer = good.getresponse()
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=3600")
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert cookies
    assert all("; Secure" in one for one in cookies)
    good.close()
    with pytest.raises(ssl.SSLCertVerificationError):
        HTTPSConnection("localhost", server.port).request("GET", "/")


def nobody_answers(server: SecureServer, page: Page) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
    asked = "fetch('/healthz', {cache: 'no-store'}).then(() => 'answered', () => 'nobody')"
    assert page.evaluate(asked) == "nobody"


def colleague(stage: Stage, firm: Enterprise, found: str) -> None:
    told: dict[str, Any] = {"visited_on": START, "people": "赵示例", "found": found}
    visiting.record_visit(firm, by=stage.world.actor(LEAD), at=stage.now, **told)


def fails_for(firm: Enterprise) -> Callable[..., Visit]:
    """A fault of the server that one firm's visits meet."""
    real = visiting.record_visit

    def record(where: Enterprise, **told: Any) -> Visit:
        if where == firm:
            raise RuntimeError("a fault of the server")
        return real(where, **told)

    return record


def attach(page: Page, file: Any) -> None:
    page.set_input_files("[name=photos]", file)


def large(name: str) -> dict[str, object]:
    """A photo that takes the phone a while."""
    held = io.BytesIO()
    noise = Image.effect_noise((1200, 900), 90).resize((3000, 2250)).convert("RGB")
    noise.save(held, "JPEG", quality=75)
    return {"name": name, "mimeType": "image/jpeg", "buffer": held.getvalue()}


def picture(name: str, colour: str) -> dict[str, object]:
    held = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(held, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": held.getvalue()}
