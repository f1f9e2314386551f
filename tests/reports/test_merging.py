"""Many papers in one go: each begins on a right page and counts from 1, whatever lies before it."""

from __future__ import annotations

import io
import re

import pdfplumber

from reports.documents.merging import merged
from reports.documents.render import our_fonts
from reports.documents.setting import html_of
from tests.reports.papers import circular, letter


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
