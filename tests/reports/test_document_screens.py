"""The pages of documents: compiled, edited, passed on, signed, issued, printed, signed for."""

from __future__ import annotations

import io
from typing import Any

import pdfplumber
import pytest
from django.test import Client
from django.urls import reverse

from cases.models import EscalationDraft
from reports.documents.nouns import Document
from reports.documents.route import State
from tests.cases.lists import sign_in
from tests.reports.offices import CHECKER, HANDLER, HEAD
from tests.taken import taken
from tests.world import START, World, at

WORKER = "涧西区/county_worker"


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("organisations.clock.now", lambda: at(START, 10))


def act(client: Client, document: Document, do: str, **data: Any) -> Any:
    document.refresh_from_db()
    url = reverse("document_act", args=[document.pk, do])
    return client.post(url, {"version": document.version, **data})


def test_a_circular_from_its_figures_to_the_countys_desk(world: World, today: None) -> None:
    world.firm("甲有限公司", spending=True)
    handler, head, county = (sign_in(world, who) for who in (HANDLER, HEAD, WORKER))
    answer = handler.post(reverse("document_compile"), {"as_of": "2022-02-28"})
    document = Document.objects.get()
    page_url = reverse("document", args=[document.pk])
    assert answer["Location"] == page_url
    page = handler.get(page_url).content.decode()
    assert "{填报率}" in page  # the text names its figures, and beside it what they are
    assert "填报率100.0%" in page
    assert county.get(page_url).status_code == 404

    words = {
        "title": "关于2月份进展情况的通报",
        "addressee": "各县（市、区）",
        "text": "在库{在库企业数}家。",
    }
    lists = {"label": ["报", "抄送"], "names": ["市领导；省科技厅", ""]}
    wrong = act(handler, document, "edit", **{**words, "text": "{没有}"}, **lists)
    assert wrong.status_code == 422
    assert "没有名为“没有”的数据项" in wrong.content.decode()
    assert act(handler, document, "edit", **words, **lists).status_code == 302
    document.refresh_from_db()
    assert [(c.label, c.names) for c in document.said.copies] == [("报", ("市领导", "省科技厅"))]

    stale = handler.post(
        reverse("document_act", args=[document.pk, "advance"]), {"version": 1, "step": "draft"}
    )
    assert stale.status_code == 409
    assert act(handler, document, "advance", step="draft").status_code == 302
    assert act(handler, document, "advance", step="check").status_code == 403
    # the head checks, and so somebody else's signature stands on the paper form
    assert act(head, document, "advance", step="check").status_code == 302
    alone = act(head, document, "advance", step="sign")
    assert alone.status_code == 403
    assert "核稿、签发须由两人分别办理" in alone.content.decode()
    assert act(head, document, "advance", step="sign", name="王示例").status_code == 302
    for step in ("number", "seal", "issue"):
        assert act(head, document, "advance", step=step).status_code == 302, step
    document.refresh_from_db()
    assert document.state == State.ISSUED
    issued = handler.get(page_url).content.decode()
    assert "嵩县人民政府" in issued
    assert "由嵩县工作专班代收" in issued
    got = issued.split('id="got"')[1]
    assert got.index("嵩县人民政府") < got.index("市工信局")

    read = county.get(page_url).content.decode()
    assert "在库1家。" in read
    assert "签收" in read
    assert act(county, document, "sign_for").status_code == 302
    listed = handler.get(reverse("documents")).content.decode()
    assert f"1/{document.receipts.count()}" in listed
    assert document.number in listed

    pdf = county.get(reverse("document_pdf", args=[document.pk]))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf["Content-Disposition"].startswith("attachment")
    assert [what for what, _who in taken()] == ["document"]
    with pdfplumber.open(io.BytesIO(pdf.content)) as book:
        text = "".join(char["text"] for page in book.pages for char in page.chars)
    assert "洛研专办〔2022〕1号" in text
    assert "在库1家。" in text
    assert "草稿" not in text

    # what was signed is printed, or nothing
    Document.objects.update(content={**document.content, "title": "改过"})
    assert county.get(reverse("document_pdf", args=[document.pk])).status_code == 409


def test_every_released_letter_can_be_registered_however_many_wait(
    world: World, today: None
) -> None:
    unit = world.units["涧西区工作专班"]
    EscalationDraft.objects.bulk_create(
        EscalationDraft(
            programme=world.programme,
            kind="supervision_letter",
            county=unit.region,
            unit=unit,
            month=START,
            made_at=at(START),
            decided_at=at(START),
            state="released",
            number=f"{n}号",
        )
        for n in range(33)
    )
    client = sign_in(world, HANDLER)
    page = client.get(reverse("documents"))
    assert "第1–30件，共33件" in page.content.decode()
    rest = client.get(reverse("documents") + "?letters=2")
    numbers = [one["number"] for one in (*page.context["letters"], *rest.context["letters"])]
    assert sorted(numbers) == sorted(f"{n}号" for n in range(33))


def test_a_refusal_keeps_what_was_typed(world: World, today: None) -> None:
    handler = sign_in(world, HANDLER)
    handler.post(reverse("document_compile"))
    document = Document.objects.get()
    answer = act(handler, document, "edit", title="新标题", text="<b>{没有}</b>")
    page = answer.content.decode()
    assert "新标题" in page
    assert "&lt;b&gt;{没有}&lt;/b&gt;" in page
    act(handler, document, "discard", reason="本月不发")
    document.refresh_from_db()
    assert document.state == State.DISCARDED


def test_a_step_is_offered_to_whom_the_verb_allows_it(world: World, today: None) -> None:
    """Whoever drafted reads who checks, signs and withdraws; a paper signature can be recorded."""
    handler, head = (sign_in(world, who) for who in (HANDLER, HEAD))
    handler.post(reverse("document_compile"))
    document = Document.objects.get()
    page_url = reverse("document", args=[document.pk])
    act(handler, document, "advance", step="draft")
    chief = str(world.people[HEAD])
    for label, step in (("核稿通过", "check"), ("签发", "sign")):
        answer = handler.get(page_url)
        assert answer.context["next"]["title"].startswith("登记纸质签批：")
        assert answer.context["next"]["fields"][0]["required"] is True
        page = answer.content.decode()
        assert f"拟稿人不能核稿或签发。可办理人员：{chief}" in page
        offered = head.get(page_url).context
        assert (offered["next"]["title"], offered["hindrances"]) == (label, [])
        assert act(handler, document, "advance", step=step).status_code == 403
        written = chief if step == "sign" else CHECKER
        done = act(handler, document, "advance", step=step, name=written)
        assert done.status_code == 302
    for step in ("number", "seal", "issue"):
        act(head, document, "advance", step=step)
    answer = handler.get(page_url)
    assert answer.context["others"] == []
    assert f"只能由市专班办负责人撤回：{chief}" in answer.content.decode()
    assert [one["id"] for one in head.get(page_url).context["others"]] == ["withdraw"]
