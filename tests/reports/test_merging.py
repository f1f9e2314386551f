"""Many papers in one go: each begins on a right page and counts from 1, whatever lies before it."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
from django.urls import reverse

from cases.errors import Refused
from config.files.writing import write_now
from organisations.models import FileJob
from reports.documents import merging
from reports.documents.merging import joined, merged
from reports.documents.nouns import Document
from reports.documents.render import our_fonts
from reports.documents.setting import html_of
from reports.stack_file import AT_ONCE, write_stack
from tests.cases.lists import sign_in
from tests.reports.offices import HANDLER
from tests.reports.papers import circular, letter
from tests.world import START, World, at


def pages_of(data: bytes) -> list[str]:
    with pdfplumber.open(io.BytesIO(data)) as book:
        return ["".join(char["text"] for char in page.chars) for page in book.pages]


def test_a_stack_of_letters_is_one_document() -> None:
    fonts = our_fonts()
    names = ("甲县人民政府", "乙县人民政府", "丙县人民政府")
    papers = [html_of(letter(rows=0, addressee=name), f"{name}号", fonts) for name in names]
    other = html_of(circular(counties=2), "18号", fonts)
    found = merged([*papers, other])
    assert len(found) == 2
    letters = pages_of(found[0])
    begins = [n for n, text in enumerate(letters) for name in names if f"{name}：" in text]
    assert len(begins) == 3
    assert all(n % 2 == 0 for n in begins)  # a right page
    numbers = [re.findall(r"— ?(\d+) ?—", text) for text in letters if text]
    assert numbers == [[], ["2"]] * 3
    assert re.findall(r"— ?(\d+) ?—", pages_of(found[1])[0]) == ["1"]
    # one file all the same: what differs begins on a right page of its own
    whole = pages_of(joined(found))
    assert whole[len(letters) + len(letters) % 2] == pages_of(found[1])[0]


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
