"""样表: the firm's name and code are filled in, and no figure of anybody's is."""

from __future__ import annotations

import io
import re

import docx
import pytest
from django.urls import reverse

from cases import samples
from reports.documents.firm_samples import content_of
from reports.documents.printing import page_of
from reports.documents.word import docx_of
from tests.cases.lists import sign_in
from tests.cases.test_life import to_rectification
from tests.world import World
from workflows.packs import SHIPPED, parse_pack

FIRM, CODE = "洛阳{示例}轴承有限公司", "91410300MA3X00000K"


def text_of(data: bytes) -> str:
    book = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in book.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in book.paragraphs), *cells])


@pytest.mark.parametrize("key", samples.every())
def test_nothing_but_name_and_code_is_filled_in(key: str) -> None:
    content = content_of(samples.every()[key], FIRM, CODE)
    text = text_of(docx_of(content))
    # braces of a name are no blanks of ours
    assert FIRM.replace("{", "｛").replace("}", "｝") in text
    assert CODE in text
    assert not re.search(r"\d", text.replace(CODE, "")), "a figure was filled in"
    assert "{" not in text


def test_what_stands_over_a_box_stands_on_its_page() -> None:
    """And the credit code in one line: its cell is wide enough for a reader's widest font."""
    content = content_of(samples.every()["agreement"], FIRM, CODE)
    book = docx.Document(io.BytesIO(docx_of(content)))
    over = [line for line in book.paragraphs if line.text[1:2] == "、"]
    assert len(over) == 6
    assert all(line.paragraph_format.keep_with_next for line in over)
    assert page_of(content).count('class="text stays"') == 6
    [cell] = [cell for row in book.tables[0].rows for cell in row.cells if cell.text == CODE]
    assert cell.width.mm > 52


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_item_has_a_sample(file: object) -> None:
    pack = parse_pack(file.read_text(encoding="utf-8"), file.name)  # type: ignore[attr-defined]
    for plan in pack.evidence:
        if plan.criterion in ("institution", "staff", "spending", "cooperation"):
            assert samples.for_papers([paper.key for paper in plan.main]), plan.criterion


@pytest.mark.django_db
def test_the_firm_takes_it_from_its_page(world: World) -> None:
    case = to_rectification(world)
    assert case.enterprise is not None
    world.clerk(case.enterprise)
    phone = sign_in(world, f"clerk/{case.firm_id}")
    address = reverse("firm_sample", args=[case.firm_id, "roster", "docx"])
    assert address in phone.get(reverse("portal")).content.decode()
    answer = phone.get(address)
    assert case.enterprise.name in text_of(answer.content)
    assert answer["Content-Disposition"].startswith("attachment")
    for wrong in (("roster", "exe"), ("payslip", "docx")):
        assert phone.get(reverse("firm_sample", args=[case.firm_id, *wrong])).status_code == 404
