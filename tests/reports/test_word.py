"""Word files: East Asian fonts, grid and margins; templates of the office are checked first."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import docx
import pdfplumber
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm
from openpyxl import load_workbook

from cases.errors import Refused
from reports.documents import kinds, styles
from reports.documents.content import Cell, Content, Grid, Section
from reports.documents.kinds import Kind, Subject
from reports.documents.nouns import HouseStyle
from reports.documents.printing import word_of
from reports.documents.word import check_template, docx_of, standard
from reports.documents.workbook import xlsx_of
from tests.reports.papers import LATE, LONG_FIRM, circular, letter
from tests.world import START, World, at

NUMBER = "演研专办函〔2026〕6号"


def book_of(data: bytes) -> docx.document.Document:
    return docx.Document(io.BytesIO(data))


def template(*lines: str) -> bytes:
    book = docx.Document()
    for line in lines:
        book.add_paragraph(line)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_letter_in_word_has_its_fonts_and_its_sheet() -> None:
    hostile = ("<b>粗</b>&{{ 7 * 7 }}", "一、首先。正文。")
    book = book_of(docx_of(letter(rows=3, paragraphs=hostile), NUMBER))
    texts = [paragraph.text for paragraph in book.paragraphs]
    assert NUMBER in texts
    assert "<b>粗</b>&{{ 7 * 7 }}" in texts
    section = book.sections[0]
    wanted = (Mm(210), Mm(297), Mm(37), Mm(28))
    found = (section.page_width, section.page_height, section.top_margin, section.left_margin)
    assert all(abs((one or 0) - other) < Mm(0.1) for one, other in zip(found, wanted, strict=True))
    grid = section._sectPr.find(qn("w:docGrid"))
    assert grid is not None
    assert abs(int(grid.get(qn("w:linePitch"))) - 580) <= 1  # 22 lines on 225 mm
    fonts = {
        run._element.rPr.rFonts.get(qn("w:eastAsia"))
        for paragraph in book.paragraphs
        for run in paragraph.runs
        if run._element.rPr is not None and run._element.rPr.rFonts is not None
    }
    assert {"方正小标宋简体", "仿宋_GB2312", "黑体"} <= fonts
    [table] = book.tables
    assert table.rows[0]._tr.get_or_add_trPr().find(qn("w:tblHeader")) is not None
    assert table.cell(1, 1).text == LONG_FIRM
    # the copy block at the foot of its page: a letter's without rules, a circular's between rules
    frame = book.paragraphs[-2]._p.get_or_add_pPr().find(qn("w:framePr"))
    assert frame.get(qn("w:yAlign")) == "bottom"
    ruled = book_of(docx_of(circular())).tables[-1]
    assert ruled._tbl.tblPr.find(qn("w:tblpPr")).get(qn("w:tblpYSpec")) == "bottom"
    assert [row.cells[-1].text for row in ruled.rows][2:] == ["2026年10月8日印发"]
    wide = book_of(docx_of(circular())).sections[1]
    assert (wide.page_width or 0) > (wide.page_height or 0)


def test_a_form_in_word_keeps_its_cells() -> None:
    grid = Grid(
        shares=(2, 5, 2, 5),
        rows=((Cell(text="意见", is_label=True), Cell(text="☑同意\n☐不同意", span=3, lines=4)),),
    )
    form = Content(
        layout="form",
        masthead="",
        title="确认表",
        sections=(Section(grid=grid), Section(heading="名单", table=LATE)),
    )
    book = book_of(docx_of(form))
    assert [cell.text for cell in book.tables[0].rows[0].cells][1:] == ["☑同意\n☐不同意"] * 3
    assert len(book.tables[1].rows) == 61


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (("{{r title }}", "{{ secret }}"), "unknown_name"),
        (("{{r title }}", "{% for a in range(9) %}{% endfor %}"), "unknown_name"),
        (("{{r title }}",), "lacks_name"),
        (("{{r title }}{% for p in paragraphs %}{{ p }}{% endfor %}",), "lacks_r"),
        (("{{r title }}{{ paragraphs }}{{ 'a' * 99999999 }}",), "bad_template"),
        (("{{r title }}{% if",), "bad_template"),
    ],
)
def test_a_template_that_would_fail_is_not_accepted(lines: tuple[str, ...], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_template(template(*lines))
    assert refusal.value.code == code


def test_the_office_sets_masthead_words_way_and_template(world: World) -> None:
    by, when = world.actor("office/1"), at(START)
    with pytest.raises(Refused):
        styles.set_style(world.city, Kind.CIRCULAR, by=world.actor("leader"), at=when)
    with pytest.raises(Refused):
        styles.set_style(world.city, Kind.CIRCULAR, by=by, at=when, skips=["sign"])
    styles.set_style(
        world.city, Kind.CIRCULAR, by=by, at=when, masthead="洛阳市科学技术局文件",
        signer="洛阳市科学技术局", series="洛科", skips=["seal"], text="截至{截至日期}。\n特此。",
    )  # fmt: skip
    said = kinds.compiled(Kind.CIRCULAR, Subject(world.programme, START, START))
    assert (said.masthead, said.signer, said.series) == (
        "洛阳市科学技术局文件", "洛阳市科学技术局", "洛科",
    )  # fmt: skip
    assert (said.paragraphs, said.skips) == (("截至{截至日期}。", "特此。"), ("seal",))

    with pytest.raises(Refused):
        styles.set_template(world.city, Kind.CIRCULAR, b"PK", name="a.docx", by=by, at=when)
    assert not HouseStyle.objects.get().template
    own = template(
        "本局", "{{r title }}", "{%p for p in paragraphs %}", "{{r p }}", "{%p endfor %}"
    )
    styles.set_template(world.city, Kind.CIRCULAR, own, name="本局.docx", by=by, at=when)
    texts = [p.text for p in book_of(word_of(said, "circular", world.programme)).paragraphs]
    assert texts[0] == "本局"
    assert "截至2022年3月1日。" in texts


def test_tables_become_a_workbook() -> None:
    data = xlsx_of(circular())
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        assert "示例16区" in held.read("xl/sharedStrings.xml").decode()
    with pytest.raises(Refused):
        xlsx_of(letter(rows=0))


def test_numbers_of_a_table_are_numbers_in_the_workbook() -> None:
    """A change with its sign can be summed; a code of 18 digits, a rate with % stay texts."""
    paper = circular()
    texts = ("+39.0", "−5.1", "1,912", "7", "914103001234567890", "—")
    annex = next(one for one in paper.annexes if one.tables)
    first = annex.tables[0]
    row = tuple(texts[n] if n < len(texts) else "" for n in range(len(first.columns)))
    table = first.model_copy(update={"rows": (row,)})
    told = paper.model_copy(update={"annexes": (annex.model_copy(update={"tables": (table,)}),)})
    page = load_workbook(io.BytesIO(xlsx_of(told))).worksheets[0]
    cells = page[4]
    wanted: list[tuple[object, str]] = [
        (39.0, "+0.0;−0.0;0.0"),
        (-5.1, "+0.0;−0.0;0.0"),
        (1912, "#,##0"),
        (7, "0"),
    ]
    wanted += [("914103001234567890", "@"), ("—", "@")]
    found = [(cell.value, cell.number_format) for cell in cells]
    assert found[: len(texts)] == wanted[: len(found)]
    assert len(found) >= 4
    assert paper.signer in page["A2"].value


def test_libreoffice_opens_it_and_sets_28_characters_a_line(tmp_path: Path) -> None:
    file = tmp_path / "letter.docx"
    file.write_bytes(docx_of(letter(rows=0), NUMBER))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    with pdfplumber.open(tmp_path / "letter.pdf") as book:
        text = book.pages[0].extract_text()
        lines = book.pages[0].extract_text_lines(return_chars=False)
    assert NUMBER in text.replace(" ", "")
    body = [line for line in lines if "工作台账办理情况" in line["text"] or "家" in line["text"]]
    # within the text area, and not half a line
    assert all(line["x1"] <= (210 - 26 + 1) * 72 / 25.4 for line in lines)
    assert max(line["x1"] - line["x0"] for line in body) > 150 * 72 / 25.4


def test_the_standard_templates_pass_their_own_check() -> None:
    for layout in ("file", "letter", "plain"):
        check_template(standard(layout))
