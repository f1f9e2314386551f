"""Many papers in one go: each begins on a right page and counts from 1, whatever lies before it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.urls import reverse

from cases.errors import Refused
from config.files.writing import write_now
from organisations.models import FileJob
from reports.documents import merging
from reports.documents.content import Content
from reports.documents.merging import joined, merged
from reports.documents.nouns import Document
from reports.documents.paper import MM
from reports.documents.render import our_fonts, render_pdf
from reports.documents.setting import html_of
from reports.stack_file import AT_ONCE, write_stack
from tests.cases.lists import sign_in
from tests.reports.offices import HANDLER
from tests.reports.papers import circular, letter
from tests.world import START, World, at


def pages_of(data: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(data)) as book:
        return ["".join(char["text"] for char in page.chars) for page in book.pages]


def test_a_stack_of_different_papers_is_one_tagged_file_for_the_archive() -> None:
    fonts = our_fonts()
    names = ("甲县人民政府", "乙县人民政府", "丙县人民政府")
    papers = [html_of(letter(rows=0, addressee=name), f"{name}号", fonts) for name in names]
    [found] = merged([*papers, html_of(circular(counties=2), "18号", fonts)], "4件文书")
    pages = pages_of(found)
    begins = [n for n, text in enumerate(pages) for name in names if f"{name}：" in text]
    assert begins == [0, 2, 4]  # right pages
    numbers = [re.findall(r"— ?(\d+) ?—", text) for text in pages if text]
    assert numbers == [[], ["2"]] * 3 + [[str(n)] for n in range(1, 7)]
    assert is_for_the_archive(found)
    assert b"/StructTreeRoot" in unpacked(found)
    with pdfplumber.open(io.BytesIO(found)) as book:
        assert book.metadata["Title"] == "4件文书"
    # what one child cannot hold is put behind the first file and keeps what that says of itself
    whole = joined([found, render_pdf(papers[0])])
    assert pages_of(whole)[len(pages)] == pages[0]
    assert is_for_the_archive(whole)


def unpacked(data: bytes) -> bytes:
    """A file with every stream of it in clear."""
    packed = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    streams = [zlib.decompressobj().decompress(one) for one in packed if one[:1] == b"x"]
    return b"".join([data, *packed, *streams])


def is_for_the_archive(data: bytes) -> bool:
    """PDF/A-2u as it says of itself, with its colours and language."""
    marks = (b'pdfaid:part="2"', b'pdfaid:conformance="U"', b"/OutputIntents", b"/Lang", b"/ID")
    held = unpacked(data)
    return all(mark in held for mark in marks)


# text that ends on a page, the pages of the paper and the one that bears the copy block
SHORT = ("请办理。",)


@pytest.mark.parametrize(
    ("content", "of", "numbers"),
    [
        # a letter of one page bears it on its face, a circular never
        (letter(rows=0, paragraphs=SHORT), 1, [None]),
        (circular(annexes=(), paragraphs=SHORT), 2, [1, 2]),
        (letter(rows=5), 4, [None, 2, 3, 4]),
        # behind a lying annex that ends a sheet: nothing on the front, no numbers (GB/T 9704, 7.5)
        (circular(counties=2, annexes=circular(2).annexes[:1]), 6, [1, 2, 3, 4, None, None]),
    ],
)
def test_the_copy_block_stands_on_the_last_line_of_the_last_back(
    content: Content, of: int, numbers: list[int | None]
) -> None:
    with pdfplumber.open(io.BytesIO(render_pdf(html_of(content, "1号", our_fonts())))) as book:
        texts = [page.extract_text() or "" for page in book.pages]
        last = book.pages[-1].crop((0, 0, 595, 262 * MM))
        foot = max(char["bottom"] for char in last.chars)
    label = "抄送：" if content.layout == "letter" else "报："
    assert [label in text for text in texts] == [False] * (of - 1) + [True]
    found = [re.search(r"—\s?(\d+)\s?—", text) for text in texts]
    assert [one and int(one[1]) for one in found] == numbers
    assert foot / MM == pytest.approx(261, abs=1)


def test_a_run_holds_as_many_as_one_child_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "A_RUN", 3)
    assert [len(run) for run in merging._bounded(["a"] * 7)] == [3, 3, 1]
    monkeypatch.setattr(merging, "A_SIZE", 10)
    assert list(merging._bounded(["a" * 12, "b" * 6, "c" * 6])) == [
        ["a" * 12],
        ["b" * 6],
        ["c" * 6],
    ]


def test_many_letters_are_printed_in_the_background(
    world: World, settings: Any, tmp_path: Path
) -> None:
    """200 letters in one go: queued by the click, one PDF or a file each, told how far it is."""
    settings.MEDIA_ROOT = tmp_path
    content = letter(rows=0, paragraphs=("请办理。",)).model_dump(mode="json")
    base: dict[str, Any] = {
        "programme": world.programme, "kind": "letter", "content": content, "made_at": at(START),
        "state": "to_seal", "made_by": world.people[HANDLER],
    }  # fmt: skip
    for n in range(1, AT_ONCE + 2):
        made = Document(title="函", number=f"{n:02d}号", **base)
        made.seal = made.fingerprint
        made.save()
    client = sign_in(world, HANDLER)
    answer = client.get(reverse("documents_to_seal"))
    job = FileJob.objects.get()
    assert answer["Location"] == reverse("file_job", args=[job.pk])
    assert job.total == AT_ONCE + 1
    assert write_now(job.pk, at=at(START))
    job.refresh_from_db()
    assert (job.state, job.name[-4:]) == ("done", ".pdf")
    with job.file.open("rb") as file:
        printed = [text for text in pages_of(file.read()) if text]
    assert [f"{n:02d}号" in text for n, text in enumerate(printed, 1)] == [True] * (AT_ONCE + 1)
    told: list[tuple[int, int]] = []
    numbers = [one.pk for one in Document.objects.order_by("number")]
    target = io.BytesIO()
    asked = {"documents": numbers, "apart": True}
    office = world.actor(HANDLER, START)
    write_stack(target, asked, office, at(START), lambda *far: told.append(far))
    with zipfile.ZipFile(target) as held:
        assert held.namelist()[:2] == ["001 01号函.pdf", "002 02号函.pdf"]
        assert len(held.namelist()) == AT_ONCE + 1
    assert told == [(0, AT_ONCE + 1), (10, AT_ONCE + 1), (AT_ONCE + 1, AT_ONCE + 1)]
    with pytest.raises(Refused) as refusal:
        write_stack(target, asked, world.actor("嵩县/county_worker", START), at(START), told.append)  # type: ignore[arg-type]
    assert refusal.value.code == "not_yours"
