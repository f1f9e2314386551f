"""印发 tells the addressees, who sign or are urged; a scanned 发文稿纸 stands for signatures."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from config.telling import tell_documents
from notifications.delivery import deliver
from notifications.models import Notice
from organisations.models import Tenure, User
from reports.documents import actions, telling
from reports.documents.nouns import Document, ReceiptNews, SigningSheet
from reports.documents.route import State, Step
from tests.cases.lists import sign_in
from tests.config.test_commands import as_json
from tests.reports.offices import DAY, HANDLER, HEAD, drafted, step, until
from tests.reports.test_documents import refused
from tests.world import World, at

WORKER = "涧西区/county_worker"


def said(user: User) -> list[str]:
    return [f"【{n.title}】{n.body}" for n in Notice.objects.filter(recipient=user).order_by("id")]


def test_issuing_tells_the_addressees_and_urges_whoever_has_not_signed(world: World) -> None:
    Tenure.objects.filter(post__unit=world.units["嵩县工作专班"]).delete()
    document = until(world, drafted(world), State.ISSUED)
    name = f"{document.number}《{document.title}》"
    made = tell_documents(at(DAY, 11))
    assert made == Notice.objects.count() > document.receipts.count()
    worker = world.people[WORKER]
    assert said(worker) == [f"【文书签收】{name}已印发，请于1个工作日内签收。"]
    # nobody holds a post there: it waits at the one that receives the unit's work
    kept = Notice.objects.filter(recipient=None, post__unit=world.units["嵩县工作专班"])
    assert [notice.post.receives_work for notice in kept if notice.post] == [True]
    assert tell_documents(at(DAY, 12)) == deliver(at(DAY, 12)) == 0
    notice = Notice.objects.get(recipient=worker)
    opened = sign_in(world, WORKER).get(reverse("notice", args=[notice.pk]))
    assert opened["Location"] == reverse("document", args=[document.pk])

    by = world.actor(HANDLER, DAY)
    actions.sign_for(document.pk, by=world.actor(WORKER, DAY), at=at(DAY, 12))
    later = DAY + timedelta(days=5)  # two working days: Tomb-Sweeping lies between
    urged = telling.urge(document.pk, by=by, at=at(later))
    assert urged == document.receipts.count() - 1
    again = later + timedelta(days=1)
    assert refused(lambda: telling.urge(document.pk, by=by, at=at(again))) == "urged_lately"
    other = world.actor(WORKER, DAY)
    assert refused(lambda: telling.urge(document.pk, by=other, at=at(again))) == "not_yours"
    tell_documents(at(later))
    assert len(said(worker)) == 1  # who has signed is left alone
    chief = world.people["市工信局/department_lead"]
    assert said(chief)[-1].startswith(f"【催收】{name}已印发")
    assert said(chief)[-1].endswith("个工作日，贵单位尚未签收，请尽快签收。")

    head = world.actor(HEAD, DAY)
    document.refresh_from_db()
    given: dict[str, Any] = {"version": document.version, "reason": "数据有误。"}
    actions.withdraw(document.pk, by=head, at=at(later), **given)
    tell_documents(at(later))
    assert said(worker)[-1] == f"【文书撤回】{name}已撤回：数据有误。请勿继续使用。"
    assert not ReceiptNews.objects.exists()
    # on the bell of who reads English: words, no gaps
    for notice in Notice.objects.filter(recipient=chief):
        title, body = notice.said_in("en")
        assert title.isascii()
        assert document.number in body
        assert "%" not in body


def test_the_page_says_who_has_not_received_it(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("organisations.clock.now", lambda: at(DAY, 12))
    document = until(world, drafted(world), State.ISSUED)
    client, n = sign_in(world, HANDLER), document.receipts.count()
    page = client.get(reverse("document", args=[document.pk]))
    assert f"尚有{n}个单位未签收" in page.content.decode()
    assert page.context["lacking_words"].startswith(f"{document.number} {document.title}尚有{n}个")
    assert "嵩县人民政府" in page.context["lacking_words"]
    done = client.post(reverse("document_act", args=[document.pk, "urge"]), follow=True)
    assert f"已催收{n}个单位。" in done.content.decode()
    assert "已催收1次" in done.content.decode()
    # an addressee sees nobody else's name in the list of those that owe it
    county = sign_in(world, WORKER).get(reverse("document", args=[document.pk]))
    assert "lacking" not in county.context


def test_a_copy_is_a_to_do_and_late_ones_are_told_to_the_office(
    world: World, monkeypatch: Any
) -> None:
    """On the workbench; due in one working day, a copy that is filed away is chased no more."""
    document = until(world, drafted(world), State.ISSUED)
    name, worker, office = f"{document.number} {document.title}", WORKER, HANDLER
    when = DAY + timedelta(days=5)  # Tomb-Sweeping lies between: one working day late

    def box(who: str, on: date) -> str:
        monkeypatch.setattr("organisations.clock.today", lambda: on)
        part = {"HX-Request": "true"}  # as the workbench asks for it
        answer = sign_in(world, who).get("/documents/box/", headers=part)
        return answer.content.decode().strip()

    assert name in box(worker, DAY)
    assert "请于2022年4月1日前签收" in box(worker, DAY)
    assert box(office, DAY) == ""
    assert "逾期1个工作日" in box(worker, when)
    late = box(office, when)
    assert name in late
    assert f"{document.receipts.count()}个单位" in late
    for who in (worker, office):
        world.people[who].username = who.replace("/", "-")
        world.people[who].save()
    mine = as_json("document", "list", "--to-sign", "--by", "涧西区-county_worker")
    assert [(one["number"], one["late_days"]) for one in mine] == [(document.number, 1)]
    (told,) = as_json("document", "list", "--unsigned", "--by", "office-1")
    assert "涧西区工作专班" in told["units"]
    actions.sign_for(document.pk, by=world.actor(worker, DAY), at=at(when))
    assert box(worker, when) == ""
    assert (
        "涧西区工作专班"
        not in as_json("document", "list", "--unsigned", "--by", "office-1")[0]["units"]
    )
    step(world, document, Step.ARCHIVE, on=when)
    assert box(office, when) == ""


# --- 发文稿纸 ------------------------------------------------------------------------------------
def scan(colour: str = "white", name: str = "发文稿纸.png") -> SimpleUploadedFile:
    target = io.BytesIO()
    Image.new("RGB", (90, 120), colour).save(target, "PNG")
    return SimpleUploadedFile(name, target.getvalue(), "image/png")


def test_a_scan_stands_for_the_signatures_typed_from_it(
    world: World, settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("organisations.clock.now", lambda: at(DAY, 10))
    document = drafted(world)
    client = sign_in(world, HANDLER)
    page_url = reverse("document", args=[document.pk])
    names = [field["name"] for field in client.get(page_url).context["sheet"]["fields"]]
    assert names == ["files", "name-check", "on-check", "name-sign", "on-sign"]
    url = reverse("document_act", args=[document.pk, "sign_by_sheet"])
    typed = {
        "version": document.version, "name-check": "李核稿", "on-check": "2022-03-29",
        "name-sign": "王示例", "on-sign": "2022-03-30",
    }  # fmt: skip
    own = str(world.people[HANDLER])
    for more, words in (
        ({}, "请选择发文稿纸扫描件"),
        ({"files": SimpleUploadedFile("a.png", b"<html>")}, "a.png"),
        ({"files": SimpleUploadedFile("a.exe", b"MZ")}, "a.exe"),
        ({"files": scan(), "name-sign": ""}, "“签发”的签字人"),
        ({"files": scan(), "on-sign": "2022-03-28"}, "早于上一步骤"),
        ({"files": scan(), "on-sign": "2022-04-28"}, "签署日期不能"),
        ({"files": scan(), "name-sign": own}, "拟稿人不能"),
        ({"files": scan(), "name-sign": "李核稿"}, "核稿、签发"),
    ):
        answer = client.post(url, {**typed, **more})
        assert answer.status_code in (403, 422), words
        assert words in answer.content.decode()
        # nothing is typed twice: the form stands open with the names
        assert answer.context["sheet"]["open"] is True
        assert answer.context["sheet"]["fields"][2]["value"] == typed["on-check"]
    assert not SigningSheet.objects.exists()

    assert client.post(url, {**typed, "files": [scan(), scan("grey")]}).status_code == 302
    document.refresh_from_db()
    assert (document.state, document.said.dated) == (State.TO_NUMBER, date(2022, 3, 30))
    steps = list(document.steps.all())
    assert [(s.step, s.name, s.on_paper) for s in steps] == [
        ("draft", own, False), ("check", "李核稿", True), ("sign", "王示例", True),
    ]  # fmt: skip
    sheet = document.sheets.first()
    assert sheet is not None
    assert [s.sheet for s in steps] == [None, sheet, sheet]
    page = client.get(page_url).content.decode()
    assert f"凭发文稿纸，{own}登记" in page
    file_url = reverse("document_sheet", args=[sheet.pk])
    assert file_url in page
    answer = client.get(file_url)
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")  # type: ignore[attr-defined]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert sign_in(world, WORKER).get(file_url).status_code == 404
    assert step(world, document, Step.NUMBER).number == "洛研专办〔2022〕1号"


def test_a_scan_is_shown_to_the_scanner_at_once(
    world: World, settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    settings.MEDIA_ROOT, settings.CLAMD = tmp_path, "unix:/nowhere"
    document = drafted(world)
    client, url = (
        sign_in(world, HANDLER),
        reverse("document_act", args=[document.pk, "sign_by_sheet"]),
    )
    typed = {
        "version": document.version, "name-check": "李核稿", "on-check": "2022-03-29",
        "name-sign": "王示例", "on-sign": "2022-03-30",
    }  # fmt: skip
    assert "病毒扫描暂未响应" in client.post(url, {**typed, "files": scan()}).content.decode()
    monkeypatch.setattr("cases.scanner.scan", lambda data, address: "Eicar")
    assert "Eicar" in client.post(url, {**typed, "files": scan()}).content.decode()
    assert not Document.objects.get().sheets.exists()
